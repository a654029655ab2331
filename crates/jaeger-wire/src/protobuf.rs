//! Protocol Buffers by hand: what span bodies are read from and written with, straight into and out of the model.
//!
//! A reader borrows the bytes at hand and allocates nothing, so that no length prefix can inflate anything.

mod reader;
mod writer;

pub use reader::{Field, Reader, Wire};
pub use writer::Writer;
