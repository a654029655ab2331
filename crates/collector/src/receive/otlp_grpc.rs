//! OTLP over gRPC on 4317: `TraceService/Export`, health, reflection.

use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use prost::Message;

use super::take;
use crate::acknowledge::{Acknowledged, Answer as SpansAnswer};
use crate::decode::Wire;
use crate::grpc::{Answer, Side, patience, read_message, refusal, reply, unknown_method};
use crate::{Collector, Source};

const SERVICE: &str = "opentelemetry.proto.collector.trace.v1.TraceService";

/// `ExportTraceServiceResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) partial_success: Option<PartialSuccess>,
}

/// `ExportTracePartialSuccess`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PartialSuccess {
    #[prost(int64, tag = "1")]
    pub(crate) rejected_spans: i64,
    #[prost(string, tag = "2")]
    pub(crate) error_message: String,
}

impl ExportResponse {
    /// Go always sends a partial success, empty where all went well.
    pub(crate) fn of(acknowledged: Acknowledged) -> Self {
        let rejected_spans = i64::try_from(acknowledged.invalid).unwrap_or(i64::MAX);
        Self { partial_success: Some(PartialSuccess { rejected_spans, error_message: acknowledged.reason }) }
    }
}

/// Answers one request.
pub(crate) async fn handle(collector: Collector, side: Side, request: Request<Incoming>) -> Response<Answer> {
    match request.uri().path() {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => {
            let (head, body) = request.into_parts();
            match export(&collector, &head.headers, body).await {
                Ok(acknowledged) => reply(&ExportResponse::of(acknowledged).encode_to_vec()),
                Err(refused) => refusal(&refused),
            }
        }
        path => match side.of(path) {
            Some(service) => service(request).await,
            None => unknown_method(path, &[SERVICE]),
        },
    }
}

async fn export(collector: &Collector, headers: &HeaderMap, mut body: Incoming) -> SpansAnswer {
    let limit = collector.inner().config.otlp_grpc.max_message_bytes;
    let mut held = collector.inner().admission.begin();
    let message = read_message(headers, &mut body, limit, &mut held)
        .await
        .inspect_err(|refused| collector.count_refused(refused, None, Source::OTLP))?;
    take(collector, Wire::OtlpProtobuf, message, held, Source::OTLP, patience(headers)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_success_is_an_empty_partial_one_as_in_go() {
        assert_eq!(ExportResponse::of(Acknowledged { taken: 5, ..Acknowledged::default() }).encode_to_vec(), b"\n\0");
    }
}
