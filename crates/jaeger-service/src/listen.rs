//! All sockets of a process, bound before anything else starts.
//!
//! Each listener has a name (as in the ports file), the flag that moves it, and an address. All are tried before any error is told, so that one run
//! shows every occupied port.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs, UdpSocket};
use std::path::Path;

use socket2::{Domain, Protocol, Socket, Type};

use crate::accept::Listener;
use crate::tls::Acceptor;

/// Connections that may wait in the kernel until we accept them.
const BACKLOG: i32 = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tcp,
    Udp,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Tcp => "tcp",
            Kind::Udp => "udp",
        })
    }
}

#[derive(Clone, Debug)]
struct Wish {
    name: String,
    flag: String,
    address: String,
    kind: Kind,
}

/// The listeners that a process wants.
#[derive(Debug, Default)]
pub struct Listeners(Vec<Wish>);

/// One listener that could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("--{flag}: cannot listen on {kind} {address}: {why}; move it with --{flag}=HOST:PORT")]
pub struct BindError {
    /// The flag that moves it, without the dashes.
    pub flag: String,
    /// The address as given.
    pub address: String,
    kind: Kind,
    /// What went wrong.
    pub why: String,
}

/// Every listener that could not be bound.
#[derive(Debug, thiserror::Error)]
pub struct BindErrors(pub Vec<BindError>);

impl fmt::Display for BindErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl Listeners {
    /// No listeners yet.
    #[must_use]
    pub fn new() -> Self {
        Listeners::default()
    }

    /// Wants a TCP listener: its name in the ports file, the flag that moves it (without dashes), and `HOST:PORT`. An empty host means all
    /// addresses of the machine, IPv4 and IPv6, as in Go; a bare port number means the same.
    pub fn tcp(&mut self, name: &str, flag: &str, address: &str) {
        self.wish(name, flag, address, Kind::Tcp);
    }

    /// Wants a UDP socket.
    pub fn udp(&mut self, name: &str, flag: &str, address: &str) {
        self.wish(name, flag, address, Kind::Udp);
    }

    fn wish(&mut self, name: &str, flag: &str, address: &str, kind: Kind) {
        self.0.push(Wish { name: name.to_owned(), flag: flag.to_owned(), address: address.to_owned(), kind });
    }

    /// Binds all of them.
    ///
    /// # Errors
    /// [`BindErrors`] has one entry for each that failed; what was bound is closed again.
    pub fn bind(self) -> Result<Bound, BindErrors> {
        let mut bound = Bound::default();
        let mut errors = Vec::new();
        let mut ours: BTreeMap<(String, u16), String> = BTreeMap::new();
        for wish in &self.0 {
            match wish.bind() {
                Ok((socket, address)) => {
                    let place = (wish.kind.to_string(), address.port());
                    ours.insert(place, wish.flag.clone());
                    bound.ports.insert(wish.name.clone(), address);
                    match wish.kind {
                        Kind::Tcp => {
                            bound.tcp.insert(wish.name.clone(), socket.into());
                        }
                        Kind::Udp => {
                            bound.udp.insert(wish.name.clone(), socket.into());
                        }
                    }
                }
                Err(error) => {
                    let place = (wish.kind.to_string(), wish.port().unwrap_or(0));
                    let why = match ours.get(&place) {
                        Some(flag) if error.kind() == io::ErrorKind::AddrInUse => {
                            format!("the port is in use by --{flag} of this same process")
                        }
                        _ => say(&error),
                    };
                    errors.push(BindError {
                        flag: wish.flag.clone(),
                        address: wish.address.clone(),
                        kind: wish.kind,
                        why,
                    });
                }
            }
        }
        if errors.is_empty() { Ok(bound) } else { Err(BindErrors(errors)) }
    }
}

impl Wish {
    fn port(&self) -> Option<u16> {
        let port = self.address.rsplit(':').next()?;
        port.parse().ok()
    }

    fn bind(&self) -> io::Result<(Socket, SocketAddr)> {
        let mut last = io::Error::new(io::ErrorKind::InvalidInput, "the host name has no address, write HOST:PORT");
        for address in resolve(&self.address)? {
            match open(self.kind, address) {
                Ok(bound) => return Ok(bound),
                // A machine without IPv6: go on with the IPv4 form of "all addresses".
                Err(error) => last = error,
            }
            if last.kind() == io::ErrorKind::AddrInUse {
                break;
            }
        }
        Err(last)
    }
}

/// The addresses to try, in order; the first that binds is taken.
fn resolve(address: &str) -> io::Result<Vec<SocketAddr>> {
    let invalid = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port),
        None => ("", address),
    };
    let port: u16 = port.parse().map_err(|_| invalid("the port is not a number from 0 to 65535"))?;
    if host.is_empty() {
        return Ok(vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()]);
    }
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let mut found: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    // Go prefers IPv4 where a name has both.
    found.sort_by_key(|address| !address.is_ipv4());
    Ok(found)
}

fn open(kind: Kind, address: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    let (form, protocol) = match kind {
        Kind::Tcp => (Type::STREAM, Protocol::TCP),
        Kind::Udp => (Type::DGRAM, Protocol::UDP),
    };
    let socket = Socket::new(Domain::for_address(address), form, Some(protocol))?;
    if address.is_ipv6() {
        // "All addresses" means IPv4 too, whatever the machine's default is.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    if kind == Kind::Tcp {
        // A restart must not wait for the last one's connections; on UDP the same option would let two processes share a port.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    if kind == Kind::Tcp {
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
    }
    let bound = socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("the socket has no IP address"))?;
    Ok((socket, bound))
}

