//! A probability for each operation, and a few traces a second of each whatever its probability.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use jaeger_model::TraceId;
use jaeger_wire::strategy::Operations;

use super::Decision;
use super::probabilistic::Probabilistic;
use super::rate_limiting::RateLimiting;

pub(crate) struct PerOperation {
    max_operations: usize,
    told: RwLock<Told>,
}

/// What was told last, and what was spent since.
struct Told {
    default: Probabilistic,
    lower_bound: f64,
    operations: HashMap<Box<str>, Guaranteed>,
}

/// One operation's.
struct Guaranteed {
    share: Probabilistic,
    lower_bound: RateLimiting,
}

impl Guaranteed {
    fn new(share: Probabilistic, lower_bound: f64) -> Self {
        Self { share, lower_bound: RateLimiting::new(lower_bound) }
    }

    fn decide(&self, trace_id: TraceId) -> Decision {
        // A trace that the share takes counts against the lower bound too.
        let guaranteed = self.lower_bound.take();
        if self.share.sampled(trace_id.low()) {
            self.share.decide(trace_id)
        } else {
            Decision::new(guaranteed, "lowerbound", self.share.share())
        }
    }
}

impl Told {
    fn new(told: &Operations, max_operations: usize) -> Self {
        let lower_bound = told.lower_bound_per_second;
        let each = told.each.iter().take(max_operations).map(|(operation, share)| {
            (operation.as_str().into(), Guaranteed::new(Probabilistic::new(*share), lower_bound))
        });
        Self { default: Probabilistic::new(told.default_probability), lower_bound, operations: each.collect() }
    }

    /// An operation whose lower bound stays keeps its credit, also one that was only seen here.
    fn keep_credit(&mut self, before: Self, max_operations: usize) {
        if before.lower_bound != self.lower_bound {
            return;
        }
        for (operation, Guaranteed { lower_bound, .. }) in before.operations {
            if let Some(now) = self.operations.get_mut(&operation) {
                now.lower_bound = lower_bound;
            } else if self.operations.len() < max_operations {
                self.operations.insert(operation, Guaranteed { share: self.default, lower_bound });
            }
        }
    }
}

impl PerOperation {
    pub(crate) fn new(told: &Operations, max_operations: usize) -> Self {
        Self { max_operations, told: RwLock::new(Told::new(told, max_operations)) }
    }

    /// Takes what is told now.
    pub(crate) fn update(&self, told: &Operations) {
        let next = Told::new(told, self.max_operations);
        let mut now = self.told.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, next);
        now.keep_credit(before, self.max_operations);
    }

    pub(crate) fn decide(&self, trace_id: TraceId, operation: &str) -> Decision {
        {
            let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(sampler) = told.operations.get(operation) {
                return sampler.decide(trace_id);
            }
            if told.operations.len() >= self.max_operations {
                return told.default.decide(trace_id);
            }
        }
        let told = &mut *self.told.write().unwrap_or_else(PoisonError::into_inner);
        if told.operations.len() >= self.max_operations {
            return told.default.decide(trace_id);
        }
        let new = || Guaranteed::new(told.default, told.lower_bound);
        told.operations.entry(operation.into()).or_insert_with(new).decide(trace_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(default: f64, lower_bound: f64) -> Operations {
        Operations {
            default_probability: default,
            lower_bound_per_second: lower_bound,
            each: vec![("always".into(), 1.0), ("never".into(), 0.0)],
        }
    }

    fn kept(sampler: &PerOperation, operation: &str) -> usize {
        let ids = (0..1000).map(|_| TraceId(u128::from(crate::id::random())));
        ids.filter(|id| sampler.decide(*id, operation).sampled).count()
    }

    #[test]
    fn operations_have_shares_of_their_own_and_others_the_default() {
        let sampler = PerOperation::new(&told(1.0, 0.0), 10);
        assert_eq!((kept(&sampler, "always"), kept(&sampler, "never"), kept(&sampler, "other")), (1000, 0, 1000));
    }

    #[test]
    fn the_lower_bound_says_that_it_took_the_trace() {
        let sampler = PerOperation::new(&told(0.0, 1e6), 10);
        let taken = (0..100).map(|_| sampler.decide(TraceId(1), "never")).find(|decision| decision.sampled);
        let told = taken.expect("a million a second").told.expect("a root says");
        assert_eq!((told.kind, told.param), ("lowerbound", jaeger_model::Value::F64(0.0)));
    }

    #[test]
    fn operations_past_the_most_share_the_default() {
        let sampler = PerOperation::new(&told(0.0, 1e6), 2);
        assert_eq!(kept(&sampler, "one more"), 0, "without a lower bound of its own");
        let sampler = PerOperation::new(&told(0.0, 1e6), 3);
        assert!(kept(&sampler, "one more") > 0);
    }

    #[test]
    fn an_update_changes_shares_and_keeps_what_was_spent() {
        let sampler = PerOperation::new(&told(0.0, 0.001), 10);
        kept(&sampler, "never");
        sampler.update(&told(1.0, 0.001));
        assert_eq!((kept(&sampler, "never"), kept(&sampler, "other")), (0, 1000));
    }
}
