//! Middleware for servers and clients of gRPC and HTTP: a [`tower_layer::Layer`] for tonic, hyper and axum.
//!
//! ```text
//! server: headers --extract--> span --current while--> handler, answer's body --status, trailers--> tags, end
//! client: current span --child--> span --inject--> headers --> call, answer's body --status, trailers--> tags, end
//! ```
//!
//! A request of type `application/grpc` is a call of gRPC, named by its path; anything else is HTTP, named by its
//! method. The span ends with the answer's last byte or trailers; with an error; or when the answer or the call is
//! dropped before that, and then it says so. So it covers streams of every kind and is never left open.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use jaeger_client::Tracer;
//! use jaeger_client::middleware::TraceLayer;
//!
//! let tracer = Tracer::disabled();
//! let server = TraceLayer::server(&tracer)
//!     .filter(|head| head.uri.path() != "/grpc.health.v1.Health/Check");
//! let client = TraceLayer::client(&tracer);
//! // tonic::transport::Server::builder().layer(server).add_service(…)
//! // ShopClient::new(tower::ServiceBuilder::new().layer(client).service(channel))
//! # drop((server, client));
//! # Ok(())
//! # }
//! ```
//!
//! Within a handler [`current`](crate::current) is the request's span, and so it is in the request's extensions, as a
//! [`SpanHandle`](crate::SpanHandle). Layers chain as any other: those added before see requests first.

mod body;
mod layer;
mod messages;
mod open;
mod service;

pub use body::TracedBody;
pub use layer::{KeepBody, MapBody, TraceLayer};
pub use messages::MessageBody;
pub use service::{Answering, Traced};

#[cfg(test)]
mod tests;
