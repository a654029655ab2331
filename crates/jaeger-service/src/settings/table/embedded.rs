//! Settings of the embedded store.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Embedded store", "embedded.", WITH_STORE, ROWS)];

const ROWS: &[Row] = &[
    row("directory", Kind::Text, "./data/jaeger", "folder of the store; made where it is missing, used by one process").ours(),
    row("max-age", Kind::Duration, "72h", "how long spans are kept; 0 keeps them until max-bytes is reached").ours(),
    row(
        "max-bytes",
        Kind::Int,
        "0",
        "bytes on disk; the oldest spans give way; 0 is the smallest of a tenth of the file system, 10 GB and, where the \
         folder is no mount of its own, 2 GB",
    )
    .at_least(0)
    .ours(),
];
