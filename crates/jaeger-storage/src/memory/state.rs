//! What the store holds, and the way of a batch through it.

use std::collections::VecDeque;
use std::sync::Arc;

use jaeger_model::Batch;
use parking_lot::Mutex;

use super::MemoryConfig;
use super::live::Live;
use super::names::Names;
use super::part::Part;
use crate::StoreStatus;

pub(crate) struct Shared {
    pub(crate) config: MemoryConfig,
    pub(crate) live: Live,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hot: Part,
    full: VecDeque<Arc<Part>>,
    /// Spans that have arrived, which numbers them.
    arrived: u64,
    evicted_spans: u64,
    names: Names,
}

/// What a read works on: it stays as it was when the read began.
pub(crate) struct Snapshot {
    pub(crate) parts: Vec<Arc<Part>>,
}

impl Shared {
    pub(crate) fn start(config: MemoryConfig) -> Arc<Self> {
        Arc::new(Self { live: Live::new(config.max_traces), config, state: Mutex::default() })
    }

    #[expect(clippy::unused_async, reason = "writers wait here for the sealer")]
    pub(crate) async fn write(&self, batch: Arc<Batch>) {
        let mut state = self.state.lock();
        let state = &mut *state;
        if self.live.is_bounded() {
            for (span, number) in batch.spans().zip(state.arrived..) {
                if let Some((_, spans)) = self.live.arrive(span.trace_id(), number) {
                    state.evicted_spans += spans;
                }
            }
        }
        for span in batch.spans() {
            state.names.add_span(span);
        }
        let first = state.arrived;
        state.arrived += batch.len() as u64;
        state.hot.push(batch, first);
        if state.hot.spans >= self.config.seal_spans() || state.hot.bytes >= self.config.seal_bytes() {
            let full = std::mem::take(&mut state.hot);
            state.full.push_back(Arc::new(full));
        }
        while state.bytes() > self.config.max_bytes
            && let Some(oldest) = state.full.pop_front()
        {
            state.evicted_spans += oldest.spans as u64;
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let state = self.state.lock();
        let mut parts: Vec<_> = state.full.iter().cloned().collect();
        parts.push(Arc::new(state.hot.clone()));
        Snapshot { parts }
    }

    pub(crate) fn names(&self) -> Names {
        self.state.lock().names.clone()
    }

    pub(crate) fn status(&self) -> StoreStatus {
        let state = self.state.lock();
        let held: usize = state.full.iter().map(|part| part.spans).sum();
        let held = self.live.spans().unwrap_or((held + state.hot.spans) as u64);
        StoreStatus {
            spans: Some(held),
            bytes: Some((state.bytes() + self.live.size_bytes()) as u64),
            max_bytes: Some(self.config.max_bytes as u64),
            evicted_spans: state.evicted_spans,
            description: match self.config.max_traces {
                Some(traces) => {
                    format!("memory, at most {} MiB and the newest {traces} traces", self.config.max_bytes >> 20)
                }
                None => format!("memory, at most {} MiB, then the oldest spans go", self.config.max_bytes >> 20),
            },
        }
    }
}

impl State {
    fn bytes(&self) -> usize {
        self.hot.bytes + self.full.iter().map(|part| part.bytes).sum::<usize>() + self.names.size_bytes()
    }
}
