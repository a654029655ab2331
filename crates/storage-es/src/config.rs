//! What the store is made from: the flags `es.*`, as types.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use jaeger_storage::linker::Mode;

/// One Elasticsearch: where it is, who we are, which indices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// URLs of its servers (`server-urls`), at least one.
    pub servers: Vec<String>,
    /// Who we are to it.
    pub credentials: Credentials,
    /// TLS, for servers whose URL says https.
    pub tls: Tls,
    /// Its major version; asked of it where not given.
    pub version: Option<u8>,
    /// The longest time of a search; none is no limit.
    pub timeout: Option<Duration>,
    /// How far back a trace is looked for by its id, and services and operations.
    pub max_span_age: Duration,
    /// Documents that one search returns at most.
    pub max_documents: usize,
    /// Clusters that are searched besides, by their names.
    pub remote_clusters: Vec<String>,
    /// The names of indices.
    pub index: IndexConfig,
    /// What the templates say; none where somebody else sees to them.
    pub templates: Option<TemplateConfig>,
    /// Bytes of a bulk request at most.
    pub bulk_bytes: usize,
    /// Documents of a bulk request at most.
    pub bulk_documents: usize,
    /// Bulk requests under way at once.
    pub bulk_workers: usize,
    /// How long a bulk request that is not full waits while all workers are busy.
    pub bulk_patience: Duration,
    /// How long a service that was written is remembered.
    pub service_cache: Duration,
    /// Tags that are kept as fields of their own.
    pub tags_as_fields: TagsAsFields,
    /// How tag values are compared.
    pub tag_match: TagMatch,
    /// What the ids of documents are made of.
    pub document_ids: DocumentIds,
    /// Whether links between services are counted and written.
    pub links: Mode,
}

/// Who we are to the servers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Credentials {
    /// Nobody.
    #[default]
    None,
    /// A user with a password.
    Basic {
        /// The user's name.
        user: String,
        /// The password, or the file that holds it and is read again when it changes.
        password: Secret,
    },
    /// A bearer token in a file, which is read again when it changes.
    TokenFile(PathBuf),
}

/// A secret, or where it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// As it was given.
    Text(String),
    /// In this file, without the end of its line.
    File(PathBuf),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(...)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// TLS to the servers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tls {
    /// Authorities to trust besides the system's, PEM.
    pub ca: Option<PathBuf>,
    /// Our own certificate and its key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The server is not verified.
    pub skip_verify: bool,
}

/// How indices are named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexConfig {
    /// In front of each name with a `-`, or empty.
    pub prefix: String,
    /// Between the parts of a date.
    pub separator: String,
    /// How often spans get a new index.
    pub spans: Rollover,
    /// How often services get a new index.
    pub services: Rollover,
    /// Indices are read and written by aliases.
    pub aliases: bool,
}

/// How often there is a new index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rollover {
    /// Each day.
    Day,
    /// Each hour.
    Hour,
}

/// What the templates of indices say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateConfig {
    /// Shards of an index.
    pub shards: u32,
    /// Replicas of a shard.
    pub replicas: u32,
    /// The span template's priority (version 8).
    pub span_priority: i64,
    /// The service template's priority (version 8).
    pub service_priority: i64,
}

/// Which tags are kept as fields of their own instead of in the list of tags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TagsAsFields {
    /// Every tag.
    pub all: bool,
    /// These tags.
    pub keys: HashSet<String>,
    /// What stands for a dot in a field's name.
    pub dot: String,
}

impl Default for TagsAsFields {
    fn default() -> Self {
        Self { all: false, keys: HashSet::new(), dot: "@".to_owned() }
    }
}

/// How the value of a tag is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TagMatch {
    /// As a regular expression of Lucene's, as Go Jaeger does.
    Regexp,
    /// By its text.
    Exact,
}

/// What the id of a span's document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DocumentIds {
    /// The span's identity: a span written twice is one document.
    Identity,
    /// What Elasticsearch makes up: cheaper there, and a span written again is found twice and shown once.
    Automatic,
}

impl Config {
    /// The servers at `url` with Go Jaeger's defaults.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            servers: vec![url.to_owned()],
            credentials: Credentials::None,
            tls: Tls::default(),
            version: None,
            timeout: None,
            max_span_age: Duration::from_secs(72 * 3600),
            max_documents: 10_000,
            remote_clusters: Vec::new(),
            index: IndexConfig {
                prefix: String::new(),
                separator: "-".to_owned(),
                spans: Rollover::Day,
                services: Rollover::Day,
                aliases: false,
            },
            templates: Some(TemplateConfig { shards: 5, replicas: 1, span_priority: 0, service_priority: 0 }),
            bulk_bytes: 5_000_000,
            bulk_documents: 1000,
            bulk_workers: 1,
            bulk_patience: Duration::from_millis(200),
            service_cache: Duration::from_secs(12 * 3600),
            tags_as_fields: TagsAsFields::default(),
            tag_match: TagMatch::Regexp,
            document_ids: DocumentIds::Identity,
            links: Mode::Auto,
        }
    }
}
