//! The collectors that are known: each delivery takes the next of those whose connection stands, and sees to the others' meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::select_ok;
use jaeger_grpc::{AddressError, Channel, ChannelConfig, PROTOCOLS, Status};
use jaeger_service::tls::ClientConfig;
use tokio::sync::watch;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Answers to spans are empty, and strategies small.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// One collector; clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    channel: Channel,
    /// Somebody connects already.
    trying: Arc<AtomicBool>,
}

impl Collector {
    /// At `host:port`, which may be called by the name that it was found under.
    pub(super) fn new(address: &str, called: Option<&str>, tls: Option<&ClientConfig>) -> Result<Self, AddressError> {
        let channel = Channel::new(ChannelConfig {
            address: address.to_owned(),
            called: called.map(str::to_owned),
            connect_timeout: CONNECT_TIMEOUT,
            max_message_bytes: MAX_ANSWER_BYTES,
            tls: tls.map(|tls| tls.connector(PROTOCOLS)),
        })?;
        Ok(Self { channel, trying: Arc::default() })
    }

    pub(super) fn address(&self) -> &str {
        self.channel.address()
    }

    fn stands(&self) -> bool {
        self.channel.standing().is_some()
    }

    /// The channel pauses by itself after a failure.
    fn connect_meanwhile(&self) {
        if !self.trying.swap(true, Ordering::Relaxed) {
            let (channel, trying) = (self.channel.clone(), Arc::clone(&self.trying));
            tokio::spawn(async move {
                // Who needs it asks again.
                drop(channel.connection().await);
                trying.store(false, Ordering::Relaxed);
            });
        }
    }

    async fn connected(self) -> Result<Channel, Status> {
        self.channel.connection().await?;
        Ok(self.channel)
    }
}

/// The collectors that are known now.
#[derive(Debug)]
pub(super) struct Turns {
    known: watch::Receiver<Vec<Collector>>,
    turn: AtomicUsize,
}

impl Turns {
    pub(super) fn of(known: watch::Receiver<Vec<Collector>>) -> Self {
        // Not every agent begins with the same one.
        Self { known, turn: AtomicUsize::new(fastrand::usize(..)) }
    }

    /// The next whose connection stands; where none does, the first that comes up.
    pub(super) async fn next(&self) -> Result<Channel, Status> {
        let mut known = match self.known.clone().wait_for(|known| !known.is_empty()).await {
            Ok(known) => known.clone(),
            Err(_) => return Err(Status::unavailable("nobody looks for collectors any more")),
        };
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % known.len();
        known.rotate_left(first);
        let Some(standing) = known.iter().position(Collector::stands) else {
            let all = known.into_iter().map(|collector| Box::pin(collector.connected()));
            return select_ok(all).await.map(|(channel, _others)| channel);
        };
        for collector in known.iter().filter(|collector| !collector.stands()) {
            collector.connect_meanwhile();
        }
        Ok(known.swap_remove(standing).channel)
    }
}

/// Those of `known` that are still at these addresses, with their connections, and new ones.
pub(super) fn at(
    found: impl IntoIterator<Item = SocketAddr>,
    known: &[Collector],
    make: impl Fn(SocketAddr) -> Option<Collector>,
) -> Vec<Collector> {
    let kept = |address: SocketAddr| known.iter().find(|known| known.address() == address.to_string()).cloned();
    found.into_iter().filter_map(|address| kept(address).or_else(|| make(address))).collect()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn who_is_not_there_has_no_turn_until_it_is() {
        let here = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let away = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let [at, other] = [&here, &away].map(|it| it.local_addr().expect("bound").to_string());
        drop(away);
        let collectors = [&at, &other].map(|address| Collector::new(address, None, None).expect("an address"));
        let (_known, receiver) = watch::channel(collectors.to_vec());
        let turns = Turns::of(receiver);
        for _ in 0..5 {
            assert_eq!(turns.next().await.expect("one is there").address(), at);
        }
        let _back = TcpListener::bind(&other).await.expect("bound again");
        let both = async {
            while turns.next().await.expect("both are there").address() != other {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), both).await.expect("its turn comes");
    }
}
