//! Where spans are kept: the contract that every store fulfils, the conformance suite that says so, and
//! the memory store.
//!
//! ```text
//! collector --SpanWriter::write--> store --SpanReader::find_traces--> query
//! ```
//!
//! [`contract`] says in prose what each call must do. A gap that a store cannot close is data
//! ([`Capabilities`]), never an `if store == ...` somewhere else.

pub mod block;
mod calls;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod contract;
mod error;
pub mod linker;
pub mod memory;
pub mod minutes;
mod query;
mod several;

pub use calls::{CallsQuery, LATENCY_BOUNDS_MICROS, Latencies, MinuteCalls};
pub use contract::{
    BoxFuture, BoxStream, Capabilities, DependencyLink, FoundTraces, Operation, Refused, SpanReader, SpanWriter, Store,
    StoreStatus, Written,
};
pub use error::{ErrorKind, StorageError};
pub use memory::{MemoryConfig, MemoryStore};
pub use minutes::latency_bucket;
pub use query::{TimeRange, TraceQuery};
pub use several::{PartCounts, Several};
