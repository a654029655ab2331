//! What makes two received spans one: a store keeps one of them.

use crate::hash::{hash_bytes, mix};
use crate::{ReferenceKind, SpanView};

/// The identity of a span within its trace: a hash of trace id, span id, service, kind, start, duration,
/// operation and references.
///
/// Never of anything that a collector added, so that a span sent twice over two ways is one span.
/// Two spans of one id and another identity are two spans. Never changes between versions: stores keep it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpanIdentity(pub u64);

impl SpanView<'_> {
    /// This span's identity.
    #[must_use]
    pub fn identity(&self) -> SpanIdentity {
        let (trace, span) = (self.trace_id(), self.span_id());
        let mut hash = mix(mix(trace.high()) ^ trace.low());
        hash = mix(hash ^ span.0);
        hash = mix(hash ^ self.start().as_nanos().cast_unsigned());
        hash = mix(hash ^ self.duration().as_nanos().cast_unsigned());
        hash = hash_bytes(hash, self.service().as_bytes());
        hash = hash_bytes(hash, self.kind().unwrap_or("").as_bytes());
        hash = hash_bytes(hash, self.operation().as_bytes());
        for reference in self.references() {
            let kind = match reference.kind {
                ReferenceKind::ChildOf => 1,
                ReferenceKind::FollowsFrom => 2,
            };
            hash = mix(hash ^ reference.trace_id.high());
            hash = mix(hash ^ reference.trace_id.low());
            hash = mix(hash ^ reference.span_id.0).wrapping_add(kind);
        }
        SpanIdentity(hash)
    }
}
