//! Real stores, each started for a test.

pub mod elasticsearch;
pub mod maven;
pub mod recorder;
pub mod refreshed;
