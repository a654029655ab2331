//! Every way to say no to a sender, and what each wire answers: the one place where back-pressure is decided.
//!
//! A sender that is told no still has its spans. Where sending again helps, it is told when: RetryInfo over gRPC, Retry-After over HTTP, busy or
//! declined over TChannel.

use std::time::Duration;

use http::StatusCode;
use jaeger_service::ledger::{CollectorRefused, RequestRefused};
use jaeger_storage::ErrorKind;
use jaeger_wire::tchannel::ErrorCode;
use tonic::Code;

/// When a sender that met a bound, or a store that is away, may come again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a request was not taken, in words for its sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The queue's bound in spans (`--collector.queue-size`) is reached.
    #[error(
        "collector is busy: {waiting} spans wait to be stored, --collector.queue-size is {bound}; send again later"
    )]
    QueueFull {
        /// Spans that wait.
        waiting: u64,
        /// The bound.
        bound: u64,
    },
    /// The bound in bytes (`--collector.queue-size-memory`) is reached.
    #[error(
        "collector is busy: {held} bytes are in hand, --collector.queue-size-memory is {bound} bytes; send again later"
    )]
    MemoryFull {
        /// Bytes in hand.
        held: u64,
        /// The bound.
        bound: u64,
    },
    /// One connection has more calls under way than any agent makes.
    #[error("collector is busy: {0} calls are under way on this connection; send again later")]
    TooManyCalls(usize),
    /// The store has not answered since the start.
    #[error("collector is starting and waits for its store: {0}; send again later")]
    NotReady(String),
    /// The process stops.
    #[error("collector is stopping; send to another instance")]
    Stopping,
    /// The store did not answer in time. The spans may still be stored; to send them again does no harm.
    #[error("the store did not answer within {0:?}; the spans may still be stored, sending them again does no harm")]
    Late(Duration),
    /// The store did not take them all.
    #[error("the store refused {refused} of {} spans: {message}", stored + refused)]
    Store {
        /// What can be done about it.
        kind: ErrorKind,
        /// The store's own words.
        message: String,
        /// Spans that it has.
        stored: u64,
        /// Spans that it does not have.
        refused: u64,
    },
    /// The task that wrote them ended early.
    #[error("the collector lost the request before it was stored; send it again")]
    Lost,
    /// The body is no message.
    #[error("{0}")]
    Malformed(String),
    /// The message is over the listener's limit.
    #[error("{0}")]
    TooLarge(String),
    /// The body's encoding is none that this port takes.
    #[error("{0}")]
    UnknownEncoding(String),
    /// The body ended before the message was whole.
    #[error("{0}")]
    Unfinished(String),
}

/// What the wires answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Over gRPC.
    pub grpc: Code,
    /// Over HTTP.
    pub http: StatusCode,
    /// Over TChannel.
    pub tchannel: ErrorCode,
    /// When to come again; `None` where that does not help or is the sender's own affair.
    pub retry_after: Option<Duration>,
}

