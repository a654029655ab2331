//! TLS to the nodes. The driver's own cannot be built with the cryptography that this project uses, so that each node has a listener on
//! loopback here, to which the driver connects in the clear, and from which its bytes go on over TLS.
//!
//! ```text
//! driver -> 127.0.0.1:port (of this process's user alone) -> TLS -> node
//! ```

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use scylla::errors::TranslationError;
use scylla::policies::address_translator::{AddressTranslator, UntranslatedPeer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// What a pause after a failed accept is, such as one for want of files.
const PAUSE: Duration = Duration::from_millis(100);

/// How TLS is spoken.
#[derive(Clone, Debug)]
pub struct Tls(Arc<rustls::ClientConfig>);

impl Tls {
    /// With this configuration, which says whom to trust and who we are.
    #[must_use]
    pub fn new(config: Arc<rustls::ClientConfig>) -> Self {
        Self(config)
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Tls {}

/// A listener for each node. They end with it.
pub(crate) struct Relay {
    tls: TlsConnector,
    connect_timeout: Duration,
    listeners: Mutex<Listeners>,
    /// Why a node was not reached last, since the driver sees a closed connection only.
    reason: Arc<Mutex<Option<String>>>,
}

#[derive(Default)]
struct Listeners {
    by_node: HashMap<SocketAddr, SocketAddr>,
    tasks: JoinSet<()>,
}

/// One node.
#[derive(Clone)]
struct Node {
    address: SocketAddr,
    name: ServerName<'static>,
    tls: TlsConnector,
    connect_timeout: Duration,
    reason: Arc<Mutex<Option<String>>>,
}

impl Relay {
    pub(crate) fn new(tls: &Tls, connect_timeout: Duration) -> Self {
        let tls = TlsConnector::from(Arc::clone(&tls.0));
        Self { tls, connect_timeout, listeners: Mutex::default(), reason: Arc::default() }
    }

    /// Where to connect for a node; `host` is the name that its certificate has.
    pub(crate) fn address_for(&self, node: SocketAddr, host: Option<&str>) -> io::Result<SocketAddr> {
        let mut listeners = self.listeners.lock();
        // The tables of a cluster name no ports: the driver takes that of its first connection, which is a listener's.
        let first = listeners.by_node.iter().find(|(_, near)| near.port() == node.port());
        let node = SocketAddr::new(node.ip(), first.map_or(node.port(), |(far, _)| far.port()));
        if let Some(known) = listeners.by_node.get(&node) {
            return Ok(*known);
        }
        let named = host.and_then(|host| ServerName::try_from(host.to_owned()).ok());
        let name = named.unwrap_or_else(|| ServerName::IpAddress(node.ip().into()));
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let (tls, reason) = (self.tls.clone(), Arc::clone(&self.reason));
        let target = Node { address: node, name, tls, connect_timeout: self.connect_timeout, reason };
        listeners.tasks.spawn(accept(listener, target));
        listeners.by_node.insert(node, address);
        Ok(address)
    }

    /// Why a node was not reached last.
    pub(crate) fn reason(&self) -> Option<String> {
        self.reason.lock().clone()
    }
}

/// The driver, through whatever owns the relay.
pub(crate) struct Shared(pub(crate) Arc<Relay>);

#[async_trait]
impl AddressTranslator for Shared {
    #[expect(elided_lifetimes_in_paths, reason = "the trait's own signature, of which this must be a copy")]
    async fn translate_address(&self, peer: &UntranslatedPeer) -> Result<SocketAddr, TranslationError> {
        let address = self.0.address_for(peer.untranslated_address(), None);
        address.map_err(|error| TranslationError::IoError(Arc::new(error)))
    }
}

async fn accept(listener: TcpListener, node: Node) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Others on this machine must not talk to the cluster as us.
        if is_ours(peer) {
            connections.spawn(carry(stream, node.clone()));
        }
    }
}

async fn carry(mut near: TcpStream, node: Node) {
    let reached = async {
        let far = TcpStream::connect(node.address).await?;
        far.set_nodelay(true)?;
        near.set_nodelay(true)?;
        node.tls.connect(node.name.clone(), far).await
    };
    let reached = tokio::time::timeout(node.connect_timeout, reached).await;
    match reached.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no handshake in time"))) {
        // Which side closes, and how, is the driver's to see.
        Ok(mut far) => {
            *node.reason.lock() = None;
            drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
        }
        Err(error) => *node.reason.lock() = Some(format!("TLS to {}: {error}", node.address)),
    }
}

/// Whether the other end of a connection over loopback belongs to this process's user.
fn is_ours(peer: SocketAddr) -> bool {
    let Ok(own) = std::fs::metadata("/proc/self") else { return false };
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    owner(&table, peer) == Some(own.uid())
}

/// The user of the socket with this local address, out of the kernel's table.
fn owner(table: &str, peer: SocketAddr) -> Option<u32> {
    let SocketAddr::V4(peer) = peer else { return None };
    let address = format!("{:08X}:{:04X}", u32::from_le_bytes(peer.ip().octets()), peer.port());
    let mut lines = table.lines().map(str::split_ascii_whitespace);
    lines.find_map(|mut fields| if fields.nth(1)? == address { fields.nth(5)?.parse().ok() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sockets_owner_stands_in_the_kernels_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 1 1\n";
        assert_eq!(owner(table, "127.0.0.1:8080".parse().unwrap()), Some(1000));
        assert_eq!(owner(table, "127.0.0.1:8081".parse().unwrap()), None);
    }

    #[test]
    fn a_connection_of_this_process_is_its_own() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_stream, peer) = listener.accept().unwrap();
        assert!(is_ours(peer));
    }
}
