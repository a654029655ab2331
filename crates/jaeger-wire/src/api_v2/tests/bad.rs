//! Messages that are wrong, with the texts that clients see.

use super::{message, read_post};
use crate::DecodeErrorKind;
use crate::api_v2::batch_span_count;

fn error(span: &[u8]) -> String {
    read_post(&message(1, &message(1, span))).expect_err("no request").to_string()
}

#[test]
fn ids_of_other_lengths_begin_with_gos_words() {
    assert!(error(&message(1, b"abc")).starts_with("invalid length for TraceID"));
    assert!(error(&message(1, b"")).starts_with("invalid length for TraceID"));
    assert!(error(&message(2, b"abc")).starts_with("invalid length for SpanID"));
    assert!(error(&message(2, &[0; 16])).starts_with("invalid length for SpanID"));
    assert!(error(&message(4, &message(1, b"abc"))).starts_with("invalid length for TraceID"));
    assert!(error(&message(4, &message(2, b"abc"))).starts_with("invalid length for SpanID"));
}

#[test]
fn a_cut_message_begins_with_gos_words() {
    let whole = message(1, &message(1, &message(1, &[0; 16])));
    for len in 1..whole.len() {
        let error = read_post(&whole[..len]).expect_err("cut");
        assert_eq!(error.kind(), DecodeErrorKind::Truncated);
        assert!(error.to_string().starts_with("unexpected EOF"), "{error}");
    }
    let error = read_post(&[0xff, 0xff, 0xff]).expect_err("no field").to_string();
    assert!(error.starts_with("unexpected EOF"), "{error}");
}

#[test]
fn a_field_of_the_wrong_form_is_malformed() {
    let kind = |span: &[u8]| read_post(&message(1, &message(1, span))).expect_err("no request").kind();
    assert_eq!(kind(&[0x08, 1]), DecodeErrorKind::Malformed);
    assert_eq!(kind(&message(5, b"1")), DecodeErrorKind::Malformed);
    assert_eq!(kind(&message(8, &[0x0d, 0, 0, 0, 0])), DecodeErrorKind::Malformed);
    assert_eq!(read_post(&[0x08, 1]).expect_err("no batch").kind(), DecodeErrorKind::Malformed);
}

#[test]
fn groups_over_64_levels_are_too_deep() {
    let nested = |levels| [[0xf3, 0x01].repeat(levels), [0xf4, 0x01].repeat(levels)].concat();
    assert!(read_post(&nested(64)).is_ok());
    assert_eq!(read_post(&nested(65)).expect_err("deep").kind(), DecodeErrorKind::TooDeep);
}

#[test]
fn spans_are_counted_as_far_as_they_can_be_read() {
    let batch = [message(1, b"bad"), message(1, &[]), vec![0x0a, 100]].concat();
    assert_eq!(batch_span_count(&message(1, &batch)), 2);
    assert_eq!(batch_span_count(b"\xff\xff"), 0);
}
