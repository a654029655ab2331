//! Keeps spans in memory, for tests of applications: what was traced, and how.

use std::sync::{Arc, Mutex, PoisonError};

use jaeger_model::Batch;

use super::{Outcome, Sending, Transport};

/// A transport that keeps all batches; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    batches: Arc<Mutex<Vec<Batch>>>,
}

impl Memory {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the batches that came so far; close or flush the tracer first.
    #[must_use]
    pub fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.batches.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport for Memory {
    fn send(&mut self, batch: &Batch, _: &Sending<'_>) -> Outcome {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).push(batch.clone());
        Outcome { sent: batch.len() as u64, ..Outcome::default() }
    }
}
