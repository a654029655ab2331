//! `queue -> DOWNSAMPLE -> sanitize`: with `--downsampling.ratio` below 1 a part of the traces is not stored, because somebody asked for it.
//!
//! Whole traces, by Go Jaeger's hash of their id: collectors with the same ratio and salt leave out the same ones, its own included.

use std::sync::Arc;

use jaeger_model::{Batch, BatchEdit, TraceId};
use jaeger_service::ledger::{CollectorDropped, InFlight};
use jaeger_service::metrics::{Counter, Registry};

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// `--downsampling.*`
#[derive(Clone, Debug, PartialEq)]
pub struct Downsampling {
    /// The part of the traces that is kept, from 0 to 1.
    pub ratio: f64,
    /// In front of the id, so that another part is kept.
    pub salt: String,
}

/// Leaves traces out.
#[derive(Debug)]
pub(crate) struct Downsampler {
    /// The hash of the salt, with which each id's goes on.
    salted: u64,
    /// Traces with a hash below are kept.
    threshold: u64,
    dropped: Counter,
    accepted: Counter,
}

impl Downsampler {
    /// `None` where every trace is kept.
    pub(crate) fn new(settings: &Downsampling, registry: &Registry) -> Option<Self> {
        if settings.ratio >= 1.0 {
            return None;
        }
        let counter = |what: &str, help: &str| {
            registry.counter(&format!("jaeger_downsampling_writer_spans_{what}_total"), help, &[])
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of 2^64 from 0 up")]
        let threshold = (settings.ratio * u64::MAX as f64) as u64;
        Some(Self {
            salted: fnv(FNV_OFFSET, settings.salt.as_bytes()),
            threshold,
            dropped: counter("dropped", "Spans left out by --downsampling.ratio."),
            accepted: counter("accepted", "Spans that --downsampling.ratio let through."),
        })
    }

    fn keeps(&self, id: TraceId) -> bool {
        fnv(self.salted, &id.0.to_be_bytes()) < self.threshold
    }

    /// The batch without the traces that are not kept; their spans are counted where nobody has them any more.
    pub(crate) fn thin(&self, batch: Arc<Batch>, in_flight: &mut InFlight) -> Arc<Batch> {
        let kept = batch.spans().filter(|span| self.keeps(span.trace_id())).count();
        let dropped = (batch.len() - kept) as u64;
        self.accepted.increment(kept as u64);
        if dropped == 0 {
            return batch;
        }
        self.dropped.increment(dropped);
        in_flight.drop_spans(CollectorDropped::Downsampled, dropped, None);
        let mut edit = BatchEdit::of(Arc::unwrap_or_clone(batch));
        edit.retain_spans(|_, span| self.keeps(span.trace_id()));
        Arc::new(edit.into_batch())
    }
}

/// FNV-1a with 64 bits.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
}

#[cfg(test)]
mod tests {
    use jaeger_model::{BatchBuilder, SpanId};
    use jaeger_service::ledger::{CollectorLedger, Origin};

    use super::*;

    fn downsampler(ratio: f64, salt: &str) -> Option<Downsampler> {
        Downsampler::new(&Downsampling { ratio, salt: salt.to_owned() }, &Registry::new())
    }

    fn batch(traces: u64) -> Arc<Batch> {
        let mut builder = BatchBuilder::new();
        for number in 0..traces * 2 {
            builder.begin_span();
            // Ids of clients are random; of small numbers the hash makes neighbours.
            let id = (number / 2 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            builder.span_ids(TraceId(u128::from(id) << 64 | u128::from(id.rotate_left(32))), SpanId(number + 1));
            builder.end_span().expect("room");
        }
        Arc::new(builder.finish())
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // The known values of the empty text, "a" and "foobar".
        assert_eq!(fnv(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(FNV_OFFSET, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn about_the_ratio_of_traces_is_kept_and_each_whole() {
        assert!(downsampler(1.0, "").is_none());
        let ledger = CollectorLedger::new(Counter::default());
        let thinned = |ratio, salt| {
            let whole = batch(2_000);
            let mut in_flight = ledger.receive(whole.len() as u64, Origin::Other);
            let kept = downsampler(ratio, salt).expect("it leaves out").thin(whole, &mut in_flight);
            assert_eq!(in_flight.spans(), kept.len() as u64, "what is left out is in flight no more");
            in_flight.store(kept.len() as u64);
            let ids: Vec<u128> = kept.spans().map(|span| span.trace_id().0).collect();
            assert!(ids.chunks(2).all(|pair| pair[0] == pair[1]), "a trace is kept whole or not at all");
            ids
        };
        let half = thinned(0.5, "");
        assert!((1_600..2_400).contains(&half.len()), "{} of 4000", half.len());
        assert_eq!(half, thinned(0.5, ""), "the same ones each time");
        assert_ne!(half, thinned(0.5, "salt"));
        assert!(thinned(0.0, "").is_empty());
    }
}
