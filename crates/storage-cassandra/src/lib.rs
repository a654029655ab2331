//! Spans in Cassandra, in Go Jaeger's own tables: what Go wrote is read, and Go reads what is written here.
//!
//! ```text
//! batch --write::rows--> rows of tables --write::statements--> one statement a partition --write::execute--> Cassandra
//!          |  names once, through a cache     |  equal rows once, at most 5 kB
//! search --read::search--> index rows, newest first --read::trace--> rows of traces --cql::row--> Trace
//! ```
//!
//! [`schema`] knows the tables, in the shapes that Go's releases gave them, and makes them.

mod config;
mod connect;
mod cql;
mod dependencies;
mod error;
mod figures;
mod links;
mod login;
mod read;
pub mod schema;
mod store;
mod tables;
mod tls;
mod write;

pub use config::{CassandraConfig, IndexFilter, Keys};
pub use connect::{ConnectError, is_consistency};
pub use store::{CassandraStore, Denied};
pub use tls::Tls;
