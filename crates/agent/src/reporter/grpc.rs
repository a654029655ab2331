//! Delivery over gRPC: `CollectorService/PostSpans`, spans written straight from the batch.

mod addresses;
mod collectors;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use jaeger_grpc::{AddressError, Code, Status, is_answer, unanswered};
use jaeger_model::Batch;
use jaeger_service::ledger::AGENT_KEY;
use jaeger_service::metrics::{Counter, Gauge};
use jaeger_service::tls::ClientConfig;
use jaeger_wire::{api_v2, grpc};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::{Answer, Delivery, Reporter};
use collectors::{Collector, Turns};

/// Spans of a request that holds several packets: some 700 kB of them, far under a collector's limit of 4 MiB.
const MAX_SPANS: usize = 2000;
/// A collector's limit, unless it was raised. Spans of many processes bring theirs each, so that a request may be far larger than its
/// packets were.
const MAX_BYTES: usize = 4 << 20;
/// How long a collector may take; its own deadline is 10 s.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Delivers to one collector, or in turn to several; clones are the same.
#[derive(Clone)]
pub struct GrpcReporter(Arc<Inner>);

struct Inner {
    collectors: Turns,
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
    pub fn new(
        addresses: &[String],
        tls: Option<&ClientConfig>,
        connected: Gauge,
        reconnects: Counter,
    ) -> Result<Self, AddressError> {
        let look = Arc::new(Notify::new());
        let all: Vec<_> =
            addresses.iter().map(|address| Collector::new(address, None, tls)).collect::<Result<_, _>>()?;
        let known = match all.as_slice() {
            [one] if !is_ip(one.address()) => by_name(one.address().to_owned(), tls.cloned(), Arc::clone(&look)),
            _ => watch::channel(all).1,
        };
        let collectors = Turns::of(known);
        Ok(Self(Arc::new(Inner { collectors, connected, reconnects, was_connected: Mutex::new(false), look })))
    }

    /// Asks a collector; `framed` is one message in its frame.
    ///
    /// # Errors
    /// What it said, or why none said anything.
    pub(crate) async fn ask(
        &self,
        path: &'static str,
        framed: Bytes,
        patience: Duration,
        metadata: Option<(HeaderName, HeaderValue)>,
    ) -> Result<Bytes, Status> {
        let channel = match tokio::time::timeout(patience, self.0.collectors.next()).await {
            Ok(channel) => channel?,
            Err(_elapsed) => return Err(nobody(patience)),
        };
        channel.call_with(path, framed, patience, metadata).await?.only().await
    }

    async fn post(&self, framed: Bytes, spans: usize) -> Answer {
        let metadata = (HeaderName::from_static(AGENT_KEY), HeaderValue::from(spans));
        match self.ask(grpc::paths::POST_SPANS, framed, TIMEOUT, Some(metadata)).await {
            Ok(_) => {
                self.0.answered(true);
                Answer::Acknowledged
            }
            Err(status) => self.0.of_status(&status),
        }
    }
}

impl Inner {
    fn of_status(&self, status: &Status) -> Answer {
        let message = format!("{:?}: {}", status.code(), status.message());
        if !is_answer(status) {
            self.answered(false);
            return Answer::Unanswered { message };
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
            let framed = encode(batches, spans);
            if framed.len() > MAX_BYTES && spans > 1 {
                let message = format!("{} bytes in one request, a collector takes {MAX_BYTES}", framed.len());
                return Answer::TooLarge { message };
            }
            self.post(framed, spans).await
        })
    }

    fn max_spans(&self) -> usize {
        MAX_SPANS
    }

    fn span_format(&self) -> Option<&'static str> {
        None
    }
}

/// One request of all spans, in its frame: the first span's process stands once for the request, spans of other processes bring
/// their own.
fn encode(batches: &[Arc<Batch>], spans: usize) -> Bytes {
    let mut framed = Vec::with_capacity(64 + spans * 400);
    // A span without a process would get the one that stands for all.
    let all_have_one = batches.iter().all(|batch| batch.spans().all(|span| span.process_index().is_some()));
    let common =
        batches.iter().find_map(|batch| batch.span(0)).and_then(|span| span.process()).filter(|_| all_have_one);
    api_v2::framed(&mut framed, |body| {
        api_v2::encode_post_spans(common, batches.iter().flat_map(|batch| batch.spans()), body);
    });
    framed.into()
}

fn nobody(patience: Duration) -> Status {
    unanswered(Status::unavailable(format!("no collector within {patience:?}; is --reporter.grpc.host-port right?")))
}

/// Collectors behind one name are all called by it.
fn by_name(name: String, tls: Option<ClientConfig>, look: Arc<Notify>) -> watch::Receiver<Vec<Collector>> {
    let called = name.clone();
    let make = move |address: SocketAddr| Collector::new(&address.to_string(), Some(&called), tls.as_ref()).ok();
    addresses::behind(name, addresses::System, make, look)
}

fn is_ip(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, _)| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok())
}
