//! Stands empty until its part is written.
pub mod command;
pub mod ports;
pub mod process;
pub mod settings;
pub mod version;
pub mod admin;
pub mod clock;
pub mod health;
pub mod http;
pub mod ledger;
pub mod lifecycle;
pub mod listen;
pub mod logs;
pub mod machine;
pub mod metrics;
pub mod queue;
