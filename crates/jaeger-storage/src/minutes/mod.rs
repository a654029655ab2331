//! What a store counts by the minute: links between services by the minute in which the called side began, and
//! calls by the minute in which the span began.
//!
//! ```text
//! sealed blocks --Gatherer--> Delta --apply--> Minutes --+--> LinkSums, CallSums --> dependencies, calls
//! hot spans ------Gatherer--> Delta ---------------------+
//! ```
//!
//! A [`Delta`] is signed: later spans of a trace may correct what its earlier ones were counted for. So whoever adds
//! up several deltas adds all of them, in their order.

mod bytes;
mod count;
mod delta;
mod gather;
mod kept;
mod names;
mod recount;
mod rule;
mod sums;
#[cfg(test)]
mod tests;

pub use bytes::DecodeError;
pub use count::latency_bucket;
pub use delta::Delta;
pub use gather::{Counting, Gatherer};
pub use kept::{Bounds, Minutes};
pub(crate) use recount::counts_whole;
pub use recount::{History, Place, found_in, found_since};
pub use sums::{CallSums, LinkSums};
