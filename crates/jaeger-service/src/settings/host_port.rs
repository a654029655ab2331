//! Addresses as flags have them: `host:port`, `[::1]:port`, `:port` or a bare port.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// A host, possibly none, and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// Name or address without brackets; empty means all interfaces.
    pub host: String,
    /// The port; 0 lets the kernel choose.
    pub port: u16,
}

impl HostPort {
    /// Reads `host:port`, `[v6]:port`, `:port` or `port`. The error says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port),
            None if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => ("", text),
            None => return Err("an address without a port"),
        };
        if port.is_empty() {
            return Err("an address without a port");
        }
        let port = port.parse().map_err(|_| "an address whose port is not a number from 0 to 65535")?;
        let host = match host.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']').ok_or("an address with a bracket missing")?,
            None if host.contains(':') => return Err("an IPv6 address without brackets"),
            None => host,
        };
        Ok(Self { host: host.to_owned(), port })
    }

    /// The addresses behind the name, in the resolver's order; all interfaces when there is no host.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        if self.host.is_empty() {
            return Ok(vec![SocketAddr::from(([0u16; 8], self.port)), SocketAddr::from(([0, 0, 0, 0], self.port))]);
        }
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        for (text, host, port, written) in [
            (":4317", "", 4317, ":4317"),
            ("9411", "", 9411, ":9411"),
            ("0.0.0.0:0", "0.0.0.0", 0, "0.0.0.0:0"),
            ("localhost:14250", "localhost", 14250, "localhost:14250"),
            ("[::1]:6831", "::1", 6831, "[::1]:6831"),
        ] {
            let got = HostPort::parse(text).unwrap();
            assert_eq!((got.host.as_str(), got.port), (host, port));
            assert_eq!(got.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", ":", "host", "host:", "host:http", ":70000", "::1:80", "[::1:80"] {
            assert!(HostPort::parse(text).is_err(), "{text:?}");
        }
    }
}
