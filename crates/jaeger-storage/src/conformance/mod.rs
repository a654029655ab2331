//! What every store must do, as functions that a store's tests call.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use jaeger_storage::{MemoryConfig, MemoryStore, Store, conformance};
//! # async fn example() {
//! conformance::run_all(&|| Box::pin(async {
//!     Arc::new(MemoryStore::new(MemoryConfig::default())) as Arc<dyn Store>
//! }))
//! .await;
//! # }
//! ```
//!
//! Each [`Case`] is batches and a check. It runs on a fresh store for each [`Order`] of writing, among them every
//! batch twice, and must find the same each time. What a store says it cannot do ([`Capabilities`](crate::Capabilities))
//! is left out. A failure panics and names the case and the order.

mod archive_cases;
mod call_cases;
mod dependency_cases;
pub mod model;
mod name_cases;
mod order_cases;
mod run;
mod search_cases;
mod spans;
mod tag_cases;
mod trace_cases;

pub use run::{Case, MakeStore, Order, cases, run, run_all};
pub use spans::{Spans, base};
