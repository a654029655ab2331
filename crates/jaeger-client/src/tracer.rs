//! The tracer: begins spans, reads and writes contexts, and is closed at the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::builder::SpanBuilder;
use crate::config::{Config, ConfigError, Reporting};
use crate::context::SpanContext;
use crate::http_client::{Client, Url};
use crate::ledger::{Book, Ledger};
use crate::propagation::{Extract, ExtractError, Inject, Propagation};
use crate::reporter::{Ending, Orders, Reporter};
use crate::sampler::{Sampler, Sampling};
use crate::shared::{Queue, Shared};
use crate::span::Span;
use crate::transport::Transport;
use crate::transport::udp::{self, MAX_PACKET_BYTES, Target, Udp};
use crate::upkeep::{Asked, Polling, Resolving, Upkeep, sampling_page};
use crate::{counts, id, process, publish};

/// How long the last handle's drop waits for spans to leave.
const LAST: Duration = Duration::from_secs(1);
/// How long after its deadline a close waits for the reporter to say that it is over.
const GRACE: Duration = Duration::from_millis(500);
/// Spans of a batch at most where packets set no other bound.
const BATCH_SPANS: usize = 100;
/// What a batch of them is in memory, at most.
const BATCH_BYTES: usize = 1 << 20;

/// Begins spans. Clones are the same tracer.
///
/// Dropping the last clone sends what waits, for at most a second; [`close`](Self::close) does so for as long as the
/// caller likes and says what was not sent.
#[derive(Clone)]
pub struct Tracer {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    orders: Arc<Orders>,
    propagation: Propagation,
}

/// Spans that a closed tracer did not send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not all spans were sent: {ledger}")]
pub struct Unsent {
    /// Where they are.
    pub ledger: Ledger,
}

impl Tracer {
    /// A tracer as the environment's `JAEGER_*` say: [`Config::from_env`] and [`Config::start`].
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Config::from_env()?.start()
    }

    /// A tracer that records nothing and hands contexts of others on.
    #[must_use]
    pub fn disabled() -> Self {
        let shared = Shared {
            enabled: false,
            wide_ids: false,
            max_value_bytes: 0,
            sampler: Sampler::Const(false),
            book: Arc::default(),
            queue: None,
        };
        Self::of(shared, Arc::default(), Propagation::new(Vec::new()))
    }

    fn of(shared: Shared, orders: Arc<Orders>, propagation: Propagation) -> Self {
        Self { inner: Arc::new(Inner { shared: Arc::new(shared), orders, propagation }) }
    }

    pub(crate) fn start(config: Config) -> Result<Self, ConfigError> {
        let propagation = Propagation::new(config.formats);
        if config.disabled {
            let mut tracer = Self::disabled();
            if let Some(inner) = Arc::get_mut(&mut tracer.inner) {
                inner.propagation = propagation;
            }
            return Ok(tracer);
        }
        let (asked, book) = (Arc::new(Asked::default()), Arc::new(Book::default()));
        let publish = publish::publisher(Arc::clone(&asked));
        let process_tags = process::tags(&config.tags);
        let besides = udp::bytes_besides_spans(&config.service, &process_tags);
        let default_page = match &config.reporting {
            Reporting::Agent { host, .. } => sampling_page(host),
            _ => sampling_page("127.0.0.1"),
        };
        let Way { transport, resolving, max_batch_bytes, max_batch_spans } =
            Way::of(config.reporting, config.resolve_interval, besides)?;
        let (spans, waiting) = sync_channel(config.queue_size);
        let orders = Arc::new(Orders::default());
        let (hand_over, handed_over) = sync_channel::<Reporter>(1);
        let reporter = spawn("jaeger-reporter", move || {
            if let Ok(reporter) = handed_over.recv() {
                let _ending = Ending(Arc::clone(&reporter.orders));
                reporter.run();
            }
        })?;
        let queue = Queue {
            spans,
            reporter,
            wake_at: (config.queue_size as u64).div_ceil(4),
            woken: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        };
        let polling = Polling::of(&config.sampling, default_page, &config.service, &asked)?;
        let shared = Shared {
            enabled: true,
            wide_ids: config.wide_ids,
            max_value_bytes: config.max_value_bytes,
            sampler: Sampler::new(&config.sampling),
            book,
            queue: Some(queue),
        };
        let tracer = Self::of(shared, orders, propagation);
        let reporter = Reporter {
            shared: Arc::clone(&tracer.inner.shared),
            orders: Arc::clone(&tracer.inner.orders),
            spans: waiting,
            transport,
            service: config.service,
            process_tags,
            flush_interval: config.flush_interval,
            max_batch_bytes,
            max_batch_spans,
            publish,
            log_spans: config.log_spans,
        };
        // The thread waits for just this; were it gone, spans would count as not sent.
        drop(hand_over.send(reporter));
        if resolving.is_some() || polling.is_some() {
            let (shared, orders) = (Arc::clone(&tracer.inner.shared), Arc::clone(&tracer.inner.orders));
            spawn("jaeger-upkeep", move || Upkeep { shared, orders, resolving, polling }.run())?;
        }
        Ok(tracer)
    }

    /// Begins a span without a parent.
    #[inline]
    pub fn span(&self, operation: &str) -> Span {
        let shared = &self.inner.shared;
        let low = id::random();
        // The way of most spans, and so the short one.
        if shared.sampler.refuses(low) && !shared.wide_ids && shared.enabled {
            counts::trace_started();
            return Span::not_sampled(SpanContext::of_root(0, low));
        }
        SpanBuilder::new(Some(shared), operation).root(None, low)
    }

    /// A span with a parent, a kind or a start of its own.
    #[inline]
    pub fn build_span<'a>(&'a self, operation: &'a str) -> SpanBuilder<'a> {
        SpanBuilder::new(Some(&self.inner.shared), operation)
    }

    /// Begins a child of the current span, or a trace where there is none.
    pub fn span_in_current(&self, operation: &str) -> Span {
        match crate::try_current() {
            Some(parent) => self.build_span(operation).child_of(parent.context()).local().start(),
            None => self.span(operation),
        }
    }

    /// Writes a context for another process.
    pub fn inject(&self, context: &SpanContext, into: &mut dyn Inject) {
        self.inner.propagation.inject(context, into);
    }

    /// Reads the context that another process wrote, if there is one.
    ///
    /// # Errors
    /// [`ExtractError`] where there is one and it cannot be read; the caller begins a trace of its own then.
    pub fn extract(&self, from: &dyn Extract) -> Result<Option<SpanContext>, ExtractError> {
        self.inner.propagation.extract(from).inspect_err(|_| counts::decoding_error())
    }

    /// Where the sampled spans of this tracer are.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.inner.shared.book.ledger()
    }

    /// Sends what waits and comes back when that is done, or after `within`: whether it was done. Blocks.
    pub fn flush(&self, within: Duration) -> bool {
        let Some(queue) = &self.inner.shared.queue else { return true };
        let flush = self.inner.orders.ask();
        queue.reporter.unpark();
        self.inner.orders.wait(flush, Instant::now() + within)
    }

    /// Ends the tracer: takes no more spans, sends those that wait for at most `within`, and says where all are.
    ///
    /// Blocks; call it outside of the runtime's threads (`spawn_blocking`) where others work meanwhile. Spans that end
    /// later count as not sent.
    ///
    /// # Errors
    /// [`Unsent`] where spans were dropped since the start, or are still open.
    pub fn close(&self, within: Duration) -> Result<Ledger, Unsent> {
        self.inner.close(within);
        let ledger = self.ledger();
        if ledger.sent == ledger.started { Ok(ledger) } else { Err(Unsent { ledger }) }
    }
}

