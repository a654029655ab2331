//! One name, many collectors: a name is looked up again and again, and every address behind it takes its turn.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jaeger_service::logs::Repeats;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tonic::transport::channel::Change;
use tonic::transport::{Channel, Endpoint};

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
/// How long a connection is tried for.
const TRY: Duration = Duration::from_secs(1);
/// Changes that wait to be seen by the channel.
const CHANGES: usize = 64;

static NOT_FOUND: Repeats = Repeats::new();

/// What finds the addresses of a name; tests have their own.
pub(super) trait Lookup: Send + 'static {
    fn lookup(&mut self, name: &str) -> impl Future<Output = io::Result<BTreeSet<SocketAddr>>> + Send;
}

/// The system's resolver, less the addresses at which nobody takes connections now: `localhost` has two, of which a collector may have one, and a
/// pod that is gone is in a resolver's answers for a while.
pub(super) struct System;

impl Lookup for System {
    async fn lookup(&mut self, name: &str) -> io::Result<BTreeSet<SocketAddr>> {
        Ok(taking_connections(tokio::net::lookup_host(name).await?.take(MAX_ADDRESSES).collect()).await)
    }
}

/// Those that take connections; all where none does, since it may in a moment.
async fn taking_connections(found: BTreeSet<SocketAddr>) -> BTreeSet<SocketAddr> {
    if found.len() < 2 {
        return found;
    }
    let mut tries = JoinSet::new();
    for address in &found {
        let address = *address;
        tries.spawn(async move {
            let connected = tokio::time::timeout(TRY, TcpStream::connect(address)).await;
            matches!(connected, Ok(Ok(_))).then_some(address)
        });
    }
    let taking: BTreeSet<SocketAddr> = tries.join_all().await.into_iter().flatten().collect();
    if taking.is_empty() { found } else { taking }
}

/// A channel over all addresses of `name` (`host:port`), each connected to as `as_endpoint` says. Whoever misses a collector rings `look`.
pub(super) fn channel(
    name: String,
    lookup: impl Lookup,
    as_endpoint: impl Fn(SocketAddr) -> Option<Endpoint> + Send + Sync + 'static,
    look: Arc<Notify>,
) -> Channel {
    let (channel, changes) = Channel::balance_channel(CHANGES);
    tokio::spawn(follow(name, lookup, as_endpoint, (look, PACE), changes));
    channel
}

/// Looks the name up until the channel is gone.
async fn follow(
    name: String,
    mut lookup: impl Lookup,
    as_endpoint: impl Fn(SocketAddr) -> Option<Endpoint> + Send + Sync,
    (look, pace): (Arc<Notify>, Pace),
    changes: Sender<Change<SocketAddr, Endpoint>>,
) {
    let mut known = BTreeSet::new();
    loop {
        match lookup.lookup(&name).await {
            // A name that has no address now keeps those it had: a connection may stand.
            Ok(found) if found.is_empty() => not_found(&name, "it has no address"),
            Ok(found) => {
                if apply(&changes, &as_endpoint, &mut known, found).await.is_none() {
                    return;
                }
            }
            Err(error) => not_found(&name, &error.to_string()),
        }
        tokio::time::sleep(pace.at_most_every).await;
        tokio::select! {
            () = tokio::time::sleep(pace.at_least_every) => {}
            () = look.notified() => {}
            () = changes.closed() => return,
        }
    }
}

/// Tells the channel what came and what went; `None` where it is gone.
async fn apply(
    changes: &Sender<Change<SocketAddr, Endpoint>>,
    as_endpoint: &impl Fn(SocketAddr) -> Option<Endpoint>,
    known: &mut BTreeSet<SocketAddr>,
    found: BTreeSet<SocketAddr>,
) -> Option<()> {
    if found == *known {
        return Some(());
    }
    tracing::info!(collectors = ?found, "The collectors behind the name");
    for address in found.difference(known) {
        if let Some(endpoint) = as_endpoint(*address) {
            changes.send(Change::Insert(*address, endpoint)).await.ok()?;
        }
    }
    for address in known.difference(&found) {
        changes.send(Change::Remove(*address)).await.ok()?;
    }
    *known = found;
    Some(())
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
    async fn who_takes_no_connections_has_no_turn_unless_nobody_does() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let open = listener.local_addr().expect("bound");
        let given_back = tokio::net::TcpListener::bind("127.0.0.1:0").await.and_then(|other| other.local_addr());
        let closed = given_back.expect("bound");
        assert_eq!(taking_connections(BTreeSet::from([open, closed])).await, BTreeSet::from([open]));
        drop(listener);
        assert_eq!(taking_connections(BTreeSet::from([open, closed])).await, BTreeSet::from([open, closed]));
    }

    #[tokio::test]
    async fn addresses_come_and_go_as_the_name_says() {
        let (given, answers) = mpsc::channel(8);
        let (changes, mut seen) = mpsc::channel(8);
        let look = Arc::new(Notify::new());
        let often = Pace { at_least_every: Duration::from_millis(5), at_most_every: Duration::from_millis(1) };
        let as_endpoint = |address| Endpoint::from_shared(format!("http://{address}")).ok();
        let following =
            tokio::spawn(follow("c:14250".into(), Given(answers), as_endpoint, (Arc::clone(&look), often), changes));
        for answer in [
            Err(io::Error::other("no such name")),
            Ok(BTreeSet::from([address(1), address(2)])),
            // Gone for a moment: what is known stays.
            Ok(BTreeSet::new()),
            Ok(BTreeSet::from([address(2), address(3)])),
        ] {
            given.send(answer).await.expect("it is followed");
        }
        let mut said = Vec::new();
        while said.len() < 4 {
            said.push(match seen.recv().await.expect("it is followed") {
                Change::Insert(address, _) => format!("+{address}"),
                Change::Remove(address) => format!("-{address}"),
            });
        }
        assert_eq!(said, ["+127.0.0.1:14250", "+127.0.0.2:14250", "+127.0.0.3:14250", "-127.0.0.1:14250"]);
        drop(seen);
        given.send(Ok(BTreeSet::from([address(9)]))).await.expect("it is followed");
        look.notify_one();
        following.await.expect("it ends with its channel");
    }
}
