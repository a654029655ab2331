//! The log: where spans are durable before they are acknowledged, until they are in a partition.
//!
//! ```text
//! append -> encode, checksum -> queue --(all that waits, at once)--> write -> fdatasync -> answers
//! start, compaction <- batches <- LogReader
//! ```
//!
//! A file begins with a header ([`header`]) and goes on with records ([`record`]), one a batch. What is not whole at
//! its end was never acknowledged.

mod commit;
mod error;
mod file;
mod header;
mod queue;
mod reader;
mod record;
mod scan;
mod writer;

pub(crate) use error::LogError;
/// The length of a log without records.
pub(crate) const LOG_HEADER_BYTES: u64 = header::HEADER_BYTES as u64;

pub(crate) use reader::{LogReadError, LogReader};
pub(crate) use writer::LogWriter;

#[cfg(test)]
mod tests;
