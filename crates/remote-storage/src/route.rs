//! `connection -> ROUTE`: which call it is.

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use jaeger_grpc::{Answer, Side, Status, reply, status, unknown_method};
use jaeger_storage_remote::wire::{paths, services};
use jaeger_wire::generated::storage_v1;

use crate::Server;
use crate::body::Messages;

/// The services of v1, and ours.
pub(crate) const SERVICES: [&str; 8] = [
    services::WRITER,
    services::STREAMING_WRITER,
    services::READER,
    services::ARCHIVE_WRITER,
    services::ARCHIVE_READER,
    services::DEPENDENCIES,
    services::CAPABILITIES,
    services::EMBEDDED,
];

/// Answers one request.
pub(crate) async fn handle(server: Server, side: Side, request: Request<Incoming>) -> Response<Answer> {
    if let Some(service) = side.of(request.uri().path()) {
        return service(request).await;
    }
    let (head, body) = request.into_parts();
    let messages = Messages::of(&head.headers, body, server.inner().config.max_message_bytes);
    answer(&server, head.uri.path(), messages).await.unwrap_or_else(|refused| status(refused.code(), refused.message()))
}

async fn answer(server: &Server, path: &str, mut messages: Messages) -> Result<Response<Answer>, Status> {
    let offers = server.inner().config.offers;
    let wrote = |answer: Bytes| reply(&answer);
    match path {
        paths::EMBEDDED_WRITE if offers.embedded => server.write_batch(messages).await.map(wrote),
        paths::WRITE_SPAN_STREAM if offers.streams => server.write_stream(messages).await.map(wrote),
        paths::WRITE_SPAN => server.write_span(messages, false).await.map(wrote),
        paths::WRITE_ARCHIVE_SPAN => server.write_span(messages, true).await.map(wrote),
        paths::CLOSE => {
            // Go's client says this when it ends; the store goes on for the others.
            let _: storage_v1::CloseWriterRequest = messages.question(&mut server.inner().room.begin()).await?;
            Ok(reply(&[]))
        }
        paths::GET_TRACE => server.get_trace(messages, false).await,
        paths::GET_ARCHIVE_TRACE => server.get_trace(messages, true).await,
        paths::GET_SERVICES => server.get_services(messages).await,
        paths::GET_OPERATIONS => server.get_operations(messages).await,
        paths::FIND_TRACES => server.find_traces(messages).await,
        paths::FIND_TRACE_IDS => server.find_trace_ids(messages).await,
        paths::GET_DEPENDENCIES => server.get_dependencies(messages).await,
        paths::CAPABILITIES => server.get_capabilities(messages).await,
        paths::EMBEDDED_FIND_TRACES if offers.embedded => server.embedded_find_traces(messages).await,
        paths::EMBEDDED_FIND_TRACE_IDS if offers.embedded => server.embedded_find_trace_ids(messages).await,
        paths::EMBEDDED_GET_DEPENDENCIES if offers.embedded => server.embedded_get_dependencies(messages).await,
        paths::EMBEDDED_GET_CALLS if offers.embedded => server.get_calls(messages).await,
        paths::EMBEDDED_GET_STATUS if offers.embedded => server.get_status(messages).await,
        path => Ok(unknown_method(path, &SERVICES)),
    }
}
