//! Settings of the collector: its wires, its queue and what it adds.

use super::super::flag::{Kind, Row, row, word};
use super::{Group, WITH_COLLECTOR, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[
    group("Collector", "collector.", WITH_COLLECTOR, QUEUE),
    group("Collector: gRPC from agents", "collector.grpc-server.", WITH_COLLECTOR, GRPC_SERVER),
    group("Collector: TChannel from old agents", "collector.tchan-server.", WITH_COLLECTOR, TCHAN_SERVER),
    group("Collector: HTTP", "collector.http-server.", WITH_COLLECTOR, HTTP_SERVER),
    group("Collector: OTLP", "collector.otlp.", WITH_COLLECTOR, OTLP),
    group("Collector: OTLP over gRPC", "collector.otlp.grpc.", WITH_COLLECTOR, OTLP_GRPC),
    group("Collector: OTLP over HTTP", "collector.otlp.http.", WITH_COLLECTOR, OTLP_HTTP),
    group("Collector: Zipkin", "collector.zipkin.", WITH_COLLECTOR, ZIPKIN),
    group("Collector: downsampling", "downsampling.", WITH_COLLECTOR, DOWNSAMPLING),
    group("Collector: links between services", "collector.", WITH_STORE, LINKS),
    group("Tenants", "multi-tenancy.", WITH_STORE, TENANCY),
];

const QUEUE: &[Row] = &[
    row("acknowledge", Kind::Text, "stored", "when a sender is told yes: stored, when the store has its spans; queued, as soon as they wait (Go Jaeger's way)")
        .one_of(&[word("stored"), word("queued")])
        .ours(),
    row("num-workers", Kind::Int, "50", "batches written at the same time").at_least(1),
    row("queue-size", Kind::Int, "100000", "spans that may wait to be written")
        .at_least(1)
        .differs("Go's 2000 spans are 20 ms of a busy collector; memory is bounded by queue-size-memory"),
    row("queue-size-memory", Kind::Uint, "64", "MiB that may wait to be written")
        .at_least(1)
        .differs("a plain bound, on by default; in Go an experiment that resizes the queue, off by default"),
    row("tags", Kind::Tags, "", "process tags to add to every span"),
    row("span-metrics", Kind::Bool, "false", "count calls and durations of stored spans by operation on the metrics page, at most 5000 sets of labels")
        .ours(),
    row("enable-span-size-metrics", Kind::Bool, "false", "count the bytes of spans, in jaeger_collector_spans_bytes"),
];

const LINKS: &[Row] = &[row(
    "dependencies",
    Kind::Text,
    "auto",
    "with Elasticsearch or Cassandra, count links between services as spans are written: on, off, or auto, which leaves it to another writer such as a Spark job that wrote some within 7 days",
)
.one_of(&[word("auto"), word("on"), word("off")])
.ours()];

const LISTEN: &str = "address to listen on";
const MAX_MESSAGE: Row =
    row("max-message-size", Kind::Int, "4194304", "largest message in bytes, after decompression").at_least(1);
const AGE: Row =
    row("max-connection-age", Kind::Duration, "0s", "close connections in good order after this time; 0 never");
const GRACE: Row =
    row("max-connection-age-grace", Kind::Duration, "0s", "time that calls have to end after that; 0 has no limit");
const IDLE: Row =
    row("idle-timeout", Kind::Duration, "0s", "close a connection that was idle for this long; 0 takes read-timeout");
const READ: Row = row("read-timeout", Kind::Duration, "0s", "longest time to read a request; 0 has no limit");
const READ_HEADER: Row = row("read-header-timeout", Kind::Duration, "2s", "longest time to read a request's headers");

const GRPC_SERVER: &[Row] = &[row("host-port", Kind::Listener, ":14250", LISTEN), MAX_MESSAGE, AGE, GRACE];

const TCHAN_SERVER: &[Row] = &[
    row("host-port", Kind::Listener, ":14267", "address to listen on for agents up to 1.17; empty listens nowhere")
        .may_be_empty()
        .ours(),
    row("max-message-size", Kind::Int, "4194304", "largest call in bytes").at_least(1).ours(),
];

const MAX_BODY: Row =
    row("max-body-size", Kind::Int, "20971520", "largest body in bytes, compressed or not").at_least(1).ours();

const HTTP_SERVER: &[Row] = &[row("host-port", Kind::Listener, ":14268", LISTEN), IDLE, READ, READ_HEADER, MAX_BODY];

const OTLP: &[Row] = &[row("enabled", Kind::Bool, "true", "listen for OTLP on gRPC and HTTP")];

const OTLP_GRPC: &[Row] = &[row("host-port", Kind::Listener, ":4317", LISTEN), MAX_MESSAGE, AGE, GRACE];

const OTLP_HTTP: &[Row] = &[
    row("host-port", Kind::Listener, ":4318", LISTEN),
    IDLE,
    READ,
    READ_HEADER,
    MAX_BODY,
    row("cors.allowed-origins", Kind::List, "", "origins that browsers may send from; * allows all"),
    row("cors.allowed-headers", Kind::List, "", "request headers that browsers may send"),
];

const ZIPKIN: &[Row] = &[
    row("host-port", Kind::Listener, "", "address to listen on, such as :9411; empty listens nowhere"),
    MAX_BODY,
    row("keep-alive", Kind::Bool, "true", "keep connections open between requests"),
    row("cors.allowed-origins", Kind::List, "", "origins that browsers may send from; * allows all"),
    row("cors.allowed-headers", Kind::List, "", "request headers that browsers may send"),
];

const DOWNSAMPLING: &[Row] = &[
    row(
        "ratio",
        Kind::Float,
        "1",
        "part of the traces that is stored, from 0 to 1; the others are counted and dropped",
    ),
    row("hashsalt", Kind::Text, "", "text that changes which traces those are; the same on every collector"),
];

const TENANCY_LATER: &str = "tenants are not there yet, run one installation for each";
const TENANCY: &[Row] = &[
    row("enabled", Kind::Bool, "false", "ask every request for its tenant").not_yet(TENANCY_LATER, Some("false")),
    row("header", Kind::Text, "x-tenant", "header that names the tenant").not_yet(TENANCY_LATER, Some("x-tenant")),
    row("tenants", Kind::List, "", "tenants that are allowed").not_yet(TENANCY_LATER, None),
];