impl Inner {
    fn close(&self, within: Duration) {
        let Some(queue) = &self.shared.queue else { return };
        let deadline = Instant::now() + within;
        queue.closed.store(true, Ordering::Relaxed);
        self.orders.close(deadline);
        queue.reporter.unpark();
        // A transport that is told of the deadline is done soon after it.
        self.orders.wait_for_end(deadline + GRACE);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close(LAST);
    }
}

/// How spans leave.
struct Way {
    transport: Box<dyn Transport>,
    resolving: Option<Resolving>,
    max_batch_bytes: usize,
    max_batch_spans: usize,
}

impl Way {
    fn of(reporting: Reporting, resolve_interval: Option<Duration>, besides: usize) -> Result<Self, ConfigError> {
        let large =
            |transport| Self { transport, resolving: None, max_batch_bytes: BATCH_BYTES, max_batch_spans: BATCH_SPANS };
        Ok(match reporting {
            Reporting::Agent { host, port } => {
                let target = Target::default();
                let resolving = Resolving { host, port, target: Arc::clone(&target), interval: resolve_interval };
                let name = format!("agent {}:{port}", resolving.host);
                Self {
                    transport: Box::new(Udp::new(name, target)),
                    resolving: Some(resolving),
                    max_batch_bytes: MAX_PACKET_BYTES.saturating_sub(besides),
                    max_batch_spans: usize::MAX,
                }
            }
            Reporting::Collector { url, credentials } => {
                let url = Url::parse(&url).map_err(|error| error.of("JAEGER_ENDPOINT", &url))?;
                large(Box::new(crate::transport::http::Http::thrift(url, credentials)))
            }
            #[cfg(feature = "otlp")]
            Reporting::Otlp { url } => {
                let url = Url::parse(&url).map_err(|error| error.of("OTLP endpoint", &url))?;
                large(Box::new(crate::transport::http::Http::otlp(url)))
            }
            Reporting::Other(transport) => large(transport),
        })
    }
}

impl Polling {
    fn of(
        sampling: &Sampling,
        default_page: String,
        service: &str,
        asked: &Arc<Asked>,
    ) -> Result<Option<Self>, ConfigError> {
        let Sampling::Remote { endpoint, refresh, .. } = sampling else { return Ok(None) };
        let page = endpoint.clone().unwrap_or(default_page);
        let url = Url::parse(&page).map_err(|error| error.of("JAEGER_SAMPLING_ENDPOINT", &page))?;
        Ok(Some(Self {
            client: Client::default(),
            url: url.with_parameter("service", service),
            refresh: *refresh,
            asked: Arc::clone(asked),
            failing: false,
        }))
    }
}

fn spawn(name: &'static str, work: impl FnOnce() + Send + 'static) -> Result<thread::Thread, ConfigError> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(|handle| handle.thread().clone()).map_err(|source| ConfigError::Thread { name, source })
}

#[cfg(test)]
mod tests;
