//! gRPC without generated span types: a message stays the bytes that came, to be counted and admitted before
//! anything is decoded.
//!
//! A server takes [`paths::POST_SPANS`] through `tonic::server::Grpc::client_streaming` with a [`RawCodec`] and calls
//! [`one_message`]; to a client that is the unary call. (tonic's own unary call would answer OUT_OF_RANGE to a message
//! that is too long, where clients know RESOURCE_EXHAUSTED, as Go answers.)
//!
//! tonic compares the limit with the length that the frame claims before it reserves memory, and stops decompressing
//! where the limit is passed, for gzip and zstd alike; so a message costs at most the limit compressed plus the limit
//! decompressed, whatever it claims. Tests beside this hold both.

use bytes::{Buf as _, BufMut as _, Bytes};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status, Streaming};

/// Paths of the calls whose bodies are spans.
pub mod paths {
    /// `PostSpans` of api_v2's collector.
    pub const POST_SPANS: &str = "/jaeger.api_v2.CollectorService/PostSpans";
    /// `Export` of OTLP's trace service.
    pub const OTLP_EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    /// api_v2's collector service, as reflection and health name it.
    pub const COLLECTOR_SERVICE: &str = "jaeger.api_v2.CollectorService";
    /// OTLP's trace service.
    pub const OTLP_SERVICE: &str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

/// A codec of messages as they stand on the wire. Reading copies nothing; writing copies once, into tonic's frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self::Encoder {
        *self
    }

    fn decoder(&mut self) -> Self::Decoder {
        *self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, frame: &mut EncodeBuf<'_>) -> Result<(), Status> {
        frame.reserve(message.len());
        frame.put(message);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, frame: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(frame.copy_to_bytes(frame.remaining())))
    }
}

/// The one message of a unary call.
///
/// # Errors
/// `ResourceExhausted` for a message beyond the limit, before or after decompression, and what the transport finds.
pub async fn one_message(stream: &mut Streaming<Bytes>) -> Result<Bytes, Status> {
    match stream.message().await {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(Status::internal("the call ended without a message; send one")),
        Err(status) if status.code() == Code::OutOfRange => {
            Err(Status::resource_exhausted(format!("grpc: received message larger than max: {}", status.message())))
        }
        Err(status) => Err(status),
    }
}

#[cfg(test)]
mod tests;
