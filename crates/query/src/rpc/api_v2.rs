//! `jaeger.api_v2.QueryService`: what Kiali, other queries and scripts ask.

use jaeger_grpc::{Status, reply};
use jaeger_model::TraceId;
use jaeger_storage::{TimeRange, TraceQuery};
use jaeger_wire::api_v2::encode_spans;
use jaeger_wire::generated::api_v2_query as pb;
use jaeger_wire::protobuf::Writer;
use prost::Message as _;

use super::chunks::Shape;
use super::question::{self, Question};
use super::{Answered, query, refusal, stream};
use crate::error::ApiError;
use crate::names::kind_asked;
use crate::search::Search;

pub(super) const SERVICE: &str = "jaeger.api_v2.QueryService";

/// Go's servers send so many spans in a chunk.
const CHUNKS: Shape = Shape { spans: 10, encode: |spans, out| encode_spans(spans, out) };

pub(super) async fn answer(search: &Search, method: &str, asked: Question) -> Option<Answered> {
    Some(match method {
        "GetTrace" => get_trace(search, asked).await,
        "ArchiveTrace" => archive_trace(search, asked).await,
        "FindTraces" => find_traces(search, asked).await,
        "GetServices" => get_services(search, asked).await,
        "GetOperations" => get_operations(search, asked).await,
        "GetDependencies" => get_dependencies(search, asked).await,
        _ => return None,
    })
}

async fn get_trace(search: &Search, asked: Question) -> Answered {
    let request: pb::GetTraceRequest = question::read(asked).await?;
    let id = trace_id(&request.trace_id)?;
    stream::one(search.clone(), id, CHUNKS, not_read).await
}

async fn archive_trace(search: &Search, asked: Question) -> Answered {
    let request: pb::ArchiveTraceRequest = question::read(asked).await?;
    let id = trace_id(&request.trace_id)?;
    search.archive(id).await.map_err(|error| match error {
        ApiError::NoTrace => not_read(&error),
        _ => refusal::during("failed to archive trace", &error),
    })?;
    Ok(reply(&[]))
}

async fn find_traces(search: &Search, asked: Question) -> Answered {
    let request: pb::FindTracesRequest = question::read(asked).await?;
    let asked = request.query.ok_or_else(|| Status::invalid_argument("missing query"))?;
    let query = TraceQuery {
        service: query::name(asked.service_name),
        operation: query::name(asked.operation_name),
        tags: asked.tags.into_iter().collect(),
        start: query::range(asked.start_time_min, asked.start_time_max),
        duration_min: query::duration(asked.duration_min),
        duration_max: query::duration(asked.duration_max),
        limit: query::limit(asked.search_depth)?,
    };
    stream::found(search.clone(), query, CHUNKS).await
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
    let response = pb::GetOperationsResponse { operations: operations.collect(), ..Default::default() };
    Ok(reply(&response.encode_to_vec()))
}

async fn get_dependencies(search: &Search, asked: Question) -> Answered {
    let request: pb::GetDependenciesRequest = question::read(asked).await?;
    let (Some(start), Some(end)) = (query::time(request.start_time), query::time(request.end_time)) else {
        return Err(Status::invalid_argument("StartTime and EndTime must be initialized."));
    };
    let links = match start <= end {
        true => search.store.dependencies(TimeRange { start, end }).await.map_err(ApiError::from),
        false => Ok(Vec::new()),
    };
    let links = links.map_err(|error| refusal::during("failed to fetch dependencies", &error))?;
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out);
    for link in &links {
        writer.message(1, |message| {
            message.bytes(1, link.parent.as_bytes());
            message.bytes(2, link.child.as_bytes());
            message.varint(3, link.call_count);
        });
    }
    Ok(reply(&out))
}

/// Of 16 bytes, or of the 8 that are its low half.
fn trace_id(bytes: &[u8]) -> Result<TraceId, Status> {
    let id = match (<[u8; 16]>::try_from(bytes), <[u8; 8]>::try_from(bytes)) {
        (Ok(bytes), _) => u128::from_be_bytes(bytes),
        (_, Ok(bytes)) => u64::from_be_bytes(bytes).into(),
        _ if bytes.is_empty() => 0,
        _ => {
            let reason = format!("a trace id of {} bytes; send 16, or 8", bytes.len());
            return Err(question::undecoded(&reason));
        }
    };
    if id == 0 {
        return Err(Status::invalid_argument("uninitialized TraceID is not allowed"));
    }
    Ok(TraceId(id))
}

fn not_read(error: &ApiError) -> Status {
    match error {
        ApiError::NoTrace => refusal::during("trace not found", error),
        _ => refusal::during("failed to fetch spans from the backend", error),
    }
}
