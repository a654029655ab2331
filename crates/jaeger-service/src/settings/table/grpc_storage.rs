//! Settings of a store that is reached by gRPC.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Remote storage, as its client", "grpc-storage.", WITH_STORE, ROWS)];

const ROWS: &[Row] = &[
    row("server", Kind::Targets, "", "host:port of the storage server, with SPAN_STORAGE_TYPE=grpc"),
    row("connection-timeout", Kind::Duration, "5s", "longest time to connect"),
];
