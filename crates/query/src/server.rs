//! The HTTP side: takes a request, finds its route, and hands it on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{HeaderValue, LOCATION, VARY};
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_grpc::{ConnectionSettings, ReflectionError};
use jaeger_model::Timestamp;
use jaeger_service::http::{Body, HttpConfig, ReadError, ReadLimits, body, reply};
use jaeger_service::ledger::Ledgers;
use jaeger_service::lifecycle::Lifecycle;
use jaeger_service::metrics::{CONTENT_TYPE, Era16, QueryMetrics, Registry};
use jaeger_storage::Store;

use crate::answer::{self, Answer, Api, Form as AnswerForm};
use crate::budget::Budget;
use crate::config::Config;
use crate::error::ApiError;
use crate::go::number;
use crate::metrics::{self, Wanted};
use crate::params::{Form, RateParams, SearchParams, latency_params};
use crate::path;
use crate::route::{self, Endpoint, Route};
use crate::rpc::{Rpc, is_grpc};
use crate::search::Search;
use crate::sockets::Sockets;
use crate::ui::{Known, Ui};
use crate::{caller, gzip, ledger, transform};

/// Until a posted body must be whole.
const BODY_TIME: StdDuration = StdDuration::from_secs(30);

/// The query service; clones are the same.
#[derive(Clone)]
pub struct Query(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) search: Search,
    pub(crate) surroundings: Surroundings,
    ui: Ui,
}

/// What the process around the service is, for the page and its API.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// What was received and refused; empty where the process receives nothing.
    pub ledgers: Ledgers,
    /// What `/metrics` shows; nothing with `--metrics-backend=none`.
    pub metrics_page: Option<Registry>,
    /// Name (as in the ports file) and address of each listener of the process.
    pub addresses: Vec<(String, SocketAddr)>,
}

impl Query {
    /// A service that reads `store`.
    #[must_use]
    pub fn new(config: Config, store: Arc<dyn Store>, registry: &Registry, surroundings: Surroundings) -> Self {
        let budget = Budget::new(config.max_answer_bytes);
        let rates = metrics::source(config.prometheus.as_ref(), &store, &budget);
        let search = Search {
            store,
            metrics: QueryMetrics::new(registry),
            max_trace_bytes: config.max_trace_bytes,
            budget,
            rates,
            max_clock_skew: config.max_clock_skew,
        };
        let known = Known {
            base_path: config.base_path.clone(),
            archive: search.store.archive().is_some(),
            metrics: search.rates.min_step().is_ok(),
            search_all: search.store.capabilities().search_without_service,
            ledger: surroundings.ledgers.collector.is_some(),
            ports: surroundings.addresses.iter().map(|(name, address)| (name.clone(), address.port())).collect(),
        };
        let ui = Ui::new(config.ui.clone(), known);
        Self(Arc::new(Inner { config, search, surroundings, ui }))
    }

    /// Serves its listeners until the lifecycle closes them.
    ///
    /// # Errors
    /// [`ReflectionError`], before the first request.
    pub async fn serve(self, sockets: Sockets, lifecycle: Lifecycle) -> Result<(), ReflectionError> {
        let rpc = Rpc::new(self.0.search.clone(), self.0.config.pass_token_on).await?;
        let tell = (rpc.clone(), lifecycle.stopping());
        let telling = tokio::spawn(async move {
            tell.1.cancelled().await;
            tell.0.stopping().await;
        });
        let beside = rpc.clone();
        let handler = move |request: Request<Incoming>| {
            let (inner, rpc) = (Arc::clone(&self.0), beside.clone());
            async move {
                if is_grpc(request.headers()) {
                    rpc.answer_beside_http(request).await
                } else {
                    inner.answer(request).await
                }
            }
        };
        let http = jaeger_service::http::serve(sockets.http, handler, lifecycle.for_servers(), HttpConfig::default());
        let grpc = async {
            if let Some(listener) = sockets.grpc {
                let handler = move |request| rpc.clone().answer(request);
                jaeger_grpc::serve(listener, ConnectionSettings::default(), lifecycle.for_servers(), handler).await;
            }
        };
        tokio::join!(http, grpc);
        telling.abort();
        Ok(())
    }

    /// Answers one request.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin + Send,
        B::Error: Into<jaeger_service::http::BoxError>,
    {
        self.0.answer(request).await
    }
}

impl Inner {
    async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin + Send,
        B::Error: Into<jaeger_service::http::BoxError>,
    {
        let token = self.token(request.headers());
        let mut response = jaeger_grpc::with_token(token, self.routed(request)).await;
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        for (name, value) in &self.config.additional_headers {
            headers.insert(name, value.clone());
        }
        response
    }

    fn token(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.config.pass_token_on { caller::token(headers) } else { None }
    }

