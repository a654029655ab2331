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
mod read;
pub mod schema;
mod store;
mod tables;
mod write;

pub use config::{Archive, CassandraConfig, IndexFilter};
pub use connect::{ConnectError, connect};
pub use store::CassandraStore;
