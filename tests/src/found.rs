//! The spans that a server has, by search and by id: all of them, page by page, none of which comes twice.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::http;
use crate::server::Server;

/// A span by its trace's id and its own.
pub type SpanName = (u128, u64);

/// What an answer is to have at most, so that none is longer than a client takes.
const SPANS_OF_A_PAGE: u64 = 20_000;
/// No search is answered with more traces, whatever it asks for.
const MOST_TRACES: u64 = 10_000;
const MOST_IDS: u64 = 200;

/// How many requests (of so many spans each, of at most two traces) one answer takes.
pub fn requests_of_a_page(spans: u64) -> u64 {
    // Three neighbours share a trace, which is to be in one page only.
    ((SPANS_OF_A_PAGE / spans.max(1)).clamp(3, MOST_TRACES / 4) / 3) * 3
}

/// All spans of the traces that have one of the service that starts in this time, microseconds since 1970.
pub async fn search(server: &Server, service: &str, start: u64, end: u64) -> Result<BTreeSet<SpanName>> {
    let target = format!("/api/traces?service={service}&limit={MOST_TRACES}&start={start}&end={end}");
    spans_of(&http::get_text(server.address("query.http")?, &target).await?)
}

/// All spans of these traces, of about `spans` each.
pub async fn by_id(server: &Server, traces: &BTreeSet<u128>, spans: u64) -> Result<BTreeSet<SpanName>> {
    let traces: Vec<u128> = traces.iter().copied().collect();
    let mut all = BTreeSet::new();
    for some in traces.chunks(usize::try_from((SPANS_OF_A_PAGE / spans.max(1)).clamp(1, MOST_IDS))?) {
        let ids: Vec<String> = some.iter().map(|trace| format!("traceID={trace:032x}")).collect();
        let target = format!("/api/traces?{}", ids.join("&"));
        let answer = http::get(server.address("query.http")?, &target).await?;
        // Where none of them is there.
        if answer.status != 404 {
            ensure!(answer.status == 200, "by id: {}: {}", answer.status, answer.text());
            all.append(&mut spans_of(&answer.text())?);
        }
    }
    Ok(all)
}

fn spans_of(text: &str) -> Result<BTreeSet<SpanName>> {
    #[derive(serde::Deserialize)]
    struct Answer {
        data: Option<Vec<Trace>>,
    }
    #[derive(serde::Deserialize)]
    struct Trace {
        spans: Vec<Span>,
    }
    #[derive(serde::Deserialize)]
    struct Span {
        #[serde(rename = "traceID")]
        trace: String,
        #[serde(rename = "spanID")]
        span: String,
    }
    let answer: Answer = serde_json::from_str(text)?;
    let mut all = BTreeSet::new();
    for span in answer.data.unwrap_or_default().into_iter().flat_map(|trace| trace.spans) {
        let parsed = (u128::from_str_radix(&span.trace, 16), u64::from_str_radix(&span.span, 16));
        let name = (parsed.0.context("a trace's id")?, parsed.1.context("a span's id")?);
        ensure!(all.insert(name), "the span {} comes twice", span.span);
    }
    Ok(all)
}
