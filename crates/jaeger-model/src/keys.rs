//! Tag keys that the backend itself reads or writes.

/// The side of a call: client, server, producer, consumer, internal.
pub const SPAN_KIND: &str = "span.kind";
/// True on a span that failed.
pub const ERROR: &str = "error";
/// The other side's service name.
pub const PEER_SERVICE: &str = "peer.service";
/// The other side's IPv4 address, a number in old clients.
pub const PEER_IPV4: &str = "peer.ipv4";
/// A process's own IPv4 address, a number in old clients.
pub const IP: &str = "ip";
/// A log field: what happened.
pub const EVENT: &str = "event";
/// The format a span arrived in; written by collectors, always last.
pub const INTERNAL_SPAN_FORMAT: &str = "internal.span.format";
/// How a root was sampled.
pub const SAMPLER_TYPE: &str = "sampler.type";
/// With which parameter a root was sampled.
pub const SAMPLER_PARAM: &str = "sampler.param";
/// A Jaeger client's own id, by which agents follow its losses.
pub const CLIENT_UUID: &str = "client-uuid";

/// The bit of `flags` that says the span was sampled.
pub const FLAG_SAMPLED: u32 = 1;
/// The bit of `flags` that says the trace is a debug trace.
pub const FLAG_DEBUG: u32 = 2;
/// The bit of `flags` that says the span is not indexed.
pub const FLAG_FIREHOSE: u32 = 8;

/// The service name of a span without a process.
pub const NULL_PROCESS_SERVICE: &str = "null-process-and-service-name";
/// The service name of a process with an empty one.
pub const EMPTY_SERVICE: &str = "empty-service-name";