fn say(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "the port is in use by another process".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied (ports below 1024 need CAP_NET_BIND_SERVICE)".to_owned(),
        _ => error.to_string(),
    }
}

/// The bound listeners, each taken once by the service that it is for.
#[derive(Debug, Default)]
pub struct Bound {
    tcp: BTreeMap<String, TcpListener>,
    udp: BTreeMap<String, UdpSocket>,
    ports: BTreeMap<String, SocketAddr>,
    tls: BTreeMap<&'static str, Acceptor>,
}

impl Bound {
    /// From now on [`take`](Self::take) gives these listeners with TLS.
    pub fn set_tls(&mut self, tls: BTreeMap<&'static str, Acceptor>) {
        self.tls = tls;
    }

    /// Takes a TCP listener into the runtime that runs, with its TLS.
    ///
    /// # Errors
    /// Where it is not bound, or taken already.
    pub fn take(&mut self, name: &str) -> io::Result<Listener> {
        let listener = self.tcp.remove(name);
        let listener = listener.ok_or_else(|| io::Error::other(format!("the listener {name} was not planned")))?;
        Ok(Listener { tcp: tokio::net::TcpListener::from_std(listener)?, tls: self.tls.remove(name) })
    }

    /// Takes a TCP listener without TLS (non-blocking, ready for `tokio::net::TcpListener::from_std`).
    pub fn take_tcp(&mut self, name: &str) -> Option<TcpListener> {
        self.tcp.remove(name)
    }

    /// Takes a UDP socket (blocking: it is read by a thread of its own).
    pub fn take_udp(&mut self, name: &str) -> Option<UdpSocket> {
        self.udp.remove(name)
    }

    /// Where a listener is bound.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<SocketAddr> {
        self.ports.get(name).copied()
    }

    /// Name and address of all listeners, by name.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, SocketAddr)> + '_ {
        self.ports.iter().map(|(name, address)| (name.as_str(), *address))
    }

    /// Writes the ports file: a JSON object from name to `"ip:port"`. It appears whole or not at all, so a test may wait for it.
    ///
    /// # Errors
    /// If the file cannot be written; the text names it.
    pub fn write_ports_file(&self, path: &Path) -> io::Result<()> {
        let map: BTreeMap<_, _> = self.ports.iter().map(|(name, address)| (name, address.to_string())).collect();
        let text = serde_json::to_string(&map).map_err(io::Error::other)?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, path)).map_err(|error| {
            let text = format!("--ports-file: cannot write {}: {error}", path.display());
            io::Error::new(error.kind(), text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_told_at_once_with_flag_and_address() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap().to_string();
        let mut listeners = Listeners::new();
        listeners.tcp("query.http", "query.http-server.host-port", &taken);
        listeners.tcp("admin", "admin.http.host-port", "127.0.0.1:0");
        listeners.udp("agent.jaeger-compact", "processor.x", "127.0.0.1:notaport");
        let errors = listeners.bind().unwrap_err();
        assert_eq!(errors.0.len(), 2);
        let text = errors.to_string();
        assert!(text.contains("--query.http-server.host-port: cannot listen on tcp"), "{text}");
        assert!(text.contains(&taken) && text.contains("in use by another process"), "{text}");
        assert!(text.contains("--processor.x: cannot listen on udp 127.0.0.1:notaport"), "{text}");
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn two_flags_with_one_port_name_each_other() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let mut listeners = Listeners::new();
        listeners.tcp("a", "first", &address);
        listeners.tcp("b", "second", &address);
        let text = listeners.bind().unwrap_err().to_string();
        assert!(text.contains("--second") && text.contains("by --first of this same process"), "{text}");
    }

    #[test]
    fn what_was_bound_stands_in_the_ports_file() {
        let mut listeners = Listeners::new();
        listeners.tcp("admin", "admin.http.host-port", "127.0.0.1:0");
        listeners.udp("agent.jaeger-compact", "p", "127.0.0.1:0");
        let mut bound = listeners.bind().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ports.json");
        bound.write_ports_file(&path).unwrap();
        let map: BTreeMap<String, String> = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(map["admin"], bound.address("admin").unwrap().to_string());
        let udp = bound.take_udp("agent.jaeger-compact").unwrap();
        assert_eq!(map["agent.jaeger-compact"], udp.local_addr().unwrap().to_string());
        assert!(bound.take_tcp("admin").is_some() && bound.take_tcp("admin").is_none());
    }

    #[test]
    fn an_empty_host_takes_ipv4_clients() {
        for address in [":0", "0"] {
            let mut listeners = Listeners::new();
            listeners.tcp("x", "x", address);
            let bound = listeners.bind().unwrap();
            let port = bound.address("x").unwrap().port();
            std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        }
    }

    #[test]
    fn a_ports_file_in_no_folder_is_named_in_the_error() {
        let bound = Listeners::new().bind().unwrap();
        let error = bound.write_ports_file(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.to_string().contains("--ports-file: cannot write /nowhere/at/all"));
    }
}
