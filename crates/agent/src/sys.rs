//! The three calls of the kernel that no crate wraps well: `recvmmsg`, `SO_MEMINFO` and `SO_RCVBUFFORCE`.
//! The only unsafe code of the agent.
#![allow(unsafe_code)]

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

/// `SO_MEMINFO` of Linux: an array of nine numbers, of which the last is the packets dropped.
const SO_MEMINFO: libc::c_int = 55;
const MEMINFO_DROPS: usize = 8;
const MEMINFO_LEN: usize = 9;

/// Wait for the first datagram only; musl declares flags without a sign.
#[cfg(target_env = "musl")]
const WAIT_FOR_ONE: libc::c_uint = libc::MSG_WAITFORONE.cast_unsigned();
#[cfg(not(target_env = "musl"))]
const WAIT_FOR_ONE: libc::c_int = libc::MSG_WAITFORONE;

/// Buffers for many datagrams, filled by one system call.
pub(crate) struct Datagrams {
    slab: Vec<u8>,
    slot_bytes: usize,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    received: usize,
}

// The raw pointers point into `slab`, which this struct owns and never reallocates.
unsafe impl Send for Datagrams {}

impl Datagrams {
    /// Room for `slots` datagrams of `slot_bytes` each. Pages are only taken where datagrams touch them.
    pub(crate) fn new(slots: usize, slot_bytes: usize) -> Self {
        let mut slab = vec![0; slots * slot_bytes];
        let mut vectors: Vec<libc::iovec> = slab
            .chunks_exact_mut(slot_bytes.max(1))
            .map(|slot| libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() })
            .collect();
        let headers = vectors
            .iter_mut()
            .map(|vector| {
                // SAFETY: all-zero is a valid msghdr: null pointers and zero lengths.
                let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
                header.msg_hdr.msg_iov = vector;
                header.msg_hdr.msg_iovlen = 1;
                header
            })
            .collect();
        Self { slab, slot_bytes, vectors, headers, received: 0 }
    }

    /// Waits for a datagram (as long as the socket's read timeout) and takes as many as there are, up to all slots.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.received = 0;
        let slots = libc::c_uint::try_from(self.vectors.len()).unwrap_or(libc::c_uint::MAX);
        // SAFETY: each header points to one vector, each vector to its own slot of the slab; all outlive the call.
        let count = unsafe {
            libc::recvmmsg(socket.as_raw_fd(), self.headers.as_mut_ptr(), slots, WAIT_FOR_ONE, std::ptr::null_mut())
        };
        if count < 0 {
            return Err(io::Error::last_os_error());
        }
        self.received = usize::try_from(count).unwrap_or(0).min(self.headers.len());
        Ok(self.received)
    }

    /// The datagrams of the last call; each with whether it was longer than its slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let slots = self.slab.chunks_exact(self.slot_bytes.max(1));
        self.headers.iter().zip(slots).take(self.received).map(|(header, slot)| {
            let len = (header.msg_len as usize).min(slot.len());
            (slot.get(..len).unwrap_or(slot), header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0)
        })
    }
}

/// How many datagrams the kernel dropped at this socket since it was made, where the kernel tells.
pub(crate) fn kernel_drops(socket: &UdpSocket) -> Option<u32> {
    let mut numbers = [0u32; MEMINFO_LEN];
    let mut bytes = libc::socklen_t::try_from(size_of_val(&numbers)).ok()?;
    // SAFETY: the kernel writes at most `bytes` bytes into `numbers`.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, SO_MEMINFO, numbers.as_mut_ptr().cast(), &raw mut bytes)
    };
    (result == 0 && bytes as usize > MEMINFO_DROPS * size_of::<u32>()).then(|| numbers[MEMINFO_DROPS])
}

/// Sets the receive buffer past the system's limit, which only a privileged process may.
pub(crate) fn force_receive_buffer(socket: &UdpSocket, bytes: usize) -> io::Result<()> {
    let value = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    let len = libc::socklen_t::try_from(size_of_val(&value)).unwrap_or(0);
    // SAFETY: the kernel reads `len` bytes of `value`.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, (&raw const value).cast(), len)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
