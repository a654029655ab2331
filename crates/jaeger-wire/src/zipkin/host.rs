//! Addresses as text, in Go's form.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv4 address that stands as a number.
pub(super) fn ipv4_text(ipv4: i32) -> String {
    Ipv4Addr::from_bits(ipv4.cast_unsigned()).to_string()
}

/// An address that stands as bytes; Go shows a length that no address has in hex.
pub(super) fn ip_text(bytes: &[u8]) -> String {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(octets).to_string();
    }
    if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
        return ipv6_text(Ipv6Addr::from(octets));
    }
    // An address of kilobytes is none; its beginning says so too.
    let mut text = String::from("?");
    for byte in bytes.iter().take(64) {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}

/// An IPv4 address within IPv6 is shown as the IPv4 address that it is.
pub(super) fn ipv6_text(address: Ipv6Addr) -> String {
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |ipv4| ipv4.to_string())
}
