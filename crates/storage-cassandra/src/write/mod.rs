//! Writes: a batch becomes rows, rows become statements, statements are executed, and each span's fate is told.

mod execute;
mod names;
mod rows;
mod statements;

pub(crate) use execute::Writer;
