//! A partition: the spans of a closed generation, sorted by time into blocks, in one file that never changes.
//!
//! ```text
//! generation --compact--> Writer --> part-<n>.jpart --open--> Partition <-- search, trace by id, names, minutes
//! ```
//!
//! The file, all numbers little endian (each part's module has its table):
//!
//! ```text
//! header | block 0 | block 1 | ... | terms | traces | trace filter | minutes | names | times | lists | footer | trailer
//! ```
//!
//! Times and lists are missing in the files of the first versions: these are searched block by block.

mod bitpack;
mod filter;
mod footer;
mod header;
mod index;
mod indexed;
mod lists;
mod names;
mod open;
mod terms;
mod times;
mod traces;
mod write;

pub(crate) use filter::TraceFilter;
pub(crate) use footer::{BlockEntry, SectionKind};
pub use header::HeaderError;
pub(crate) use lists::List;
pub(crate) use names::PartitionNames;
pub(crate) use open::Partition;
pub use open::{PartitionError, Wrong};
pub(crate) use terms::BlockSet;
pub(crate) use times::{PAGE_SPANS, Page, Pages, Timed, class};
pub(crate) use traces::{entry as trace_entry, hash as trace_hash};
pub(crate) use write::{PartitionContent, write_partition};
