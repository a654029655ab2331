//! TLS of each listener and of each connection out: one block of rows, many prefixes.

use super::super::flag::{Kind, Row, row};
use super::remote_storage::REMOTE_STORAGE_ONLY;
use super::{EVERYWHERE, Group, On, WITH_AGENT, WITH_COLLECTOR, WITH_QUERY, WITH_STORE};

const LATER: &str = "kafka is not there yet, leave this flag out";

const fn tls(prefix: &'static str, on: On, rows: &'static [Row]) -> Group {
    Group { title: "TLS", prefix, on, rows, not_yet: None }
}

pub(super) const GROUPS: &[Group] = &[
    tls("admin.http.tls.", EVERYWHERE, SERVER),
    tls("collector.grpc.tls.", WITH_COLLECTOR, SERVER),
    tls("collector.http.tls.", WITH_COLLECTOR, SERVER),
    tls("collector.otlp.grpc.tls.", WITH_COLLECTOR, SERVER),
    tls("collector.otlp.grpc.tls.", WITH_COLLECTOR, RELOAD),
    tls("collector.otlp.http.tls.", WITH_COLLECTOR, SERVER),
    tls("collector.otlp.http.tls.", WITH_COLLECTOR, RELOAD),
    tls("collector.zipkin.tls.", WITH_COLLECTOR, SERVER),
    tls("query.http.tls.", WITH_QUERY, SERVER),
    tls("query.grpc.tls.", WITH_QUERY, SERVER),
    tls("grpc.tls.", REMOTE_STORAGE_ONLY, SERVER),
    tls("reporter.grpc.tls.", WITH_AGENT, CLIENT),
    tls("es.tls.", WITH_STORE, CLIENT),
    tls("es-archive.tls.", WITH_STORE, CLIENT),
    tls("cassandra.tls.", WITH_STORE, CLIENT),
    tls("cassandra-archive.tls.", WITH_STORE, CLIENT),
    tls("grpc-storage.tls.", WITH_STORE, CLIENT),
    tls("kafka.producer.tls.", WITH_STORE, CLIENT).not_yet(LATER),
    tls("prometheus.tls.", WITH_QUERY, CLIENT),
];

const ENABLED: Row = row("enabled", Kind::Bool, "false", "talk TLS");
const CERT: Row = row("cert", Kind::File, "", "certificate, PEM");
const KEY: Row = row("key", Kind::File, "", "private key, PEM");

const SERVER: &[Row] = &[
    ENABLED,
    CERT,
    KEY,
    row("client-ca", Kind::File, "", "authorities whose clients are accepted, PEM"),
    row("cipher-suites", Kind::List, "", "cipher suites to allow"),
    row("min-version", Kind::Text, "", "oldest TLS version to allow"),
    row("max-version", Kind::Text, "", "newest TLS version to allow"),
];

const RELOAD: &[Row] = &[row("reload-interval", Kind::Duration, "0s", "how often to look for a new certificate")];

const CLIENT: &[Row] = &[
    ENABLED,
    row("ca", Kind::File, "", "authorities to trust, PEM; empty trusts the system's"),
    CERT,
    KEY,
    row("server-name", Kind::Text, "", "name to expect in the server's certificate"),
    row("skip-host-verify", Kind::Bool, "false", "do not verify the server"),
];
