//! The collector's metrics, by the names of Go Jaeger 1.62.
//!
//! Counting a batch costs one look-up a process (service) and stage, whatever the number of spans: the receiver fills a [`SpanTally`] while it
//! looks at the spans anyway, and hands it to the service's [`ServiceCounters`].

mod services;

use std::sync::Arc;

use parking_lot::Mutex;
use std::collections::HashMap;

use super::handles::{Counter, Gauge, Histogram};
use super::http::HttpServerMetrics;
use super::registry::Registry;
pub use services::ServiceCounters;
use services::Services;

/// (method, path, status) combinations with a histogram of their own; more share the series `other`.
const MAX_HTTP_SERIES: usize = 200;

/// How spans were encoded, as Go Jaeger names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// jaeger.thrift over HTTP or TChannel.
    Jaeger,
    /// Zipkin over the collector's own ways.
    Zipkin,
    /// api_v2 over gRPC, which is also what an agent sends.
    Proto,
    /// OTLP.
    Unknown,
}

/// How spans came, as Go Jaeger names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// 14268.
    Http,
    /// 14250.
    Grpc,
    /// 14267, which had this label up to 1.17.
    Tchannel,
    /// OTLP, and Zipkin on 9411.
    Unknown,
}

/// The sampler that started a trace: the root span's tag `sampler.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplerType {
    /// No such tag, or another text.
    Unrecognized,
    /// `probabilistic`
    Probabilistic,
    /// `lowerbound`
    LowerBound,
    /// `ratelimiting`
    RateLimiting,
    /// `const`
    Const,
}

impl Format {
    pub(super) const ALL: [(Format, &'static str); 4] = [
        (Format::Jaeger, "jaeger"),
        (Format::Zipkin, "zipkin"),
        (Format::Proto, "proto"),
        (Format::Unknown, "unknown"),
    ];
}

impl Transport {
    pub(super) const ALL: [(Transport, &'static str); 4] = [
        (Transport::Http, "http"),
        (Transport::Grpc, "grpc"),
        (Transport::Tchannel, "tchannel"),
        (Transport::Unknown, "unknown"),
    ];
}

impl SamplerType {
    pub(super) const ALL: [(SamplerType, &'static str); 5] = [
        (SamplerType::Unrecognized, "unrecognized"),
        (SamplerType::Probabilistic, "probabilistic"),
        (SamplerType::LowerBound, "lowerbound"),
        (SamplerType::RateLimiting, "ratelimiting"),
        (SamplerType::Const, "const"),
    ];

    /// Reads the text of the tag `sampler.type`.
    #[must_use]
    pub fn from_tag(text: &str) -> Self {
        Self::ALL.iter().find(|(_, name)| *name == text).map_or(SamplerType::Unrecognized, |(kind, _)| *kind)
    }
}

/// How many spans of one service are in a batch: by debug flag, and the roots (spans without a parent) by sampler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanTally {
    /// [not debug, debug]
    pub(super) spans: [u64; 2],
    pub(super) roots: [[u64; 5]; 2],
}

impl SpanTally {
    /// Counts one span; `root` holds the sampler's type if it has no parent.
    pub fn add(&mut self, debug: bool, root: Option<SamplerType>) {
        let row = usize::from(debug);
        if let Some(cell) = self.spans.get_mut(row) {
            *cell += 1;
        }
        if let Some(sampler) = root
            && let Some(cell) = self.roots.get_mut(row).and_then(|row| row.get_mut(sampler as usize))
        {
            *cell += 1;
        }
    }

