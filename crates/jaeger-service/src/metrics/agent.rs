//! The agent's metrics, by the names of Go Jaeger 1.62.

use super::handles::{Counter, Gauge, Histogram};
use super::http::HttpServerMetrics;
use super::registry::Registry;

/// All metrics of an agent.
#[derive(Clone, Debug)]
pub struct AgentMetrics {
    /// Batches that came as jaeger.thrift.
    pub reporter_jaeger: ReporterMetrics,
    /// Spans that came as zipkin.thrift.
    pub reporter_zipkin: ReporterMetrics,
    /// 6831.
    pub jaeger_compact: ProcessorMetrics,
    /// 6832.
    pub jaeger_binary: ProcessorMetrics,
    /// 5775.
    pub zipkin_compact: ProcessorMetrics,
    /// What clients say about themselves.
    pub client_stats: ClientStatsMetrics,
    /// 1 while a collector is connected.
    pub collector_connected: Gauge,
    /// Times that a connection to a collector came up.
    pub collector_reconnects: Counter,
    /// Questions passed on to the collector.
    pub proxy: ProxyMetrics,
    /// 5778.
    pub http: HttpServerMetrics,
}

/// Deliveries to the collector of one format.
#[derive(Clone, Debug)]
pub struct ReporterMetrics {
    /// Batches that the collector acknowledged.
    pub batches_submitted: Counter,
    /// Batches whose delivery failed.
    pub batches_failures: Counter,
    /// Spans that the collector acknowledged.
    pub spans_submitted: Counter,
    /// Spans whose delivery failed.
    pub spans_failures: Counter,
    /// Spans of the last batch.
    pub batch_size: Gauge,
}

/// One UDP port.
#[derive(Clone, Debug)]
pub struct ProcessorMetrics {
    /// Packets put on the queue (before they are decoded).
    pub packets_processed: Counter,
    /// Packets dropped: the queue was full, or the kernel had no room.
    pub packets_dropped: Counter,
    /// Failed reads of the socket.
    pub read_errors: Counter,
    /// Bytes of the last packet.
    pub packet_size: Gauge,
    /// Packets on the queue.
    pub queue_size: Gauge,
    /// Packets that did not decode or whose spans could not be handed on.
    pub handler_errors: Counter,
    /// Time to stop the port's workers.
    pub close_time: Histogram,
    /// Ours: bytes of the socket's receive buffer that the kernel gave.
    pub socket_buffer_bytes: Gauge,
}

/// What clients with a `client-uuid` say in their batches about their own losses.
#[derive(Clone, Debug)]
pub struct ClientStatsMetrics {
    /// Batches that arrived.
    pub batches_received: Counter,
    /// Batches that the clients say they sent.
    pub batches_sent: Counter,
    /// Clients seen within the last hour.
    pub connected_clients: Gauge,
    /// Spans that clients dropped because their own queue was full.
    pub dropped_full_queue: Counter,
    /// Spans that clients dropped as too large for a packet.
    pub dropped_too_large: Counter,
    /// Spans that clients could not send.
    pub dropped_send_failure: Counter,
}

/// Questions of clients that the agent asks the collector.
#[derive(Clone, Debug)]
pub struct ProxyMetrics {
    /// Sampling strategies, answered.
    pub sampling_ok: Counter,
    /// Sampling strategies, failed.
    pub sampling_err: Counter,
    /// Baggage restrictions, answered.
    pub baggage_ok: Counter,
    /// Baggage restrictions, failed.
    pub baggage_err: Counter,
}

