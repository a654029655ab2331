//! The second thread: asks how to sample, and resolves the agent's host, again and again. Both may take their time
//! without holding up a span.

use std::net::ToSocketAddrs as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use jaeger_wire::strategy::Answer;

use crate::http_client::{Client, Url};
use crate::reporter::Orders;
use crate::sampler::{Remote, Sampler};
use crate::shared::Shared;
use crate::transport::udp::Target;

/// How long a question about sampling may take.
const ASK: Duration = Duration::from_secs(5);
/// After a question without an answer the next comes soon: nothing may be sampled until then.
const RETRY: Duration = Duration::from_secs(2);
/// The most bytes of an answer.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// The sampling page of an agent's host.
pub(crate) fn sampling_page(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        return format!("http://[{host}]:5778/sampling");
    }
    format!("http://{host}:5778/sampling")
}

/// What came of asking.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) answered: AtomicU64,
    pub(crate) unanswered: AtomicU64,
    pub(crate) updated: AtomicU64,
    pub(crate) not_understood: AtomicU64,
}

pub(crate) struct Upkeep {
    pub(crate) shared: Arc<Shared>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) resolving: Option<Resolving>,
    pub(crate) polling: Option<Polling>,
}

/// An agent's host to resolve.
pub(crate) struct Resolving {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) target: Target,
    /// Not again, once it is resolved, where there is none.
    pub(crate) interval: Option<Duration>,
}

/// A page to ask.
pub(crate) struct Polling {
    pub(crate) client: Client,
    pub(crate) url: Url,
    pub(crate) refresh: Duration,
    pub(crate) asked: Arc<Asked>,
    pub(crate) failing: bool,
}

impl Upkeep {
    /// Until the tracer is closed.
    pub(crate) fn run(mut self) {
        let (mut resolve_at, mut ask_at) = (Some(Instant::now()), Some(Instant::now()));
        loop {
            let now = Instant::now();
            if resolve_at.is_some_and(|at| at <= now) {
                resolve_at = self.resolving.as_ref().and_then(Resolving::resolve).map(|wait| now + wait);
            }
            if ask_at.is_some_and(|at| at <= now) {
                ask_at = match (&mut self.polling, &self.shared.sampler) {
                    (Some(polling), Sampler::Remote(sampler)) => Some(now + polling.ask(sampler)),
                    _ => None,
                };
            }
            let Some(next) = resolve_at.into_iter().chain(ask_at).min() else { return };
            if self.orders.sleep(next.saturating_duration_since(Instant::now())) {
                return;
            }
        }
    }
}

impl Resolving {
    /// Resolves the host; how long that is good for. An address that no longer resolves is kept.
    pub(crate) fn resolve(&self) -> Option<Duration> {
        let found = (self.host.as_str(), self.port).to_socket_addrs().ok().and_then(|mut found| {
            // IPv4 where there is one: an agent that listens on one address listens there.
            let first = found.next()?;
            Some(if first.is_ipv4() { first } else { found.find(|other| other.is_ipv4()).unwrap_or(first) })
        });
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        if found.is_some() {
            *target = found;
        }
        match (target.is_some(), self.interval) {
            (true, interval) => interval,
            (false, interval) => Some(interval.unwrap_or(RETRY).min(RETRY)),
        }
    }
}

impl Polling {
    /// Asks once; how long to wait before the next time.
    fn ask(&mut self, sampler: &Remote) -> Duration {
        match self.try_ask(sampler) {
            Ok(()) => {
                if std::mem::replace(&mut self.failing, false) {
                    tracing::info!("{} answers again how to sample", self.url);
                }
                self.refresh
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!("{} does not say how to sample: {error}; sampling stays as it is", self.url);
                }
                self.refresh.min(RETRY)
            }
        }
    }

    fn try_ask(&mut self, sampler: &Remote) -> Result<(), String> {
        let answer = self.client.get(&self.url, ASK, MAX_ANSWER_BYTES).map_err(|error| error.to_string());
        let answer = answer.and_then(|answer| match answer.status {
            200 => Ok(answer.body),
            status => Err(format!("it answered {status}")),
        });
        let counted = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        counted(if answer.is_ok() { &self.asked.answered } else { &self.asked.unanswered });
        let updated = answer.and_then(|body| {
            let answer = Answer::from_json(&body).map_err(|error| error.to_string())?;
            sampler.update(&answer).map_err(|error| error.to_string())
        });
        match updated {
            Ok(true) => drop(counted(&self.asked.updated)),
            Ok(false) => {}
            Err(error) => {
                counted(&self.asked.not_understood);
                return Err(error);
            }
        }
        Ok(())
    }
}
