//! The admin server of every binary: health at `/`, metrics, the version, the ledger. It starts first and ends last.

mod pages;

use http::Response;

use crate::accept::Listener;
use crate::health::Health;
use crate::http::{Body, HttpConfig, Shutdown};
use crate::ledger::Ledgers;
use crate::metrics::Registry;

/// What the admin server shows.
#[derive(Clone, Debug)]
pub struct AdminState {
    /// `/`.
    pub health: Health,
    /// The metrics page; `None` with `--metrics-backend=none`.
    pub metrics: Option<Registry>,
    /// `--metrics-http-route`.
    pub metrics_route: String,
    /// `/ledger`.
    pub ledgers: Ledgers,
}

impl AdminState {
    /// Metrics at `/metrics`, no ledgers.
    #[must_use]
    pub fn new(health: Health, metrics: Registry) -> Self {
        AdminState { health, metrics: Some(metrics), metrics_route: "/metrics".to_owned(), ledgers: Ledgers::default() }
    }

    /// Answers one request; for a process that serves admin pages on another port too.
    #[must_use]
    pub fn answer(&self, path: &str) -> Response<Body> {
        pages::answer(self, path)
    }
}

/// Serves the admin pages until `shutdown` (see [`crate::lifecycle::Lifecycle::for_admin`]).
pub async fn serve(listener: impl Into<Listener>, state: AdminState, shutdown: Shutdown) {
    let handler = move |request: http::Request<hyper::body::Incoming>| {
        let answer = state.answer(request.uri().path());
        std::future::ready(answer)
    };
    crate::http::serve(listener, handler, shutdown, HttpConfig::default()).await;
}

#[cfg(test)]
mod tests;
