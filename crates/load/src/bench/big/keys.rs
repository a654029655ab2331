//! What is asked for: spans that were sent, out of all of the load, and the questions that find them.

use jaeger_model::TraceId;

use super::paced::Load;
use crate::bench::queries::encoded;
use crate::profile::{Generator, Profile};

/// Seconds between the ends of the times that two keys of a search ask for.
const SECONDS_APART: i64 = 10;

/// One span that is stored.
pub(super) struct Key {
    trace: TraceId,
    service: String,
    operation: String,
    /// A tag that next to no other span has.
    rare: (&'static str, String),
}

impl Key {
    /// So many, spread evenly over the load: the same seeds make the same spans again.
    pub(super) fn some(load: &Load, count: usize) -> Vec<Self> {
        const SPANS_PER_BATCH: usize = 100;
        let chunks = load.chunks().clamp(1, count.max(1));
        let mut generators: Vec<_> = (0..chunks)
            .map(|place| Load::seed(place * load.chunks() / chunks))
            .map(|seed| Generator::new(load.profile, seed, load.now, SPANS_PER_BATCH))
            .collect();
        (0..count).filter_map(|number| generators.get_mut(number % chunks)?.batch().into_key(load.profile)).collect()
    }
}

trait IntoKey {
    fn into_key(self, profile: Profile) -> Option<Key>;
}

impl IntoKey for jaeger_model::Batch {
    fn into_key(self, profile: Profile) -> Option<Key> {
        let span = self.spans().next()?;
        let rare = match profile {
            Profile::Plain => "http.url",
            Profile::Real => "request.id",
        };
        let tag = span.tags().find(|tag| tag.key == rare)?;
        Some(Key {
            trace: span.trace_id(),
            service: span.service().to_owned(),
            operation: span.operation().to_owned(),
            rare: (rare, tag.value.text().into_owned()),
        })
    }
}

/// A question.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Id,
    Service,
    Operation,
    Tag,
    RareTag,
    Duration,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Id, Self::Service, Self::Operation, Self::Tag, Self::RareTag, Self::Duration];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "trace by id",
            Self::Service => "search by service",
            Self::Operation => "search by service and operation",
            Self::Tag => "search by a common tag",
            Self::RareTag => "search by a rare tag",
            Self::Duration => "search by duration",
        }
    }

    pub(super) fn warm_goal_ms(self) -> f64 {
        match self {
            Self::Id => 5.0,
            _ => 10.0,
        }
    }

    /// Path and query of question number `number`.
    pub(super) fn path(self, keys: &[Key], number: usize, load: &Load) -> String {
        let Some(key) = keys.get(number % keys.len().max(1)) else { return "/".to_owned() };
        let end = load.now.as_micros() - i64::try_from(number).unwrap_or(0) * SECONDS_APART * 1_000_000;
        let search = format!("/api/traces?service={}&limit=20", key.service);
        let timed = format!("{search}&start={}&end={end}", end - 7_200_000_000);
        match self {
            Self::Id => format!("/api/traces/{}", key.trace),
            Self::Service => timed,
            Self::Operation => format!("{timed}&operation={}", encoded(&key.operation)),
            Self::Tag => format!("{timed}&tags={}", encoded(r#"{"error":"true"}"#)),
            Self::RareTag => {
                let (name, value) = &key.rare;
                format!("{search}&tags={}", encoded(&serde_json::json!({ *name: value }).to_string()))
            }
            Self::Duration => {
                let micros = match load.profile {
                    Profile::Plain => 1_900_000,
                    Profile::Real => 500_000,
                };
                format!("{timed}&minDuration={}us", micros + number)
            }
        }
    }
}
