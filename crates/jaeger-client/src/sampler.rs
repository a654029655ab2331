//! Whether a trace that begins here is recorded, and the tags by which its root says who decided.

mod per_operation;
mod probabilistic;
mod rate_limiting;
mod remote;

use jaeger_model::{TraceId, Value};

pub(crate) use remote::Remote;

use probabilistic::Probabilistic;
use rate_limiting::RateLimiting;

/// How traces that begin in this process are sampled. Those that come from others keep the decision that they have.
#[derive(Clone, PartialEq, Debug)]
pub enum Sampling {
    /// All or none.
    Const(bool),
    /// This share of them, from 0 to 1, decided by the trace id: services with the same share keep the same traces.
    Probabilistic(f64),
    /// At most so many a second.
    RateLimiting(f64),
    /// As the agent or collector says, asked at `endpoint` every `refresh`.
    Remote {
        /// The share until the first answer.
        initial: f64,
        /// The page, such as `http://127.0.0.1:5778/sampling`; by default that of the agent's host.
        endpoint: Option<String>,
        /// How often it is asked.
        refresh: std::time::Duration,
        /// So many operations have a sampler of their own; all others share the default probability.
        max_operations: usize,
    },
}

/// What a sampler said.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Decision {
    pub(crate) sampled: bool,
    pub(crate) told: Option<Told>,
}

/// `sampler.type` and `sampler.param`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Told {
    pub(crate) kind: &'static str,
    pub(crate) param: Value<'static>,
}

impl Decision {
    #[inline]
    fn new(sampled: bool, kind: &'static str, param: f64) -> Self {
        Self { sampled, told: Some(Told { kind, param: Value::F64(param) }) }
    }
}

/// A sampler at work.
pub(crate) enum Sampler {
    Const(bool),
    Probabilistic(Probabilistic),
    RateLimiting(RateLimiting),
    Remote(Remote),
}

impl Sampler {
    pub(crate) fn new(sampling: &Sampling) -> Self {
        match *sampling {
            Sampling::Const(sampled) => Self::Const(sampled),
            Sampling::Probabilistic(share) => Self::Probabilistic(Probabilistic::new(share)),
            Sampling::RateLimiting(per_second) => Self::RateLimiting(RateLimiting::new(per_second)),
            Sampling::Remote { initial, max_operations, .. } => Self::Remote(Remote::new(initial, max_operations)),
        }
    }

    /// Whether it is plain from the id's lower half that a trace is not sampled; else [`decide`](Self::decide) says.
    #[inline]
    pub(crate) fn refuses(&self, low: u64) -> bool {
        match self {
            Self::Const(sampled) => !sampled,
            Self::Probabilistic(sampler) => !sampler.sampled(low),
            Self::RateLimiting(_) => false,
            Self::Remote(sampler) => sampler.refuses(low),
        }
    }

    #[inline]
    pub(crate) fn decide(&self, trace_id: TraceId, operation: &str) -> Decision {
        match self {
            Self::Const(sampled) => {
                Decision { sampled: *sampled, told: Some(Told { kind: "const", param: Value::Bool(*sampled) }) }
            }
            Self::Probabilistic(sampler) => sampler.decide(trace_id),
            Self::RateLimiting(sampler) => sampler.decide(),
            Self::Remote(sampler) => sampler.decide(trace_id, operation),
        }
    }
}
