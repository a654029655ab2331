//! A round: asks the store for what is not here, and counts.

use std::collections::{BTreeMap, HashMap};

use jaeger_model::TraceId;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::held::{Held, Span};
use super::rule::Around;
use super::{Increment, Known, LinkStore, PATIENCE, SETTLES, Wanted};
use crate::{DependencyLink, StorageError};

/// Ids in one question.
const TOGETHER: usize = 500;
/// Increments that wait for a store that is away: two hours of them.
const MOST_WAITING: usize = 240;

/// What goes from round to round.
#[derive(Default)]
pub(super) struct Round {
    number: u64,
    /// To be written.
    pub(super) waiting: Vec<Increment>,
    /// Increments that waited for too long.
    pub(super) lost: u64,
}

/// Links by minute, parent and child.
type Counts = BTreeMap<(i64, String, String), u64>;

impl Round {
    pub(super) async fn gather(
        &mut self,
        held: &Mutex<Held>,
        store: &dyn LinkStore,
        all: bool,
    ) -> Result<(), StorageError> {
        let now = Instant::now();
        let wanted = wanted(&held.lock(), now, all);
        let mut stored: HashMap<TraceId, Vec<Known>> = HashMap::new();
        for some in wanted.chunks(TOGETHER) {
            for known in store.around(some).await? {
                stored.entry(known.trace_id).or_default().push(known);
            }
        }
        let counts = {
            let mut held = held.lock();
            let counts = count(&mut held, &stored, now, all);
            held.forget(now);
            counts
        };
        self.add(counts);
        Ok(())
    }

    fn add(&mut self, counts: Counts) {
        if counts.is_empty() {
            return;
        }
        let round = self.number;
        self.number += 1;
        for ((minute, parent, child), call_count) in counts {
            let link = DependencyLink { parent, child, call_count, error_count: 0 };
            match self.waiting.last_mut().filter(|last| (last.round, last.minute) == (round, minute)) {
                Some(last) => last.links.push(link),
                None => self.waiting.push(Increment { minute, round, links: vec![link] }),
            }
        }
        if self.waiting.len() > MOST_WAITING {
            let lost = self.waiting.len() - MOST_WAITING;
            self.waiting.drain(..lost);
            self.lost += lost as u64;
            tracing::warn!(minutes = lost, "Links between services are lost: the store takes none for too long");
        }
    }
}

fn is_due(span: &Span, now: Instant, all: bool) -> bool {
    !span.counted && (all || now.duration_since(span.since) >= SETTLES)
}

/// What must be asked of the store.
fn wanted(held: &Held, now: Instant, all: bool) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (trace_id, spans) in &held.traces {
        if !spans.iter().any(|span| is_due(span, now, all)) {
            continue;
        }
        let around = Around::new(spans, &[]);
        for span in spans.iter().filter(|span| is_due(span, now, all)) {
            let ask = |span_id, children| Wanted { trace_id: *trace_id, span_id, children, near: span.start };
            let elsewhere = span.parents.iter().filter(|parent| !around.knows(**parent));
            let before = wanted.len();
            wanted.extend(elsewhere.map(|parent| ask(*parent, false)));
            // Who shares this one's id is where its parents are; who refers to it may be anywhere.
            if wanted.len() > before || span.peer.is_some() {
                wanted.push(ask(span.id, span.peer.is_some()));
            }
        }
    }
    wanted
}

/// The links of what is complete, or too old to become so.
fn count(held: &mut Held, stored: &HashMap<TraceId, Vec<Known>>, now: Instant, all: bool) -> Counts {
    let mut counts = Counts::new();
    for (trace_id, spans) in &mut held.traces {
        if !spans.iter().any(|span| is_due(span, now, all)) {
            continue;
        }
        let around = Around::new(spans, stored.get(trace_id).map_or(&[], Vec::as_slice));
        let mut counted = Vec::new();
        for (place, span) in spans.iter().enumerate().filter(|(_, span)| is_due(span, now, all)) {
            let complete = span.parents.iter().all(|parent| around.knows(*parent));
            if !complete && !all && now.duration_since(span.since) < PATIENCE {
                continue;
            }
            counted.push(place);
            let minute = span.start.as_nanos().div_euclid(60_000_000_000);
            around.links(span, |parent, child| {
                *counts.entry((minute, parent.to_owned(), child.to_owned())).or_default() += 1;
            });
        }
        for place in counted {
            if let Some(span) = spans.get_mut(place) {
                span.counted = true;
            }
        }
    }
    counts
}
