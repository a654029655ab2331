//! What the server is told.

/// Bounds of the server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The longest message that is taken.
    pub max_message_bytes: usize,
    /// Bytes of requests in hand, from their first byte to the store's answer.
    pub max_bytes_in_hand: u64,
    /// Which services are offered.
    pub offers: Offers,
}

/// Services beyond those that each server has. All but in tests that stand for another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    /// `jaeger.embedded.v1`.
    pub embedded: bool,
    /// `WriteSpanStream` of v1.
    pub streams: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_message_bytes: 32 << 20,
            max_bytes_in_hand: 128 << 20,
            offers: Offers { embedded: true, streams: true },
        }
    }
}
