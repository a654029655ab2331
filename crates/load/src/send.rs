//! Sending what is encoded: over UDP at a rate, over gRPC, HTTP and TChannel as fast as answers come.

pub mod grpc;
pub mod http;
pub mod tchannel;
pub mod udp;

use std::time::Duration;

/// What was sent, and what came back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// Spans that left.
    pub spans: usize,
    /// Spans whose request was answered with an error.
    pub refused: usize,
    /// Spans that were refused at first and sent again, counted each time.
    pub again: usize,
    /// From the first to the last.
    pub wall: Duration,
}

impl Sent {
    /// Spans a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.spans as f64 / self.wall.as_secs_f64().max(1e-9)
    }
}
