//! What travels beside a batch: who sent it, what it holds of the bounds, its place in the ledger and its reply handle.

use std::sync::Arc;

use jaeger_model::Batch;
use jaeger_service::ledger::{InFlight, Origin};
use jaeger_service::metrics::{Format, Transport};

use crate::acknowledge::ReplyTo;
use crate::admit::Held;
use crate::decode::Wire;

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// One of our agents, or somebody else.
    pub origin: Origin,
    /// How its spans were encoded, as Go's metrics name it.
    pub format: Format,
    /// How it came, as Go's metrics name it.
    pub transport: Transport,
}

impl Source {
    /// An agent in this very process. Its batches carry `internal.span.format` = `proto` already, as if they had come by gRPC.
    pub const AGENT: Self = Self { origin: Origin::Agent, format: Format::Proto, transport: Transport::Grpc };
    /// OTLP, over gRPC and HTTP.
    pub const OTLP: Self = Self { origin: Origin::Other, format: Format::Unknown, transport: Transport::Unknown };

    /// An agent of up to 1.17, over TChannel; or ours, told to speak it.
    #[must_use]
    pub(crate) const fn tchannel(wire: Wire, origin: Origin) -> Self {
        let format = if matches!(wire, Wire::TchannelZipkin) { Format::Zipkin } else { Format::Jaeger };
        Self { origin, format, transport: Transport::Tchannel }
    }

    /// jaeger.thrift over HTTP.
    pub const JAEGER_HTTP: Self = Self { origin: Origin::Other, format: Format::Jaeger, transport: Transport::Http };
    /// Zipkin over HTTP.
    pub const ZIPKIN: Self = Self { origin: Origin::Other, format: Format::Zipkin, transport: Transport::Unknown };

    /// api_v2 over gRPC.
    #[must_use]
    pub const fn api_v2(origin: Origin) -> Self {
        Self { origin, format: Format::Proto, transport: Transport::Grpc }
    }
}

/// A request that waits to be written.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) batch: Arc<Batch>,
    /// Its bytes, until the store has answered.
    pub(crate) held: Held,
    pub(crate) in_flight: InFlight,
    /// `None` where the sender was answered already.
    pub(crate) reply: Option<ReplyTo>,
    pub(crate) counts: crate::counts::Counts,
}
