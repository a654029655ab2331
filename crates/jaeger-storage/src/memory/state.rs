//! What the store holds, and the way of a batch through it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use jaeger_model::{Batch, TraceId};
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::Notify;

use super::MemoryConfig;
use super::archive::Archive;
use super::index::TraceIndex;
use super::live::Live;
use super::names::Names;
use super::part::Part;
use super::seal::Sealer;
use crate::block::Block;
use crate::minutes::Minutes;
use crate::{Operation, StoreStatus};

pub(crate) struct Shared {
    pub(crate) config: MemoryConfig,
    pub(crate) live: Live,
    pub(super) state: Mutex<State>,
    /// Changed by the sealer and, where traces are bounded, by writers; locked after `state`, never before.
    pub(super) index: Mutex<TraceIndex>,
    /// Of sealed spans.
    pub(super) names: RwLock<Names>,
    pub(super) sealer: Mutex<Sealer>,
    /// A part is full, or the store ends.
    pub(super) work: Condvar,
    /// A part was sealed: writers that wait may go on.
    pub(super) sealed: Notify,
    pub(super) archive: Archive,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) hot: Part,
    /// Full parts that wait to be sealed, oldest first.
    pub(super) waiting: VecDeque<Arc<Part>>,
    /// Oldest first.
    pub(super) blocks: Arc<Vec<Arc<Block>>>,
    pub(super) block_bytes: usize,
    pub(super) block_spans: usize,
    /// Where traces are bounded: how many of each block's are still there.
    pub(super) live_traces: HashMap<u32, usize>,
    /// Of sealed spans, unless traces are bounded.
    pub(super) minutes: Minutes,
    pub(super) last_write: Option<Instant>,
    /// Spans that have arrived, which numbers them.
    pub(super) arrived: u64,
    pub(super) evicted_spans: u64,
    pub(super) ends: bool,
}

/// What a read works on: it stays as it was when the read began.
pub(crate) struct Snapshot {
    pub(crate) parts: Vec<Arc<Part>>,
    pub(crate) blocks: Arc<Vec<Arc<Block>>>,
}

impl Shared {
    /// The store, and the thread that seals where there is one.
    pub(crate) fn start(mut config: MemoryConfig, archive: Archive) -> Arc<Self> {
        // Without its thread the store works all the same: writers seal.
        let make = |config, archive| {
            Arc::new(Self {
                live: Live::new(MemoryConfig::max_traces(&config)),
                config,
                state: Mutex::default(),
                index: Mutex::default(),
                names: RwLock::default(),
                sealer: Mutex::default(),
                work: Condvar::new(),
                sealed: Notify::new(),
                archive,
            })
        };
        if config.background {
            let shared = make(config.clone(), archive.clone());
            let worker = Arc::clone(&shared);
            match std::thread::Builder::new().name("memory-seal".into()).spawn(move || worker.seal_until_end()) {
                Ok(_) => return shared,
                Err(error) => tracing::warn!(%error, "no thread to seal spans; writers seal them"),
            }
        }
        config.background = false;
        make(config, archive)
    }

    /// Ends the thread that seals, after the part that it works on.
    pub(crate) fn end(&self) {
        self.state.lock().ends = true;
        self.work.notify_all();
    }

    pub(crate) async fn write(&self, batch: Arc<Batch>) {
        loop {
            let sealed = self.sealed.notified();
            tokio::pin!(sealed);
            // From here on no notification is missed.
            sealed.as_mut().enable();
            if self.try_write(&batch) {
                break;
            }
            sealed.await;
        }
        if !self.config.background {
            while self.seal_one() {}
        }
    }

    /// Takes the batch unless too many parts wait.
    fn try_write(&self, batch: &Arc<Batch>) -> bool {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.waiting.len() >= self.config.waiting_blocks.max(1) {
            return false;
        }
        let first = state.arrived;
        state.arrived += batch.len() as u64;
        state.hot.push(Arc::clone(batch), first);
        state.last_write = Some(Instant::now());
        if self.live.is_bounded() {
            for (span, number) in batch.spans().zip(first..) {
                if let Some((gone, spans)) = self.live.arrive(span.trace_id(), number) {
                    state.evicted_spans += spans;
                    self.let_go(state, gone);
                }
            }
        }
        if state.hot.spans >= self.config.seal_spans() || state.hot.bytes >= self.config.seal_bytes() {
            let mut full = std::mem::take(&mut state.hot);
            full.full_at = Some(Instant::now());
            state.waiting.push_back(Arc::new(full));
            self.work.notify_one();
        }
        true
    }

    /// A trace is gone: blocks without any trace left go too.
    fn let_go(&self, state: &mut State, trace: TraceId) {
        let mut index = self.index.lock();
        let mut numbers = Vec::new();
        index.blocks(trace, &mut numbers);
        for number in numbers {
            let Some((place, _)) = state.find_block(number).filter(|(_, block)| block.find_trace(trace).is_some())
            else {
                continue;
            };
            index.remove(trace, number);
            let left = state.live_traces.entry(number).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                state.live_traces.remove(&number);
                let block = Arc::make_mut(&mut state.blocks).remove(place);
                state.forget_block(&block);
            }
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.state.lock().snapshot()
    }

