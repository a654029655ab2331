//! The collectors that are named, and connections to a few of them: as many as `min-peers` says, another where one ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_service::logs::Repeats;
use jaeger_service::metrics::{Counter, Gauge};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::TchannelSettings;
use super::connection::Connection;
use crate::backoff::Backoff;

/// A connection that lasted for so long was a good one.
const STEADY: Duration = Duration::from_secs(5);

static NOT_CONNECTED: Repeats = Repeats::new();

/// Some collectors.
pub(super) struct Peers {
    shared: Arc<Shared>,
    /// Ends the task that connects.
    _stop: DropGuard,
}

struct Shared {
    peers: Vec<Peer>,
    wanted: usize,
    connect_timeout: Duration,
    /// Told when a connection ended.
    lost: Arc<Notify>,
    /// Told when a connection came up.
    up: Notify,
    why: Mutex<String>,
    connected: Gauge,
    reconnects: Counter,
}

struct Peer {
    address: String,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl Peer {
    fn standing(&self) -> Option<Arc<Connection>> {
        self.connection.lock().as_ref().filter(|connection| !connection.is_closed()).cloned()
    }
}

impl Peers {
    /// Begins to connect.
    pub(super) fn start(settings: &TchannelSettings, connected: Gauge, reconnects: Counter) -> Arc<Self> {
        let peer = |address: &String| Peer { address: address.clone(), connection: Mutex::default() };
        let shared = Arc::new(Shared {
            peers: settings.collectors.iter().map(peer).collect(),
            wanted: settings.min_peers.clamp(1, settings.collectors.len().max(1)),
            connect_timeout: settings.connect_timeout,
            lost: Arc::default(),
            up: Notify::new(),
            why: Mutex::new("not connected yet".to_owned()),
            connected,
            reconnects,
        });
        let stop = CancellationToken::new();
        let (keeping, stopped) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = keeping.keep() => {}
                () = stopped.cancelled() => {}
            }
        });
        Arc::new(Self { shared, _stop: stop.drop_guard() })
    }

    /// Calls under way on all connections.
    #[cfg(test)]
    pub(super) fn pending(&self) -> usize {
        self.shared.standing().map(|connection| connection.pending()).sum()
    }

    /// The connection with the fewest calls under way; waits for one where there is none.
    ///
    /// # Errors
    /// Why there is none after `patience`.
    pub(super) async fn least_loaded(&self, patience: Duration) -> Result<Arc<Connection>, String> {
        let waiting = async {
            loop {
                let up = self.shared.up.notified();
                if let Some(connection) = self.shared.best() {
                    return connection;
                }
                up.await;
            }
        };
        tokio::time::timeout(patience, waiting).await.map_err(|_| {
            let why = self.shared.why.lock();
            format!("no collector of --reporter.tchannel.host-port is connected: {why}")
        })
    }
}

impl Shared {
    fn standing(&self) -> impl Iterator<Item = Arc<Connection>> {
        self.peers.iter().filter_map(Peer::standing)
    }

    /// Equal ones take turns at random.
    fn best(&self) -> Option<Arc<Connection>> {
        self.standing().min_by_key(|connection| (connection.pending(), fastrand::u32(..)))
    }

    /// Connects to as many collectors as are wanted, for ever.
    async fn keep(&self) {
        let mut backoff = Backoff::new();
        loop {
            self.connected.set_count(u64::from(self.standing().next().is_some()));
            self.connect_round().await;
            let standing = self.standing().count();
            self.connected.set_count(u64::from(standing > 0));
            if standing >= self.wanted {
                let since = Instant::now();
                self.lost.notified().await;
                // A collector that ends each connection at once is not asked again at once.
                if since.elapsed() > STEADY {
                    backoff = Backoff::new();
                } else {
                    tokio::time::sleep(backoff.next()).await;
                }
            } else {
                tokio::select! {
                    () = self.lost.notified() => {}
                    () = tokio::time::sleep(backoff.next()) => {}
                }
            }
        }
    }

    /// Tries those that are not connected, each once, in an order of chance: agents must not all choose the same.
    async fn connect_round(&self) {
        let mut order: Vec<&Peer> = self.peers.iter().filter(|peer| peer.standing().is_none()).collect();
        let missing = self.wanted.saturating_sub(self.peers.len() - order.len());
        fastrand::shuffle(&mut order);
        let mut made = 0;
        for peer in order {
            if made >= missing {
                return;
            }
            match Connection::open(&peer.address, self.connect_timeout, Arc::clone(&self.lost)).await {
                Ok(connection) => {
                    *peer.connection.lock() = Some(Arc::new(connection));
                    made += 1;
                    self.reconnects.increment(1);
                    self.connected.set_count(1);
                    self.up.notify_waiters();
                }
                Err(error) => {
                    let why = format!("{}: {error}", peer.address);
                    if let Some(times) = NOT_CONNECTED.hit(1) {
                        tracing::warn!(times, %why, "cannot connect to a collector over TChannel; trying again");
                    }
                    *self.why.lock() = why;
                }
            }
        }
    }
}
