//! jaeger-query: finds traces and serves them over Jaeger's HTTP API. The way of an answer, in the order of the modules:
//!
//! ```text
//! client --server--> route --> params --> search --asks--> store
//! client <--answer (in pieces, gzip)-- render <-- adjust <-- assemble <--one trace at a time--+
//! ```
//!
//! A trace is laid out as a [`draft::Draft`] that borrows its texts from the store's batches, adjusted there, and
//! written straight into the answer's next piece. **At most one trace of a search is held, whatever its limit**, and all
//! answers under way hold no more than the [`budget`].
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod config;
pub mod server;
mod sockets;

pub mod path;
pub mod route;

pub mod params;

pub mod archive;
pub mod budget;
mod caller;
mod each;
pub mod load;
pub mod metrics;
pub mod names;
pub mod rates;
pub mod search;
pub mod transform;

mod rpc;
mod v3;

mod ledger;
mod ui;

pub mod draft;

pub mod assemble;

pub mod adjust;

pub mod render;

pub mod answer;
pub mod envelope;
pub mod error;
pub mod gzip;

pub mod go;

pub use config::Config;
pub use server::{Query, Surroundings};
pub use sockets::Sockets;
pub use ui::UiFiles;
