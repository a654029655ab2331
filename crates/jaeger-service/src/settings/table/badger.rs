//! Settings of Badger, whose files this project does not read.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[group("Badger", "badger.", WITH_STORE, ROWS)
    .not_yet("badger's own files are not read, set SPAN_STORAGE_TYPE=memory and leave this flag out")];

const ROWS: &[Row] = &[
    row("ephemeral", Kind::Bool, "true", "keep nothing after the end"),
    row("directory-key", Kind::Text, "<folder of the binary>/data/keys", "folder of the keys"),
    row("directory-value", Kind::Text, "<folder of the binary>/data/values", "folder of the values"),
    row("span-store-ttl", Kind::Duration, "72h", "how long spans are kept"),
    row("consistency", Kind::Bool, "false", "sync each write to disk"),
    row("maintenance-interval", Kind::Duration, "5m", "how often old values are thrown away"),
    row("metrics-update-interval", Kind::Duration, "10s", "how often metrics are read"),
    row("read-only", Kind::Bool, "false", "do not write"),
];
