//! Says how long a way takes. Its spans are begun by hand.

use anyhow::Context;
use jaeger_client::middleware::TraceLayer;
use jaeger_client::{Tracer, current};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use crate::shop::route_server::{Route, RouteServer};
use crate::shop::{Eta, Leg};

struct Map;

pub(crate) async fn serve(listener: TcpListener, tracer: Tracer, stop: CancellationToken) -> anyhow::Result<()> {
    Server::builder()
        .layer(TraceLayer::server(&tracer).log_messages(Body::new))
        .add_service(RouteServer::new(Map))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop.cancelled_owned())
        .await
        .context("route")
}

#[tonic::async_trait]
impl Route for Map {
    async fn estimate(&self, request: Request<Streaming<Leg>>) -> Result<Response<Eta>, Status> {
        let mut legs = request.into_inner();
        let mut minutes = 0;
        while let Some(leg) = legs.message().await? {
            let span = current().child("leg");
            let (Some(from), Some(to)) = (leg.from, leg.to) else {
                span.error(&"a leg without an end");
                return Err(Status::invalid_argument("a leg needs from and to"));
            };
            let degrees = (from.latitude - to.latitude).hypot(from.longitude - to.longitude);
            span.tag("degrees", degrees);
            minutes += 2 + u32::from(degrees > 0.05);
        }
        if let Some(customer) = current().baggage("customer") {
            current().tag("customer", customer);
        }
        Ok(Response::new(Eta { minutes }))
    }
}
