//! The sampler that the agent or collector chose last.

use arc_swap::ArcSwap;
use jaeger_model::TraceId;
use jaeger_wire::strategy::Answer;

use super::Decision;
use super::per_operation::PerOperation;
use super::probabilistic::Probabilistic;
use super::rate_limiting::RateLimiting;

pub(crate) struct Remote {
    chosen: ArcSwap<Chosen>,
    max_operations: usize,
}

enum Chosen {
    Probabilistic(Probabilistic),
    RateLimiting(RateLimiting),
    PerOperation(Box<PerOperation>),
}

/// An answer that names no sampler.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the answer names neither a probability, nor a rate, nor operations; the sampler before stays")]
pub(crate) struct NoStrategy;

impl Remote {
    pub(crate) fn new(initial: f64, max_operations: usize) -> Self {
        let chosen = Chosen::Probabilistic(Probabilistic::new(initial));
        Self { chosen: ArcSwap::from_pointee(chosen), max_operations }
    }

    #[inline]
    pub(crate) fn refuses(&self, low: u64) -> bool {
        matches!(&**self.chosen.load(), Chosen::Probabilistic(sampler) if !sampler.sampled(low))
    }

    #[inline]
    pub(crate) fn decide(&self, trace_id: TraceId, operation: &str) -> Decision {
        match &**self.chosen.load() {
            Chosen::Probabilistic(sampler) => sampler.decide(trace_id),
            Chosen::RateLimiting(sampler) => sampler.decide(),
            Chosen::PerOperation(sampler) => sampler.decide(trace_id, operation),
        }
    }

    /// Takes what was answered; whether that changed anything. One thread at a time calls this.
    pub(crate) fn update(&self, answer: &Answer) -> Result<bool, NoStrategy> {
        let now = self.chosen.load();
        // As in Go: what is said of operations counts more than the one probability, and that more than the rate.
        let next = if let Some(operations) = &answer.operations {
            if let Chosen::PerOperation(known) = &**now {
                known.update(operations);
                return Ok(true);
            }
            Chosen::PerOperation(Box::new(PerOperation::new(operations, self.max_operations)))
        } else if let Some(share) = answer.probability {
            let next = Probabilistic::new(share);
            if matches!(&**now, Chosen::Probabilistic(known) if known.share() == next.share()) {
                return Ok(false);
            }
            Chosen::Probabilistic(next)
        } else if let Some(per_second) = answer.traces_per_second {
            if matches!(&**now, Chosen::RateLimiting(known) if known.per_second() == per_second) {
                return Ok(false);
            }
            Chosen::RateLimiting(RateLimiting::new(per_second))
        } else {
            return Err(NoStrategy);
        };
        drop(now);
        self.chosen.store(std::sync::Arc::new(next));
        Ok(true)
    }
}
