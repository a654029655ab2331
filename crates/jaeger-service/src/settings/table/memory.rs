//! Settings of the memory store.

use super::super::flag::{Kind, Row, row};
use super::{Group, On, WITH_STORE, group};

const QUERY_ONLY: On = [false, false, true, false, false];

pub(super) const GROUPS: &[Group] = &[
    group("Memory store", "memory.", WITH_STORE, MEMORY),
    group("Memory store, filled from a file", "memory.", QUERY_ONLY, LOAD),
];

const MEMORY: &[Row] = &[
    row("max-traces", Kind::Int, "0", "traces kept; the oldest give way; 0 has no limit in traces").at_least(0),
    row(
        "max-bytes",
        Kind::Int,
        "0",
        "bytes kept; the oldest traces give way; 0 is a quarter of the memory of the cgroup or machine",
    )
    .at_least(0)
    .ours(),
];

const LOAD: &[Row] = &[row("load", Kind::File, "", "file of OTLP JSON to fill the store with at start").ours()];
