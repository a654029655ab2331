//! Settings of a store that is reached by gRPC.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Remote storage", "grpc-storage.", WITH_STORE, ROWS)
    .not_yet("remote storage is not there yet, set SPAN_STORAGE_TYPE=memory and leave this flag out")];

const ROWS: &[Row] = &[
    row("server", Kind::Targets, "", "address of the storage server"),
    row("connection-timeout", Kind::Duration, "5s", "longest time to connect"),
];
