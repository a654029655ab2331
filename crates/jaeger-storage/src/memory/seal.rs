//! Seals full parts into blocks, and lets the oldest blocks go where the bound is reached.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_model::TraceId;

use super::config::{MAX_BLOCK_SPANS, QUIET};
use super::part::Part;
use super::state::{Shared, State};
use crate::block::{Block, Built, Piece, Reading, Scratch, build};
use crate::minutes::Delta;

/// What sealing uses again and again; whoever holds it is the one that seals.
#[derive(Default)]
pub(crate) struct Sealer {
    scratch: Scratch,
    next_block: u32,
}

/// What is to become visible at once.
#[derive(Default)]
struct Sealed {
    blocks: Vec<Arc<Block>>,
    delta: Delta,
    copies: HashMap<TraceId, u64>,
}

impl Shared {
    /// Seals whatever waits, until the store ends.
    pub(super) fn seal_until_end(&self) {
        loop {
            {
                let mut state = self.state.lock();
                loop {
                    if state.ends {
                        return;
                    }
                    let Some(front) = state.waiting.front() else {
                        self.work.wait(&mut state);
                        continue;
                    };
                    let since = |time: Option<Instant>| time.map_or(Duration::MAX, |time| time.elapsed());
                    let due = self.config.seal_delay.saturating_sub(since(front.full_at));
                    let left = due.min(QUIET.saturating_sub(since(state.last_write)));
                    if left.is_zero() {
                        break;
                    }
                    self.work.wait_for(&mut state, left);
                }
            }
            self.seal_one();
        }
    }

    /// The part could not be sealed: its spans are counted as gone.
    fn give_up(&self, part: &Arc<Part>) {
        let mut state = self.state.lock();
        // Else it was lost while it was published, and is counted.
        if state.waiting.front().is_some_and(|front| Arc::ptr_eq(front, part)) {
            state.waiting.pop_front();
            state.evicted_spans += part.spans as u64;
        }
        tracing::error!(spans = part.spans, "spans could not be sealed and are gone; please report this");
    }

    /// Seals the part that has waited longest; false where none waits.
    pub(super) fn seal_one(&self) -> bool {
        let mut sealer = self.sealer.lock();
        let Some((part, blocks)) = ({
            let state = self.state.lock();
            state.waiting.front().map(|part| (Arc::clone(part), Arc::clone(&state.blocks)))
        }) else {
            return false;
        };
        // A mistake of ours must not stop every writer for good.
        let done = unless_panicked(|| {
            let sealed = self.seal(&part, &blocks, &mut sealer);
            // Held no longer, so that the list need not be copied to change it.
            drop(blocks);
            self.publish(sealed);
        });
        if done.is_none() {
            sealer.scratch = Scratch::default();
            self.give_up(&part);
        }
        drop(part);
        self.evict_or_say();
        self.sealed.notify_waiters();
        true
    }

    fn evict_or_say(&self) {
        if unless_panicked(|| self.evict()).is_none() {
            tracing::error!("old spans could not be let go; please report this");
        }
    }

    /// Lets old spans go for those that came into the archive. Whoever seals does so anyway.
    pub(super) fn make_room(&self) {
        if let Some(_sealer) = self.sealer.try_lock() {
            self.evict_or_say();
        }
    }

    fn seal(&self, part: &Part, blocks: &[Arc<Block>], sealer: &mut Sealer) -> Sealed {
        #[cfg(test)]
        tests::trip("seal");
        let mut sealed = Sealed::default();
        let mut reading = Reading::default();
        for pieces in cut(part, self.config.seal_spans()) {
            let Some(Built { mut block, copies }) =
                build(&pieces, |trace, number| self.live.has(trace, number), &mut sealer.scratch)
            else {
                continue;
            };
            block.number = sealer.next_block;
            sealer.next_block += 1;
            for trace in copies {
                *sealed.copies.entry(trace).or_default() += 1;
            }
            self.add_names(&block, &mut reading);
            sealed.blocks.push(Arc::new(block));
        }
        // Where traces are bounded, all is counted when it is asked for.
        if !self.live.is_bounded() {
            sealed.delta = self.found_in(&sealed.blocks, blocks);
        }
        sealed
    }

    /// Adds the block's names; nearly always all are known.
    fn add_names(&self, block: &Block, reading: &mut Reading) {
        let mut new: Vec<[String; 3]> = Vec::new();
        {
            let known = self.names.read();
            block.names(reading, |service, operation, kind| {
                if !known.has(service, operation, kind) {
                    new.push([service.into(), operation.into(), kind.into()]);
                }
            });
        }
        if !new.is_empty() {
            let mut names = self.names.write();
            for [service, operation, kind] in &new {
                names.add(service, operation, kind);
            }
        }
    }

