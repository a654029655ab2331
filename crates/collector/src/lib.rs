//! jaeger-collector: takes spans over every wire and stores them, and says so only when they are stored.
//!
//! ```text
//! receive/{grpc, otlp_grpc, otlp_http, http}        one file a way in
//!    |  a body's bytes, admitted as they arrive     admit
//!    v
//! decode -> queue -> sanitize -> write --> store    decode, collector (the queue's end), sanitize, write
//!    |                             |
//!    no: backpressure              acknowledge      what became of each span: answer and ledger
//!    v                             v    span_metrics    what stored spans say of their operations, for /metrics
//!  the sender: "come again later"  the sender: "stored"
//! ```
//!
//! A request travels in an [`envelope`](Source) with its reply handle; its bytes count until the store has answered. A sender that was
//! told no still has its spans; one that was told yes need not keep them. Whatever happens to a span, the ledger has it in one column.

mod acknowledge;
mod admit;
mod backpressure;
mod collector;
mod config;
mod counts;
mod decode;
mod downsample;
mod envelope;
mod grpc;
mod inflate;
mod receive;
mod sampling;
mod sanitize;
mod serve;
mod span_metrics;
mod start;
mod write;

pub use acknowledge::{Acknowledge, Acknowledged, Answer};
pub use backpressure::{Decision, Refused};
pub use collector::Collector;
pub use config::{Config, GrpcSettings, HttpSettings, OtlpHttpSettings, ZipkinSettings};
pub use downsample::Downsampling;
pub use envelope::Source;
pub use jaeger_grpc::ReflectionError;
pub use receive::Cors;
pub use sampling::{SamplingSettings, SamplingStrategies, StrategiesError};
pub use sanitize::{EMPTY_SERVICE, NULL_PROCESS, Sanitizer};
pub use serve::{ServeError, Sockets};
pub use span_metrics::SpanMetrics;
