//! Stands empty until its part is written.
pub mod command;
pub mod ports;
pub mod settings;
pub mod version;
