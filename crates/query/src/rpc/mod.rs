//! gRPC, on a port of its own and beside HTTP: the same answers as over HTTP, as messages.
//!
//! ```text
//! connection -> route -> question -> search.each -> chunks -> stream of messages, then the status
//!                     \-> health, reflection
//! ```
//!
//! Traces are answered as they are stored, as Go Jaeger answers them here: nothing is adjusted.

mod api_v2;
mod api_v3;
mod chunks;
mod metrics;
mod query;
mod question;
mod refusal;
mod stream;

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use jaeger_grpc::{Answer, ReflectionError, Side, Status, status, unknown_method};
use jaeger_service::http::Body;
use jaeger_wire::generated::{API_V2_METRICS_DESCRIPTORS, API_V2_QUERY_DESCRIPTORS, API_V3_DESCRIPTORS};

use crate::caller;
use crate::search::Search;

/// The services of the port.
const SERVICES: [&str; 3] = [api_v2::SERVICE, api_v3::SERVICE, metrics::SERVICE];

/// What every method of ours gives: an answer under way, or why there is none.
type Answered = Result<Response<Answer>, Status>;

/// The gRPC side; clones are the same.
#[derive(Clone)]
pub(crate) struct Rpc {
    search: Arc<Search>,
    side: Side,
    pass_token_on: bool,
}

impl Rpc {
    pub(crate) async fn new(search: Search, pass_token_on: bool) -> Result<Self, ReflectionError> {
        let side = Side::new(&SERVICES).await;
        let side = side.with_reflection(&[API_V2_QUERY_DESCRIPTORS, API_V2_METRICS_DESCRIPTORS, API_V3_DESCRIPTORS])?;
        Ok(Self { search: Arc::new(search), side, pass_token_on })
    }

    /// Probes are told to send no more.
    pub(crate) async fn stopping(&self) {
        self.side.stopping().await;
    }

    /// Answers one request.
    pub(crate) async fn answer(self, request: Request<Incoming>) -> Response<Answer> {
        if let Some(service) = self.side.of(request.uri().path()) {
            return service(request).await;
        }
        let token = if self.pass_token_on { caller::token(request.headers()) } else { None };
        jaeger_grpc::with_token(token, self.called(request)).await
    }

    async fn called(&self, request: Request<Incoming>) -> Response<Answer> {
        let (head, body) = request.into_parts();
        let asked = question::Question::of(&head.headers, body);
        let answered = match head.uri.path().strip_prefix('/').and_then(|path| path.rsplit_once('/')) {
            Some((api_v2::SERVICE, method)) => api_v2::answer(&self.search, method, asked).await,
            Some((api_v3::SERVICE, method)) => api_v3::answer(&self.search, method, asked).await,
            Some((metrics::SERVICE, method)) => metrics::answer(&self.search, method, asked).await,
            _ => None,
        };
        match answered {
            Some(Ok(answer)) => answer,
            Some(Err(refused)) => status(refused.code(), refused.message()),
            None => unknown_method(head.uri.path(), &SERVICES),
        }
    }

    /// The same on the port of HTTP.
    pub(crate) async fn answer_beside_http(self, request: Request<Incoming>) -> Response<Body> {
        self.answer(request).await.map(|answer| answer.map_err(Into::into).boxed_unsync())
    }
}

/// Whether a request on the port of HTTP is gRPC.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    kind.and_then(|kind| kind.strip_prefix(b"application/grpc")).is_some_and(|rest| {
        // Not application/grpc-web.
        rest.is_empty() || rest.starts_with(b"+") || rest.starts_with(b";")
    })
}
