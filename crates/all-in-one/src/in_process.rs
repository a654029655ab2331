//! The agent's way to the collector of the same process: a call, no socket, through the same queue and ledgers.

use std::sync::Arc;
use std::time::Duration;

use jaeger_agent::reporter::{Answer, Delivery, Reporter};
use jaeger_agent::{Asked, SamplingSource};
use jaeger_collector::{Collector, Refused, Source};
use jaeger_model::Batch;

/// How long the store may take before the agent asks again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A collector in this process.
#[derive(Clone)]
pub(crate) struct InProcess(pub(crate) Collector);

impl Reporter for InProcess {
    fn deliver<'a>(&'a self, batches: &'a [Arc<Batch>]) -> Delivery<'a> {
        Box::pin(async move {
            for batch in batches {
                match self.0.submit(Arc::clone(batch), Source::AGENT, PATIENCE).await {
                    Ok(_) => {}
                    Err(refused @ Refused::Late(_)) => return Answer::Unanswered { message: refused.to_string() },
                    Err(refused) if refused.decision().retry_after.is_some() => {
                        return Answer::Busy { message: refused.to_string() };
                    }
                    Err(refused) => return Answer::Refused { message: refused.to_string() },
                }
            }
            Answer::Acknowledged
        })
    }

    /// One batch a call: putting several together saves nothing here.
    fn max_spans(&self) -> usize {
        1
    }

    /// Go's agent talks api_v2 to its collector, and so the span says.
    fn span_format(&self) -> Option<&'static str> {
        Some("proto")
    }
}

impl SamplingSource for InProcess {
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
        let strategy = self.0.strategies().of(service);
        Box::pin(async move { Ok(strategy.as_ref().clone()) })
    }
}
