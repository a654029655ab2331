//! A Jaeger client: one crate that a service adds to be traced, by a Jaeger of any age.
//!
//! ```text
//! Tracer --sampler--> Span --finish--> queue --reporter's thread--> batch --> agent (UDP) | collector (HTTP)
//!    ^                  |                                                      5778 how to sample <- upkeep's thread
//!  extract <- headers   +--inject--> headers
//! ```
//!
//! # Start
//!
//! What is called where comes from the environment, as with Jaeger's clients for other languages:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use jaeger_client::Tracer;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // JAEGER_SERVICE_NAME=shop, and maybe JAEGER_AGENT_HOST, JAEGER_SAMPLER_TYPE, …
//!     let tracer = Tracer::from_env()?;
//!     let span = tracer.span("warm up");
//!     span.tag("cache", "prices").tag("rows", 1200);
//!     span.finish();
//!     // Sends what waits, and says what could not be sent.
//!     tracer.close(Duration::from_secs(3))?;
//!     Ok(())
//! }
//! ```
//!
//! Or from code: [`Config`]. A wrong value is an error that names its variable; nothing falls back to a default.
//!
//! # Spans
//!
//! A [`Span`] ends when it is dropped or [finished](Span::finish), once. Children refer to it, tags and logs say what
//! happened:
//!
//! ```
//! # use jaeger_client::{Config, Kind, Memory, Sampling};
//! # let memory = Memory::new();
//! # let tracer = Config::new("shop").sampling(Sampling::Const(true)).transport(memory.clone()).start()?;
//! let order = tracer.build_span("POST /order").kind(Kind::Server).start();
//! {
//!     let query = order.child("select");
//!     query.tag("db.statement", "select price from items").tag("rows", 3).tag("cached", false);
//!     query.log(&[("event", "first row".into()), ("waited_us", 120.into())]);
//! }
//! order.error(&"the card was refused");
//! order.finish();
//! # tracer.close(std::time::Duration::from_secs(5))?;
//! # assert_eq!(memory.take().iter().map(|batch| batch.len()).sum::<usize>(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! One that is not sampled costs next to nothing: no clock is read, nothing is allocated. Ask
//! [`is_recording`](SpanHandle::is_recording) before making something costly only for a tag.
//!
//! # The current span
//!
//! A span can be the current one, of a thread ([`SpanHandle::enter`]) or of a future ([`InSpan`]), so that functions
//! far below find it without being handed it:
//!
//! ```
//! use jaeger_client::{InSpan as _, Tracer, current};
//!
//! async fn price() -> u32 {
//!     let query = current().child("select price");
//!     query.tag("table", "items");
//!     42
//! }
//!
//! # async fn order(tracer: Tracer) {
//! let order = tracer.span("order");
//! price().in_span(order.handle()).await;
//! // Into another task it goes only where the caller says so.
//! let work = async { tokio::spawn(price().in_current_span()).await };
//! # drop(
//! work.in_span(order.handle()).await
//! # );
//! # }
//! ```
//!
//! # Between processes
//!
//! [`Tracer::inject`] writes a context into headers, metadata or a map; [`Tracer::extract`] reads it on the other side.
//! Baggage travels along to every span below.
//!
//! ```
//! use std::collections::HashMap;
//!
//! # use jaeger_client::{Config, Memory, Sampling};
//! # let tracer = Config::new("shop").sampling(Sampling::Const(true)).transport(Memory::new()).start()?;
//! let mut call = tracer.span("call");
//! call.set_baggage("customer", "7");
//! let mut headers = HashMap::new();
//! tracer.inject(call.context(), &mut headers);
//!
//! let context = tracer.extract(&headers)?.expect("somebody called");
//! let answer = tracer.build_span("answer").child_of(&context).start();
//! assert_eq!(answer.context().trace_id(), call.context().trace_id());
//! assert_eq!(answer.baggage("customer"), Some("7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | [`Format`] | in `JAEGER_PROPAGATION` | headers |
//! | --- | --- | --- |
//! | [`Jaeger`](Format::Jaeger) | `jaeger` | `uber-trace-id`, `uberctx-*`; by hand `jaeger-debug-id`, `jaeger-baggage` |
//! | [`B3`](Format::B3) | `b3` | `x-b3-traceid`, `x-b3-spanid`, `x-b3-parentspanid`, `x-b3-sampled`, `x-b3-flags`, `baggage-*` |
//! | [`B3Single`](Format::B3Single) | `b3single` | `b3`, `baggage-*` |
//! | [`W3c`](Format::W3c) | `w3c` | `traceparent`, `tracestate`, `baggage` |
//!
//! # gRPC, HTTP and `tracing`
//!
//! With the feature `tower`, [`middleware`] has a layer for servers and clients of tonic, hyper and axum. With the
//! feature `tracing`, [`subscriber`] has a layer that makes spans of what is instrumented with `tracing`, and formats
//! that put `trace_id` and `span_id` on every line of the log. The feature `tonic` lets interceptors read and write
//! contexts in metadata.
//!
//! # Sampling
//!
//! By default the agent says ([`Sampling::Remote`]), asked once a minute: one probability, a rate, or a probability for
//! each operation with a lower bound. A root says in `sampler.type` and `sampler.param` who decided. The decision goes
//! with the context; a [debug](SpanBuilder::debug) span or a `jaeger-debug-id` overrules every sampler.
//!
//! # Settings
//!
//! | variable | is | default |
//! | --- | --- | --- |
//! | `JAEGER_SERVICE_NAME` | what this service is called | must be set |
//! | `JAEGER_AGENT_HOST`, `JAEGER_AGENT_PORT` | the agent; a port that Kubernetes set (`tcp://…`) is passed over | `localhost`, 6831 |
//! | `JAEGER_ENDPOINT` | a collector instead: `http://host:14268/api/traces` | |
//! | `JAEGER_USER`, `JAEGER_PASSWORD`, `JAEGER_AUTH_TOKEN` | who this is to the collector | |
//! | `JAEGER_SAMPLER_TYPE` | `const`, `probabilistic`, `ratelimiting`, `remote` | `remote` |
//! | `JAEGER_SAMPLER_PARAM` | 0 or 1, a probability, traces a second; for `remote` the probability until the first answer | 0 |
//! | `JAEGER_SAMPLING_ENDPOINT` | the page to ask; `JAEGER_SAMPLER_MANAGER_HOST_PORT` where this is not set | the agent's host, port 5778, `/sampling` |
//! | `JAEGER_SAMPLER_REFRESH_INTERVAL`, `JAEGER_SAMPLER_MAX_OPERATIONS` | how often, and for how many operations | `1m`, 2000 |
//! | `JAEGER_REPORTER_MAX_QUEUE_SIZE` | spans that wait at most | 100 |
//! | `JAEGER_REPORTER_FLUSH_INTERVAL` | how long they wait at most | `1s` |
//! | `JAEGER_REPORTER_LOG_SPANS` | logs each span's id | `false` |
//! | `JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL`, `…_RECONNECTING_DISABLED` | how often the agent's host is resolved | `30s`, `false` |
//! | `JAEGER_TAGS` | tags of the process: `key=value,key2=${VARIABLE:default}` | |
//! | `JAEGER_PROPAGATION` | a list of formats | `jaeger` |
//! | `JAEGER_TRACEID_128BIT` | trace ids of 128 bits | `false` |
//! | `JAEGER_DISABLED` | traces nothing, hands contexts on | `false` |
//!
//! # What is lost is counted
//!
//! Ending a span never waits. Where more than the queue holds wait, spans are dropped, and so are those that fit no
//! packet of 65,000 bytes even when they are shortened (they say so in the tag [`SHORTENED`]), and those that nobody
//! takes. [`Tracer::ledger`] says how many of each, every batch tells the agent, and
//! [`Tracer::close`] fails where some were lost:
//!
//! ```
//! # use jaeger_client::{Config, Memory, Sampling};
//! # let tracer = Config::new("shop").sampling(Sampling::Const(true)).transport(Memory::new()).start()?;
//! let open = tracer.span("still open");
//! let unsent = tracer.close(std::time::Duration::from_secs(1)).expect_err("one did not end");
//! assert_eq!((unsent.ledger.started, unsent.ledger.open), (1, 1));
//! # Ok::<(), jaeger_client::ConfigError>(())
//! ```
//!
//! UDP is told nothing by the agent: `sent` means that the kernel took the packet.
//!
//! With the feature `metrics` the same goes to the `metrics` crate, under the names of Jaeger's clients:
//! `jaeger_tracer_traces_total`, `_started_spans_total`, `_finished_spans_total`, `_span_context_decoding_errors_total`,
//! `_reporter_spans_total`, `_reporter_queue_length`, `_sampler_queries_total`, `_sampler_updates_total`,
//! `_baggage_updates_total`, `_baggage_truncations_total`. Install the recorder before the tracer.
//!
//! # In tests
//!
//! [`Memory`] keeps what was traced:
//!
//! ```
//! use jaeger_client::{Config, Memory, Sampling};
//!
//! let memory = Memory::new();
//! let tracer = Config::new("shop").sampling(Sampling::Const(true)).transport(memory.clone()).start()?;
//! tracer.span("order").tag("items", 3);
//! tracer.close(std::time::Duration::from_secs(5))?;
//! let batches = memory.take();
//! assert_eq!(batches[0].span(0).expect("a span").operation(), "order");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! None by default: UDP, HTTP and the environment need none. `http` (propagation through `http::HeaderMap`), `tower`
//! (middleware), `tonic` (propagation through metadata), `tracing`, `metrics`, `otlp` ([`Config::otlp`]).
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
#[cfg(feature = "tower")]
pub mod middleware;
mod process;
mod propagation;
mod publish;
mod recording;
mod reporter;
mod sampler;
mod shared;
mod span;
#[cfg(feature = "tracing")]
pub mod subscriber;
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