    /// Spans counted.
    #[must_use]
    pub fn spans(&self) -> u64 {
        self.spans.iter().sum()
    }
}

/// All metrics of a collector.
#[derive(Clone, Debug)]
pub struct CollectorMetrics {
    /// Seconds a span waited in the queue: observe once a span (`observe_n`).
    pub in_queue_latency: Histogram,
    /// Seconds to write a span: observe once a span.
    pub save_latency: Histogram,
    /// Spans refused or dropped because the queue was full or the collector stopped. The ledger counts here: give it this handle.
    pub spans_dropped: Counter,
    /// 1.6 only: requests answered "busy".
    pub error_busy: Counter,
    /// Spans of the last batch.
    pub batch_size: Gauge,
    /// Spans in the queue.
    pub queue_length: Gauge,
    /// Bound of the queue, in spans.
    pub queue_capacity: Gauge,
    /// Bytes of all spans so far, with `--collector.enable-span-size-metrics`.
    pub spans_bytes: Gauge,
    /// Distinct service labels seen.
    pub spans_service_names: Gauge,
    /// Ours: 1 while the store answers, else 0.
    pub storage_up: Gauge,
    /// `/api/sampling` on 14268.
    pub http: HttpServerMetrics,
    services: Arc<Services>,
    http_series: Arc<Mutex<HashMap<String, Histogram>>>,
    registry: Registry,
}

impl CollectorMetrics {
    /// Registers all series, each with 0. `host` is the label that Go sets to the machine's name: see [`crate::machine::hostname`].
    #[must_use]
    pub fn new(registry: &Registry, host: &str) -> Self {
        let labels = [("host", host)];
        let gauge = |name: &str, help: &str| registry.gauge(name, help, &labels);
        let spans_service_names = gauge("jaeger_collector_spans_serviceNames", "Distinct service labels seen.");
        let metrics = CollectorMetrics {
            in_queue_latency: registry.histogram(
                "jaeger_collector_in_queue_latency",
                "Seconds that a span waited in the queue.",
                &labels,
            ),
            save_latency: registry.histogram(
                "jaeger_collector_save_latency",
                "Seconds that the write of a span took.",
                &labels,
            ),
            spans_dropped: registry.counter(
                "jaeger_collector_spans_dropped_total",
                "Spans refused or dropped because the queue was full or the collector stopped.",
                &labels,
            ),
            error_busy: registry.counter(
                "jaeger_collector_error_busy_total",
                "Requests refused because the queue was full.",
                &labels,
            ),
            batch_size: gauge("jaeger_collector_batch_size", "Spans of the last batch."),
            queue_length: gauge("jaeger_collector_queue_length", "Spans in the queue."),
            queue_capacity: gauge("jaeger_collector_queue_capacity", "Bound of the queue, in spans."),
            spans_bytes: gauge(
                "jaeger_collector_spans_bytes",
                "Bytes of all spans so far, with --collector.enable-span-size-metrics.",
            ),
            storage_up: registry.gauge("jaeger_storage_up", "1 while the store answers, else 0.", &[]),
            http: HttpServerMetrics::new(registry, "collector"),
            services: Arc::new(Services::new(registry.clone(), spans_service_names.clone())),
            spans_service_names,
            http_series: Arc::default(),
            registry: registry.clone(),
        };
        drop(metrics.http_request_duration("other", "other", "other"));
        metrics
    }

    /// Where these series stand, for others that come as spans do.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The counters of a service: one look-up, for all spans of it in a batch.
    #[must_use]
    pub fn service(&self, name: &str) -> Arc<ServiceCounters> {
        self.services.of(name)
    }

    /// The histogram of an HTTP request on 14268. `path` is one of the routes; `status` is "0" where Go's handler sets none. More combinations than
    /// a service has routes (methods and paths come from outside) share the series `other`.
    #[must_use]
    pub fn http_request_duration(&self, method: &str, path: &str, status: &str) -> Histogram {
        let key = format!("{method} {path} {status}");
        let mut series = self.http_series.lock();
        if let Some(known) = series.get(&key) {
            return known.clone();
        }
        if series.len() >= MAX_HTTP_SERIES {
            return self.http_request_series("other", "other", "other");
        }
        let new = self.http_request_series(method, path, status);
        series.insert(key, new.clone());
        new
    }

    fn http_request_series(&self, method: &str, path: &str, status: &str) -> Histogram {
        self.registry.histogram(
            "jaeger_collector_http_request_duration",
            "Seconds that an HTTP request took.",
            &[("method", method), ("path", path), ("status", status)],
        )
    }
}
