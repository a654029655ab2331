//! Settings of every binary.

use super::super::component::Component;
use super::super::flag::{Kind, Row, refused, row, word};
use super::{EVERYWHERE, Group, group};

pub(super) const GROUPS: &[Group] =
    &[group("General", "", EVERYWHERE, GENERAL), group("Start and stop", "", EVERYWHERE, START_AND_STOP)];

const GENERAL: &[Row] = &[
    row(
        "config-file",
        Kind::File,
        "",
        "YAML, JSON, TOML, HCL or properties file with flag names as keys, nested or dotted",
    ),
    row("log-level", Kind::Text, "info", "least severe level that is logged").one_of(&[
        word("debug"),
        word("info"),
        word("warn"),
        word("error"),
        word("dpanic"),
        word("panic"),
        word("fatal"),
    ]),
    row("log-encoding", Kind::Text, "json", "form of log lines: json for machines, console for people")
        .one_of(&[word("json"), word("console")]),
    row("metrics-backend", Kind::Text, "prometheus", "prometheus serves metrics, none serves none").one_of(&[
        word("prometheus"),
        word("none"),
        refused("expvar", "expvar was removed in Jaeger 1.58, use prometheus"),
    ]),
    row("metrics-http-route", Kind::Text, "/metrics", "path of the metrics on the admin port"),
    row(
        "admin.http.host-port",
        Kind::Listener,
        ":14269",
        "address of the admin server: health, metrics, version, ledger",
    )
    .on(&[(Component::Agent, ":14271"), (Component::Query, ":16687"), (Component::RemoteStorage, ":17270")]),
];

const START_AND_STOP: &[Row] = &[
    row(
        "bind-address",
        Kind::Text,
        "",
        "host of every listener whose own address names none; empty means all interfaces",
    )
    .ours(),
    row("ports-file", Kind::Text, "", "file to write with the address that each listener got, as JSON").ours(),
    row(
        "shutdown.lame-duck",
        Kind::Duration,
        "3s",
        "how long listeners go on accepting after SIGTERM, while health already says 503",
    )
    .ours(),
    row(
        "shutdown.quiet",
        Kind::Duration,
        "3s",
        "the agent goes on receiving until its sockets were quiet for this long",
    )
    .ours(),
    row("shutdown.deadline", Kind::Duration, "25s", "SIGTERM to exit at most; what is left then is counted as dropped")
        .ours(),
];
