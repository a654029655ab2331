//! gRPC as services need it whose messages are spans: framed by hand over hyper's HTTP/2, bytes in and bytes out.
//!
//! ```text
//! server: connection (HTTP/2, age, GOAWAY) -> the service's handler -> answer (messages, status)
//! client: channel (connects when it is needed, for ever) -> reply (messages, status)
//! ```
//!
//! No generated type stands between a message and its reader. Health and reflection are tonic's and share the connections.

mod answer;
mod channel;
mod connection;
mod frames;
mod reply;
mod side;
mod timeout;
mod token;

pub use answer::{Answer, Framed, framed, reply, status, streamed, unknown_method};
pub use channel::{AddressError, Channel, ChannelConfig, PROTOCOLS};
pub use connection::{ConnectionSettings, serve};
pub use frames::{FrameError, Frames};
pub use reply::{Reply, is_answer, unanswered};
pub use side::{Answering, Handler, ReflectionError, Side};
pub use timeout::{DEFAULT_PATIENCE, patience};
pub use token::{TOKEN_METADATA, token, with_token};
pub use tonic::{Code, Status};
