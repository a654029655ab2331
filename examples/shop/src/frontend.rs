//! The shop's page, by axum: an order asks for drivers, follows one, and says when it will be there.

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jaeger_client::middleware::{MessageBody, TraceLayer, Traced};
use jaeger_client::{InSpan as _, Tracer, current};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tower::ServiceBuilder;

use crate::shop::driver_client::DriverClient;
use crate::shop::route_client::RouteClient;
use crate::shop::{Leg, Place, TrackRequest};

type Watch = fn(MessageBody<Body>) -> Body;
type Sign = fn(Request<()>) -> Result<Request<()>, Status>;
/// A channel whose calls are traced, and then signed: layers chain.
type Calls = Traced<InterceptedService<Channel, Sign>, Watch>;

/// The services that the frontend asks.
pub(crate) struct Others {
    driver: DriverClient<Calls>,
    route: RouteClient<Calls>,
}

fn sign(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("x-shop-caller", tonic::metadata::MetadataValue::from_static("frontend"));
    Ok(request)
}

impl Others {
    pub(crate) fn connect(tracer: &Tracer, driver: &str, route: &str) -> anyhow::Result<Self> {
        let calls = |url: &str| -> anyhow::Result<Calls> {
            let channel = Endpoint::new(url.to_owned()).with_context(|| format!("{url:?} is no address"))?;
            Ok(ServiceBuilder::new()
                .layer(TraceLayer::client(tracer).log_messages(Body::new as Watch))
                .layer(tonic::service::InterceptorLayer::new(sign as Sign))
                .service(channel.connect_lazy()))
        };
        Ok(Self { driver: DriverClient::new(calls(driver)?), route: RouteClient::new(calls(route)?) })
    }
}

pub(crate) async fn serve(
    listener: TcpListener,
    tracer: Tracer,
    others: Others,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let trace = TraceLayer::server(&tracer)
        .filter(|head| head.uri.path() != "/health")
        .name(|head| format!("HTTP {} {}", head.method, head.uri.path()).into());
    let pages = Router::new()
        .route("/order", get(order))
        .layer(trace)
        .route("/health", get(|| async { "fine" }))
        .with_state(Arc::new(others));
    axum::serve(listener, pages).with_graceful_shutdown(stop.cancelled_owned()).await.context("the frontend")
}

/// `GET /order?customer=7`
async fn order(State(others): State<Arc<Others>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let customer = query.split('&').find_map(|pair| pair.strip_prefix("customer=")).unwrap_or("nobody");
    let mut span = current();
    span.tag("customer", customer);
    // Every service below sees it, whatever it speaks.
    span.set_baggage("customer", customer);
    match take(&others).in_span(span).await {
        Ok(answer) => answer.to_string().into_response(),
        Err(status) => (StatusCode::BAD_GATEWAY, format!("{status}\n")).into_response(),
    }
}

async fn take(others: &Others) -> Result<serde_json::Value, Status> {
    let here = Place { latitude: 52.5, longitude: 13.4 };
    let (mut driver, mut route) = (others.driver.clone(), others.route.clone());
    let found = driver.find_nearest(here).await?.into_inner();
    let Some(nearest) = found.ids.into_iter().next() else { return Err(Status::not_found("no driver is near")) };
    let mut positions = driver.track(TrackRequest { driver: nearest.clone(), positions: 3 }).await?.into_inner();
    let mut legs = Vec::new();
    while let Some(position) = positions.message().await? {
        legs.push(Leg { from: position.place, to: Some(here) });
    }
    let eta = route.estimate(tokio_stream::iter(legs)).await?.into_inner();
    tracing::info!(driver = nearest, minutes = eta.minutes, "order taken");
    Ok(serde_json::json!({ "driver": nearest, "minutes": eta.minutes }))
}
