//! Values as Cassandra's native protocol has them: written straight from a span's view, read straight into a builder.

pub(crate) mod cells;
pub(crate) mod raw;
pub(crate) mod row;
pub(crate) mod span;