impl AgentMetrics {
    /// Registers all series of an agent that speaks gRPC to its collector, each with 0.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self::over(registry, "grpc")
    }

    /// The same of one that speaks `protocol`: `grpc` or `tchannel`.
    #[must_use]
    pub fn over(registry: &Registry, protocol: &str) -> Self {
        let proxy = |endpoint: &str, result: &str| {
            registry.counter(
                "jaeger_agent_collector_proxy_total",
                "Questions of clients passed on to the collector.",
                &[("endpoint", endpoint), ("protocol", protocol), ("result", result)],
            )
        };
        AgentMetrics {
            reporter_jaeger: ReporterMetrics::new(registry, "jaeger", protocol),
            reporter_zipkin: ReporterMetrics::new(registry, "zipkin", protocol),
            jaeger_compact: ProcessorMetrics::new(registry, "jaeger", "compact"),
            jaeger_binary: ProcessorMetrics::new(registry, "jaeger", "binary"),
            zipkin_compact: ProcessorMetrics::new(registry, "zipkin", "compact"),
            client_stats: ClientStatsMetrics::new(registry),
            collector_connected: registry.gauge(
                "jaeger_agent_connection_status_collector_connected",
                "1 while a collector is connected, else 0.",
                &[("protocol", protocol)],
            ),
            collector_reconnects: registry.counter(
                "jaeger_agent_connection_status_collector_reconnects_total",
                "Times that a connection to a collector came up.",
                &[("protocol", protocol)],
            ),
            proxy: ProxyMetrics {
                sampling_ok: proxy("sampling", "ok"),
                sampling_err: proxy("sampling", "err"),
                baggage_ok: proxy("baggage", "ok"),
                baggage_err: proxy("baggage", "err"),
            },
            http: HttpServerMetrics::new(registry, "agent"),
        }
    }
}

impl ReporterMetrics {
    fn new(registry: &Registry, format: &str, protocol: &str) -> Self {
        let labels = [("format", format), ("protocol", protocol)];
        let counter =
            |what: &str, help: &str| registry.counter(&format!("jaeger_agent_reporter_{what}_total"), help, &labels);
        ReporterMetrics {
            batches_submitted: counter("batches_submitted", "Batches that the collector acknowledged."),
            batches_failures: counter("batches_failures", "Batches whose delivery failed."),
            spans_submitted: counter("spans_submitted", "Spans that the collector acknowledged."),
            spans_failures: counter("spans_failures", "Spans whose delivery failed."),
            batch_size: registry.gauge("jaeger_agent_reporter_batch_size", "Spans of the last batch.", &labels),
        }
    }
}

impl ProcessorMetrics {
    fn new(registry: &Registry, model: &str, protocol: &str) -> Self {
        let labels = [("model", model), ("protocol", protocol)];
        let counter = |name: &str, help: &str| registry.counter(name, help, &labels);
        let gauge = |name: &str, help: &str| registry.gauge(name, help, &labels);
        ProcessorMetrics {
            packets_processed: counter(
                "jaeger_agent_thrift_udp_server_packets_processed_total",
                "Packets put on the queue.",
            ),
            packets_dropped: counter(
                "jaeger_agent_thrift_udp_server_packets_dropped_total",
                "Packets dropped because the queue or the kernel's buffer was full.",
            ),
            read_errors: counter("jaeger_agent_thrift_udp_server_read_errors_total", "Failed reads of the socket."),
            packet_size: gauge("jaeger_agent_thrift_udp_server_packet_size", "Bytes of the last packet."),
            queue_size: gauge("jaeger_agent_thrift_udp_server_queue_size", "Packets on the queue."),
            handler_errors: counter(
                "jaeger_agent_thrift_udp_t_processor_handler_errors_total",
                "Packets that did not decode or whose spans could not be handed on.",
            ),
            close_time: registry.histogram(
                "jaeger_agent_thrift_udp_t_processor_close_time",
                "Seconds to stop the port's workers.",
                &labels,
            ),
            socket_buffer_bytes: gauge(
                "jaeger_agent_socket_buffer_bytes",
                "Bytes of the socket's receive buffer that the kernel gave.",
            ),
        }
    }
}

impl ClientStatsMetrics {
    fn new(registry: &Registry) -> Self {
        let dropped = |cause: &str| {
            registry.counter(
                "jaeger_agent_client_stats_spans_dropped_total",
                "Spans that clients say they dropped before sending.",
                &[("cause", cause)],
            )
        };
        ClientStatsMetrics {
            batches_received: registry.counter(
                "jaeger_agent_client_stats_batches_received_total",
                "Batches received from clients that number them.",
                &[],
            ),
            batches_sent: registry.counter(
                "jaeger_agent_client_stats_batches_sent_total",
                "Batches that clients say they sent.",
                &[],
            ),
            connected_clients: registry.gauge(
                "jaeger_agent_client_stats_connected_clients",
                "Clients seen within the last hour.",
                &[],
            ),
            dropped_full_queue: dropped("full-queue"),
            dropped_too_large: dropped("too-large"),
            dropped_send_failure: dropped("send-failure"),
        }
    }
}