    async fn routed<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin + Send,
        B::Error: Into<jaeger_service::http::BoxError>,
    {
        let (head, body) = request.into_parts();
        let clean = path::clean(head.uri.path());
        if clean != head.uri.path() {
            return moved(&clean, head.uri.query());
        }
        let gzip = gzip::accepted(&head.headers);
        let route = match path::below(&clean, &self.config.base_path) {
            Some(path) => route::find(&head.method, path),
            // Scrapers know no base path.
            None if clean == "/metrics" => route::find(&head.method, &clean),
            None => Route::To(Endpoint::Page, ""),
        };
        let Route::To(endpoint, part) = route else { return reply::status(StatusCode::METHOD_NOT_ALLOWED) };
        let form = Form::parse(head.uri.query().unwrap_or_default());
        let wanted = AnswerForm { pretty: form.pretty(), gzip, api: Api::Envelope };
        let answered = match endpoint {
            Endpoint::Services => self.search.services().await,
            Endpoint::ServiceOperations => self.search.operation_names(part).await,
            Endpoint::Operations => self.search.operations(&form).await,
            Endpoint::Dependencies => self.search.dependencies(&form, now()).await,
            Endpoint::Traces => return self.traces(&form, wanted).await,
            Endpoint::Trace => return self.trace(part, &form, wanted).await,
            Endpoint::Archive => self.archive(part).await,
            Endpoint::Transform => return transformed(body, wanted, &self.search.budget).await,
            Endpoint::Latencies => match latency_params(&form, now()) {
                Ok((part, params)) => return self.rates(Wanted::Latencies(part), params, &head.headers, wanted).await,
                Err(error) => Err(error.into()),
            },
            Endpoint::CallRates | Endpoint::ErrorRates => match RateParams::parse(&form, now()) {
                Ok(params) if endpoint == Endpoint::CallRates => {
                    return self.rates(Wanted::Calls, params, &head.headers, wanted).await;
                }
                Ok(params) => return self.rates(Wanted::Errors, params, &head.headers, wanted).await,
                Err(error) => Err(error.into()),
            },
            Endpoint::MinStep => self.search.min_step(),
            Endpoint::V3Services
            | Endpoint::V3Operations
            | Endpoint::V3Traces
            | Endpoint::V3Trace
            | Endpoint::V3Summaries => return self.v3(endpoint, part, &form, gzip).await,
            Endpoint::Metrics => return self.metrics(),
            Endpoint::Ledger => ledger::totals(&self.surroundings.ledgers),
            Endpoint::Static => return self.ui.file(part, gzip).await,
            Endpoint::Page => return self.ui.page().await,
        };
        match answered {
            Ok(json) => answer::whole(json, wanted),
            Err(error) => error.response(Api::Envelope),
        }
    }

    async fn traces(&self, form: &Form<'_>, wanted: AnswerForm) -> Response<Body> {
        let params = match SearchParams::parse(form, now()) {
            Ok(params) => params,
            Err(error) => return ApiError::from(error).response(Api::Envelope),
        };
        let search = self.search.clone();
        let (answer, response) = Answer::new(wanted);
        caller::spawn(async move {
            if params.ids.is_empty() {
                search.find(params.query, answer).await;
            } else {
                search.get_all(params.ids, answer).await;
            }
        });
        received(response).await
    }

    async fn trace(&self, id: &str, form: &Form<'_>, wanted: AnswerForm) -> Response<Body> {
        let id = match number::trace_id(id) {
            Ok(id) => id,
            Err(reason) => return ApiError::TraceId(reason).response(Api::Envelope),
        };
        // What is no boolean is false, as in Go.
        let raw = number::boolean(form.first("raw")).unwrap_or(false);
        let search = self.search.clone();
        let (answer, response) = Answer::new(wanted);
        caller::spawn(search.get_one(id, raw, answer));
        received(response).await
    }

    async fn archive(&self, id: &str) -> Result<Vec<u8>, ApiError> {
        self.search.archive(number::trace_id(id).map_err(ApiError::TraceId)?).await
    }

    async fn rates(&self, of: Wanted, params: RateParams, headers: &HeaderMap, wanted: AnswerForm) -> Response<Body> {
        let (answer, response) = Answer::new(wanted);
        let bearer = metrics::bearer(headers).map(str::to_owned);
        caller::spawn(self.search.clone().rates(of, params, bearer, answer));
        received(response).await
    }

    fn metrics(&self) -> Response<Body> {
        match &self.surroundings.metrics_page {
            Some(registry) => reply::with_type(StatusCode::OK, CONTENT_TYPE, registry.render_v1_6(Era16::Query).into()),
            None => reply::error(StatusCode::NOT_FOUND, "metrics are off: --metrics-backend=none"),
        }
    }
}

/// The response that a spawned task makes.
pub(crate) async fn received(response: tokio::sync::oneshot::Receiver<Response<Body>>) -> Response<Body> {
    response.await.unwrap_or_else(|_| {
        reply::error(StatusCode::INTERNAL_SERVER_ERROR, "the search ended without an answer, see the log")
    })
}

async fn transformed<B>(request: B, wanted: AnswerForm, budget: &Budget) -> Response<Body>
where
    B: hyper::body::Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<jaeger_service::http::BoxError>,
{
    let limits = ReadLimits { max_bytes: transform::MAX_BODY_BYTES, timeout: Some(BODY_TIME) };
    let batch = match body::read(request, limits).await {
        Ok(bytes) => transform::read(&bytes),
        Err(error) => {
            let status = match error {
                ReadError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                ReadError::TimedOut { .. } => StatusCode::REQUEST_TIMEOUT,
                ReadError::Broken(_) => StatusCode::BAD_REQUEST,
            };
            Err(ApiError::Body(status, error.to_string()))
        }
    };
    // The batch, and the draft of a trace that may be all of it.
    let admitted = batch.and_then(|batch| Ok((budget.take(batch.size_bytes().saturating_mul(2))?, batch)));
    match admitted {
        Ok((room, batch)) => {
            let (answer, response) = Answer::new(wanted);
            tokio::spawn(transform::write(batch, room, answer));
            received(response).await
        }
        Err(error) => error.response(Api::Envelope),
    }
}

fn moved(path: &str, query: Option<&str>) -> Response<Body> {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut response = reply::status(StatusCode::MOVED_PERMANENTLY);
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

pub(crate) fn now() -> Timestamp {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}
