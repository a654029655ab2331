//! The embedded store: spans of one machine in one folder, durable before they are acknowledged.
//!
//! ```text
//! write -> log (group commit) -> generation (searchable in memory) --compact--> partition (file) --retain--> gone
//! ```
//!
//! One process owns the folder. [`EmbeddedStore`] is the store; [`stats`], [`verify`] and [`export`] look into a folder
//! that no process uses.

mod archive;
mod aside;
mod bytes;
mod cache;
mod cluster;
mod compact;
mod config;
mod counts;
mod engine;
mod error;
mod executor;
mod fail_point;
mod figures;
mod folder;
mod generation;
mod log;
mod maintain;
mod names;
mod offline;
mod older;
mod partition;
mod progress;
mod read;
mod recover;
mod retain;
mod search;
mod store;
mod walk;

pub use config::EmbeddedConfig;
pub use error::OpenError;
pub use offline::{PartStats, PartitionStats, Report, Stats, export, stats, verify};
pub use partition::{HeaderError, PartitionError, Wrong};
pub use progress::Progress;
pub use store::EmbeddedStore;
