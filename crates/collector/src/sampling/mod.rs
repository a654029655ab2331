//! Which part of its traces a client shall record: read from a file, asked for over gRPC (14250), HTTP (14268, 5778) and in-process.
//!
//! ```text
//! --sampling.strategies-file --file--> text --strategies--> one answer a service --> receive/sampling
//!        (looked at again each --sampling.strategies-reload-interval)
//! ```

mod file;
mod strategies;

pub use file::{SamplingSettings, StrategiesError};
pub use strategies::SamplingStrategies;
