//! `jaeger.api_v3.QueryService`: traces in OpenTelemetry's shape, and summaries.

use jaeger_grpc::{Status, framed, reply};
use jaeger_model::TraceId;
use jaeger_storage::TraceQuery;
use jaeger_wire::generated::api_v3 as pb;
use jaeger_wire::otlp;
use prost::Message as _;

use super::chunks::Shape;
use super::question::{self, Question};
use super::stream::Out;
use super::{Answered, query, refusal, stream};
use crate::answer::ClientGone;
use crate::each::{Admitted, Sink, Stop};
use crate::error::ApiError;
use crate::go::number;
use crate::names::kind_asked;
use crate::search::{Search, beside_others};
use crate::v3::summaries;

pub(super) const SERVICE: &str = "jaeger.api_v3.QueryService";

const CHUNKS: Shape = Shape { spans: 100, encode: |spans, out| otlp::encode_protobuf(spans, out) };

pub(super) async fn answer(search: &Search, method: &str, asked: Question) -> Option<Answered> {
    Some(match method {
        "GetTrace" => get_trace(search, asked).await,
        "FindTraces" => find_traces(search, asked).await,
        "FindTraceSummaries" => find_trace_summaries(search, asked).await,
        "GetServices" => get_services(search, asked).await,
        "GetOperations" => get_operations(search, asked).await,
        _ => return None,
    })
}

async fn get_trace(search: &Search, asked: Question) -> Answered {
    let request: pb::GetTraceRequest = question::read(asked).await?;
    let id = number::trace_id(&request.trace_id);
    let id = id.map_err(|reason| Status::invalid_argument(format!("malformed trace_id: {reason}")))?;
    stream::one(search.clone(), id, CHUNKS, |error| refusal::during("cannot retrieve trace", error)).await
}

async fn find_traces(search: &Search, asked: Question) -> Answered {
    let request: pb::FindTracesRequest = question::read(asked).await?;
    stream::found(search.clone(), searched(request.query)?, CHUNKS).await
}

async fn find_trace_summaries(search: &Search, asked: Question) -> Answered {
    let request: pb::FindTraceSummariesRequest = question::read(asked).await?;
    let (search, query) = (search.clone(), searched(request.query)?);
    stream::written_by(move |out| async move {
        let mut found = Summaries { out, taken: 0, sent: false, left_out: None };
        let end = match search.each(&query, &mut found).await {
            Ok(()) => found.left_out.map_or(Ok(()), |error| Err(refusal::of(&error))),
            Err(Stop::Refused(error)) => Err(refusal::of(&error)),
            Err(Stop::Gone(_)) => return,
        };
        found.out.end(end).await;
    })
    .await
}

fn searched(asked: Option<pb::TraceQueryParameters>) -> Result<TraceQuery, Status> {
    let asked = asked.ok_or_else(|| Status::invalid_argument("missing query"))?;
    Ok(TraceQuery {
        service: query::name(asked.service_name),
        operation: query::name(asked.operation_name),
        tags: asked.attributes.into_iter().collect(),
        start: query::range(asked.start_time_min, asked.start_time_max),
        duration_min: query::duration(asked.duration_min),
        duration_max: query::duration(asked.duration_max),
        limit: query::limit(asked.search_depth)?,
    })
}

async fn get_services(search: &Search, asked: Question) -> Answered {
    let _: pb::GetServicesRequest = question::read(asked).await?;
    let services = search.service_names().await;
    let services = services.map_err(|error| refusal::during("failed to fetch services", &error))?;
    Ok(reply(&pb::GetServicesResponse { services }.encode_to_vec()))
}

async fn get_operations(search: &Search, asked: Question) -> Answered {
    let request: pb::GetOperationsRequest = question::read(asked).await?;
    let found = search.operations_of(&request.service, kind_asked(&request.span_kind)).await;
    let found = found.map_err(|error| refusal::during("failed to fetch operations", &error))?;
    let operations = found.into_iter().map(|it| pb::Operation { name: it.name, span_kind: it.kind });
    Ok(reply(&pb::GetOperationsResponse { operations: operations.collect() }.encode_to_vec()))
}

/// A message for each trace.
struct Summaries {
    out: Out,
    taken: u64,
    sent: bool,
    left_out: Option<ApiError>,
}

impl Sink for Summaries {
    fn nothing_sent(&self) -> bool {
        !self.sent
    }

    fn taken(&self) -> u64 {
        self.taken
    }

    fn left_out(&mut self, _id: Option<TraceId>, error: ApiError) {
        self.left_out.get_or_insert(error);
    }

    async fn take(&mut self, Admitted { trace, room }: Admitted) -> Result<(), ClientGone> {
        let summary = beside_others(trace.len(), || summaries::of(&trace));
        drop(trace);
        drop(room);
        self.taken += 1;
        self.sent = true;
        let message = pb::FindTraceSummariesResponse { summaries: vec![summary] };
        self.out.send(framed(&message.encode_to_vec())).await
    }
}
