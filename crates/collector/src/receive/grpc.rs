//! gRPC on 14250: spans from agents and clients (`PostSpans`), sampling strategies, health, reflection.

use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use jaeger_service::ledger::{AGENT_KEY, Origin};

use super::{sampling, take};
use crate::acknowledge::Answer as SpansAnswer;
use crate::decode::Wire;
use crate::grpc::{Answer, Side, patience, read_message, refusal, reply, unknown_method};
use crate::{Collector, Source};

const SERVICES: [&str; 2] = ["jaeger.api_v2.CollectorService", "jaeger.api_v2.SamplingManager"];

/// Answers one request.
pub(crate) async fn handle(collector: Collector, side: Side, request: Request<Incoming>) -> Response<Answer> {
    match request.uri().path() {
        "/jaeger.api_v2.CollectorService/PostSpans" => {
            let (head, body) = request.into_parts();
            match post_spans(&collector, &head.headers, body).await {
                // PostSpansResponse has no fields.
                Ok(_acknowledged) => reply(&[]),
                Err(refused) => refusal(&refused),
            }
        }
        "/jaeger.api_v2.SamplingManager/GetSamplingStrategy" => {
            let (head, body) = request.into_parts();
            match sampling::over_grpc(&collector, &head.headers, body).await {
                Ok(answer) => reply(&answer),
                Err(refused) => refusal(&refused),
            }
        }
        path => match side.of(path) {
            Some(service) => service(request).await,
            None => unknown_method(path, &SERVICES),
        },
    }
}

async fn post_spans(collector: &Collector, headers: &HeaderMap, mut body: Incoming) -> SpansAnswer {
    let origin = if headers.contains_key(AGENT_KEY) { Origin::Agent } else { Origin::Other };
    let source = Source::api_v2(origin);
    let limit = collector.inner().config.grpc.max_message_bytes;
    // No agent has more spans in a request than bytes.
    let claimed = headers.get(AGENT_KEY).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let claimed = claimed.map(|spans| spans.min(limit as u64));
    let mut held = collector.inner().admission.begin();
    let message = read_message(headers, &mut body, limit, &mut held)
        .await
        .inspect_err(|refused| collector.count_refused(refused, claimed, source))?;
    take(collector, Wire::ApiV2, message, held, source, patience(headers)).await
}
