//! How far a long work is, for health and for people who wait.

/// What is being done, and how much of it is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What is being done: `reading partitions`, `replaying the log`, `verifying`, `exporting`.
    pub what: &'static str,
    /// Bytes that are done.
    pub done_bytes: u64,
    /// Bytes that there are.
    pub total_bytes: u64,
    /// Spans that were read so far.
    pub spans: u64,
}
