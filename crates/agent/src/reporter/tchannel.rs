//! Delivery over TChannel: `Collector::submitBatches`, as agents up to 1.17 did it, to collectors of that age and to ours.
//!
//! ```text
//! forward -> deliver -> peers (the least loaded of a few connections) -> connection (handshake, frames) -> collector
//! sampling pages ------/
//! ```

mod connection;
mod peers;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jaeger_model::Batch;
use jaeger_service::ledger::AGENT_KEY;
use jaeger_service::metrics::{Counter, Gauge};
use jaeger_wire::sampling::SamplingStrategyResponse;
use jaeger_wire::tchannel::{
    AGENT, CALLER, COLLECTOR, CallRequest, ErrorCode, Method, OK, SCHEME, decode_submitted, encode_submit, sampling,
};

use super::{Answer, Delivery, Reporter};
use crate::sampling::{Asked, SamplingSource};
use connection::{CallError, Reply};
use peers::Peers;

/// Spans of a request that holds several packets: a collector up to 1.17 queues 2,000 spans and refuses a call whole
/// when they are full.
const MAX_SPANS: usize = 200;
/// The limit of a collector of ours, unless it was raised.
const MAX_BYTES: usize = 4 << 20;

/// `--reporter.tchannel.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TchannelSettings {
    /// The collectors, `host:port` each.
    pub collectors: Vec<String>,
    /// How many of them to be connected to.
    pub min_peers: usize,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub report_timeout: Duration,
}

/// Delivers to a few of the collectors, each time to the one with the fewest calls under way. Clones are the same.
#[derive(Clone)]
pub struct TchannelReporter {
    peers: Arc<Peers>,
    patience: Duration,
}

impl TchannelReporter {
    /// Begins to connect. Must run within a tokio runtime.
    #[must_use]
    pub fn start(settings: &TchannelSettings, connected: Gauge, reconnects: Counter) -> Self {
        Self { peers: Peers::start(settings, connected, reconnects), patience: settings.report_timeout }
    }

    /// Calls a method on the least loaded collector.
    async fn call(&self, method: Method, spans: Option<usize>, body: &[u8]) -> Result<Reply, String> {
        let connection = self.peers.least_loaded(self.patience).await?;
        let (scheme, thrift) = SCHEME;
        let mut headers = vec![(scheme.to_owned(), thrift.to_owned()), (CALLER.to_owned(), AGENT.to_owned())];
        // A collector of ours counts by it what it refuses before it has read a span; others don't know it.
        headers.extend(spans.map(|spans| (AGENT_KEY.to_owned(), spans.to_string())));
        let head = CallRequest { ttl: self.patience, tracing: [0; 25], service: COLLECTOR.to_owned(), headers };
        connection.call(&head, method, body, self.patience).await.map_err(|error: CallError| error.to_string())
    }
}

#[cfg(test)]
impl TchannelReporter {
    fn peers_pending(&self) -> usize {
        self.peers.pending()
    }
}

impl Reporter for TchannelReporter {
    fn deliver<'a>(&'a self, batches: &'a [Arc<Batch>]) -> Delivery<'a> {
        Box::pin(async {
            let spans = batches.iter().map(|batch| batch.len()).sum();
            // While nobody listens nothing needs to be encoded.
            if let Err(message) = self.peers.least_loaded(self.patience).await {
                return Answer::Unanswered { message };
            }
            let mut body = Vec::with_capacity(64 + 400 * spans);
            encode_submit(batches.iter().map(AsRef::as_ref), &mut body);
            if body.len() > MAX_BYTES && spans > 1 {
                let message = format!("{} bytes in one call, a collector takes {MAX_BYTES}", body.len());
                return Answer::TooLarge { message };
            }
            match self.call(Method::SubmitBatches, Some(spans), &body).await {
                Ok(reply) => of_reply(reply),
                Err(message) => Answer::Unanswered { message },
            }
        })
    }

    fn max_spans(&self) -> usize {
        MAX_SPANS
    }

    fn span_format(&self) -> Option<&'static str> {
        None
    }
}

fn of_reply(reply: Reply) -> Answer {
    match reply {
        Reply::Result { code: OK, body } => match decode_submitted(&body) {
            Ok(true) => Answer::Acknowledged,
            Ok(false) => Answer::Busy { message: "the collector answered that it did not take every batch".into() },
            Err(error) => Answer::Unanswered { message: format!("the collector's answer is none: {error}") },
        },
        Reply::Result { code, body } => Answer::Refused { message: format!("code {code}: {}", words(&body)) },
        Reply::Error { code, message } => {
            let told = format!("{code:?}: {message}");
            match code {
                ErrorCode::Busy | ErrorCode::Declined | ErrorCode::Unhealthy | ErrorCode::Unexpected => {
                    Answer::Busy { message: told }
                }
                // How our collector answers a call over its limit, of which it has looked at no span.
                ErrorCode::BadRequest if message.contains("max-message-size") => Answer::TooLarge { message: told },
                ErrorCode::BadRequest => Answer::Refused { message: told },
                ErrorCode::Timeout
                | ErrorCode::Cancelled
                | ErrorCode::Network
                | ErrorCode::Protocol
                | ErrorCode::Other(_) => Answer::Unanswered { message: told },
            }
        }
    }
}

/// What an application's error says, as far as it is text.
fn words(body: &Bytes) -> String {
    String::from_utf8_lossy(body).chars().filter(|c| !c.is_control()).take(200).collect()
}

impl SamplingSource for TchannelReporter {
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
        Box::pin(async move { self.ask(service).await })
    }
}

impl TchannelReporter {
    async fn ask(&self, service: &str) -> Result<SamplingStrategyResponse, String> {
        let mut question = Vec::new();
        sampling::encode_question(service, &mut question);
        match self.call(Method::SamplingStrategy, None, &question).await? {
            Reply::Result { code: OK, body } => {
                sampling::decode_answer(&body).map_err(|error| format!("the collector's answer is none: {error}"))
            }
            Reply::Result { code, body } => Err(format!("code {code}: {}", words(&body))),
            Reply::Error { code, message } => Err(format!("tchannel error {code:?}: {message}")),
        }
    }
}

#[cfg(test)]
mod tests;
