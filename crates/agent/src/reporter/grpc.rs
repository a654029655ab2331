//! Delivery over gRPC: `CollectorService/PostSpans`, spans written straight from the batch.

mod addresses;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jaeger_model::Batch;
use jaeger_service::ledger::AGENT_KEY;
use jaeger_service::metrics::{Counter, Gauge};
use jaeger_wire::{api_v2, grpc};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

use super::{Answer, Delivery, Reporter};

/// Spans of a request that holds several packets: some 700 kB of them, far under a collector's limit of 4 MiB.
const MAX_SPANS: usize = 2000;
/// A collector's limit, unless it was raised. Spans of many processes bring theirs each, so that a request may be far larger than its
/// packets were.
const MAX_BYTES: usize = 4 << 20;
/// How long a collector may take; its own deadline is 10 s.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const WINDOW_BYTES: u32 = 1 << 20;

/// A collector's address that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "--reporter.grpc.host-port: {address:?} is no address: {reason}; write host:port, or several separated by commas"
)]
pub struct AddressError {
    address: String,
    reason: String,
}

/// Delivers to one collector, or in turn to several.
pub struct GrpcReporter {
    channel: Channel,
    connected: Gauge,
    reconnects: Counter,
    was_connected: Mutex<bool>,
    /// Rung where a collector is missed, so that its name is looked up.
    look: Arc<Notify>,
}

impl GrpcReporter {
    /// Prepares connections to `addresses` (`host:port`, or `dns:///host:port`); the first is made by the first delivery. One name alone stands for all
    /// addresses behind it, as in Go; of several each is one collector.
    ///
    /// # Errors
    /// [`AddressError`] names the address that is none.
    pub fn new(addresses: &[String], connected: Gauge, reconnects: Counter) -> Result<Self, AddressError> {
        let endpoints: Vec<Endpoint> = addresses.iter().map(|address| endpoint(address)).collect::<Result<_, _>>()?;
        let look = Arc::new(Notify::new());
        let channel = match <[Endpoint; 1]>::try_from(endpoints) {
            Ok([only]) => of_one(&only, Arc::clone(&look)),
            Err(several) => Channel::balance_list(several.into_iter()),
        };
        Ok(Self { channel, connected, reconnects, was_connected: Mutex::new(false), look })
    }

    /// The connection, for questions about sampling.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    async fn post(&self, body: Bytes, spans: usize) -> Answer {
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        match tokio::time::timeout(TIMEOUT, client.ready()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.answered(false);
                return Answer::Unanswered { message: chain(&error) };
            }
            Err(_elapsed) => {
                self.answered(false);
                let message = format!("no collector within {TIMEOUT:?}; is --reporter.grpc.host-port right?");
                return Answer::Unanswered { message };
            }
        }
        let mut request = Request::new(body);
        request.metadata_mut().insert(AGENT_KEY, MetadataValue::from(spans));
        request.set_timeout(TIMEOUT);
        let path = http::uri::PathAndQuery::from_static(grpc::paths::POST_SPANS);
        match client.unary(request, path, grpc::RawCodec).await {
            Ok(_) => {
                self.answered(true);
                Answer::Acknowledged
            }
            Err(status) => self.of_status(&status),
        }
    }

    fn of_status(&self, status: &tonic::Status) -> Answer {
        let message = format!("{:?}: {}", status.code(), status.message());
        // A status made here, not received, has its cause with it.
        if std::error::Error::source(status).is_some() {
            self.answered(false);
            return Answer::Unanswered { message: chain(status) };
        }
        self.answered(true);
        match status.code() {
            Code::InvalidArgument | Code::OutOfRange | Code::DataLoss => Answer::Refused { message },
            // How Go's collector answers a message that it cannot read, and ours.
            Code::Internal if status.message().contains("unmarshal") => Answer::Refused { message },
            // The same for one that is over its limit: it has looked at no span of it.
            Code::ResourceExhausted if status.message().contains("larger than max") => Answer::TooLarge { message },
            // A request that broke off on its way counts nowhere.
            Code::Internal | Code::DeadlineExceeded | Code::Cancelled => Answer::Unanswered { message },
            _ => Answer::Busy { message },
        }
    }

    fn answered(&self, connected: bool) {
        if !connected {
            self.look.notify_one();
        }
        let mut was = self.was_connected.lock();
        if *was != connected {
            *was = connected;
            self.connected.set_count(u64::from(connected));
            if connected {
                self.reconnects.increment(1);
            }
        }
    }
}

impl Reporter for GrpcReporter {
    fn deliver<'a>(&'a self, batches: &'a [Arc<Batch>]) -> Delivery<'a> {
        Box::pin(async {
            let spans = batches.iter().map(|batch| batch.len()).sum();
            let body = encode(batches, spans);
            if body.len() > MAX_BYTES && spans > 1 {
                let message = format!("{} bytes in one request, a collector takes {MAX_BYTES}", body.len());
                return Answer::TooLarge { message };
            }
            self.post(body, spans).await
        })
    }

    fn max_spans(&self) -> usize {
        MAX_SPANS
    }

    fn span_format(&self) -> Option<&'static str> {
        None
    }
}

/// One request of all spans: the first span's process stands once for the request, spans of other processes bring
/// their own.
fn encode(batches: &[Arc<Batch>], spans: usize) -> Bytes {
    let mut body = Vec::with_capacity(64 + spans * 400);
    // A span without a process would get the one that stands for all.
    let all_have_one = batches.iter().all(|batch| batch.spans().all(|span| span.process_index().is_some()));
    let common =
        batches.iter().find_map(|batch| batch.span(0)).and_then(|span| span.process()).filter(|_| all_have_one);
    api_v2::encode_post_spans(common, batches.iter().flat_map(|batch| batch.spans()), &mut body);
    body.into()
}

fn endpoint(address: &str) -> Result<Endpoint, AddressError> {
    let plain = address.strip_prefix("dns:///").unwrap_or(address);
    let error = |reason: String| AddressError { address: address.to_owned(), reason };
    let uri = if plain.contains("://") { plain.to_owned() } else { format!("http://{plain}") };
    let endpoint = Endpoint::from_shared(uri).map_err(|e| error(chain(&e)))?;
    if endpoint.uri().port_u16().is_none() {
        return Err(error("it names no port".into()));
    }
    Ok(configured(endpoint))
}

/// An address as it is, or a name with all addresses behind it.
fn of_one(endpoint: &Endpoint, look: Arc<Notify>) -> Channel {
    let uri = endpoint.uri().clone();
    let (Some(host), Some(port)) = (uri.host(), uri.port_u16()) else { return endpoint.connect_lazy() };
    if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return endpoint.connect_lazy();
    }
    let name = format!("{host}:{port}");
    // Collectors behind one name are all called by it.
    let at = move |address: SocketAddr| {
        Some(configured(Endpoint::from_shared(format!("http://{address}")).ok()?).origin(uri.clone()))
    };
    addresses::channel(name, addresses::System, at, look)
}

fn configured(endpoint: Endpoint) -> Endpoint {
    endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .initial_connection_window_size(WINDOW_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .tcp_nodelay(true)
}

/// An error with its causes, outermost first.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
