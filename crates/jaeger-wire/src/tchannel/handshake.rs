//! The first frame in each direction: which version, and who is there.

use bytes::{BufMut, Bytes, BytesMut};

use super::frame::{Frame, FrameKind};
use super::text;
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

/// The version of the protocol.
pub const VERSION: u16 = 2;
const HOST_PORT: &str = "host_port";
const PROCESS_NAME: &str = "process_name";
/// What a side that listens nowhere says of where it listens.
const NOWHERE: &str = "0.0.0.0:0";

/// What one side says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Init {
    /// The version that it speaks.
    pub version: u16,
    /// Where it listens, what it is called, what it is written in.
    pub headers: Vec<(String, String)>,
}

/// A side that nobody can talk to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InitError {
    /// The frame's body is none.
    #[error(transparent)]
    Body(#[from] DecodeError),
    /// Another version. (The words are Go's.)
    #[error("unsupported protocol version {0} from peer, expected {VERSION}")]
    Version(u16),
    /// A header that each side must send. (The words are Go's.)
    #[error("header {0} is required")]
    Header(&'static str),
}

impl Init {
    /// What this process says; `listens` is `None` where nobody can connect to it.
    #[must_use]
    pub fn ours(listens: Option<&str>, process: &str) -> Self {
        let header = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        Self {
            version: VERSION,
            headers: vec![
                header(HOST_PORT, listens.unwrap_or(NOWHERE)),
                header(PROCESS_NAME, process),
                header("tchannel_language", "rust"),
                header("tchannel_language_version", env!("CARGO_PKG_RUST_VERSION")),
                header("tchannel_version", env!("CARGO_PKG_VERSION")),
            ],
        }
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Reads the body of an init frame. Headers that nobody knows are kept; bytes behind the last are not read.
    ///
    /// # Errors
    /// [`InitError`], for the peer.
    pub fn decode(body: &[u8]) -> Result<Self, InitError> {
        Self::read(&mut Input::new(body)).map_err(|fault| InitError::Body(*fault))
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Fault> {
        let version = input.array("version").map(u16::from_be_bytes)?;
        let count = input.array("number of init headers").map(u16::from_be_bytes)?;
        let headers = text::pairs(count.into(), input, "init header", text::long)?;
        Ok(Self { version, headers })
    }

    /// Whether who accepts can talk to who said this: any version from ours on, as in Go.
    ///
    /// # Errors
    /// [`InitError`], for the peer.
    pub fn accept(&self) -> Result<(), InitError> {
        if self.version < VERSION { Err(InitError::Version(self.version)) } else { self.introduced() }
    }

    /// Whether who connects can talk to who answered this: our version alone.
    ///
    /// # Errors
    /// [`InitError`], for the peer.
    pub fn agreed(&self) -> Result<(), InitError> {
        if self.version == VERSION { self.introduced() } else { Err(InitError::Version(self.version)) }
    }

    fn introduced(&self) -> Result<(), InitError> {
        match [HOST_PORT, PROCESS_NAME].into_iter().find(|key| self.header(key).is_none()) {
            Some(missing) => Err(InitError::Header(missing)),
            None => Ok(()),
        }
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self, kind: FrameKind, id: u32) -> Frame {
        Frame { kind, id, body: self.body() }
    }

    fn body(&self) -> Bytes {
        let mut out = BytesMut::new();
        out.put_u16(self.version);
        out.put_u16(u16::try_from(self.headers.len()).unwrap_or(u16::MAX));
        for (key, value) in self.headers.iter().take(usize::from(u16::MAX)) {
            text::put_long(&mut out, key);
            text::put_long(&mut out, value);
        }
        out.freeze()
    }
}
