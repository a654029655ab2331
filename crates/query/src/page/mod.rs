//! The page until the real one exists: plain HTML without scripts. `/` says what came in, how to send a span, and
//! links the newest traces; `/trace/{id}` shows one.

mod html;
mod recent;
mod send;
mod trace;
mod traffic;

use http::header::{HOST, HeaderMap};
use http::{Response, StatusCode};
use jaeger_model::Trace;
use jaeger_service::health::State;
use jaeger_service::http::{Body, reply};
use jaeger_storage::{ErrorKind, TraceQuery};

use crate::budget::{Room, held_bytes};
use crate::go::number;
use crate::search::beside_others;
use crate::server::Inner;
use html::Html;

/// Traces that the page links.
const RECENT: usize = 20;

/// `/` and everything that is nothing else.
pub(crate) async fn home(query: &Inner, headers: &HeaderMap) -> Response<Body> {
    let mut page = Html::new("Jaeger", &query.config.base_path);
    page.raw("<h1>Traces</h1>");
    health(&mut page, query);
    traffic::write(&mut page, &query.surroundings.ledgers, &query.search.store.status());
    recent::write(&mut page, &query.search, RECENT).await;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    send::write(&mut page, &query.surroundings.addresses, host);
    page.raw(
        "<p>API: <code>/api/services</code>, <code>/api/traces?service=NAME</code>, <code>/api/dependencies</code></p>",
    );
    answer(page)
}

/// `/trace/{id}`. It answers 200 whatever trace is asked for, as the page of Go Jaeger does.
pub(crate) async fn trace(query: &Inner, id: &str) -> Response<Body> {
    let mut page = Html::new("Trace", &query.config.base_path);
    match found(query, id).await {
        Ok((found, _room)) => {
            beside_others(found.len(), || trace::write(&mut page, &query.search.draft(&found, false)));
        }
        Err(words) => {
            page.raw("<p>").link("/", "all traces").raw("</p><h1>No trace</h1><p>").text(&words).raw("</p>");
        }
    }
    answer(page)
}

/// The trace, or why it is not shown.
async fn found(query: &Inner, id: &str) -> Result<(Trace, Room), String> {
    let id = number::trace_id(id)?;
    let trace = query.search.get(id).await.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("There is no span of trace {id} in the store, or no longer."),
        _ => error.to_string(),
    })?;
    query.search.check(&trace).map_err(|error| error.to_string())?;
    let room = query.search.budget.take(held_bytes(&trace)).map_err(|busy| busy.to_string())?;
    Ok((trace, room))
}

fn health(page: &mut Html, query: &Inner) {
    match query.health.state() {
        State::Ready(_) => page.raw("<p>Ready.</p>"),
        State::Stopping => page.raw("<p class=bad>Stopping.</p>"),
        State::Starting => {
            page.raw("<p class=bad>Not ready, waits for: ").text(&query.health.waits().join(", ")).raw("</p>")
        }
    };
}

fn answer(page: Html) -> Response<Body> {
    reply::with_type(StatusCode::OK, "text/html; charset=utf-8", page.finish().into())
}

/// Everything, newest first.
fn newest(limit: usize) -> TraceQuery {
    TraceQuery { limit, ..TraceQuery::default() }
}
