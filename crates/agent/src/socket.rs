//! A UDP socket of the agent: its receive buffer, and what the kernel dropped there.

use std::io;
use std::net::UdpSocket;
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
