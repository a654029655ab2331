//! The wire formats that Jaeger installations speak: one home per format, decode and encode.
//!
//! Every decoder drives a [`BatchBuilder`](jaeger_model::BatchBuilder), every encoder reads views, and no span type
//! that was generated from a definition crosses out of here. Decoders are bounded by the bytes at hand.
//!
//! ```text
//! UDP, HTTP --> thrift::{compact, binary} --> jaeger ---\
//! UDP, HTTP --> thrift, json, protobuf ------> zipkin ---+
//! gRPC ------> grpc (bytes) --> protobuf ---> api_v2 ----+--> BatchBuilder --> Batch --views--> the same, backwards
//!                           \-------------> otlp -------/
//! ```
//!
//! No bytes make a decoder panic or hold more than a small multiple of them; `tests/` and `fuzz/` watch that.
#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]
#![cfg_attr(test, allow(clippy::indexing_slicing))]

pub mod api_v2;
mod error;
#[cfg(feature = "grpc")]
pub mod generated;
#[cfg(feature = "grpc")]
pub mod grpc;
#[cfg(feature = "thrift")]
mod input;
#[cfg(feature = "thrift")]
pub mod jaeger;
#[cfg(any(feature = "otlp", feature = "strategy"))]
// Zipkin alone needs all of it.
#[cfg_attr(not(feature = "zipkin"), allow(dead_code))]
mod json;
#[cfg(feature = "otlp")]
pub mod otlp;
pub mod protobuf;
#[cfg(feature = "grpc")]
pub mod sampling;
#[cfg(feature = "strategy")]
pub mod strategy;
#[cfg(feature = "tchannel")]
pub mod tchannel;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(feature = "thrift")]
pub mod thrift;
mod varint;
#[cfg(feature = "zipkin")]
pub mod zipkin;

pub use error::{DecodeError, DecodeErrorKind, MAX_DEPTH};
