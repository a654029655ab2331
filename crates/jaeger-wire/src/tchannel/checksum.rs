//! The running checksum over a call's arguments: one number from the first byte of the first to the last of the third.

use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

/// How arguments are checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ChecksumKind {
    /// Not at all.
    None,
    /// CRC-32 as in zip and Ethernet. (The protocol's page says Adler-32; its libraries compute this.)
    #[default]
    Crc32,
    /// Farmhash, four bytes that nobody computes: not compared, as in Go.
    Farmhash,
    /// CRC-32C, Castagnoli's.
    Crc32c,
}

impl ChecksumKind {
    /// The kind of that code.
    pub(super) fn read(input: &mut Input<'_>) -> Result<Self, Fault> {
        const WHAT: &str = "checksum type";
        Ok(match input.byte(WHAT)? {
            0 => Self::None,
            1 => Self::Crc32,
            2 => Self::Farmhash,
            3 => Self::Crc32c,
            other => return Err(DecodeError::malformed(WHAT, format!("{other}; the protocol has 0 to 3")).into()),
        })
    }

    /// Its code.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Crc32 => 1,
            Self::Farmhash => 2,
            Self::Crc32c => 3,
        }
    }

    /// Whether a checksum of four bytes follows the code.
    pub(super) fn has_sum(self) -> bool {
        self != Self::None
    }

    /// What an answer to a call with this kind is checked with: a kind that we can compute.
    #[must_use]
    pub fn of_answer(self) -> Self {
        if self == Self::Farmhash { Self::None } else { self }
    }

    /// The checksum `so_far` with `bytes` behind what it was made of.
    pub(super) fn add(self, so_far: u32, bytes: &[u8]) -> u32 {
        match self {
            Self::None | Self::Farmhash => so_far,
            Self::Crc32 => {
                let mut hasher = crc32fast::Hasher::new_with_initial(so_far);
                hasher.update(bytes);
                hasher.finalize()
            }
            Self::Crc32c => crc32c::crc32c_append(so_far, bytes),
        }
    }

    /// Whether a checksum that came is the one that was computed.
    pub(super) fn agrees(self, came: u32, computed: u32) -> bool {
        matches!(self, Self::None | Self::Farmhash) || came == computed
    }
}
