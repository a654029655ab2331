//! What a client says of its process: version, host, address, and an id by which agents follow its losses.

use std::net::UdpSocket;

use jaeger_model::keys;

use crate::id;

/// The tags of this process; the user's own come last and win over these.
pub(crate) fn tags(own: &[(String, String)]) -> Vec<(String, String)> {
    let version = concat!("Rust-", env!("CARGO_PKG_VERSION"));
    let found = [
        ("jaeger.version", Some(version.to_owned())),
        ("hostname", hostname()),
        (keys::IP, address()),
        (keys::CLIENT_UUID, Some(format!("{:016x}", id::random()))),
    ];
    let of_own = |key: &str| own.iter().any(|(known, _)| known == key);
    let found = found.into_iter().filter(|(key, _)| !of_own(key));
    found.filter_map(|(key, value)| Some((key.to_owned(), value?))).chain(own.iter().cloned()).collect()
}

fn hostname() -> Option<String> {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.or_else(|| std::env::var("HOSTNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The address from which this host speaks to others. Nothing is sent: the kernel only chooses a route.
fn address() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}
