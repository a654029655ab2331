//! A Jaeger client.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod builder;
mod config;
mod context;
mod counts;
mod current;
mod http_client;
mod id;
mod ledger;
mod process;
mod propagation;
mod publish;
mod recording;
mod reporter;
mod sampler;
mod shared;
mod span;
mod tracer;
mod transport;
mod upkeep;

pub use builder::{Kind, SpanBuilder};
pub use config::{Config, ConfigError};
pub use context::SpanContext;
pub use current::{Entered, InSpan, WithSpan, current, try_current};
pub use http_client::Credentials;
pub use jaeger_model::{Batch, SpanId, TraceId, Value};
pub use ledger::{Dropped, Ledger};
pub use propagation::{Extract, ExtractError, Format, Inject};
pub use recording::SHORTENED;
pub use sampler::Sampling;
pub use span::{Span, SpanHandle};
pub use tracer::{Tracer, Unsent};
pub use transport::{Memory, Outcome, Sending, Transport};
