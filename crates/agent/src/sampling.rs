//! client -> **sampling** -> collector: the pages on 5778 that clients ask how to sample.

mod cache;
mod pages;

use std::pin::Pin;
use std::time::Duration;

use jaeger_wire::generated::api_v2::sampling_manager_client::SamplingManagerClient;
use jaeger_wire::sampling::SamplingStrategyParameters;
pub use jaeger_wire::sampling::SamplingStrategyResponse as Strategy;
use tonic::transport::Channel;

pub use cache::Cached;
pub use pages::SamplingPages;

/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question under way: how a service samples, or why nobody could say.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Strategy, String>> + Send + 'a>>;

/// Who knows how services sample.
pub trait SamplingSource: Send + Sync {
    /// The strategy of a service; unknown ones have the default.
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a>;
}

/// A collector, over gRPC.
pub struct Collector(SamplingManagerClient<Channel>);

impl Collector {
    /// Asks over this connection.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self(SamplingManagerClient::new(channel))
    }
}

impl SamplingSource for Collector {
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
        let mut client = self.0.clone();
        Box::pin(async move {
            let mut question = tonic::Request::new(SamplingStrategyParameters { service_name: service.to_owned() });
            question.set_timeout(PATIENCE);
            // The question's own time begins with a connection, which may never come.
            match tokio::time::timeout(PATIENCE, client.get_sampling_strategy(question)).await {
                Ok(answer) => answer.map(tonic::Response::into_inner).map_err(|status| status.message().to_owned()),
                Err(_elapsed) => Err(format!("no collector answered within {PATIENCE:?}")),
            }
        })
    }
}
