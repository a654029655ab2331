//! A partition: the spans of a closed generation, sorted by time into blocks, in one file that never changes.
//!
//! ```text
//! generation --compact--> Writer --> part-<n>.jpart --open--> Partition <-- search, trace by id, names, minutes
//! ```
//!
//! The file, all numbers little endian ([`layout`] has the table of each part):
//!
//! ```text
//! header | block 0 | block 1 | ... | terms | traces | trace filter | minutes | names | footer | trailer
//! ```

mod filter;
mod footer;
mod header;
mod names;
mod open;
mod terms;
mod traces;
mod write;

pub(crate) use filter::TraceFilter;
pub(crate) use footer::{BlockEntry, SectionKind};
pub use header::HeaderError;
pub(crate) use names::PartitionNames;
pub(crate) use open::Partition;
pub use open::{PartitionError, Wrong};
pub(crate) use terms::BlockSet;
pub(crate) use traces::{entry as trace_entry, hash as trace_hash};
pub(crate) use write::{PartitionContent, write_partition};