    /// The names of all services, sorted; spans without a service name none.
    pub(crate) fn services(&self) -> Vec<String> {
        // Hot parts first: what is sealed meanwhile is in both, not in neither.
        let parts = self.snapshot().parts;
        let mut hot = BTreeSet::new();
        for batch in parts.iter().flat_map(|part| &part.batches).map(|arrived| &arrived.batch) {
            let mut before = None;
            for span in batch.spans() {
                if before != Some(span.process_index()) {
                    before = Some(span.process_index());
                    hot.insert(span.service());
                }
            }
        }
        let names = self.names.read();
        hot.into_iter()
            .chain(names.services())
            .filter(|name| !name.is_empty())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(String::from)
            .collect()
    }

    /// The operations of a service, sorted by name and kind.
    pub(crate) fn operations(&self, service: &str, kind: Option<&str>) -> Vec<Operation> {
        let parts = self.snapshot().parts;
        let mut hot = BTreeSet::new();
        for batch in parts.iter().flat_map(|part| &part.batches).map(|arrived| &arrived.batch) {
            for span in batch.spans().filter(|span| span.service() == service) {
                hot.insert((span.operation(), span.kind().unwrap_or("")));
            }
        }
        let names = self.names.read();
        let all: BTreeSet<_> = hot.into_iter().chain(names.operations(service)).collect();
        let wanted = all.into_iter().filter(|(_, of)| kind.is_none_or(|kind| kind == *of));
        wanted.map(|(name, kind)| Operation { name: name.into(), kind: kind.into() }).collect()
    }

    pub(crate) fn status(&self) -> StoreStatus {
        let state = self.state.lock();
        let held = self.live.spans().unwrap_or(state.spans() as u64);
        StoreStatus {
            spans: Some(held),
            bytes: Some((self.bytes(&state) + self.archive_bytes()) as u64),
            max_bytes: Some(self.config.max_bytes as u64),
            evicted_spans: state.evicted_spans,
            description: match self.config.max_traces() {
                Some(traces) => {
                    format!("memory, at most {} MiB and the newest {traces} traces", self.config.max_bytes >> 20)
                }
                None => format!("memory, at most {} MiB, then the oldest spans go", self.config.max_bytes >> 20),
            },
        }
    }

    pub(crate) fn is_sealing(&self) -> bool {
        !self.state.lock().waiting.is_empty()
    }

    /// All batches in order of arrival, unless some are sealed.
    pub(crate) fn unsealed(&self) -> Option<Vec<Arc<Batch>>> {
        let snapshot = self.snapshot();
        let batches = snapshot.parts.iter().flat_map(|part| &part.batches).map(|arrived| Arc::clone(&arrived.batch));
        snapshot.blocks.is_empty().then(|| batches.collect())
    }

    pub(crate) fn describe(&self) -> String {
        let state = self.state.lock();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let spans = state.block_spans.max(1) as f64;
        let mut sums: Vec<(&str, usize)> = Vec::new();
        for (what, bytes) in state.blocks.iter().flat_map(|block| block.parts()) {
            match sums.iter_mut().find(|(known, _)| *known == what) {
                Some((_, sum)) => *sum += bytes,
                None => sums.push((what, bytes)),
            }
        }
        sums.push(("index of traces", self.index.lock().size_bytes()));
        sums.push(("counts by the minute", state.minutes.size_bytes()));
        let mut lines = format!("{} blocks, {} spans, bytes a span:", state.blocks.len(), state.block_spans);
        for (what, bytes) in sums {
            #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
            let each = bytes as f64 / spans;
            lines += &format!("\n  {what} {each:.1}");
        }
        lines
    }

    /// All bytes held, the archive's aside.
    pub(super) fn bytes(&self, state: &State) -> usize {
        let parts = state.hot.bytes + state.waiting.iter().map(|part| part.bytes).sum::<usize>();
        parts
            + state.block_bytes
            + state.minutes.size_bytes()
            + self.names.read().size_bytes()
            + self.index.lock().size_bytes()
            + self.live.size_bytes()
    }
}

impl State {
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut parts: Vec<_> = self.waiting.iter().cloned().collect();
        parts.push(Arc::new(self.hot.clone()));
        Snapshot { parts, blocks: Arc::clone(&self.blocks) }
    }

    fn spans(&self) -> usize {
        self.block_spans + self.waiting.iter().map(|part| part.spans).sum::<usize>() + self.hot.spans
    }

    pub(super) fn find_block(&self, number: u32) -> Option<(usize, &Arc<Block>)> {
        find_block(&self.blocks, number)
    }

    pub(super) fn forget_block(&mut self, block: &Block) {
        self.block_bytes -= block.size_bytes();
        self.block_spans -= block.len();
    }
}

/// The block with this number and its place, among blocks in order.
pub(super) fn find_block(blocks: &[Arc<Block>], number: u32) -> Option<(usize, &Arc<Block>)> {
    let place = blocks.binary_search_by_key(&number, |block| block.number).ok()?;
    Some((place, blocks.get(place)?))
}
