//! What a sender is told: ExportTraceServiceResponse, or google.rpc.Status where the whole request failed.

use super::nested::put_text;
use super::outcome::Outcome;
use crate::protobuf::Writer;

impl Outcome {
    /// ExportTraceServiceResponse in protobuf; partial_success is always there, as in Go.
    #[must_use]
    pub fn response_protobuf(&self) -> Vec<u8> {
        let mut out = Vec::new();
        Writer::new(&mut out).message(1, |writer| {
            if self.rejected > 0 {
                writer.varint(1, self.rejected as u64);
            }
            if let Some(reason) = &self.reason {
                writer.bytes(2, reason.as_bytes());
            }
        });
        out
    }

    /// ExportTraceServiceResponse in JSON.
    #[must_use]
    pub fn response_json(&self) -> Vec<u8> {
        let mut out = b"{\"partialSuccess\":{".to_vec();
        if self.rejected > 0 {
            out.extend_from_slice(b"\"rejectedSpans\":\"");
            out.extend_from_slice(itoa::Buffer::new().format(self.rejected).as_bytes());
            out.push(b'"');
        }
        if let Some(reason) = &self.reason {
            out.extend_from_slice(if self.rejected > 0 { b",\"errorMessage\":" } else { b"\"errorMessage\":" });
            put_text(&mut out, reason.as_bytes());
        }
        out.extend_from_slice(b"}}");
        out
    }
}

/// google.rpc.Status in protobuf. `code` is gRPC's (3 invalid argument, 8 resource exhausted, 14 unavailable, ...).
#[must_use]
pub fn status_protobuf(code: u32, message: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out);
    if code != 0 {
        writer.varint(1, code.into());
    }
    if !message.is_empty() {
        writer.bytes(2, message.as_bytes());
    }
    out
}

/// google.rpc.Status in JSON.
#[must_use]
pub fn status_json(code: u32, message: &str) -> Vec<u8> {
    let mut out = b"{\"code\":".to_vec();
    out.extend_from_slice(itoa::Buffer::new().format(code).as_bytes());
    out.extend_from_slice(b",\"message\":");
    put_text(&mut out, message.as_bytes());
    out.push(b'}');
    out
}
