//! What is counted of TLS, one set for each prefix of flags that has it on.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::dates::Dates;
use crate::logs::Repeats;
use crate::metrics::{Counter, Registry};

/// Why a handshake came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The client went away: a probe of the port, or one that does not trust us and does not say so.
    Closed,
    /// What came was no TLS.
    NotTls,
    /// The client brought no certificate.
    NoCertificate,
    /// The client's certificate does not do.
    Certificate,
    /// No version, suite or protocol that both have.
    NothingInCommon,
    /// The client said that it does not want to go on, mostly since it does not trust our certificate.
    ClientRefused,
    TimedOut,
    Other,
}

impl Failure {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Closed, "closed"),
        (Self::NotTls, "not_tls"),
        (Self::NoCertificate, "no_certificate"),
        (Self::Certificate, "certificate"),
        (Self::NothingInCommon, "nothing_in_common"),
        (Self::ClientRefused, "client_refused"),
        (Self::TimedOut, "timed_out"),
        (Self::Other, "other"),
    ];

    pub(super) fn of(error: &io::Error) -> Self {
        use rustls::Error;
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Closed,
            None if error.kind() == io::ErrorKind::ConnectionReset => Self::Closed,
            None => Self::Other,
            Some(Error::InvalidMessage(_)) => Self::NotTls,
            Some(Error::NoCertificatesPresented) => Self::NoCertificate,
            Some(Error::InvalidCertificate(_)) => Self::Certificate,
            Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => Self::NothingInCommon,
            Some(Error::AlertReceived(_)) => Self::ClientRefused,
            Some(_) => Self::Other,
        }
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|(failure, _)| *failure == self).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    at: String,
    /// Only servers count handshakes: a client's failure is an error of whoever wanted the connection.
    is_server: bool,
    done: Counter,
    failed: [(Counter, Repeats); Failure::ALL.len()],
    reloaded: Counter,
    reload_failed: Counter,
    /// 0 where there is no certificate.
    not_after: AtomicU64,
}

static ALL: Mutex<Vec<Arc<Counts>>> = Mutex::new(Vec::new());

impl Counts {
    pub(super) fn of_server(at: &str) -> Arc<Self> {
        Self::of(at, true)
    }

    pub(super) fn of_client(at: &str) -> Arc<Self> {
        Self::of(at, false)
    }

    fn of(at: &str, is_server: bool) -> Arc<Self> {
        let mut all = ALL.lock();
        if let Some(known) = all.iter().find(|known| known.at == at && known.is_server == is_server) {
            return Arc::clone(known);
        }
        let new = Arc::new(Self { at: at.to_owned(), is_server, ..Self::default() });
        all.push(Arc::clone(&new));
        new
    }

    /// What stands before `.tls.`
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    pub(super) fn reloaded(&self, well: bool) {
        if well { &self.reloaded } else { &self.reload_failed }.increment(1);
    }

    /// The certificate that is shown from now on.
    pub(super) fn shows(&self, dates: Option<Dates>) {
        self.not_after.store(dates.map_or(0, |dates| dates.not_after), Ordering::Relaxed);
    }

    pub(super) fn done(&self) {
        self.done.increment(1);
    }

    pub(super) fn failed(&self, failure: Failure, peer: SocketAddr, reason: &dyn std::fmt::Display) {
        let (counter, repeats) = &self.failed[failure.place()];
        counter.increment(1);
        if failure == Failure::Closed {
            // Every probe of a port does this.
            tracing::debug!(at = self.at, %peer, %reason, "A TLS handshake broke off");
        } else if let Some(times) = repeats.hit(1) {
            tracing::warn!(at = self.at, %peer, %reason, times, "A TLS handshake failed");
        }
    }
}

#[cfg(test)]
impl Counts {
    pub(super) fn count(&self, failure: Failure) -> u64 {
        self.failed[failure.place()].0.get()
    }

    pub(super) fn reloads_failed(&self) -> u64 {
        self.reload_failed.get()
    }
}

/// Shows on the metrics page what is counted of TLS.
pub fn register(registry: &Registry) {
    registry.add_source(|page| {
        // Without a prefix it has no certificate and no files of its own.
        for counts in ALL.lock().iter().filter(|counts| !counts.at.is_empty()) {
            let at = ("at", counts.at.as_str());
            let help = "TLS handshakes of clients, by what came of them.";
            let mut handshakes = |result, counter: &Counter| {
                page.counter("jaeger_tls_handshakes_total", help, &[at, ("result", result)], counter.get());
            };
            if counts.is_server {
                handshakes("done", &counts.done);
                for ((_, result), (counter, _)) in Failure::ALL.iter().zip(&counts.failed) {
                    handshakes(result, counter);
                }
            }
            for (result, counter) in [("done", &counts.reloaded), ("failed", &counts.reload_failed)] {
                let help = "Changed certificate files, by whether they could be taken.";
                page.counter("jaeger_tls_reloads_total", help, &[at, ("result", result)], counter.get());
            }
            let not_after = counts.not_after.load(Ordering::Relaxed);
            if not_after > 0 {
                let help = "When the certificate that is shown ends, in seconds since the epoch.";
                page.gauge("jaeger_tls_certificate_not_after_seconds", help, &[at], not_after);
            }
        }
    });
}
