//! What adjusters tell the reader of a trace, as warnings of a span, with Go Jaeger's texts.

use std::fmt;

use jaeger_model::{Duration, Reference, ReferenceKind, SpanId};

use crate::go::duration::GoDuration;

/// A warning, kept as its facts until it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Note {
    /// No span id was left for a server's side of a shared one.
    NoSpanIdLeft,
    /// An earlier span has this span's id.
    DuplicateSpanId,
    /// The span's parent is not in the trace.
    ParentNotInTrace(SpanId),
    /// The span would have been moved by this much, but moving is off.
    SkewNotApplied(Duration),
    /// The span would have been moved by `delta`, which is more than `max`.
    SkewTooLarge {
        /// The furthest that a span is moved.
        max: Duration,
        /// The move that was calculated.
        delta: Duration,
    },
    /// The span was moved by this much.
    Moved(Duration),
    /// A reference to no trace was left out.
    ReferenceRemoved(Reference),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoSpanIdLeft => f.write_str("cannot assign unique span ID, too many spans in the trace"),
            Self::DuplicateSpanId => f.write_str("duplicate span IDs; skipping clock skew adjustment"),
            Self::ParentNotInTrace(id) => {
                write!(f, "invalid parent span IDs={id}; skipping clock skew adjustment")
            }
            Self::SkewNotApplied(delta) => {
                let delta = GoDuration(delta);
                write!(f, "clock skew adjustment disabled; not applying calculated delta of {delta}")
            }
            Self::SkewTooLarge { max, delta } => {
                let (max, delta) = (GoDuration(max), GoDuration(delta));
                write!(f, "max clock skew adjustment delta of {max} exceeded; not applying calculated delta of {delta}")
            }
            Self::Moved(delta) => write!(f, "This span's timestamps were adjusted by {}", GoDuration(delta)),
            Self::ReferenceRemoved(reference) => {
                let kind = match reference.kind {
                    ReferenceKind::ChildOf => "CHILD_OF",
                    ReferenceKind::FollowsFrom => "FOLLOWS_FROM",
                };
                write!(
                    f,
                    "Invalid span reference removed {{TraceID:{} SpanID:{} RefType:{kind} \
                     XXX_NoUnkeyedLiteral:{{}} XXX_unrecognized:[] XXX_sizecache:0}}",
                    reference.trace_id, reference.span_id
                )
            }
        }
    }
}
