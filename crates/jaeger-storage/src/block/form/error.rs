//! Why bytes are no block.

use super::LAYOUT;

/// Why bytes are no block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BlockFormatError {
    /// Written by a newer version, or no block at all.
    #[error("the block has layout {0}, and this version reads layout {LAYOUT} alone: read it with a newer version")]
    Layout(u8),
    /// The bytes end early.
    #[error("the block ends within its {part}: the file is cut off or damaged, verify it")]
    Short {
        /// What was being read.
        part: &'static str,
    },
    /// The parts contradict each other.
    #[error("the block's {part} contradict the rest of it: the file is damaged, verify it")]
    Wrong {
        /// What was being read.
        part: &'static str,
    },
}
