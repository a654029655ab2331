//! One name, many collectors: a name is looked up again and again, and every address behind it takes its turn.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jaeger_service::logs::Repeats;
use tokio::sync::{Notify, watch};

use super::collectors::{self, Collector};

/// How often a name is looked up.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// While all is well: pods come without a connection breaking.
    at_least_every: Duration,
    /// However many deliveries fail.
    at_most_every: Duration,
}

const PACE: Pace = Pace { at_least_every: Duration::from_secs(30), at_most_every: Duration::from_secs(1) };
/// Addresses of one name that are used at most.
const MAX_ADDRESSES: usize = 256;

static NOT_FOUND: Repeats = Repeats::new();

/// What finds the addresses of a name; tests have their own.
pub(super) trait Lookup: Send + 'static {
    fn lookup(&mut self, name: &str) -> impl Future<Output = io::Result<BTreeSet<SocketAddr>>> + Send;
}

/// The system's resolver.
pub(super) struct System;

impl Lookup for System {
    async fn lookup(&mut self, name: &str) -> io::Result<BTreeSet<SocketAddr>> {
        Ok(tokio::net::lookup_host(name).await?.take(MAX_ADDRESSES).collect())
    }
}

/// The collectors at all addresses of `name` (`host:port`), each made by `make`. Whoever misses a collector rings `look`.
pub(super) fn behind(
    name: String,
    lookup: impl Lookup,
    make: impl Fn(SocketAddr) -> Option<Collector> + Send + Sync + 'static,
    look: Arc<Notify>,
) -> watch::Receiver<Vec<Collector>> {
    let (known, receiver) = watch::channel(Vec::new());
    tokio::spawn(follow(name, lookup, make, (look, PACE), known));
    receiver
}

/// Looks the name up until nobody wants to know.
async fn follow(
    name: String,
    mut lookup: impl Lookup,
    make: impl Fn(SocketAddr) -> Option<Collector> + Send + Sync,
    (look, pace): (Arc<Notify>, Pace),
    known: watch::Sender<Vec<Collector>>,
) {
    let mut before = BTreeSet::new();
    loop {
        match lookup.lookup(&name).await {
            // A name that has no address now keeps those it had: a connection may stand.
            Ok(found) if found.is_empty() => not_found(&name, "it has no address"),
            Ok(found) if found == before => {}
            Ok(found) => {
                tracing::info!(collectors = ?found, "The collectors behind the name");
                known.send_modify(|known| *known = collectors::at(found.iter().copied(), known, &make));
                before = found;
            }
            Err(error) => not_found(&name, &error.to_string()),
        }
        tokio::time::sleep(pace.at_most_every).await;
        tokio::select! {
            () = tokio::time::sleep(pace.at_least_every) => {}
            () = look.notified() => {}
            () = known.closed() => return,
        }
    }
}

fn not_found(name: &str, why: &str) {
    if let Some(times) = NOT_FOUND.hit(1) {
        tracing::warn!(name, times, why, "no address was found for --reporter.grpc.host-port; it is looked up again");
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// Gives one answer after the other, as the test sends them.
    struct Given(mpsc::Receiver<io::Result<BTreeSet<SocketAddr>>>);

    impl Lookup for Given {
        async fn lookup(&mut self, _: &str) -> io::Result<BTreeSet<SocketAddr>> {
            match self.0.recv().await {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }
    }

    fn address(last: u8) -> SocketAddr {
        ([127, 0, 0, last], 14250).into()
    }

    #[tokio::test]
    async fn addresses_come_and_go_as_the_name_says() {
        let (given, answers) = mpsc::channel(8);
        let (known, mut seen) = watch::channel(Vec::new());
        let look = Arc::new(Notify::new());
        let often = Pace { at_least_every: Duration::from_millis(5), at_most_every: Duration::from_millis(1) };
        let make = |address: SocketAddr| Collector::new(&address.to_string(), Some("c:14250"), None).ok();
        let following = tokio::spawn(follow("c:14250".into(), Given(answers), make, (Arc::clone(&look), often), known));
        let wait_for = async |seen: &mut watch::Receiver<Vec<Collector>>, wanted: &[&str]| {
            let met = seen.wait_for(|known| known.iter().map(Collector::address).eq(wanted.iter().copied()));
            drop(tokio::time::timeout(Duration::from_secs(20), met).await.expect("in time").expect("it is followed"));
        };
        given.send(Err(io::Error::other("no such name"))).await.expect("it is followed");
        given.send(Ok(BTreeSet::from([address(1), address(2)]))).await.expect("it is followed");
        wait_for(&mut seen, &["127.0.0.1:14250", "127.0.0.2:14250"]).await;
        // Gone for a moment: what is known stays.
        given.send(Ok(BTreeSet::new())).await.expect("it is followed");
        given.send(Ok(BTreeSet::from([address(2), address(3)]))).await.expect("it is followed");
        wait_for(&mut seen, &["127.0.0.2:14250", "127.0.0.3:14250"]).await;
        drop(seen);
        given.send(Ok(BTreeSet::from([address(9)]))).await.expect("it is followed");
        look.notify_one();
        following.await.expect("it ends with whoever wants to know");
    }
}
