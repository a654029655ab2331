//! Whole traces by id, several of them at the cost of one look through the hot parts.

use std::sync::Arc;

use jaeger_model::{Trace, TraceId};

use super::part::{ByTrace, Place};
use super::state::{Shared, Snapshot};
use crate::block::{Block, Reading};
use crate::{ErrorKind, StorageError};

/// Traces that were asked for at once, as they were then; each is put together when it is taken.
pub struct Several {
    shared: Arc<Shared>,
    snapshot: Snapshot,
    hot: ByTrace<Vec<Place>>,
    reading: Reading,
}

impl Shared {
    pub(super) fn several(self: &Arc<Self>, snapshot: Snapshot, ids: &[TraceId]) -> Several {
        let mut hot: ByTrace<Vec<Place>> = ids.iter().map(|id| (*id, Vec::new())).collect();
        if !ids.is_empty() {
            for (part, spans) in snapshot.parts.iter().enumerate() {
                spans.locate(part, &self.live, &mut hot);
            }
        }
        Several { shared: Arc::clone(self), snapshot, hot, reading: Reading::default() }
    }

    /// One trace, empty where there is no span of it.
    pub(super) fn spans_of(&self, id: TraceId) -> Result<Trace, StorageError> {
        let snapshot = self.snapshot();
        let mut places = Vec::new();
        for (part, spans) in snapshot.parts.iter().enumerate() {
            spans.locate_one(part, &self.live, id, &mut places);
        }
        let blocks = self.live_places(&snapshot.blocks, id);
        snapshot.assemble(&blocks, &places, &mut Reading::default())
    }

    /// Whether there is a span of the trace.
    pub(super) fn has(&self, id: TraceId) -> bool {
        let snapshot = self.snapshot();
        !self.live_places(&snapshot.blocks, id).is_empty() || snapshot.parts.iter().any(|part| part.has(&self.live, id))
    }
}

impl Several {
    /// The spans of one of the traces asked for, each once, in order of arrival; empty where there is none.
    ///
    /// # Errors
    /// `Corrupt` where the trace fits in no batch.
    pub fn spans_of(&mut self, id: TraceId) -> Result<Trace, StorageError> {
        let blocks = self.shared.live_places(&self.snapshot.blocks, id);
        let hot = self.hot.get(&id).map_or(&[][..], Vec::as_slice);
        self.snapshot.assemble(&blocks, hot, &mut self.reading)
    }
}

impl Snapshot {
    /// The trace out of its blocks and of the spans at `places`, copies dropped.
    fn assemble(
        &self,
        blocks: &[(Arc<Block>, usize)],
        places: &[Place],
        reading: &mut Reading,
    ) -> Result<Trace, StorageError> {
        let mut trace = Trace::new();
        for (block, place) in blocks {
            let batch = block.decode(*place, reading).map_err(|full| {
                StorageError::new(ErrorKind::Corrupt, "a trace of the memory store fits in no batch").caused_by(full)
            })?;
            let spans = batch.len();
            trace.push_spans(Arc::new(batch), 0..spans);
        }
        for run in places.chunk_by(|a, b| (a.part, a.batch) == (b.part, b.batch)) {
            let Some(at) = run.first() else { continue };
            if let Some(arrived) = self.parts.get(at.part).and_then(|part| part.batches.get(at.batch)) {
                trace.push_spans(Arc::clone(&arrived.batch), run.iter().map(|place| place.span));
            }
        }
        // One block alone has no copies.
        if blocks.len() > 1 || !places.is_empty() {
            trace.drop_copies();
        }
        Ok(trace)
    }
}
