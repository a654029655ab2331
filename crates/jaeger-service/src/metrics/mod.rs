//! Metrics: made once into handles, counted by atomics, rendered when somebody asks.
//!
//! One [`Registry`] a process. Services hold the typed sets ([`AgentMetrics`], [`CollectorMetrics`], [`QueryMetrics`]), whose constructors
//! register every series with all known label values at 0, so that `rate()` and alerts see no gap. The admin page shows Go Jaeger 1.62's names; the
//! pages on 5778, 14268 and 16686 show the names of 1.6 as views of the same numbers (`v1_6.rs`). Anything recorded through the macros of
//! the `metrics` crate lands on the admin page too, once [`install`] was called.

mod agent;
mod collector;
mod handles;
mod http;
mod page;
mod process;
mod query;
mod recorder;
mod registry;
mod service;
mod v1_6;

pub use agent::{AgentMetrics, ClientStatsMetrics, ProcessorMetrics, ProxyMetrics, ReporterMetrics};
pub use collector::{CollectorMetrics, Format, SamplerType, ServiceCounters, SpanTally, Transport};
pub use handles::{BUCKETS, Counter, Gauge, Histogram};
pub use http::HttpServerMetrics;
pub use page::{Labels, Page};
pub use query::{Operation, OperationMetrics, QueryMetrics};
pub use registry::Registry;
/// What serves `/metrics`: the registry itself.
pub use registry::Registry as MetricsPage;
pub use service::service_label;
pub use v1_6::Era16;

/// The `Content-Type` of every metrics page: text format 0.0.4, never OpenMetrics (where `x` and `x_total` clash).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Makes the process's registry, with build information and process metrics, and sends the `metrics` crate's macros to it.
///
/// `component` is `agent`, `collector` or `query`, whose name Go puts into the build information of a single binary; all-in-one passes `None`.
#[must_use]
pub fn install(component: Option<&str>) -> Registry {
    let registry = Registry::new();
    process::register(&registry);
    register_build_info(&registry, component);
    recorder::install(&registry);
    registry
}

fn register_build_info(registry: &Registry, component: Option<&str>) {
    let help = "Always 1; the labels say which build this is.";
    let labels = [
        ("build_date", crate::version::BUILD_DATE),
        ("revision", crate::version::COMMIT),
        ("version", crate::version::VERSION),
    ];
    registry.gauge("jaeger_build_info", help, &labels).set(1.0);
    if let Some(component) = component {
        let name = format!("jaeger_{component}_build_info");
        registry.gauge(&name, help, &labels).set(1.0);
    }
}

#[cfg(test)]
mod tests;
