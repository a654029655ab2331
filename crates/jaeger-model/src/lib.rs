//! Spans as every part of the backend holds them: one [`Batch`] of flat tables from the first
//! decode to the last encode, on the write path and on the read path.
//!
//! ```text
//! decoder --drives--> BatchBuilder --finish--> Batch --views--> encoder, store, search
//!                                                |  ^
//!                                    BatchEdit --+--+   (sanitizers and adjusters)
//! ```
//!
//! The crate does no I/O and knows no wire format: no serde, no prost, no tokio.
//!
//! ```
//! use jaeger_model::{BatchBuilder, Duration, SpanId, Timestamp, TraceId, Value};
//!
//! let mut builder = BatchBuilder::new();
//! builder.process_tag(b"hostname", Value::Str("web-1").into());
//! let process = builder.process(b"shop")?;
//! builder.begin_span();
//! builder.span_ids(TraceId::new(0, 0xabc), SpanId(1));
//! builder.span_process(process);
//! builder.span_operation(b"GET /cart");
//! builder.span_start(Timestamp::from_micros(1_700_000_000_000_000));
//! builder.span_duration(Duration::from_micros(1500));
//! builder.span_tag(b"http.status_code", Value::I64(200).into());
//! builder.end_span()?;
//! let batch = builder.finish();
//!
//! let span = batch.span(0).expect("one span");
//! assert_eq!(span.operation(), "GET /cart");
//! assert_eq!(span.process().map(|p| p.service()), Some("shop"));
//! assert_eq!(span.trace_id().to_string(), "0000000000000abc");
//! # Ok::<(), jaeger_model::Full>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod batch;
mod builder;
mod codec;
pub mod dependency;
mod edit;
mod hash;
mod id;
mod identity;
pub mod keys;
mod rows;
mod time;
mod trace;
mod value;
mod view;

pub use batch::Batch;
pub use builder::{BatchBuilder, Full, MAX_ROWS, MAX_TEXT_BYTES, Mark, ProcessIndex, ValueIn};
pub use codec::BatchFormatError;
pub use edit::BatchEdit;
pub use hash::hash_bytes;
pub use id::{IdError, SpanId, TraceId};
pub use identity::SpanIdentity;
pub use rows::{Cell, Slice, TagRow};
pub use time::{Duration, Timestamp};
pub use trace::{Trace, TraceSpan};
pub use value::{Value, float_text};
pub use view::{LogView, Logs, ProcessView, Reference, ReferenceKind, References, SpanView, TagView, Tags, Warnings};