impl Refused {
    /// What each wire answers. No other place decides this.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let (grpc, http, again) = match self {
            Self::QueueFull { .. } | Self::MemoryFull { .. } | Self::TooManyCalls(_) => {
                (Code::ResourceExhausted, StatusCode::SERVICE_UNAVAILABLE, true)
            }
            Self::NotReady(_) | Self::Stopping | Self::Late(_) | Self::Lost => {
                (Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE, true)
            }
            Self::Store { kind, .. } => match kind {
                ErrorKind::Unavailable => (Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE, true),
                ErrorKind::Throttled => (Code::ResourceExhausted, StatusCode::SERVICE_UNAVAILABLE, true),
                ErrorKind::Invalid | ErrorKind::NotFound => (Code::InvalidArgument, StatusCode::BAD_REQUEST, false),
                ErrorKind::Corrupt => (Code::DataLoss, StatusCode::INTERNAL_SERVER_ERROR, false),
            },
            // Go answers bytes that are no message so.
            Self::Malformed(_) => (Code::Internal, StatusCode::BAD_REQUEST, false),
            Self::TooLarge(_) => (Code::ResourceExhausted, StatusCode::PAYLOAD_TOO_LARGE, false),
            Self::UnknownEncoding(_) => (Code::Unimplemented, StatusCode::BAD_REQUEST, false),
            Self::Unfinished(_) => (Code::Internal, StatusCode::BAD_REQUEST, false),
        };
        let tchannel = self.over_tchannel();
        Decision { grpc, http, tchannel, retry_after: again.then_some(RETRY_AFTER) }
    }

    /// Busy and declined say that the call did not happen, and then even old agents try again, elsewhere if they can.
    fn over_tchannel(&self) -> ErrorCode {
        match self {
            Self::QueueFull { .. } | Self::MemoryFull { .. } | Self::TooManyCalls(_) => ErrorCode::Busy,
            Self::NotReady(_) | Self::Stopping | Self::Lost => ErrorCode::Declined,
            Self::Late(_) => ErrorCode::Timeout,
            Self::Store { kind, .. } => match kind {
                ErrorKind::Unavailable => ErrorCode::Declined,
                ErrorKind::Throttled => ErrorCode::Busy,
                ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Corrupt => ErrorCode::BadRequest,
            },
            Self::Malformed(_) | Self::TooLarge(_) | Self::UnknownEncoding(_) | Self::Unfinished(_) => {
                ErrorCode::BadRequest
            }
        }
    }

    /// The column of the ledger for spans that are refused so.
    #[must_use]
    pub fn spans_reason(&self) -> Option<CollectorRefused> {
        match self {
            Self::QueueFull { .. } | Self::MemoryFull { .. } | Self::TooManyCalls(_) => {
                Some(CollectorRefused::QueueFull)
            }
            Self::NotReady(_) => Some(CollectorRefused::NotReady),
            Self::Stopping => Some(CollectorRefused::Stopping),
            _ => None,
        }
    }

    /// The column of the ledger for a request whose spans are not known.
    #[must_use]
    pub fn request_reason(&self) -> Option<RequestRefused> {
        match self {
            Self::QueueFull { .. } | Self::MemoryFull { .. } | Self::TooManyCalls(_) => Some(RequestRefused::Busy),
            Self::Malformed(_) => Some(RequestRefused::Malformed),
            Self::TooLarge(_) => Some(RequestRefused::TooLarge),
            Self::UnknownEncoding(_) => Some(RequestRefused::UnknownContentType),
            Self::Unfinished(_) => Some(RequestRefused::Unfinished),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(kind: ErrorKind) -> Refused {
        Refused::Store { kind, message: "m".into(), stored: 1, refused: 2 }
    }

    #[test]
    fn a_sender_is_told_when_to_come_again_exactly_where_that_helps() {
        for (refused, grpc, http, again) in [
            (Refused::QueueFull { waiting: 1, bound: 1 }, Code::ResourceExhausted, 503, true),
            (Refused::MemoryFull { held: 1, bound: 1 }, Code::ResourceExhausted, 503, true),
            (Refused::NotReady("x".into()), Code::Unavailable, 503, true),
            (Refused::Late(Duration::from_secs(10)), Code::Unavailable, 503, true),
            (store(ErrorKind::Unavailable), Code::Unavailable, 503, true),
            (store(ErrorKind::Throttled), Code::ResourceExhausted, 503, true),
            (store(ErrorKind::Invalid), Code::InvalidArgument, 400, false),
            (Refused::TooLarge("x".into()), Code::ResourceExhausted, 413, false),
            (Refused::Malformed("x".into()), Code::Internal, 400, false),
        ] {
            let decision = refused.decision();
            assert_eq!((decision.grpc, decision.http.as_u16()), (grpc, http), "{refused}");
            assert_eq!(decision.retry_after.is_some(), again, "{refused}");
        }
    }

    #[test]
    fn a_refusal_says_how_many_and_why() {
        assert_eq!(store(ErrorKind::Invalid).to_string(), "the store refused 2 of 3 spans: m");
    }
}
