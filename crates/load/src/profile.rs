//! What is sent: spans made from a seed, as batches of one process each, the way clients send them.

mod plain;
mod real;

use std::str::FromStr;

use jaeger_model::{Batch, BatchBuilder, Reference, ReferenceKind, SpanId, Timestamp, TraceId};

/// The load of the figures page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Short uniform spans, for comparing with others' figures.
    Plain,
    /// 15 tags with a UUID, a URL and SQL, nested traces, some of them large: so that nobody is fooled by friendly data.
    Real,
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "plain" => Ok(Self::Plain),
            "real" => Ok(Self::Real),
            other => Err(format!("{other:?} is no profile; use plain or real")),
        }
    }
}

/// Makes batches without end, the same ones for the same seed.
pub struct Generator {
    source: Source,
    spans_per_batch: usize,
}

enum Source {
    Plain(plain::Plain),
    Real(Box<real::Real>),
}

impl Generator {
    /// Batches of `spans_per_batch` spans that began in the hour before `now`.
    #[must_use]
    pub fn new(profile: Profile, seed: u64, now: Timestamp, spans_per_batch: usize) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        let source = match profile {
            Profile::Plain => Source::Plain(plain::Plain::new(random, now)),
            Profile::Real => Source::Real(Box::new(real::Real::new(random, now))),
        };
        Self { source, spans_per_batch: spans_per_batch.max(1) }
    }

    /// The next batch.
    pub fn batch(&mut self) -> Batch {
        match &mut self.source {
            Source::Plain(plain) => plain.batch(self.spans_per_batch),
            Source::Real(real) => real.batch(self.spans_per_batch),
        }
    }
}

/// The process of service number `service`, with the tags that clients send.
fn process(builder: &mut BatchBuilder, service: usize) -> Option<jaeger_model::ProcessIndex> {
    builder.process_tag(b"hostname", format!("host-{service:03}").as_str().into());
    builder.process_tag(b"ip", format!("10.1.{}.{}", service / 250, service % 250 + 1).as_str().into());
    builder.process_tag(b"jaeger.version", "Go-2.30.0".into());
    builder.process_tag(b"client-uuid", format!("5c1e6f{service:010x}").as_str().into());
    builder.process(format!("load-service-{service:03}").as_bytes()).ok()
}

fn child_of(trace_id: TraceId, span_id: SpanId) -> Reference {
    Reference { kind: ReferenceKind::ChildOf, trace_id, span_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash over every field of the first 100,000 spans: the load never changes unnoticed.
    fn checksum(profile: Profile) -> u64 {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let mut generator = Generator::new(profile, 1, now, 100);
        let (mut spans, mut sum) = (0, 0);
        while spans < 100_000 {
            for span in generator.batch().spans().take(100_000 - spans) {
                spans += 1;
                sum = jaeger_model::hash_bytes(sum ^ span.identity().0, span.operation().as_bytes());
                for tag in span.tags().chain(span.logs().flat_map(|log| log.fields())) {
                    sum = jaeger_model::hash_bytes(sum, tag.key.as_bytes());
                    sum = jaeger_model::hash_bytes(sum, tag.value.text().as_bytes());
                }
            }
        }
        sum
    }

    #[test]
    fn the_load_never_changes() {
        assert_eq!((checksum(Profile::Plain), checksum(Profile::Real)), (PLAIN, REAL));
    }
    const PLAIN: u64 = 14_082_167_884_910_578_468;
    const REAL: u64 = 5_792_130_954_284_826_081;

    #[test]
    fn batches_have_one_process_and_the_size_asked_for() {
        for profile in [Profile::Plain, Profile::Real] {
            let mut generator = Generator::new(profile, 7, Timestamp::from_micros(1_700_000_000_000_000), 20);
            for _ in 0..200 {
                let batch = generator.batch();
                assert_eq!((batch.len(), batch.processes().len()), (20, 1));
            }
        }
    }
}
