//! Settings of the binary that serves a store over gRPC.

use super::super::flag::{Kind, Row, row};
use super::{Group, On, group};

pub(super) const REMOTE_STORAGE_ONLY: On = [false, false, false, false, true];

pub(super) const GROUPS: &[Group] = &[group("Remote storage, served", "grpc.", REMOTE_STORAGE_ONLY, ROWS)];

const ROWS: &[Row] =
    &[row("host-port", Kind::Listener, ":17271", "address where the store is served over gRPC (jaeger.storage.v1)")];
