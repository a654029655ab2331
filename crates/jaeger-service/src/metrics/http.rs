//! The requests of the sampling endpoints, on the agent's 5778 and on the collector's 14268.

use super::handles::Counter;
use super::registry::Registry;

/// `http_server_requests` and `http_server_errors` of one component.
#[derive(Clone, Debug)]
pub struct HttpServerMetrics {
    /// `/sampling` (and the collector's `/api/sampling`).
    pub sampling: Counter,
    /// `/` with a service: the strategy as numbers.
    pub sampling_legacy: Counter,
    /// `/baggageRestrictions`.
    pub baggage: Counter,
    /// A request that is the client's fault, such as no `service` parameter.
    pub errors_4xx: Counter,
    /// The collector did not answer.
    pub errors_collector_proxy: Counter,
    /// The answer could not be written as Thrift's JSON.
    pub errors_thrift: Counter,
    /// The answer could not be written as protobuf's JSON.
    pub errors_proto: Counter,
    /// The connection broke while the answer was written.
    pub errors_write: Counter,
}

impl HttpServerMetrics {
    pub(super) fn new(registry: &Registry, component: &str) -> Self {
        let requests = |kind: &str| {
            registry.counter(
                &format!("jaeger_{component}_http_server_requests_total"),
                "Answered requests for sampling strategies and baggage restrictions.",
                &[("type", kind)],
            )
        };
        let errors = |status: &str, source: &str| {
            registry.counter(
                &format!("jaeger_{component}_http_server_errors_total"),
                "Requests for sampling strategies and baggage restrictions that failed, by the part that failed.",
                &[("status", status), ("source", source)],
            )
        };
        HttpServerMetrics {
            sampling: requests("sampling"),
            sampling_legacy: requests("sampling-legacy"),
            baggage: requests("baggage"),
            errors_4xx: errors("4xx", "all"),
            errors_collector_proxy: errors("5xx", "collector-proxy"),
            errors_thrift: errors("5xx", "thrift"),
            errors_proto: errors("5xx", "proto"),
            errors_write: errors("5xx", "write"),
        }
    }
}
