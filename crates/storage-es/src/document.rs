//! Documents as Go Jaeger writes and reads them: of spans, of services, of links.

mod decode;
mod encode;
mod fields;
mod json;
mod scalar;
pub(crate) mod text;

pub(crate) use decode::Spans;
pub(crate) use encode::{Encoder, document_id};
pub(crate) use json::string;

use jaeger_model::hash_bytes;

/// FNV-1a, by which a service document's id is made.
pub(crate) fn service_id(service: &str, operation: &str) -> u64 {
    let bytes = service.bytes().chain(operation.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Tells service documents apart where ids of two may be equal.
pub(crate) fn service_key(service: &str, operation: &str) -> u64 {
    hash_bytes(hash_bytes(0, service.as_bytes()), operation.as_bytes())
}

/// The document of a service and one of its operations.
pub(crate) fn service(out: &mut Vec<u8>, service: &str, operation: &str) {
    out.extend_from_slice(b"{\"serviceName\":");
    string(out, service);
    out.extend_from_slice(b",\"operationName\":");
    string(out, operation);
    out.push(b'}');
}

#[cfg(test)]
mod tests;
