//! `/api/transform`: traces out of a posted file of OTLP JSON, as they would be shown, unadjusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, Trace, TraceId};
use jaeger_wire::otlp;

use crate::answer::{Answer, PIECE_BYTES};
use crate::assemble::assemble;
use crate::budget::Room;
use crate::envelope;
use crate::error::ApiError;
use crate::render::ui_json::TraceWriter;

/// The largest file.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// Reads the file's spans.
///
/// # Errors
/// Where it is no OTLP JSON.
pub fn read(body: &[u8]) -> Result<Batch, ApiError> {
    let mut builder = BatchBuilder::new();
    otlp::decode_json(body, &mut builder).map_err(|error| ApiError::NotOtlp(error.to_string()))?;
    Ok(builder.finish())
}

/// Answers with its traces, in the order of their first spans.
pub async fn write(batch: Batch, room: Room, mut answer: Answer) {
    let batch = Arc::new(batch);
    let mut places: BTreeMap<TraceId, usize> = BTreeMap::new();
    let mut traces: Vec<Vec<usize>> = Vec::new();
    for (place, span) in batch.spans().enumerate() {
        let trace = *places.entry(span.trace_id()).or_insert_with(|| {
            traces.push(Vec::new());
            traces.len() - 1
        });
        if let Some(spans) = traces.get_mut(trace) {
            spans.push(place);
        }
    }
    answer.buffer().extend_from_slice(envelope::OPEN);
    for (place, spans) in traces.into_iter().enumerate() {
        if place > 0 {
            answer.buffer().push(b',');
        }
        let mut trace = Trace::new();
        trace.push_spans(Arc::clone(&batch), spans);
        let draft = assemble(&trace);
        let mut writer = TraceWriter::new(&draft);
        while !writer.step(answer.buffer(), PIECE_BYTES) {
            if answer.send_full().await.is_err() {
                return;
            }
        }
        if answer.send_full().await.is_err() {
            return;
        }
    }
    drop(batch);
    drop(room);
    envelope::close(answer.buffer(), 0, &[]);
    if let Err(gone) = answer.finish().await {
        tracing::debug!(%gone, "Answer was not read to its end");
    }
}
