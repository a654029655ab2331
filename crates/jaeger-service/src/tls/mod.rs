//! TLS around a connection, on both of its ends: a listener's between accept and its protocol, a client's between connect and its protocol.
//!
//! ```text
//! settings   --PREFIX.tls.*, checked            pem, roots   the files behind them
//! server     a listener: accept -> handshake    client       a connection out: connect -> handshake
//! reload     files that changed are taken for new connections; what is broken is told and not taken
//! ```

mod client;
mod clients;
mod counts;
mod dates;
mod listeners;
mod pem;
mod reload;
mod roots;
mod server;
mod settings;
mod stream;
mod verify;
mod versions;

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, ring};

pub use client::{ClientConfig, Connector};
pub use counts::register;
pub use listeners::listeners;
pub use pem::FileError;
pub use server::Acceptor;
pub use settings::{ClientSettings, ServerSettings};
pub use stream::Stream;

/// Protocols as a handshake names them.
pub const HTTP_2: &[u8] = b"h2";
/// See [`HTTP_2`].
pub const HTTP_1: &[u8] = b"http/1.1";

/// The cryptography of the whole process.
fn provider() -> Arc<CryptoProvider> {
    static RING: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(RING.get_or_init(|| Arc::new(ring::default_provider())))
}

#[cfg(test)]
mod tests;
