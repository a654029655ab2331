//! Messages that hold spans, whose bodies are read and written by hand.

use jaeger_model::{Batch, BatchBuilder, SpanView, TraceId};
use jaeger_storage::{ErrorKind, StorageError};
use jaeger_wire::generated::embedded_v1;
use jaeger_wire::protobuf::{Reader, Writer};
use jaeger_wire::{DecodeError, api_v2};
use prost::Message;

use super::kinds::{from_embedded, kind_to};

/// Fields of `WriteRequest` and `FindTracesChunk`.
const ARCHIVE: u32 = 2;
const TRUNCATED: u32 = 2;
const FAILURE: u32 = 3;

/// A framed `WriteRequest` of these spans of a batch: a process that is the first span's stands once.
#[must_use]
pub fn write_request<'a>(spans: impl Iterator<Item = SpanView<'a>> + Clone, archive: bool) -> Vec<u8> {
    // A span without a process would get the one that stands for all.
    let all_have_one = spans.clone().all(|span| span.process_index().is_some());
    let shared = spans.clone().next().and_then(|span| span.process()).filter(|_| all_have_one);
    let mut out = Vec::with_capacity(64 + spans.size_hint().1.unwrap_or_default().min(100_000) * 400);
    api_v2::framed(&mut out, |out| {
        api_v2::encode_post_spans(shared, spans, out);
        if archive {
            Writer::new(out).varint(ARCHIVE, 1);
        }
    });
    out
}

/// Whether a `WriteRequest` is for the archive.
///
/// # Errors
/// What is wrong with the message.
pub fn write_request_is_archive(message: &[u8]) -> Result<bool, DecodeError> {
    let mut request = Reader::new(message);
    let mut archive = false;
    while let Some(field) = request.field()? {
        if field.number == ARCHIVE {
            archive = field.wire.varint("WriteRequest.archive")? != 0;
        }
    }
    Ok(archive)
}

/// What a `FindTracesChunk`, or a `SpansResponseChunk` of v1, holds.
#[derive(Debug)]
pub struct Chunk {
    /// Its spans.
    pub batch: Batch,
    /// More traces matched than the limit lets through.
    pub truncated: bool,
    /// A trace that could not be read.
    pub failure: Option<StorageError>,
}

/// Reads a chunk.
///
/// # Errors
/// What is wrong with the message.
pub fn chunk_of(message: &[u8]) -> Result<Chunk, DecodeError> {
    let mut builder = BatchBuilder::new();
    api_v2::decode_spans(message, &mut builder)?;
    let mut chunk = Chunk { batch: builder.finish(), truncated: false, failure: None };
    let mut fields = Reader::new(message);
    while let Some(field) = fields.field()? {
        match field.number {
            TRUNCATED => chunk.truncated = field.wire.varint("FindTracesChunk.truncated")? != 0,
            FAILURE => {
                let failure = embedded_v1::Failure::decode(field.wire.bytes("FindTracesChunk.failure")?);
                let failure = failure.unwrap_or_default();
                chunk.failure = Some(StorageError::new(from_embedded(failure.kind), failure.message));
            }
            _ => {}
        }
    }
    Ok(chunk)
}

/// The chunk that stands first and says whether there are more.
#[must_use]
pub fn truncated_to(truncated: bool) -> Vec<u8> {
    let mut out = Vec::new();
    if truncated {
        Writer::new(&mut out).varint(TRUNCATED, 1);
    }
    out
}

/// The chunk that stands for a trace that could not be read.
#[must_use]
pub fn failure_to(error: &StorageError) -> Vec<u8> {
    let failure = embedded_v1::Failure { kind: kind_to(error.kind()).into(), message: error.to_string() };
    let mut out = Vec::new();
    Writer::new(&mut out).bytes(FAILURE, &failure.encode_to_vec());
    out
}

/// A trace id's 16 bytes.
#[must_use]
pub fn trace_id_to(id: TraceId) -> Vec<u8> {
    id.0.to_be_bytes().to_vec()
}

/// A trace id of 16 bytes, or of 8 that are its low half.
///
/// # Errors
/// `Invalid` for another length.
pub fn trace_id_of(bytes: &[u8]) -> Result<TraceId, StorageError> {
    if let Ok(bytes) = <[u8; 16]>::try_from(bytes) {
        return Ok(TraceId(u128::from_be_bytes(bytes)));
    }
    if let Ok(bytes) = <[u8; 8]>::try_from(bytes) {
        return Ok(TraceId(u64::from_be_bytes(bytes).into()));
    }
    let message = format!("invalid length for TraceID: {} bytes; a TraceID has 16 (or 8)", bytes.len());
    Err(StorageError::new(ErrorKind::Invalid, message))
}
