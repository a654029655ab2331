//! Knows where drivers are. Its work is instrumented with `tracing` alone.

use anyhow::Context;
use jaeger_client::Tracer;
use jaeger_client::middleware::TraceLayer;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, info_span};

use crate::shop::driver_server::{Driver, DriverServer};
use crate::shop::{Drivers, Place, Position, TrackRequest};

/// The most positions that a call may ask for.
const MOST: u32 = 100;

struct Garage;

pub(crate) async fn serve(listener: TcpListener, tracer: Tracer, stop: CancellationToken) -> anyhow::Result<()> {
    Server::builder()
        .layer(TraceLayer::server(&tracer).log_messages(Body::new))
        .add_service(DriverServer::new(Garage))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop.cancelled_owned())
        .await
        .context("driver")
}

#[tonic::async_trait]
impl Driver for Garage {
    async fn find_nearest(&self, request: Request<Place>) -> Result<Response<Drivers>, Status> {
        let place = request.into_inner();
        let look = info_span!("look up", table = "drivers", latitude = place.latitude, longitude = place.longitude);
        let ids = async {
            // A database that loses its patience now and then.
            if fastrand::u8(..) < 13 {
                tracing::error!(after_ms = 3, "the database did not answer, asking again");
            }
            tokio::task::yield_now().await;
            (0..3).map(|_| format!("T7{:05}C", fastrand::u32(..100_000))).collect()
        };
        Ok(Response::new(Drivers { ids: ids.instrument(look).await }))
    }

    type TrackStream = tokio_stream::Iter<std::vec::IntoIter<Result<Position, Status>>>;

    async fn track(&self, request: Request<TrackRequest>) -> Result<Response<Self::TrackStream>, Status> {
        let TrackRequest { driver, positions } = request.into_inner();
        if positions > MOST {
            return Err(Status::invalid_argument(format!("positions is {positions}, at most {MOST}")));
        }
        let around = |middle: f64| middle + fastrand::f64() / 10.0;
        let place = || Place { latitude: around(52.5), longitude: around(13.4) };
        let each = (0..positions).map(|_| Ok(Position { driver: driver.clone(), place: Some(place()) }));
        Ok(Response::new(tokio_stream::iter(each.collect::<Vec<_>>())))
    }
}
