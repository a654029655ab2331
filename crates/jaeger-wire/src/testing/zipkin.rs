//! What must hold for any body of Zipkin's formats: it is refused and leaves nothing behind, or it is spans, the same
//! each time, of a size that the body accounts for.

use jaeger_model::{BatchBuilder, Timestamp};

use super::describe;
use crate::DecodeError;
use crate::thrift::Protocol;
use crate::zipkin::{decode_args, decode_thrift, decode_v1_json, decode_v2_json, decode_v2_protobuf};

/// The most bytes of a batch that one byte of a body can cause, tables that grow by doubling included.
const MOST_PER_BYTE: usize = 100;

/// A list of v1 spans in Thrift, read as 9411 reads it and as an agent does; says whether 9411 takes it.
///
/// # Panics
/// Where a decoder is wrong.
#[must_use]
pub fn v1_thrift(body: &[u8]) -> bool {
    // The list as field 1 of a struct, which is what an agent gets.
    let args = [&[15, 0, 1], body, &[0]].concat();
    for protocol in [Protocol::Binary, Protocol::Compact] {
        taken(&args, |builder| decode_args(&args, protocol, builder));
    }
    taken(body, |builder| decode_thrift(body, builder))
}

/// v1 spans in JSON.
///
/// # Panics
/// Where a decoder is wrong.
#[must_use]
pub fn v1_json(body: &[u8]) -> bool {
    taken(body, |builder| decode_v1_json(body, Timestamp::from_nanos(1), builder))
}

/// v2 spans in JSON.
///
/// # Panics
/// Where a decoder is wrong.
#[must_use]
pub fn v2_json(body: &[u8]) -> bool {
    taken(body, |builder| decode_v2_json(body, builder))
}

/// v2 spans in protobuf.
///
/// # Panics
/// Where a decoder is wrong.
#[must_use]
pub fn v2_protobuf(body: &[u8]) -> bool {
    taken(body, |builder| decode_v2_protobuf(body, builder))
}

fn taken(body: &[u8], decode: impl Fn(&mut BatchBuilder) -> Result<usize, DecodeError>) -> bool {
    let mut builder = BatchBuilder::new();
    let Ok(count) = decode(&mut builder) else {
        assert_eq!((builder.len(), builder.used_bytes()), (0, 0), "an error leaves nothing behind");
        return false;
    };
    // An agent makes two spans of one that is client and server.
    assert!((count..=2 * count).contains(&builder.len()), "{count} spans became {}", builder.len());
    let used = builder.used_bytes();
    assert!(used <= body.len() * MOST_PER_BYTE, "{used} bytes of {}", body.len());
    let first = describe(&builder.finish());
    let mut again = BatchBuilder::new();
    assert_eq!(decode(&mut again).ok(), Some(count));
    assert_eq!(first, describe(&again.finish()));
    true
}
