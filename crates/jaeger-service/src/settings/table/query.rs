//! Settings of the query service.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_QUERY, group};

pub(super) const GROUPS: &[Group] = &[group("Query", "query.", WITH_QUERY, QUERY)];

const QUERY: &[Row] = &[
    row("http-server.host-port", Kind::Listener, ":16686", "address of the HTTP API and the page"),
    row("grpc-server.host-port", Kind::Listener, ":16685", "address of the gRPC API; the port of HTTP answers it too"),
    row("base-path", Kind::Text, "/", "path in front of every URL, such as /jaeger"),
    row(
        "additional-headers",
        Kind::Lines,
        "",
        "header to add to every answer, \"Key: Value\"; may stand several times",
    ),
    row(
        "max-clock-skew-adjustment",
        Kind::Duration,
        "0s",
        "how far a span may be moved to repair its host's clock; 0 moves none",
    ),
    row("max-trace-bytes", Kind::Int, "268435456", "bytes of one trace that are held in memory at most")
        .at_least(1)
        .ours(),
    row(
        "max-answer-bytes",
        Kind::Int,
        "536870912",
        "bytes of traces that all answers under way hold in memory at most; beyond it a request is answered 503",
    )
    .at_least(1)
    .ours(),
    row("static-files", Kind::Text, "", "folder of a build of Jaeger's own page: index.html and static/"),
    row("ui-config", Kind::File, "", "configuration of the page: .json, or .js for Jaeger's own"),
    row(
        "bearer-token-propagation",
        Kind::Bool,
        "false",
        "pass the caller's bearer token on to remote storage and Prometheus",
    ),
    row("enable-tracing", Kind::Bool, "false", "trace the query service itself")
        .not_yet("query does not trace itself yet, leave this flag out", Some("false")),
    row("log-static-assets-access", Kind::Bool, "false", "log each file of the page that is read"),
];
