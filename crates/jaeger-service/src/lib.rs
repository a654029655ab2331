//! What every binary of the backend shares: everything around a span's way, nothing on it but the queue, the ledger and the counters.
//!
//! ```text
//! command, settings   flags, environment and file become typed settings, once
//! listen              all sockets are bound, or all failures told at once
//! logs, metrics       what the process says about itself
//! health, lifecycle   start, ready, stop in phases
//! process             the frame that puts these around a service
//! accept          connections, for HTTP and for protocols with frames of their own
//! tls             what stands between a connection and its protocol, on both ends
//! http, admin         serving, and the pages of the admin port
//! allocator           who hands out memory
//! queue, ledger       the bounded wait between receiving and storing, and what became of every packet and span
//! ```

pub mod accept;
pub mod admin;
#[cfg(feature = "mimalloc")]
mod allocator;
pub mod clock;
pub mod command;
pub mod health;
pub mod http;
pub mod ledger;
pub mod lifecycle;
pub mod listen;
pub mod logs;
pub mod machine;
pub mod metrics;
pub mod ports;
pub mod process;
pub mod queue;
pub mod settings;
pub mod tls;
pub mod version;
