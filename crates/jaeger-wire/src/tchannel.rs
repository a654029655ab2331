//! TChannel (`proto/thrift/`, port 14267): what agents and collectors up to 1.17 speak with each other. Frames of at most 64 KiB
//! over one connection in both directions; calls of three arguments, cut into fragments under a running checksum; the
//! third argument is a Thrift struct in the binary protocol.
//!
//! ```text
//! bytes --FrameCodec--> Frame --CallRequest, CallResponse--> Fragment --Assembly--> Arguments --batches, sampling, meta-->
//! ```
//!
//! Bytes in, bytes out: connections, deadlines and peers are the collector's and the agent's own.

mod assemble;
mod batches;
mod call;
mod checksum;
mod codec;
mod error_frame;
mod fragment;
mod frame;
mod handshake;
mod headers;
pub mod meta;
mod method;
pub mod sampling;
mod text;

pub use assemble::{Arguments, Assembly, FragmentError};
pub use batches::{count_elements, decode_submit, decode_submitted, encode_submit, encode_submitted};
pub use call::{APPLICATION_ERROR, CallRequest, CallResponse, OK};
pub use checksum::ChecksumKind;
pub use codec::{FrameCodec, FrameError};
pub use error_frame::{ErrorCode, ErrorFrame};
pub use fragment::{Fragment, encode_request, encode_response};
pub use frame::{CONNECTION, Frame, FrameKind, HEADER_BYTES, MAX_FRAME_BYTES};
pub use handshake::{Init, InitError, VERSION};
pub use headers::{decode_headers, encode_headers};
pub use method::Method;

/// The service that agents call.
pub const COLLECTOR: &str = "jaeger-collector";
/// The service that calls.
pub const AGENT: &str = "jaeger-agent";
/// The service under which each TChannel server has its `Meta` methods besides.
pub const OWN: &str = "tchannel";
/// The transport header that names the argument scheme, and the one scheme that Jaeger uses.
pub const SCHEME: (&str, &str) = ("as", "thrift");
/// The transport header that names the caller.
pub const CALLER: &str = "cn";

/// Ids of the caller's own trace, carried back as they came; Jaeger's parts do not trace their calls.
pub type Tracing = [u8; 25];

#[cfg(test)]
mod tests;
