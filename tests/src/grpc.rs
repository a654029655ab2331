//! gRPC calls with bodies as bytes, so that a message no encoder would make can be sent too.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::{Buf, BufMut, Bytes};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

const DEADLINE: Duration = Duration::from_secs(20);
const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// What a server answered, of several messages the first; `status` is the code's name as in the gRPC documents.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: String,
    pub message: String,
    pub body: Bytes,
}

/// Calls `path` ("/package.Service/Method").
pub async fn call(address: SocketAddr, path: &str, metadata: &[(String, String)], body: Bytes) -> Result<Answer> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.timeout(DEADLINE).connect_timeout(DEADLINE);
    let channel = endpoint.connect().await.with_context(|| format!("gRPC to {address}"))?;
    let mut client = tonic::client::Grpc::new(channel)
        .max_encoding_message_size(MAX_MESSAGE_BYTES)
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    client.ready().await.with_context(|| format!("gRPC to {address}"))?;
    let mut request = Request::new(body);
    for (key, value) in metadata {
        let value: AsciiMetadataValue = value.parse()?;
        request.metadata_mut().append(AsciiMetadataKey::from_bytes(key.as_bytes())?, value);
    }
    let path: PathAndQuery = path.parse()?;
    let failed = |status: &Status| Answer {
        status: name(status.code()).to_owned(),
        message: status.message().to_owned(),
        body: Bytes::new(),
    };
    // A call with one answer is one with several, of which there is one.
    let mut messages = match client.server_streaming(request, path, BytesCodec).await {
        Ok(response) => response.into_inner(),
        Err(status) => return Ok(failed(&status)),
    };
    let mut first = None;
    loop {
        match messages.message().await {
            Ok(Some(message)) => _ = first.get_or_insert(message),
            Ok(None) => break,
            Err(status) => return Ok(failed(&status)),
        }
    }
    Ok(Answer { status: "OK".to_owned(), message: String::new(), body: first.unwrap_or_default() })
}

fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[derive(Clone, Copy)]
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, destination: &mut EncodeBuf<'_>) -> Result<(), Status> {
        destination.put(item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = source.remaining();
        Ok(Some(source.copy_to_bytes(length)))
    }
}
