//! Packets that are wrong, each with its kind of error and the place where it was found.

use super::{hex, read_batch, read_message};
use crate::thrift::Protocol;
use crate::{DecodeError, DecodeErrorKind};

fn check(packet: &[u8], kind: DecodeErrorKind, offset: usize, text: &str) {
    let error = read_message(packet, Protocol::Compact).expect_err("no message");
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{error}");
    assert_eq!(error.to_string(), text);
}

/// A call of emitBatch up to its argument.
const HEAD: &str = "82 81 01 09 656d69744261746368";

fn packet(rest: &str) -> Vec<u8> {
    hex(&format!("{HEAD} {rest}"))
}

#[test]
fn another_method_is_named() {
    check(
        &hex("82 81 01 04 64726f70 00"),
        DecodeErrorKind::UnknownMethod,
        8,
        "unknown method \"drop\"; agents take emitBatch and emitZipkinBatch; at byte 8",
    );
    let long = [&hex("82 81 01 ff01")[..], &[b'x'; 255]].concat();
    let error = read_message(&long, Protocol::Compact).expect_err("no message");
    assert!(error.to_string().len() < 150, "{error}");
}

#[test]
fn a_packet_of_no_bytes_or_of_another_protocol_is_refused() {
    check(
        b"",
        DecodeErrorKind::Truncated,
        0,
        "unexpected EOF: message header needs 2 bytes, 0 are left; the message was cut short; at byte 0",
    );
    let error = read_message(b"GET / HTTP/1.1\r\n", Protocol::Compact).expect_err("no message");
    assert_eq!(error.kind(), DecodeErrorKind::Malformed);
}

#[test]
fn a_missing_field_fails_the_packet_and_is_named() {
    let missing = |rest: &str| match read_message(&packet(rest), Protocol::Compact) {
        Err(DecodeError::At { source, .. }) => match *source {
            DecodeError::MissingField { what } => what,
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(missing("00"), "emitBatch.batch");
    assert_eq!(missing("1c 00 00"), "Batch.process");
    assert_eq!(missing("1c 1c 18 01 61 00 00 00"), "Batch.spans");
    assert_eq!(missing("1c 1c 00 00 00"), "Process.serviceName");
    assert_eq!(missing("1c 1c 18 00 19 1c 00 00 00 00"), "Tag.key");
    assert_eq!(missing("1c 1c 18 00 19 1c 18 00 00 00 00 00"), "Tag.vType");
    let span = |fields: &str| missing(&format!("1c 1c 18 01 61 00 19 1c {fields} 00 00 00"));
    assert_eq!(span(""), "Span.traceIdLow");
    assert_eq!(span("16 02"), "Span.traceIdHigh");
    assert_eq!(span("16 02 16 02"), "Span.spanId");
    assert_eq!(span("16 02 16 02 16 02"), "Span.parentSpanId");
    assert_eq!(span("16 02 16 02 16 02 16 00"), "Span.operationName");
    assert_eq!(span("16 02 16 02 16 02 16 00 18 00"), "Span.flags");
    assert_eq!(span("16 02 16 02 16 02 16 00 18 00 25 00"), "Span.startTime");
    assert_eq!(span("16 02 16 02 16 02 16 00 18 00 25 00 16 00"), "Span.duration");
    // A field of another type is another definition's, and not there.
    assert_eq!(span("15 02 16 02 16 02 16 00 18 00 25 00 16 00 16 00"), "Span.traceIdLow");
    let whole = "16 02 16 02 16 02 16 00 18 00 25 00 16 00 16 00";
    assert_eq!(span(&format!("{whole} 29 1c 19 0c 00")), "Log.timestamp");
    assert_eq!(span(&format!("{whole} 29 1c 16 02 00")), "Log.fields");
    assert_eq!(span("16 02 16 02 16 02 16 00 18 00 19 1c 15 00 16 00 16 00 00"), "SpanRef.spanId");
    assert_eq!(missing("1c 1c 18 00 00 19 0c 2c 16 02 00 00 00"), "ClientStats.tooLargeDroppedSpans");
}

#[test]
fn a_packet_cut_anywhere_is_truncated() {
    let whole = packet(
        "1c 1c 18 01 61 00 19 1c 16 02 16 02 16 02 16 00 18 01 62 25 00 16 00 16 00 19 1c 18 01 63 15 06 46 02 00 00 00 00",
    );
    read_message(&whole, Protocol::Compact).expect("the whole");
    for len in 0..whole.len() {
        let error = read_message(&whole[..len], Protocol::Compact).expect_err("cut");
        assert_eq!(error.kind(), DecodeErrorKind::Truncated, "{len}: {error}");
    }
}

#[test]
fn a_length_or_a_list_of_2_to_the_31_is_malformed() {
    let kind = |rest: &str| read_message(&packet(rest), Protocol::Compact).expect_err("too long").kind();
    // serviceName of 2^31 bytes, of 2^31 - 1; 2^31 spans, 2^31 - 1.
    assert_eq!(kind("1c 1c 18 8080808008 61 00"), DecodeErrorKind::Malformed);
    assert_eq!(kind("1c 1c 18 ffffffff07 61 00"), DecodeErrorKind::Truncated);
    assert_eq!(kind("1c 1c 18 01 61 00 19 fc 8080808008 00"), DecodeErrorKind::Malformed);
    assert_eq!(kind("1c 1c 18 01 61 00 19 fc ffffffff07 00"), DecodeErrorKind::Truncated);
    let kind = |body: &str| read_batch(&hex(body), Protocol::Binary).expect_err("too long").kind();
    assert_eq!(kind("0c 0001 0b 0001 80000000 61 00"), DecodeErrorKind::Malformed);
    assert_eq!(kind("0c 0001 0b 0001 7fffffff 61 00"), DecodeErrorKind::Truncated);
    assert_eq!(kind("0c 0001 0b 0001 00000001 61 00 0f 0002 0c 80000000"), DecodeErrorKind::Malformed);
    assert_eq!(kind("0c 0001 0b 0001 00000001 61 00 0f 0002 0c 7fffffff"), DecodeErrorKind::Truncated);
}

#[test]
fn nesting_over_64_levels_is_too_deep() {
    // An unknown field of structs within structs.
    let nested = |levels| [packet(""), vec![0x9c; levels], vec![0; 2 * levels]].concat();
    let error = |levels| read_message(&nested(levels), Protocol::Compact).expect_err("no batch").kind();
    assert_eq!(error(64), DecodeErrorKind::MissingField);
    assert_eq!(error(65), DecodeErrorKind::TooDeep);
    assert_eq!(error(60_000), DecodeErrorKind::TooDeep);
}

#[test]
fn a_list_of_something_else_is_malformed() {
    let error = read_message(&packet("1c 1c 18 01 61 00 19 15 02 00 00"), Protocol::Compact).expect_err("no spans");
    assert_eq!(error.kind(), DecodeErrorKind::Malformed);
    assert!(error.to_string().contains("Batch.spans"), "{error}");
}
