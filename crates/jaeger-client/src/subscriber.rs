//! A layer for `tracing_subscriber`: what is instrumented with `tracing` becomes spans without another call.
//!
//! A span of `tracing` is a span here, its fields are tags, its events logs. Its parent is the span that `tracing`
//! says; at the top it is the [`current`](crate::current) one, which a middleware made. Within it, it is the current
//! one itself, so that a client's middleware goes on from it.
//!
//! ```
//! use jaeger_client::subscriber::{JsonEvents, TracingLayer};
//! use jaeger_client::Tracer;
//! use tracing_subscriber::layer::SubscriberExt as _;
//!
//! let tracer = Tracer::disabled();
//! let subscriber = tracing_subscriber::registry()
//!     .with(TracingLayer::new(&tracer))
//!     // Each line of the log says which span it belongs to: by it logs and traces meet.
//!     .with(tracing_subscriber::fmt::layer().event_format(JsonEvents::new()));
//! tracing::subscriber::with_default(subscriber, || {
//!     let _order = tracing::info_span!("order", user = 7).entered();
//!     tracing::info!(items = 3, "order taken");
//! });
//! ```
//!
//! Two fields are special: `jaeger.operation` names the span, and `span.kind` is what it is everywhere. Spans of
//! every level are traced; a filter of `tracing_subscriber` on this layer says otherwise.

mod events;
mod layer;
mod visit;

pub use events::{JsonEvents, WithIds};
pub use layer::TracingLayer;

#[cfg(test)]
mod tests;
