//! The agent: takes spans over UDP, from clients that wait for nobody, and hands them to a collector that answers.
//!
//! ```text
//! client --UDP--> receive -> queue(packets) -> decode -> hold -> forward --gRPC, TChannel--> collector
//!                 (recvmmsg)  [packets]        [batches] [bytes]  (64 in flight)  <- answer when stored
//! client --HTTP-> sampling --asked once, then cached--> collector
//! ```
//!
//! UDP has no acknowledgement: the promise is the ledger, and SIGTERM. Whatever was received is decoded, and what was
//! decoded is held until a collector answers, within the bounds that the settings name.

mod agent;
mod backoff;
mod clients;
mod config;
mod decode;
mod format;
mod forward;
mod hold;
mod packets;
mod receive;
pub mod reporter;
mod sampling;
mod socket;
mod sys;

pub use agent::{Agent, AgentError};
pub use config::{Collectors, Config, HTTP_LISTENER, PortConfig, PortKind};
pub use sampling::{Asked, Cached, SamplingPages, SamplingSource, Strategy};
