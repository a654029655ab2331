//! The query service's metrics, by the names of Go Jaeger 1.62.

use std::time::Duration;

use super::handles::{Counter, Histogram};
use super::registry::Registry;

/// What is asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A search.
    FindTraces,
    /// A search that only wants ids.
    FindTraceIds,
    /// One trace.
    GetTrace,
    /// The list of services.
    GetServices,
    /// The list of a service's operations.
    GetOperations,
    /// Latencies, of a metrics store.
    GetLatencies,
    /// Call rates, of a metrics store.
    GetCallRates,
    /// Error rates, of a metrics store.
    GetErrorRates,
    /// The smallest step, of a metrics store.
    GetMinStepDuration,
}

impl Operation {
    const ALL: [Operation; 9] = [
        Operation::FindTraces,
        Operation::FindTraceIds,
        Operation::GetTrace,
        Operation::GetServices,
        Operation::GetOperations,
        Operation::GetLatencies,
        Operation::GetCallRates,
        Operation::GetErrorRates,
        Operation::GetMinStepDuration,
    ];

    fn label(self) -> &'static str {
        match self {
            Operation::FindTraces => "find_traces",
            Operation::FindTraceIds => "find_trace_ids",
            Operation::GetTrace => "get_trace",
            Operation::GetServices => "get_services",
            Operation::GetOperations => "get_operations",
            Operation::GetLatencies => "get_latencies",
            Operation::GetCallRates => "get_call_rates",
            Operation::GetErrorRates => "get_error_rates",
            Operation::GetMinStepDuration => "get_min_step_duration",
        }
    }

    /// Only reads of a span store count their results.
    fn counts_responses(self) -> bool {
        matches!(
            self,
            Operation::FindTraces
                | Operation::FindTraceIds
                | Operation::GetTrace
                | Operation::GetServices
                | Operation::GetOperations
        )
    }
}

/// All metrics of a query service.
#[derive(Clone, Debug)]
pub struct QueryMetrics {
    operations: Vec<OperationMetrics>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct OperationMetrics {
    requests_ok: Counter,
    requests_err: Counter,
    latency_ok: Histogram,
    latency_err: Histogram,
    responses: Histogram,
}

impl QueryMetrics {
    /// Registers all series, each with 0.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        QueryMetrics {
            operations: Operation::ALL.iter().map(|operation| OperationMetrics::new(registry, *operation)).collect(),
        }
    }

    /// Counts an operation that ended. `results` is how many things it found (1 for a trace); errors find none.
    pub fn finished(&self, operation: Operation, ok: bool, took: Duration, results: u64) {
        let Some(metrics) = self.operations.get(operation as usize) else {
            return;
        };
        if ok {
            metrics.requests_ok.increment(1);
            metrics.latency_ok.observe_duration(took);
            // Go observes the number of results as if it were nanoseconds; kept, so that dashboards that multiply it back agree.
            metrics.responses.observe(results as f64 / 1e9);
        } else {
            metrics.requests_err.increment(1);
            metrics.latency_err.observe_duration(took);
        }
    }
}

impl OperationMetrics {
    fn new(registry: &Registry, operation: Operation) -> Self {
        let label = operation.label();
        let requests = |result: &str| {
            registry.counter(
                "jaeger_query_requests_total",
                "Reads of the store.",
                &[("operation", label), ("result", result)],
            )
        };
        let latency = |result: &str| {
            registry.histogram(
                "jaeger_query_latency",
                "Seconds that a read of the store took.",
                &[("operation", label), ("result", result)],
            )
        };
        OperationMetrics {
            requests_ok: requests("ok"),
            requests_err: requests("err"),
            latency_ok: latency("ok"),
            latency_err: latency("err"),
            responses: if operation.counts_responses() {
                registry.histogram(
                    "jaeger_query_responses",
                    "Results of a read, as if each were a nanosecond (as Go Jaeger counts them).",
                    &[("operation", label)],
                )
            } else {
                Histogram::default()
            },
        }
    }
}
