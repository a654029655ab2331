//! Settings that have a variable and no flag of their own.

use super::super::component::Component;
use super::super::flag::{Choice, Kind, Row, refused, row, word};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Kinds of storage, by environment", "", WITH_STORE, STORAGE)];

pub(crate) const STORES: &[Choice] = &[
    word("embedded"),
    word("memory"),
    word("cassandra"),
    word("elasticsearch"),
    word("opensearch"),
    word("badger"),
    refused("kafka", "kafka is not there yet, set SPAN_STORAGE_TYPE=memory"),
    word("grpc"),
    word("blackhole"),
];

/// Where a process keeps spans that holds its store itself, when nobody says anything.
const HELD_BY_DEFAULT: &str = "embedded";

const STORAGE: &[Row] = &[
    row(
        "SPAN_STORAGE_TYPE",
        Kind::List,
        "cassandra",
        "where spans are kept; of a list all are written, the first is read",
    )
    .one_of(STORES)
    .on(&[(Component::AllInOne, HELD_BY_DEFAULT), (Component::RemoteStorage, HELD_BY_DEFAULT)]),
    row("DEPENDENCY_STORAGE_TYPE", Kind::Text, "${SPAN_STORAGE_TYPE}", "where dependencies are kept")
        .not_yet("dependencies are kept where spans are, leave this variable out", Some("memory")),
    row("SAMPLING_CONFIG_TYPE", Kind::Text, "file", "where sampling strategies come from").one_of(&[
        word("file"),
        refused("adaptive", "adaptive sampling is not there yet, set SAMPLING_CONFIG_TYPE=file"),
    ]),
    row("SAMPLING_STORAGE_TYPE", Kind::Text, "", "where adaptive sampling keeps its figures")
        .not_yet("adaptive sampling is not there yet, leave this variable out", None),
    row(
        "METRICS_STORAGE_TYPE",
        Kind::Text,
        "",
        "where /api/metrics reads its series: prometheus, or empty for what the store counts itself",
    ),
];
