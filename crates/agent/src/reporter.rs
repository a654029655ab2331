//! forward -> **collector**: one delivery, over gRPC, over TChannel or by a call within the process.

mod grpc;
mod tchannel;

use std::pin::Pin;
use std::sync::Arc;

use jaeger_model::Batch;

pub use grpc::GrpcReporter;
pub use tchannel::{TchannelReporter, TchannelSettings};

/// A delivery under way.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// What became of one delivery.
#[derive(Debug)]
pub enum Answer {
    /// The collector has all spans: stored, where it acknowledges so.
    Acknowledged,
    /// The collector will never take them.
    Refused {
        /// Its words.
        message: String,
    },
    /// They are over the collector's limit for one request; fewer of them may not be.
    TooLarge {
        /// What is too large.
        message: String,
    },
    /// The collector answered that it cannot take them now.
    Busy {
        /// Its words.
        message: String,
    },
    /// Nobody answered: whether the collector has them is not known.
    Unanswered {
        /// What happened.
        message: String,
    },
}

/// Takes batches to a collector.
pub trait Reporter: Send + Sync {
    /// Delivers batches in one request, once.
    fn deliver<'a>(&'a self, batches: &'a [Arc<Batch>]) -> Delivery<'a>;

    /// The most spans of one request that holds several batches.
    fn max_spans(&self) -> usize;

    /// `internal.span.format` that decoding must add, where delivering goes past the receiver that would.
    fn span_format(&self) -> Option<&'static str>;
}
