//! `SPAN_STORAGE_TYPE=elasticsearch` (or `opensearch`): spans in Elasticsearch 7, 8 or OpenSearch, in Go Jaeger's own documents and indices.
//!
//! ```text
//! collector -> write -> document/encode -> bulk queue -> bulk workers ==POST /_bulk==>     Elasticsearch
//! query     <- read  <- document/decode <- fetch <- search            <==POST /_msearch==
//! ```
//!
//! `names` knows which index a time lies in, `templates` the mappings, `client` the servers and who we are to them, `failure` what an answer
//! that is no success means.
#![forbid(unsafe_code)]

mod archive;
mod bulk;
mod client;
mod config;
mod day;
mod document;
mod failure;
mod fetch;
mod figures;
mod known_names;
mod links;
mod names;
mod once;
mod read;
mod search;
mod store;
mod templates;
mod write;

pub use client::ConnectError;
pub use config::{
    Config, Credentials, DocumentIds, IndexConfig, Rollover, Secret, TagMatch, TagsAsFields, TemplateConfig, Tls,
};
pub use store::ElasticsearchStore;