    /// Puts blocks in the place of the part that waited longest, in one step for every reader.
    fn publish(&self, sealed: Sealed) {
        let mut state = self.state.lock();
        let state = &mut *state;
        let part = state.waiting.pop_front();
        // Until all of it is there it counts as lost.
        let before = state.evicted_spans;
        state.evicted_spans += part.as_ref().map_or(0, |part| part.spans as u64);
        #[cfg(test)]
        tests::trip("publish");
        state.minutes.apply(&sealed.delta);
        for (trace, copies) in sealed.copies {
            self.live.forget(trace, copies);
        }
        for block in sealed.blocks {
            if self.live.is_bounded() {
                let left = block.trace_ids().iter().filter(|id| self.live.has(**id, block.end - 1)).count();
                if left == 0 {
                    continue;
                }
                state.live_traces.insert(block.number, left);
            }
            let mut index = self.index.lock();
            for id in block.trace_ids() {
                // A trace that went meanwhile is not counted among those left.
                if self.live.has(*id, block.end - 1) {
                    index.insert(*id, block.number);
                }
            }
            state.block_bytes += block.size_bytes();
            state.block_spans += block.len();
            Arc::make_mut(&mut state.blocks).push(block);
        }
        state.evicted_spans = before;
    }

    /// Lets the oldest blocks go while more is held than the bound allows, room for the next part included.
    fn evict(&self) {
        loop {
            let oldest = {
                let state = self.state.lock();
                if state.ends
                    || self.bytes(&state) + self.archive_bytes() - state.hot.bytes + self.config.seal_bytes()
                        <= self.config.max_bytes
                {
                    return;
                }
                state.blocks.first().map(|block| (Arc::clone(block), Arc::clone(&state.blocks)))
            };
            let Some((block, blocks)) = oldest else { return };
            let delta = if self.live.is_bounded() {
                Delta::default()
            } else {
                // Memory stays bounded even where the counts cannot be told.
                unless_panicked(|| self.found_without(&block, &blocks)).unwrap_or_else(|| {
                    tracing::error!("old spans stay counted; please report this");
                    Delta::default()
                })
            };
            drop(blocks);
            self.remove(&block, &delta);
        }
    }

    fn remove(&self, block: &Block, delta: &Delta) {
        let mut state = self.state.lock();
        let state: &mut State = &mut state;
        let Some((place, _)) = state.find_block(block.number) else { return };
        state.minutes.apply(delta);
        let mut index = self.index.lock();
        for (trace, id) in block.trace_ids().iter().enumerate() {
            if self.live.is_bounded() && self.live.has(*id, block.end - 1) {
                let spans = block.rows(trace).len() as u64;
                state.evicted_spans += spans;
                self.live.forget(*id, spans);
            }
            index.remove(*id, block.number);
        }
        if !self.live.is_bounded() {
            state.evicted_spans += block.len() as u64;
        }
        state.live_traces.remove(&block.number);
        Arc::make_mut(&mut state.blocks).remove(place);
        state.forget_block(block);
    }
}

/// What `work` gives, unless that has a mistake.
fn unless_panicked<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

/// A part's spans in order of arrival, in as many blocks as they need.
fn cut(part: &Part, most: usize) -> Vec<Vec<Piece<'_>>> {
    // A part may be larger by its last batch; a little more is still one block.
    let most = if part.spans <= most + most / 2 { part.spans.min(MAX_BLOCK_SPANS) } else { most };
    let mut blocks = vec![Vec::new()];
    let mut room = most;
    for arrived in &part.batches {
        let mut start = 0;
        while start < arrived.batch.len() {
            if room == 0 {
                blocks.push(Vec::new());
                room = most;
            }
            let take = room.min(arrived.batch.len() - start);
            let piece =
                Piece { batch: &arrived.batch, first: arrived.first + start as u64, spans: start..start + take };
            if let Some(block) = blocks.last_mut() {
                block.push(piece);
            }
            start += take;
            room -= take;
        }
    }
    blocks
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::conformance::Spans;
    use crate::{MemoryConfig, MemoryStore, SpanReader, SpanWriter, Store};

    thread_local! {
        static TRIPS: Cell<&'static str> = const { Cell::new("") };
    }

    /// Panics once where a test wants it.
    pub(crate) fn trip(at: &str) {
        if TRIPS.get() == at {
            TRIPS.set("");
            panic!("as the test wants it");
        }
    }

    #[test]
    fn a_panic_costs_the_part_under_work_and_no_other() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for at in ["seal", "publish", "evict"] {
            runtime.block_on(async {
                let config =
                    MemoryConfig { block_spans: 2, max_bytes: 60_000, background: false, ..MemoryConfig::default() };
                let store = MemoryStore::new(config);
                let write = |trace| {
                    store
                        .write(Arc::new(Spans::new().span(trace, 1, "a", "op", 1).span(trace, 2, "a", "op", 2).batch()))
                };
                write(1).await;
                TRIPS.set(at);
                let mut trace = 1;
                while !TRIPS.get().is_empty() {
                    trace += 1;
                    write(trace).await;
                }
                write(trace + 1).await;
                assert!(store.get_trace(TraceId(trace + 1)).await.is_ok(), "{at}: the store goes on");
                // Where old spans were to go the new ones are there.
                assert_eq!(store.get_trace(TraceId(trace)).await.is_ok(), at == "evict", "{at}");
                let status = store.status();
                let written = 2 * u64::try_from(trace + 1).expect("few");
                assert_eq!(
                    status.spans.expect("counted") + status.evicted_spans,
                    written,
                    "{at}: every span is counted"
                );
                assert!(status.bytes <= status.max_bytes, "{at}: {status:?}");
                assert!(!store.is_sealing());
            });
        }
    }
}
