//! What must hold for any body of OTLP: it is refused, or what was read is read alike from both forms that we write.

use jaeger_model::{Batch, BatchBuilder};

use super::describe;
use crate::DecodeError;
use crate::otlp::{Outcome, count_spans, decode_json, decode_protobuf, encode_json, encode_protobuf};

/// A request in protobuf; says whether it was one.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
#[must_use]
pub fn protobuf(body: &[u8]) -> bool {
    let read = taken(body, decode_protobuf);
    if let Some((outcome, _)) = &read {
        assert_eq!(outcome.accepted + outcome.rejected, count_spans(body));
    }
    read.is_some()
}

/// A request in JSON; says whether it was one.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
#[must_use]
pub fn json(body: &[u8]) -> bool {
    taken(body, decode_json).is_some()
}

type Decode = fn(&[u8], &mut BatchBuilder) -> Result<Outcome, DecodeError>;

fn taken(body: &[u8], decode: Decode) -> Option<(Outcome, Batch)> {
    let mut builder = BatchBuilder::new();
    let Ok(outcome) = decode(body, &mut builder) else {
        assert_eq!(builder.used_bytes(), 0);
        return None;
    };
    let batch = builder.finish();
    assert_eq!(outcome.accepted, batch.len());
    let again = |out: Vec<u8>, decode: Decode| {
        let mut builder = BatchBuilder::new();
        let outcome = decode(&out, &mut builder).expect("our own request");
        assert_eq!((outcome.accepted, outcome.rejected), (batch.len(), 0));
        describe(&builder.finish())
    };
    let (mut protobuf, mut json) = (Vec::new(), Vec::new());
    encode_protobuf(batch.spans(), &mut protobuf);
    encode_json(batch.spans(), &mut json);
    assert_eq!(again(protobuf, decode_protobuf), again(json, decode_json));
    Some((outcome, batch))
}
