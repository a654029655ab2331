//! Settings of Elasticsearch and OpenSearch; the archive has the same ones under its own prefix.

use super::super::flag::{Kind, Row, row, word};
use super::{Group, WITH_STORE, group};

const NO_SNIFFING: &str = "nodes are not asked for, name several in server-urls and leave this flag out";
const NO_SAMPLING: &str = "adaptive sampling is not there yet, leave this flag out";

pub(super) const GROUPS: &[Group] = &[
    group("Elasticsearch", "es.", WITH_STORE, ROWS),
    group("Elasticsearch", "es.", WITH_STORE, PRIMARY_ONLY),
    group("Elasticsearch archive", "es-archive.", WITH_STORE, ROWS),
    group("Elasticsearch archive", "es-archive.", WITH_STORE, ARCHIVE_ONLY),
];

const PRIMARY_ONLY: &[Row] = &[row("max-span-age", Kind::Duration, "72h", "how far back a search looks")];

const ARCHIVE_ONLY: &[Row] = &[row("enabled", Kind::Bool, "false", "keep archived traces here")];

const ROWS: &[Row] = &[
    row("server-urls", Kind::List, "http://127.0.0.1:9200", "servers, separated by commas"),
    row("username", Kind::Text, "", "user name"),
    row("password", Kind::Text, "", "password"),
    row("password-file", Kind::File, "", "file with the password"),
    row("token-file", Kind::File, "", "file with a bearer token"),
    row("sniffer", Kind::Bool, "false", "ask the cluster for its nodes").not_yet(NO_SNIFFING, Some("false")),
    row("sniffer-tls-enabled", Kind::Bool, "false", "talk TLS to nodes found so").not_yet(NO_SNIFFING, Some("false")),
    row("version", Kind::Uint, "0", "major version of the server; 0 asks it"),
    row("timeout", Kind::Duration, "0s", "longest time of a search; 0 has no limit"),
    row("max-doc-count", Kind::Int, "10000", "documents that one search returns at most; longer traces take several").at_least(1),
    row("num-shards", Kind::Int, "5", "shards of an index").at_least(1),
    row("num-replicas", Kind::Int, "1", "replicas of an index").at_least(0),
    row("bulk.size", Kind::Int, "5000000", "bytes of a bulk request").at_least(1),
    row("bulk.workers", Kind::Int, "1", "bulk requests at the same time").at_least(1),
    row("bulk.actions", Kind::Int, "1000", "documents of a bulk request").at_least(1),
    row("bulk.flush-interval", Kind::Duration, "200ms", "longest time that a half-full bulk request waits"),
    row("index-prefix", Kind::Text, "", "put in front of index names"),
    row("index-date-separator", Kind::Text, "-", "between year, month and day of an index name"),
    row("index-rollover-frequency-spans", Kind::Text, "day", "a new span index each day or hour")
        .one_of(&[word("day"), word("hour")]),
    row("index-rollover-frequency-services", Kind::Text, "day", "a new service index each day or hour")
        .one_of(&[word("day"), word("hour")]),
    row("index-rollover-frequency-adaptive-sampling", Kind::Text, "day", "a new sampling index each day or hour")
        .one_of(&[word("day"), word("hour")])
        .not_yet(NO_SAMPLING, Some("day")),
    row("create-index-templates", Kind::Bool, "true", "write index templates before the first span"),
    row("use-aliases", Kind::Bool, "false", "read and write by alias"),
    row("use-ilm", Kind::Bool, "false", "leave the age of indices to the server"),
    row("tags-as-fields.all", Kind::Bool, "false", "keep every tag as a field of its own"),
    row("tags-as-fields.include", Kind::List, "", "tags to keep as fields"),
    row("tags-as-fields.config-file", Kind::File, "", "file with tags to keep as fields, one a line"),
    row("tags-as-fields.dot-replacement", Kind::Text, "@", "stands for a dot in such a field's name"),
    row("remote-read-clusters", Kind::List, "", "clusters to search besides, by name"),
    row("send-get-body-as", Kind::Text, "", "method of searches that have a body")
        .needless("searches are sent as POST, which every proxy lets through with a body"),
    row("service-cache-ttl", Kind::Duration, "0s", "how long a written service is remembered; 0 is 12h"),
    row("adaptive-sampling.lookback", Kind::Duration, "72h", "how far back sampling figures are read").not_yet(NO_SAMPLING, Some("72h")),
    row("log-level", Kind::Text, "error", "log level of the client").needless("what the client does is logged by --log-level"),
    row("prioirity-span-template", Kind::Int, "0", "priority of the span template (the name is spelled so)"),
    row("prioirity-service-template", Kind::Int, "0", "priority of the service template (the name is spelled so)"),
    row(
        "prioirity-dependencies-template",
        Kind::Int,
        "0",
        "priority of the dependencies template (the name is spelled so)",
    )
    .needless("no template for dependencies is written here, as in Go Jaeger"),
    row("tag-match", Kind::Text, "regexp", "how tag values are searched: regexp, as Lucene's regular expressions (Go Jaeger's way), or exact")
        .one_of(&[word("regexp"), word("exact")])
        .ours(),
    row("document-ids", Kind::Text, "identity", "ids of span documents: identity, so that a span written twice is one, or automatic (Go Jaeger's way), which costs Elasticsearch less")
        .one_of(&[word("identity"), word("automatic")])
        .ours(),
];
