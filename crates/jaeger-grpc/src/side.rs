//! Health and reflection, served beside the spans on the same connections.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tower_service::Service;

use crate::Answer;

const HEALTH: &str = "/grpc.health.v1.Health/";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/";
const REFLECTION_ALPHA: &str = "/grpc.reflection.v1alpha.ServerReflection/";

/// An answer on its way.
pub type Answering = std::pin::Pin<Box<dyn Future<Output = Response<Answer>> + Send>>;
/// One of tonic's services.
pub type Handler = Arc<dyn Fn(Request<Incoming>) -> Answering + Send + Sync>;

/// The services of a port that are not about spans; clones are the same.
#[derive(Clone)]
pub struct Side {
    reporter: HealthReporter,
    names: &'static [&'static str],
    health: Handler,
    /// For each version of the protocol.
    reflection: Option<[Handler; 2]>,
}

/// Why reflection cannot be offered: the descriptors in this very binary are damaged.
#[derive(Debug, thiserror::Error)]
#[error("the descriptors for gRPC reflection cannot be read, build the binary anew: {0}")]
pub struct ReflectionError(#[from] tonic_reflection::server::Error);

impl Side {
    /// Health for these services, and for "" which stands for all of them: SERVING, until [`stopping`](Self::stopping).
    pub async fn new(names: &'static [&'static str]) -> Self {
        let reporter = HealthReporter::new();
        for name in names {
            reporter.set_service_status(*name, ServingStatus::Serving).await;
        }
        let health = handler(HealthServer::new(HealthService::from_health_reporter(reporter.clone())));
        Self { reporter, names, health, reflection: None }
    }

    /// The same with reflection over encoded descriptors.
    ///
    /// # Errors
    /// [`ReflectionError`] where they are none.
    pub fn with_reflection(mut self, descriptors: &[&'static [u8]]) -> Result<Self, ReflectionError> {
        let builder = || {
            let mut builder = tonic_reflection::server::Builder::configure();
            for set in descriptors.iter().copied().chain([tonic_health::pb::FILE_DESCRIPTOR_SET]) {
                builder = builder.register_encoded_file_descriptor_set(set);
            }
            builder
        };
        self.reflection = Some([handler(builder().build_v1()?), handler(builder().build_v1alpha()?)]);
        Ok(self)
    }

    /// Probes are told to send no more.
    pub async fn stopping(&self) {
        for name in self.names.iter().copied().chain([""]) {
            self.reporter.set_service_status(name, ServingStatus::NotServing).await;
        }
    }

    /// The answer, if the path is one of these services.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<&Handler> {
        if path.starts_with(HEALTH) {
            Some(&self.health)
        } else if path.starts_with(REFLECTION) {
            self.reflection.as_ref().map(|[v1, _]| v1)
        } else if path.starts_with(REFLECTION_ALPHA) {
            self.reflection.as_ref().map(|[_, alpha]| alpha)
        } else {
            None
        }
    }
}

fn handler<S>(service: S) -> Handler
where
    S: Service<Request<Incoming>, Response = Response<tonic::body::Body>, Error = std::convert::Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
{
    Arc::new(move |request| {
        let mut service = service.clone();
        Box::pin(async move {
            match service.call(request).await {
                Ok(response) => response.map(Answer::Tonic),
                Err(never) => match never {},
            }
        })
    })
}
