//! The wire formats that Jaeger installations speak: one home per format, decode and encode.
//!
//! Every decoder drives a [`BatchBuilder`](jaeger_model::BatchBuilder), every encoder reads views, and no span type
//! that was generated from a definition crosses out of here. Decoders are bounded by the bytes at hand.
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]

mod error;
#[cfg(feature = "otlp")]
pub mod otlp;
pub mod protobuf;

pub use error::{DecodeError, MAX_DEPTH};
