//! v1 spans written by hand from the definition, beside what they say at each door.

use jaeger_model::{BatchBuilder, Timestamp};

use crate::DecodeError;
use crate::testing::describe;
use crate::thrift::Protocol;
use crate::zipkin::{decode_args, decode_thrift, decode_v1_json};

/// Bytes of hex digits; blanks between them and anything behind a `|` is for the reader.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.lines().filter_map(|line| line.split('|').next()).collect();
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("hex digits");
    digits.chunks(2).map(byte).collect()
}

/// A list of one span, as a body of 9411 has it.
const LIST: &str = "
    0c 00000001                                      | one struct
     0a 0001 0000000000000001                        | 1: trace_id
     0b 0003 00000002 6f70                           | 3: name op
     0a 0004 0000000000000002                        | 4: id
     0a 0005 0000000000000003                        | 5: parent_id
     0f 0006 0c 00000002                             | 6: two annotations
      0a 0001 000000000000000a 0b 0002 00000002 7372 | 10 us, sr
       0c 0003 08 0001 01020304 06 0002 ffff 0b 0003 00000001 73 00 00 | at 1.2.3.4:65535, service s
      0a 0001 000000000000000c 0b 0002 00000003 6f6e65 00 | 12 us, one; no host
     0f 0008 0c 00000002                             | 8: two binary annotations
      0b 0001 00000001 6b 0b 0002 00000002 ffff 08 0003 00000002 00 | k, I16 -1
      0b 0001 00000005 4572726f72 0b 0002 00000001 78 08 0003 00000006 00 | Error, STRING x
     02 0009 01                                      | 9: debug
     0a 000c 0000000000000007                        | 12: trace_id_high
    00";

fn read(decode: impl FnOnce(&mut BatchBuilder) -> Result<usize, DecodeError>) -> String {
    let mut builder = BatchBuilder::new();
    assert_eq!(decode(&mut builder), Ok(1));
    describe(&builder.finish())
}

#[test]
fn a_span_at_9411_is_what_an_opentelemetry_receiver_makes_of_it() {
    let says = r#"span 00000000000000070000000000000001/0000000000000002 "op"
  flags 0 start 10000 duration 2000
  process "s"
    ipv4 = Str("1.2.3.4")
    port = Str("-1")
  ChildOf 00000000000000070000000000000001/0000000000000003
  k = I64(65535)
  Error = Str("x")
  span.kind = Str("server")
  log 12000
    event = Str("one")
"#;
    assert_eq!(read(|builder| decode_thrift(&hex(LIST), builder)), says);
}

#[test]
fn the_same_span_through_an_agent_is_sanitized() {
    // The list as field 1 of a struct.
    let args = [&[15, 0, 1], &hex(LIST)[..], &[0]].concat();
    let says = r#"span 00000000000000070000000000000001/0000000000000002 "op"
  flags 2 start 10000 duration 2000
  process "s"
    ip = I64(16909060)
  ChildOf 00000000000000070000000000000001/0000000000000003
  k = I64(-1)
  Error = Bool(true)
  error.message = Str("x")
  span.kind = Str("server")
  log 12000
    event = Str("one")
"#;
    assert_eq!(read(|builder| decode_args(&args, Protocol::Binary, builder)), says);
}

#[test]
fn arguments_without_a_list_and_lists_of_others_are_refused() {
    for (args, text) in [
        (&[0][..], "required field spans is not set; the sender must set it; at byte 1"),
        (&[15, 0, 1, 8, 0, 0, 0, 1, 0, 0, 0, 1, 0], "malformed spans: a list of I32, not of structs; at byte 8"),
    ] {
        let error = decode_args(args, Protocol::Binary, &mut BatchBuilder::new()).expect_err("no spans");
        assert_eq!(error.to_string(), text);
    }
}

fn json(text: &str) -> String {
    read(|builder| decode_v1_json(text.as_bytes(), Timestamp::from_micros(5), builder))
}

#[test]
fn a_span_of_no_time_begins_now_and_says_so() {
    let says = r#"span 000000000000000a/000000000000000b ""
  flags 0 start 5000 duration 0
  process "unknown-service"
  otel.zipkin.absentField.startTime = Bool(true)
"#;
    assert_eq!(json(r#"[{"traceId":"000000000000000a","id":"000000000000000b"}]"#), says);
}

#[test]
fn a_status_comes_from_the_tag_that_has_the_word() {
    let span = |tags: &str| {
        let tags = tags.split(' ').map(|tag| tag.split_once('=').expect("a tag"));
        let tags: Vec<_> = tags.map(|(key, value)| format!(r#"{{"key":"{key}","value":"{value}"}}"#)).collect();
        let tags = tags.join(",");
        let ids = r#""traceId":"000000000000000a","id":"000000000000000b""#;
        let text = json(&format!(r#"[{{{ids},"timestamp":1,"binaryAnnotations":[{tags}]}}]"#));
        let shown: Vec<_> = text.lines().skip(3).map(|line| line.trim().to_owned()).collect();
        shown.join(", ")
    };
    for (tags, shown) in [
        ("error=false", r#"otel.status_code = Str("ERROR"), error = Bool(true)"#),
        (
            "otel.status_code=1 otel.status_description=fine",
            r#"otel.status_code = Str("OK"), otel.status_description = Str("fine")"#,
        ),
        ("census.status_code=0 error=x", r#"otel.status_code = Str("OK")"#),
        (
            "census.status_code=5 census.status_description=late",
            r#"otel.status_code = Str("ERROR"), error = Bool(true), otel.status_description = Str("late")"#,
        ),
        (
            "http.status_code=404",
            r#"http.status_code = Str("404"), otel.status_code = Str("ERROR"), error = Bool(true)"#,
        ),
        ("http.status_code=200", r#"http.status_code = Str("200")"#),
    ] {
        assert_eq!(span(tags), shown, "{tags}");
    }
}

#[test]
fn an_address_may_be_a_bool_as_senders_write_it() {
    let text = json(
        r#"[{"traceId":"000000000000000a","id":"000000000000000b","timestamp":1,"binaryAnnotations":[
            {"key":"sa","value":true,"endpoint":{"serviceName":"db"}},{"key":"lc","value":"comp"}]}]"#,
    );
    assert!(text.contains("process \"db\"\n  sa = Bool(true)\n  component = Str(\"comp\")\n"), "{text}");
}
