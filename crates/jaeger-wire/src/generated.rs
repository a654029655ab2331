//! Code made from `proto/` by `make codegen`: the messages that hold no spans, and the services that carry them.

/// Package `jaeger.api_v2`: how services sample.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::cast_possible_truncation,
    clippy::let_underscore_must_use,
    clippy::semicolon_if_nothing_returned
)]
pub mod api_v2 {
    include!("gen/jaeger.api_v2.rs");
}

/// The definitions of `proto/api_v2` and what they import, for server reflection.
pub const API_V2_DESCRIPTORS: &[u8] = include_bytes!("gen/jaeger.api_v2.descriptors");
