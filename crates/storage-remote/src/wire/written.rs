//! What became of the spans of a batch.

use jaeger_storage::{Refused, Written};
use jaeger_wire::generated::embedded_v1;

use super::kinds::{from_embedded, kind_to};

/// As it is sent.
#[must_use]
pub fn written_to(written: Written) -> embedded_v1::WriteResponse {
    let refused = |refused: Refused| embedded_v1::RefusedSpans {
        kind: kind_to(refused.kind).into(),
        message: refused.message,
        spans: refused.spans,
    };
    embedded_v1::WriteResponse {
        stored: written.stored as u64,
        refused: written.refused.into_iter().map(refused).collect(),
    }
}

/// As it came; `None` where it does not speak of each of `spans` spans once.
#[must_use]
pub fn written_of(response: embedded_v1::WriteResponse, spans: usize) -> Option<Written> {
    let stored = usize::try_from(response.stored).ok()?;
    let mut places: Vec<u32> = response.refused.iter().flat_map(|refused| &refused.spans).copied().collect();
    places.sort_unstable();
    let once = places.windows(2).all(|pair| pair[0] != pair[1]);
    let known = places.last().is_none_or(|last| (*last as usize) < spans);
    if !once || !known || stored.checked_add(places.len())? != spans {
        return None;
    }
    let refused = |refused: embedded_v1::RefusedSpans| Refused {
        kind: from_embedded(refused.kind),
        message: refused.message,
        spans: refused.spans,
    };
    Some(Written { stored, refused: response.refused.into_iter().map(refused).collect() })
}
