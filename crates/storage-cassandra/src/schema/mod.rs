//! The tables in the shapes that Go's releases gave them: which one a keyspace has, and how they are made.

pub(crate) mod check;
mod create;
mod settings;

pub use create::{CreateError, create};
pub use settings::{SchemaSettings, SettingsError};
