//! A UDP socket of the agent: its receive buffer, and what the kernel dropped there.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use socket2::SockRef;

use crate::sys;

/// What `server-socket-buffer-size` 0 asks for. Linux's default of 208 KiB loses datagrams at 20,000 a second
/// as soon as somebody else uses the processor; 4 MiB lost none.
pub(crate) const DEFAULT_BUFFER_BYTES: usize = 8 << 20;

/// How long a read waits, so that the receiving thread sees that it is to stop.
const READ_TIMEOUT: Duration = Duration::from_millis(100);

/// Asks for a receive buffer of `bytes` (0: [`DEFAULT_BUFFER_BYTES`]) and tells what the kernel gave, in the bytes
/// that were asked for (Linux doubles them for its own use).
pub(crate) fn prepare(socket: &UdpSocket, bytes: usize) -> io::Result<usize> {
    let wanted = if bytes == 0 { DEFAULT_BUFFER_BYTES } else { bytes };
    if sys::force_receive_buffer(socket, wanted).is_err() {
        SockRef::from(socket).set_recv_buffer_size(wanted)?;
    }
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(READ_TIMEOUT))?;
    Ok(SockRef::from(socket).recv_buffer_size()? / 2)
}

/// Takes no datagram any more, while those in the socket's buffer can still be read: it is connected to itself, so that senders are
/// told by the kernel that nobody listens. Closing it instead would lose what came since the last read, and count it nowhere.
pub(crate) fn close_to_senders(socket: &UdpSocket) -> io::Result<()> {
    let own = socket.local_addr()?;
    if !own.ip().is_unspecified() {
        return socket.connect(own);
    }
    let loopback = |address: IpAddr| socket.connect(SocketAddr::new(address, own.port()));
    match own {
        SocketAddr::V4(_) => loopback(Ipv4Addr::LOCALHOST.into()),
        // The form of IPv4 in IPv6, which is there on machines without IPv6 too.
        SocketAddr::V6(_) => loopback(Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()),
    }
}

/// Counts the kernel's drops of one socket, whose own counter has 32 bits and wraps.
#[derive(Debug, Default)]
pub(crate) struct KernelDrops {
    seen: u32,
}

impl KernelDrops {
    /// The drops since the last call.
    pub(crate) fn since_last(&mut self, socket: &UdpSocket) -> u64 {
        let Some(now) = sys::kernel_drops(socket) else { return 0 };
        let new = now.wrapping_sub(self.seen);
        self.seen = now;
        u64::from(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_the_close_is_read_and_who_comes_after_is_told() {
        for any in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let Ok(socket) = UdpSocket::bind(any) else { continue };
            let sender = UdpSocket::bind("127.0.0.1:0").expect("a free port");
            let port = socket.local_addr().expect("bound").port();
            sender.connect(("127.0.0.1", port)).expect("connected");
            for number in 0..3 {
                sender.send(&[number]).expect("sent");
            }
            close_to_senders(&socket).expect("closed");
            let answers: Vec<_> = (3..5).map(|number| sender.send(&[number])).collect();
            assert!(answers.iter().any(Result::is_err), "nobody was told that {any} is closed: {answers:?}");
            socket.set_nonblocking(true).expect("set");
            let mut read = Vec::new();
            let mut buffer = [0; 10];
            while let Ok(1) = socket.recv(&mut buffer) {
                read.push(buffer[0]);
            }
            assert_eq!(read, [0, 1, 2], "{any}");
        }
    }

    #[test]
    fn counts_what_the_kernel_drops() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        SockRef::from(&socket).set_recv_buffer_size(4096).expect("small buffer");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let to = socket.local_addr().expect("bound");
        for _ in 0..100 {
            sender.send_to(&[0; 1000], to).expect("sent");
        }
        let mut drops = KernelDrops::default();
        let dropped = drops.since_last(&socket);
        assert!(dropped > 50 && dropped < 100, "{dropped} of 100 were dropped");
        assert_eq!(drops.since_last(&socket), 0);
    }
}
