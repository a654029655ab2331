//! Settings of Cassandra; the archive has most of them under its own prefix, unset.

use super::super::flag::{Kind, Row, row};
use super::{Group, WITH_STORE, group};

pub(super) const GROUPS: &[Group] = &[
    group("Cassandra", "cassandra.", WITH_STORE, PRIMARY),
    group("Cassandra archive", "cassandra-archive.", WITH_STORE, ARCHIVE),
];

const fn servers(default: &'static str) -> Row {
    row("servers", Kind::List, default, "nodes to ask first, separated by commas")
}
const fn port(default: &'static str) -> Row {
    row("port", Kind::Int, default, "port of every node")
}
const fn keyspace(default: &'static str) -> Row {
    row("keyspace", Kind::Text, default, "keyspace")
}
const fn proto_version(default: &'static str) -> Row {
    row("proto-version", Kind::Int, default, "version of the protocol")
}
const fn connections_per_host(default: &'static str) -> Row {
    row("connections-per-host", Kind::Int, default, "connections to each node")
}
const fn max_retry_attempts(default: &'static str) -> Row {
    row("max-retry-attempts", Kind::Int, default, "attempts again after a failure")
}
const fn reconnect_interval(default: &'static str) -> Row {
    row("reconnect-interval", Kind::Duration, default, "how often a lost node is tried")
}

const USERNAME: Row = row("username", Kind::Text, "", "user name");
const PASSWORD: Row = row("password", Kind::Text, "", "password");
const LOCAL_DC: Row = row("local-dc", Kind::Text, "", "data centre to prefer");
const CONSISTENCY: Row = row("consistency", Kind::Text, "LOCAL_ONE", "consistency of reads and writes");
const TIMEOUT: Row = row("timeout", Kind::Duration, "0s", "longest time of a query; 0 takes the driver's");
const CONNECT_TIMEOUT: Row =
    row("connect-timeout", Kind::Duration, "0s", "longest time to connect; 0 takes the driver's");
const KEEP_ALIVE: Row = row("socket-keep-alive", Kind::Duration, "0s", "TCP keep-alive; 0 is off");
const NO_COMPRESSION: Row = row("disable-compression", Kind::Bool, "false", "talk without compression");
const AUTHENTICATORS: Row = row("basic.allowed-authenticators", Kind::List, "", "authenticators to accept");

const PRIMARY: &[Row] = &[
    servers("127.0.0.1"),
    port("9042"),
    keyspace("jaeger_v1_test"),
    USERNAME,
    PASSWORD,
    LOCAL_DC,
    CONSISTENCY,
    proto_version("4"),
    connections_per_host("2"),
    max_retry_attempts("3"),
    TIMEOUT,
    CONNECT_TIMEOUT,
    reconnect_interval("1m"),
    KEEP_ALIVE,
    NO_COMPRESSION,
    AUTHENTICATORS,
    row("span-store-write-cache-ttl", Kind::Duration, "12h", "how long a written service or operation is remembered"),
    row("index.tags", Kind::Bool, "true", "make span tags searchable"),
    row("index.logs", Kind::Bool, "true", "make log fields searchable"),
    row("index.process-tags", Kind::Bool, "true", "make process tags searchable"),
    row("index.tag-blacklist", Kind::List, "", "tags not to make searchable"),
    row("index.tag-whitelist", Kind::List, "", "the only tags to make searchable"),
];

const ARCHIVE: &[Row] = &[
    row("enabled", Kind::Bool, "false", "keep archived traces here"),
    servers(""),
    port("0"),
    keyspace(""),
    USERNAME,
    PASSWORD,
    LOCAL_DC,
    CONSISTENCY,
    proto_version("0"),
    connections_per_host("0"),
    max_retry_attempts("0"),
    TIMEOUT,
    CONNECT_TIMEOUT,
    reconnect_interval("0s"),
    KEEP_ALIVE,
    NO_COMPRESSION,
    AUTHENTICATORS,
];
