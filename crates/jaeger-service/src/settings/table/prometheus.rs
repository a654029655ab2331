//! Settings of the metrics store behind the monitor page.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_QUERY, group};

pub(super) const GROUPS: &[Group] =
    &[group("Series from Prometheus, with METRICS_STORAGE_TYPE=prometheus", "prometheus.", WITH_QUERY, ROWS)];

const ROWS: &[Row] = &[
    row("server-url", Kind::Text, "http://localhost:9090", "URL of Prometheus"),
    row("connect-timeout", Kind::Duration, "30s", "longest time to connect"),
    row("token-file", Kind::File, "", "file with a bearer token"),
    row(
        "token-override-from-context",
        Kind::Bool,
        "true",
        "take the caller's token if it brings one; needs query.bearer-token-propagation",
    ),
    row("query.namespace", Kind::Text, "traces_span_metrics", "put in front of metric names"),
    row("query.duration-unit", Kind::Text, "ms", "unit of durations: ms or s"),
    row("query.normalize-calls", Kind::Bool, "false", "the calls metric ends in _total"),
    row("query.normalize-duration", Kind::Bool, "false", "the duration metric has its unit in its name"),
];
