//! Settings of Badger. SPAN_STORAGE_TYPE=badger is the embedded store here, and they are taken as far as it has a like.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] =
    &[group("Badger, whose name means the embedded store here", "badger.", WITH_STORE, ROWS)];

const ROWS: &[Row] = &[
    row("ephemeral", Kind::Bool, "false", "true keeps spans in a temporary folder that is gone at exit")
        .differs("spans outlive the process unless it is asked for"),
    row("directory-key", Kind::Text, "", "folder of Badger's keys")
        .differs("nothing is kept beside the binary")
        .needless("keys and values lie together, in the folder of --badger.directory-value or --embedded.directory"),
    row(
        "directory-value",
        Kind::Text,
        "",
        "folder of Badger's values: ours is the folder \"spans\" in it; empty is --embedded.directory",
    )
    .differs("nothing is kept beside the binary"),
    row("span-store-ttl", Kind::Duration, "72h", "how long spans are kept, as --embedded.max-age"),
    row("consistency", Kind::Bool, "false", "sync each write to disk")
        .needless("every write is on disk before it is acknowledged"),
    row("maintenance-interval", Kind::Duration, "5m", "how often old values are thrown away")
        .needless("whole files are dropped once their spans are too old"),
    row("metrics-update-interval", Kind::Duration, "10s", "how often metrics are read")
        .needless("metrics are always those of the moment"),
    row("read-only", Kind::Bool, "false", "do not write")
        .needless("one process owns the store and opens it for both; jaeger-query writes nothing"),
];
