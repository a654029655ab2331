//! Messages written by hand from the definition, beside what they say.

use super::{message, read_post, read_spans};
use crate::api_v2::{batch_span_count, encode_post_spans, encode_span, encode_spans};
use crate::testing::describe;

fn trace_and_span(trace: u8, span: u8) -> Vec<u8> {
    let mut bytes = [&[0x0a, 16][..], &[0; 15], &[trace], &[0x12, 8], &[0; 7], &[span]].concat();
    bytes.shrink_to_fit();
    bytes
}

/// Every part of a span, each with all the forms that it has.
fn full_span() -> Vec<u8> {
    let mut span = trace_and_span(1, 2);
    span.extend(message(3, b"op"));
    span.extend(message(4, &[trace_and_span(1, 9), vec![0x18, 1]].concat()));
    span.extend(message(4, &trace_and_span(7, 8)));
    span.extend([0x28, 3]);
    span.extend(message(6, &[0x08, 100, 0x10, 5]));
    span.extend(message(7, &[0x10, 0xd0, 0x0f]));
    span.extend(message(8, b"\x0a\x01a\x1a\x01v"));
    span.extend(message(8, b"\x0a\x01b\x10\x01\x20\x01"));
    span.extend(message(8, b"\x0a\x01c\x10\x02\x28\x2a"));
    span.extend(message(8, b"\x0a\x01d\x10\x03\x31\0\0\0\0\0\0\xf8\x3f"));
    span.extend(message(8, b"\x0a\x01e\x10\x04\x3a\x02\x00\xff"));
    span.extend(message(9, &[message(1, &[0x08, 101]), message(2, b"\x0a\x01k\x1a\x01l")].concat()));
    span.extend(message(10, &[message(1, b"svc"), message(2, b"\x0a\x01p\x1a\x01q")].concat()));
    span.extend(message(12, b"odd"));
    span
}

const FULL: &str = r#"span 0000000000000001/0000000000000002 "op"
  flags 3 start 100000000005 duration 2000
  process "svc"
    p = Str("q")
  FollowsFrom 0000000000000001/0000000000000009
  ChildOf 0000000000000007/0000000000000008
  a = Str("v")
  b = Bool(true)
  c = I64(42)
  d = F64(1.5)
  e = Bytes([0, 255])
  log 101000000000
    k = Str("l")
  warning "odd"
"#;

fn framed(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let len = bytes.len();
    if len >= 128 {
        out.push(u8::try_from(len & 0x7f).expect("seven bits") | 0x80);
        out.push(u8::try_from(len >> 7).expect("short"));
    } else {
        out.push(u8::try_from(len).expect("short"));
    }
    out.extend(bytes);
    out
}

#[test]
fn a_span_is_read_whole_and_written_as_it_was() {
    let body = framed(1, &framed(1, &full_span()));
    let batch = read_post(&body).expect("a request");
    assert_eq!(describe(&batch), FULL);
    assert_eq!(batch_span_count(&body), 1);
    let mut out = Vec::new();
    encode_post_spans(None, batch.spans(), &mut out);
    assert_eq!(out, body);
    out.clear();
    encode_spans(batch.spans(), &mut out);
    assert_eq!(out, framed(1, &full_span()));
    out.clear();
    encode_span(batch.span(0).expect("a span"), true, &mut out);
    assert_eq!(out, full_span());
    assert_eq!(describe(&read_spans(&framed(1, &full_span())).expect("spans")), FULL);
}

#[test]
fn a_span_without_a_process_has_the_batchs_wherever_it_stands() {
    let own = [trace_and_span(1, 2), message(10, &message(1, b"own"))].concat();
    let spans = [framed(1, &trace_and_span(1, 1)), framed(1, &own)].concat();
    let process = message(2, &message(1, b"shared"));
    for batch in [[process.clone(), spans.clone()].concat(), [spans, process].concat()] {
        let batch = read_post(&framed(1, &batch)).expect("a request");
        let services: Vec<_> = batch.spans().map(|span| span.service()).collect();
        assert_eq!(services, ["shared", "own"]);
    }
}

