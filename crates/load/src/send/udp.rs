//! UDP by `sendmmsg`: many packets a system call, at a rate or flat out.
#![allow(unsafe_code)]

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Sent;
use crate::wire::Payloads;

/// Packets of one system call at the most.
const BURST: usize = 64;
/// At a rate, this many packets are due each time that the sender wakes up: few enough for a default socket buffer.
const PACKETS_A_TICK: f64 = 10.0;

/// Sends all packets to `to`, at `spans_per_second` or flat out.
///
/// # Errors
/// What the system says of the socket.
pub fn send(to: SocketAddr, payloads: &Payloads, spans_per_second: Option<f64>) -> io::Result<Sent> {
    let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    let began = Instant::now();
    let mut next = 0;
    while next < payloads.bodies.len() {
        let due = match spans_per_second {
            None => payloads.bodies.len(),
            Some(rate) => due(began.elapsed(), rate, payloads),
        };
        if due <= next {
            pause(spans_per_second.unwrap_or(f64::INFINITY) / payloads.spans_each as f64);
            continue;
        }
        let end = due.min(next + BURST);
        let Some(burst) = payloads.bodies.get(next..end) else { break };
        next += send_burst(&socket, burst)?;
    }
    Ok(Sent { spans: next * payloads.spans_each, wall: began.elapsed(), ..Sent::default() })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of packets, never negative")]
fn due(elapsed: Duration, rate: f64, payloads: &Payloads) -> usize {
    let packets = elapsed.as_secs_f64() * rate / payloads.spans_each as f64;
    (packets as usize + 1).min(payloads.bodies.len())
}

#[expect(clippy::disallowed_methods, reason = "the sending thread paces itself")]
fn pause(packets_per_second: f64) {
    std::thread::sleep(Duration::from_secs_f64((PACKETS_A_TICK / packets_per_second).min(1.0)));
}

fn send_burst(socket: &UdpSocket, burst: &[Bytes]) -> io::Result<usize> {
    let mut vectors: Vec<libc::iovec> = burst
        .iter()
        .map(|body| libc::iovec { iov_base: body.as_ptr().cast_mut().cast(), iov_len: body.len() })
        .collect();
    let mut headers: Vec<libc::mmsghdr> = vectors
        .iter_mut()
        .map(|vector| {
            // SAFETY: all-zero is a valid msghdr: null pointers and zero lengths.
            let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header
        })
        .collect();
    let count = libc::c_uint::try_from(headers.len()).unwrap_or(libc::c_uint::MAX);
    loop {
        // SAFETY: headers point to vectors, vectors to the bodies; all live past the call, which only reads them.
        let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, 0) };
        if let Ok(sent) = usize::try_from(sent) {
            return Ok(sent);
        }
        let error = io::Error::last_os_error();
        // A full buffer of the sender's own, or a refusal reported for an earlier packet: go on.
        if !matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused
        ) {
            return Err(error);
        }
        if error.kind() == io::ErrorKind::ConnectionRefused {
            return Ok(0);
        }
    }
}
