//! What must hold for any bytes: a decoder refuses them, or what it read is written and read back the same.
//! Fuzz targets call these, and a test calls them with the committed corpora.

use jaeger_model::{Batch, BatchBuilder};

use super::describe;
use crate::api_v2::{batch_span_count, decode_post_spans, encode_post_spans};
use crate::jaeger::{BatchMeta, Message, decode_batch, decode_message, encode_batch, encode_message};
use crate::thrift::Protocol;

/// A datagram; says whether it was a message.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
pub fn jaeger_message(packet: &[u8], protocol: Protocol) -> bool {
    let mut builder = BatchBuilder::new();
    let meta = match decode_message(packet, protocol, &mut builder) {
        Ok(Message::EmitBatch(meta)) => meta,
        // Zipkin's spans are not written as Zipkin's again.
        Ok(Message::EmitZipkinBatch { .. }) => return true,
        Err(_) => return false,
    };
    let read = |bytes: &[u8]| {
        let mut builder = BatchBuilder::new();
        match decode_message(bytes, protocol, &mut builder).expect("our own message") {
            Message::EmitBatch(meta) => (builder.finish(), meta),
            other @ Message::EmitZipkinBatch { .. } => panic!("{other:?} from a message that was emitBatch"),
        }
    };
    twice(&(builder.finish(), meta), read, |batch, meta, out| {
        let process = batch.process(0).expect("a message has a process");
        encode_message(process, batch.spans(), meta, protocol, out);
    });
    true
}

/// A body of HTTP; says whether it was a batch.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
pub fn jaeger_batch(body: &[u8], protocol: Protocol) -> bool {
    let mut builder = BatchBuilder::new();
    let Ok(meta) = decode_batch(body, protocol, &mut builder) else {
        return false;
    };
    let read = |bytes: &[u8]| {
        let mut builder = BatchBuilder::new();
        let meta = decode_batch(bytes, protocol, &mut builder).expect("our own batch");
        (builder.finish(), meta)
    };
    twice(&(builder.finish(), meta), read, |batch, meta, out| {
        let process = batch.process(0).expect("a batch has a process");
        encode_batch(process, batch.spans(), meta, protocol, out);
    });
    true
}

/// The first writing cuts what Thrift has no room for; from then on nothing changes.
fn twice(
    first: &(Batch, BatchMeta),
    read: impl Fn(&[u8]) -> (Batch, BatchMeta),
    write: impl Fn(&Batch, &BatchMeta, &mut Vec<u8>),
) {
    let (mut once, mut again) = (Vec::new(), Vec::new());
    write(&first.0, &first.1, &mut once);
    let second = read(&once);
    write(&second.0, &second.1, &mut again);
    let third = read(&again);
    assert_eq!(first.1, second.1);
    assert_eq!(first.0.len(), second.0.len());
    assert_eq!(describe(&second.0), describe(&third.0));
    assert_eq!(once, again);
}

/// A `PostSpansRequest`; says whether it was one.
///
/// # Panics
/// Where a decoder or an encoder is wrong.
pub fn post_spans(body: &[u8]) -> bool {
    let mut builder = BatchBuilder::new();
    let counted = batch_span_count(body);
    if decode_post_spans(body, &mut builder).is_err() {
        return false;
    }
    let first = builder.finish();
    assert_eq!(first.len(), counted);
    let mut out = Vec::new();
    encode_post_spans(None, first.spans(), &mut out);
    let mut builder = BatchBuilder::new();
    decode_post_spans(&out, &mut builder).expect("our own request");
    assert_eq!(describe(&first), describe(&builder.finish()));
    true
}