#[test]
fn a_field_that_comes_twice_is_one_message() {
    // A batch in two parts, and its process in two.
    let first = message(1, &[message(2, b"\x0a\x06shared\x12\x03\x0a\x01a")].concat());
    let second = framed(1, &[framed(1, &trace_and_span(1, 1)), message(2, b"\x12\x03\x0a\x01b")].concat());
    let batch = read_post(&[first, second].concat()).expect("a request");
    let process = batch.span(0).and_then(|span| span.process()).expect("a process");
    assert_eq!(process.service(), "shared");
    assert_eq!(process.tags().map(|tag| tag.key).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn equal_processes_of_many_spans_are_one() {
    let span = |service: &[u8]| framed(1, &[trace_and_span(1, 1), message(10, &message(1, service))].concat());
    let batch = read_spans(&[span(b"a"), span(b"b"), span(b"a"), span(b"b")].concat()).expect("spans");
    assert_eq!(batch.processes().len(), 2);
    assert_eq!(batch.spans().map(|span| span.service()).collect::<String>(), "abab");
}

#[test]
fn times_that_are_not_set_are_year_one() {
    let unset = [0x08, 0x80, 0x92, 0xb8, 0xc3, 0x98, 0xfe, 0xff, 0xff, 0xff, 0x01];
    let start = |span: &[u8]| {
        let batch = read_spans(&framed(1, span)).expect("spans");
        batch.span(0).expect("a span").start()
    };
    assert_eq!(start(&message(6, &unset)), jaeger_model::Timestamp::UNSET);
    assert_eq!(start(&trace_and_span(1, 1)), jaeger_model::Timestamp::UNSET);
    assert_eq!(start(&message(6, &[])).as_nanos(), 0);
    let batch = read_spans(&framed(1, &trace_and_span(1, 1))).expect("spans");
    let mut out = Vec::new();
    encode_span(batch.span(0).expect("a span"), false, &mut out);
    assert_eq!(out, [trace_and_span(1, 1), message(6, &unset), message(7, &[])].concat());
}

#[test]
fn times_beyond_what_64_bits_hold_are_the_last_that_they_do() {
    let max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
    let times = |seconds: &[u8]| {
        let time = [&[0x08], seconds].concat();
        let batch = read_spans(&framed(1, &[message(6, &time), message(7, &time)].concat())).expect("spans");
        let span = batch.span(0).expect("a span");
        (span.start().as_nanos(), span.duration().as_nanos())
    };
    assert_eq!(times(&max), (i64::MAX, i64::MAX));
    assert_eq!(times(&min), (i64::MIN, i64::MIN));
}

#[test]
fn a_trace_id_of_eight_bytes_is_the_low_half() {
    let batch = read_spans(&framed(1, &message(1, &[0, 0, 0, 0, 0, 0, 1, 2]))).expect("spans");
    assert_eq!(batch.span(0).expect("a span").trace_id().0, 0x102);
}

#[test]
fn an_empty_request_is_an_empty_batch() {
    assert_eq!(read_post(&[]).map(|batch| batch.len()), Ok(0));
    assert_eq!(read_post(&[0x0a, 0]).map(|batch| batch.len()), Ok(0));
    let mut out = Vec::new();
    encode_post_spans(None, std::iter::empty(), &mut out);
    assert_eq!(out, [0x0a, 0]);
}

#[test]
fn unknown_fields_and_types_cost_nothing_else() {
    let tag = message(8, b"\x0a\x01k\x10\x09\x1a\x01v");
    let span = [trace_and_span(1, 1), message(15, b"later"), tag].concat();
    let batch = read_spans(&[framed(1, &span), message(7, b"later")].concat()).expect("spans");
    let value = batch.span(0).and_then(|span| span.tag("k")).expect("a tag");
    assert_eq!(value, jaeger_model::Value::Str("unknown type 9"));
}
