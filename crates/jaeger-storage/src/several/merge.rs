//! The answers of several stores to one batch as one answer.

use crate::{ErrorKind, Refused, Written};

/// A span is stored where every store has it. Otherwise it is refused for the reason that asks most of its sender.
pub(super) fn merge(spans: usize, answers: &[(&str, Written)]) -> Written {
    if answers.iter().all(|(_, written)| written.refused.is_empty() && written.stored == spans) {
        return Written::all(spans);
    }
    // For each span the answer that it gets, as (store, reason).
    let mut reasons: Vec<Option<(usize, usize)>> = vec![None; spans];
    let kind_of = |(store, reason): (usize, usize)| {
        answers.get(store).and_then(|(_, written)| written.refused.get(reason)).map(|refused| refused.kind)
    };
    for (store, (_, written)) in answers.iter().enumerate() {
        for (reason, refused) in written.refused.iter().enumerate() {
            for place in &refused.spans {
                let Some(known) = reasons.get_mut(*place as usize) else { continue };
                let before = known.and_then(kind_of).map(urgency);
                if before.is_none_or(|before| before < urgency(refused.kind)) {
                    *known = Some((store, reason));
                }
            }
        }
    }
    let mut merged = Written::default();
    for (store, (name, written)) in answers.iter().enumerate() {
        for (reason, refused) in written.refused.iter().enumerate() {
            let own = |(at, chosen): (usize, &Option<(usize, usize)>)| {
                (*chosen == Some((store, reason))).then(|| u32::try_from(at).unwrap_or(u32::MAX))
            };
            let spans: Vec<u32> = reasons.iter().enumerate().filter_map(own).collect();
            if !spans.is_empty() {
                merged.refused.push(Refused {
                    kind: refused.kind,
                    message: format!("{name}: {}", refused.message),
                    spans,
                });
            }
        }
        if written.stored + written.refused.iter().map(|refused| refused.spans.len()).sum::<usize>() < reasons.len() {
            return not_all_spoken_of(reasons.len(), name);
        }
    }
    merged.stored = reasons.iter().filter(|reason| reason.is_none()).count();
    merged
}

/// A store that does not say what became of each span may not have it.
fn not_all_spoken_of(spans: usize, store: &str) -> Written {
    let message = format!("{store}: it did not say what became of every span; send them again");
    let spans = (0..u32::try_from(spans).unwrap_or(u32::MAX)).collect();
    Written { stored: 0, refused: vec![Refused { kind: ErrorKind::Unavailable, message, spans }] }
}

/// 0 where sending again does not help.
fn urgency(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Invalid | ErrorKind::NotFound => 0,
        ErrorKind::Corrupt => 1,
        ErrorKind::Throttled => 2,
        ErrorKind::Unavailable => 3,
    }
}
