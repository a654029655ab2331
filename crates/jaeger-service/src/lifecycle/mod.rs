//! Start and stop. A stop has three phases, each a token that parts wait for:
//!
//! 1. `stopping`: at the first signal. Health answers 503; listeners go on accepting for the lame-duck time, since Kubernetes takes the endpoint away
//!    only while the signal is on its way.
//! 2. `close`: after the lame-duck time. GOAWAY and `Connection: close`; listeners stop; queues drain; stores flush.
//! 3. `deadline`: what is left is given up and counted as dropped{shutdown_deadline}.
//!
//! A second signal ends the process at once, counted as dropped{second_signal}. `ended` closes the admin server, last of all.

mod config;
mod quiet;
mod signals;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use config::ShutdownConfig;
pub use quiet::Activity;

use crate::health::Health;
use crate::http::Shutdown;
use crate::ledger::{Cut, Ledgers};

/// How long after the deadline a process that still has not ended is ended from here.
const GRACE: Duration = Duration::from_secs(1);

/// The exit code when the deadline passed and parts did not end.
const EXIT_STUCK: i32 = 1;

/// A process's way from start to end; clones are the same.
#[derive(Clone)]
pub struct Lifecycle(Arc<Inner>);

struct Inner {
    config: ShutdownConfig,
    health: Health,
    stopping: CancellationToken,
    close: CancellationToken,
    deadline: CancellationToken,
    ended: CancellationToken,
    began: Mutex<Option<Instant>>,
    ledgers: Mutex<Ledgers>,
    exit: Box<dyn Fn(i32) + Send + Sync>,
}

impl Lifecycle {
    /// A process that runs. Signals are heard after [`Lifecycle::watch_signals`].
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "a second signal, or parts that are stuck, end the process from here"
    )]
    pub fn new(config: ShutdownConfig, health: Health) -> Self {
        Lifecycle::with_exit(config, health, |code| std::process::exit(code))
    }

    fn with_exit(config: ShutdownConfig, health: Health, exit: impl Fn(i32) + Send + Sync + 'static) -> Self {
        Lifecycle(Arc::new(Inner {
            config,
            health,
            stopping: CancellationToken::new(),
            close: CancellationToken::new(),
            deadline: CancellationToken::new(),
            ended: CancellationToken::new(),
            began: Mutex::new(None),
            ledgers: Mutex::default(),
            exit: Box::new(exit),
        }))
    }

    /// Hears SIGTERM and SIGINT from now on: the first stops, the second ends at once.
    ///
    /// # Errors
    /// If the handlers cannot be installed.
    pub fn watch_signals(&self) -> std::io::Result<()> {
        signals::watch(self.clone())
    }

    /// Says which ledgers are settled when the process ends.
    pub fn set_ledgers(&self, ledgers: Ledgers) {
        *self.0.ledgers.lock() = ledgers;
    }

    /// Begins the stop, as the first signal does. Called again it has no effect. Must run within a tokio runtime.
    pub fn stop(&self, why: &str) {
        {
            let mut began = self.0.began.lock();
            if began.is_some() {
                return;
            }
            *began = Some(Instant::now());
        }
        let config = self.0.config;
        tracing::info!(
            why,
            lame_duck = %crate::clock::go_duration(config.lame_duck),
            deadline = %crate::clock::go_duration(config.deadline),
            "Stopping"
        );
        self.0.health.stopping();
        self.0.stopping.cancel();
        tokio::spawn(self.clone().run_phases());
    }

    async fn run_phases(self) {
        let inner = &self.0;
        let Some(began) = self.began() else { return };
        let lame_duck = inner.config.lame_duck.min(inner.config.deadline);
        let deadline = began + inner.config.deadline;
        tokio::time::sleep_until(began + lame_duck).await;
        inner.close.cancel();
        tokio::select! {
            () = inner.ended.cancelled() => return,
            () = tokio::time::sleep_until(deadline) => {}
        }
        tracing::warn!("Shutdown deadline passed, giving up what is left");
        inner.deadline.cancel();
        tokio::select! {
            () = inner.ended.cancelled() => {}
            () = tokio::time::sleep_until(deadline + GRACE) => self.cut(Cut::Deadline, EXIT_STUCK),
        }
    }

    /// Ends the process at once: counts what is in hand, logs the last ledger, exits.
    fn cut(&self, cut: Cut, code: i32) {
        let ledgers = self.0.ledgers.lock().clone();
        let (packets, spans) = ledgers.write_off(cut);
        match cut {
            Cut::Deadline => tracing::error!(packets, spans, "Parts did not end in time, ending"),
            Cut::SecondSignal => tracing::warn!(packets, spans, "Second signal, ending at once"),
        }
        ledgers.log_last();
        (self.0.exit)(code);
    }

    fn second_signal(&self, code: i32) {
        self.cut(Cut::SecondSignal, code);
    }

    /// Ends an orderly stop: what is still in hand counts as dropped{shutdown_deadline}, the last ledger is logged as one line, the admin server closes.
    pub fn finish(&self) {
        let ledgers = self.0.ledgers.lock().clone();
        let (packets, spans) = ledgers.write_off(Cut::Deadline);
        if packets + spans > 0 {
            tracing::error!(packets, spans, "Dropped what was left at the end");
        }
        ledgers.log_last();
        tracing::info!("Shutdown complete");
        self.0.ended.cancel();
    }

    /// Cancelled at the first signal.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Cancelled after the lame-duck time: stop accepting.
    #[must_use]
    pub fn close(&self) -> CancellationToken {
        self.0.close.clone()
    }

    /// Cancelled at the deadline: drop what is left.
    #[must_use]
    pub fn deadline(&self) -> CancellationToken {
        self.0.deadline.clone()
    }

    /// Cancelled when all is done.
    #[must_use]
    pub fn ended(&self) -> CancellationToken {
        self.0.ended.clone()
    }

    /// The tokens of a server of the data path.
    #[must_use]
    pub fn for_servers(&self) -> Shutdown {
        Shutdown { close: self.close(), deadline: self.deadline() }
    }

    /// The tokens of the admin server, which answers until the end.
    #[must_use]
    pub fn for_admin(&self) -> Shutdown {
        Shutdown { close: self.ended(), deadline: self.ended() }
    }

    /// When the stop began.
    #[must_use]
    pub fn began(&self) -> Option<Instant> {
        *self.0.began.lock()
    }

    /// The times of the stop.
    #[must_use]
    pub fn config(&self) -> ShutdownConfig {
        self.0.config
    }

    /// Resolves when receiving over UDP may end: stopping, and nothing came for the quiet time, or it is 5 s before the deadline (half of a
    /// deadline under 10 s). In a sidecar the application flushes last.
    pub async fn until_quiet(&self, activity: &Activity) {
        self.0.stopping.cancelled().await;
        let began = self.began().unwrap_or_else(Instant::now);
        let config = self.0.config;
        let last = began + config.last_receive();
        loop {
            let since = activity.last().map_or(began, |last| last.max(began));
            let until = (since + config.quiet).min(last);
            if Instant::now() >= until {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle")
            .field("config", &self.0.config)
            .field("began", &self.began())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
