//! Links between services and calls by the minute.

use jaeger_storage::{CallsQuery, DependencyLink, MinuteCalls};
use jaeger_wire::DecodeError;
use jaeger_wire::generated::embedded_v1;
use jaeger_wire::protobuf::{Reader, Writer};

use super::query::range;

/// Field of `GetDependenciesResponse`; its links are api_v2's.
const LINKS: u32 = 1;

/// A `GetDependenciesResponse` of v1, which has no error counts.
#[must_use]
pub fn v1_links_to(links: &[DependencyLink]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out);
    for link in links {
        writer.message(LINKS, |message| {
            message.bytes(1, link.parent.as_bytes());
            message.bytes(2, link.child.as_bytes());
            message.varint(3, link.call_count);
        });
    }
    out
}

/// The links of a `GetDependenciesResponse` of v1, each pair once, sorted.
///
/// # Errors
/// What is wrong with the message.
pub fn v1_links_of(message: &[u8]) -> Result<Vec<DependencyLink>, DecodeError> {
    let mut links = Vec::new();
    let mut response = Reader::new(message);
    while let Some(field) = response.field()? {
        if field.number != LINKS {
            continue;
        }
        let mut link = DependencyLink { parent: String::new(), child: String::new(), call_count: 0, error_count: 0 };
        let mut message = field.wire.message("GetDependenciesResponse.dependencies")?;
        while let Some(field) = message.field()? {
            let text = || field.wire.bytes("DependencyLink").map(|text| String::from_utf8_lossy(text).into_owned());
            match field.number {
                1 => link.parent = text()?,
                2 => link.child = text()?,
                3 => link.call_count = field.wire.varint("DependencyLink.call_count")?,
                _ => {}
            }
        }
        links.push(link);
    }
    Ok(merged(links))
}

/// Go's stores may give a pair once a day.
fn merged(mut links: Vec<DependencyLink>) -> Vec<DependencyLink> {
    links.sort_unstable();
    links.dedup_by(|later, first| {
        let same = (&later.parent, &later.child) == (&first.parent, &first.child);
        if same {
            first.call_count = first.call_count.saturating_add(later.call_count);
            first.error_count = first.error_count.saturating_add(later.error_count);
        }
        same
    });
    links
}

/// The answer of ours.
#[must_use]
pub fn embedded_links_to(links: Vec<DependencyLink>) -> embedded_v1::GetDependenciesResponse {
    let link = |link: DependencyLink| embedded_v1::DependencyLink {
        parent: link.parent,
        child: link.child,
        call_count: link.call_count,
        error_count: link.error_count,
    };
    embedded_v1::GetDependenciesResponse { links: links.into_iter().map(link).collect() }
}

/// The links of an answer of ours.
#[must_use]
pub fn embedded_links_of(response: embedded_v1::GetDependenciesResponse) -> Vec<DependencyLink> {
    let link = |link: embedded_v1::DependencyLink| DependencyLink {
        parent: link.parent,
        child: link.child,
        call_count: link.call_count,
        error_count: link.error_count,
    };
    response.links.into_iter().map(link).collect()
}

/// The question for calls.
#[must_use]
pub fn calls_query_to(query: &CallsQuery) -> embedded_v1::GetCallsRequest {
    embedded_v1::GetCallsRequest {
        start: query.range.start.as_nanos(),
        end: query.range.end.as_nanos(),
        services: query.services.clone(),
        kinds: query.kinds.clone(),
    }
}

/// What is asked.
#[must_use]
pub fn calls_query_of(request: embedded_v1::GetCallsRequest) -> CallsQuery {
    CallsQuery { range: range(request.start, request.end), services: request.services, kinds: request.kinds }
}

/// Calls as they are sent.
#[must_use]
pub fn calls_to(calls: &[MinuteCalls]) -> embedded_v1::GetCallsChunk {
    let one = |calls: &MinuteCalls| embedded_v1::MinuteCalls {
        minute: calls.minute,
        service: calls.service.clone(),
        operation: calls.operation.clone(),
        kind: calls.kind.clone(),
        calls: calls.calls,
        errors: calls.errors,
        latencies: calls.latencies.to_vec(),
    };
    embedded_v1::GetCallsChunk { calls: calls.iter().map(one).collect() }
}

/// Calls as they came. Buckets that this version does not know count as the longest.
#[must_use]
pub fn calls_of(chunk: embedded_v1::GetCallsChunk) -> Vec<MinuteCalls> {
    let one = |calls: embedded_v1::MinuteCalls| {
        let mut known = MinuteCalls {
            minute: calls.minute,
            service: calls.service,
            operation: calls.operation,
            kind: calls.kind,
            calls: calls.calls,
            errors: calls.errors,
            ..MinuteCalls::default()
        };
        let last = known.latencies.len() - 1;
        for (bucket, count) in calls.latencies.into_iter().enumerate() {
            if let Some(cell) = known.latencies.get_mut(bucket.min(last)) {
                *cell = cell.saturating_add(count);
            }
        }
        known
    };
    chunk.calls.into_iter().map(one).collect()
}
