//! `/api/archive`: a trace is written to the store's archive, where it stays when the store lets it go.

use std::sync::Arc;

use jaeger_model::TraceId;
use jaeger_storage::{ErrorKind, StorageError};

use crate::budget::held_bytes;
use crate::envelope;
use crate::error::ApiError;
use crate::search::{Search, beside_others};

impl Search {
    /// Archives a trace as it is stored; one that is archived already is written once more, which changes nothing.
    ///
    /// # Errors
    /// Where there is no archive, no such trace, or the archive does not take all of it.
    pub async fn archive(&self, id: TraceId) -> Result<Vec<u8>, ApiError> {
        let archive = self.store.archive().ok_or(ApiError::NoArchive)?;
        let trace = self.get(id).await?;
        // The trace and its copy.
        let _room = self.budget.take(held_bytes(&trace).saturating_mul(2))?;
        let batch = beside_others(trace.len(), || trace.to_batch()).map_err(|full| {
            let error = StorageError::new(ErrorKind::Corrupt, format!("trace {id} fits in no batch"));
            ApiError::Storage(error.caused_by(full))
        })?;
        drop(trace);
        let spans = batch.len();
        let written = archive.write(Arc::new(batch)).await;
        if let Some(refused) = written.refused.into_iter().next() {
            let message =
                format!("{} of {spans} spans of trace {id} are archived: {}", written.stored, refused.message);
            return Err(StorageError::new(refused.kind, message).into());
        }
        archive.flush().await?;
        tracing::info!(trace = %id, spans, "Trace was archived");
        Ok(envelope::done())
    }
}
