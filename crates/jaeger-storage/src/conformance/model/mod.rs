//! A store answers as a plain list of spans would: spans made up by chance, the list, and what compares the two.
//!
//! Needs the names of nothing but the contract, so that every store's tests can use it.

mod check;
mod list;
mod pool;
mod value;

pub use check::{check_calls, check_counts, check_links, check_names, check_reads};
pub use list::{by_trace, search, show, unique};
pub use pool::Pool;

/// Nanoseconds.
const MINUTE: i64 = 60_000_000_000;
