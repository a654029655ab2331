//! Any bytes: no panic, nothing left behind by an error, and no more memory than the bytes can account for.

use jaeger_model::BatchBuilder;
use proptest::prelude::*;

use crate::otlp::{count_spans, decode_json, decode_protobuf};

/// The most bytes of a batch that one byte of a body can cause: an empty reference of two bytes has a row of 48,
/// and tables grow by doubling.
const MOST_PER_BYTE: usize = 100;

fn check(body: &[u8]) {
    for decode in [decode_protobuf, decode_json] {
        let mut builder = BatchBuilder::new();
        let read = decode(body, &mut builder);
        let (spans, used) = (builder.len(), builder.used_bytes());
        assert!(used <= body.len() * MOST_PER_BYTE, "{used} bytes of {}", body.len());
        match read {
            Ok(outcome) => assert_eq!(outcome.accepted, spans),
            Err(_) => assert_eq!((spans, used), (0, 0)),
        }
        assert!(builder.finish().size_bytes() <= body.len() * MOST_PER_BYTE + 4096);
    }
    assert!(count_spans(body) <= body.len());
}

/// Bytes that are likely to be protobuf: tags of OTLP's fields, short lengths, lengths that lie.
fn likely_protobuf() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(vec![0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x39, 0x41, 0x4a, 0x5a, 0x6a, 0x7a, 0x18, 0x10]),
        4 => 0u8..40,
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..400)
}

/// Text that is likely to be OTLP's JSON.
fn likely_json() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"resourceSpans\"",
        "\"scopeSpans\"",
        "\"spans\"",
        "\"resource\"",
        "\"attributes\"",
        "\"key\"",
        "\"value\"",
        "\"arrayValue\"",
        "\"kvlistValue\"",
        "\"values\"",
        "\"stringValue\"",
        "\"intValue\"",
        "\"events\"",
        "\"links\"",
        "\"traceId\"",
        "\"00\"",
        "1",
        "-1e5",
        "null",
        "true",
        "\"\\u00e4\"",
        "\"\\ud800\"",
        " ",
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{",
    ]);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// A good body with one byte changed, added or left out.
fn damaged(body: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    (0..body.len(), any::<u8>(), 0..3).prop_map(move |(at, byte, how)| {
        let mut body = body.clone();
        match how {
            0 => body[at] = byte,
            1 => body.insert(at, byte),
            _ => drop(body.remove(at)),
        }
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&body);
    }

    #[test]
    fn bytes_like_protobuf_are_read_or_refused(body in likely_protobuf()) {
        check(&body);
    }

    #[test]
    fn text_like_json_is_read_or_refused(body in likely_json()) {
        check(body.as_bytes());
    }

    #[test]
    fn damaged_protobuf_is_read_or_refused(body in damaged(crate::testing::recorded::body("otlp-py-proto"))) {
        check(&body);
    }

    #[test]
    fn damaged_json_is_read_or_refused(body in damaged(crate::testing::recorded::body("otlp-json-hand"))) {
        check(&body);
    }
}

#[test]
fn the_smallest_parts_cost_a_bounded_memory() {
    let mut writer_body = Vec::new();
    crate::protobuf::Writer::new(&mut writer_body).message(1, |resource| {
        resource.message(2, |scope| {
            scope.message(2, |span| {
                span.bytes(1, &[1; 16]);
                span.bytes(2, &[1; 8]);
                for _ in 0..50_000 {
                    span.bytes(9, b"");
                    span.bytes(11, b"");
                    span.bytes(13, b"");
                }
            });
        });
    });
    check(&writer_body);
    let spans = "{},".repeat(100_000);
    check(format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}{{}}]}}]}}]}}"#).as_bytes());
}
