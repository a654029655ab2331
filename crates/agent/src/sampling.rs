//! client -> **sampling** -> collector: the pages on 5778 that clients ask how to sample.

mod cache;
mod pages;

use std::pin::Pin;
use std::time::Duration;

use jaeger_grpc::framed;
use jaeger_wire::sampling::SamplingStrategyParameters;
pub use jaeger_wire::sampling::SamplingStrategyResponse as Strategy;
use prost::Message as _;

use crate::reporter::GrpcReporter;

pub use cache::Cached;
pub use pages::SamplingPages;

const PATH: &str = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy";
/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question under way: how a service samples, or why nobody could say.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Strategy, String>> + Send + 'a>>;

/// Who knows how services sample.
pub trait SamplingSource: Send + Sync {
    /// The strategy of a service; unknown ones have the default.
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a>;
}

/// The collectors to which spans go over gRPC.
impl SamplingSource for GrpcReporter {
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
        let question = framed(&SamplingStrategyParameters { service_name: service.to_owned() }.encode_to_vec());
        Box::pin(async move {
            // The question's own time begins with a connection, which may never come.
            match tokio::time::timeout(PATIENCE, self.ask(PATH, question, PATIENCE, None)).await {
                Ok(Ok(answer)) => Strategy::decode(answer).map_err(|error| error.to_string()),
                Ok(Err(status)) => Err(status.message().to_owned()),
                Err(_elapsed) => Err(format!("no collector answered within {PATIENCE:?}")),
            }
        })
    }
}
