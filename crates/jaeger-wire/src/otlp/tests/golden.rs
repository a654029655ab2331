//! Bodies in hex, part by part, and in JSON, beside what both become.

use jaeger_model::BatchBuilder;

use super::shown::{hex, show};
use crate::DecodeError;
use crate::otlp::{count_spans, decode_json, decode_protobuf};

fn protobuf(body: &[u8]) -> Vec<String> {
    let mut builder = BatchBuilder::new();
    let outcome = decode_protobuf(body, &mut builder).expect("protobuf is read");
    assert_eq!(outcome.accepted, count_spans(body));
    show(&builder.finish())
}

fn json(body: &str) -> Vec<String> {
    let mut builder = BatchBuilder::new();
    decode_json(body.as_bytes(), &mut builder).expect("JSON is read");
    show(&builder.finish())
}

const EVERYTHING: &str = "
0a ea01                                               // resource_spans, of 234 bytes
  0a 22                                               //   resource
    0a 15 0a 0c 736572766963652e6e616d65 12 05 0a 03 617069      // service.name = 'api'
    0a 09 0a 01 6e 12 04 2a 02 0a 00                  //     n = [none]
  12 c301                                             //   scope_spans
    0a 08 0a 02 7363 12 02 7631                       //     scope 'sc' of version 'v1'
    12 b601                                           //     span
      0a 10 000102030405060708090a0b0c0d0e0f          //       trace id
      12 08 1112131415161718                          //       span id
      1a 03 613d62                                    //       trace state
      22 08 2122232425262728                          //       parent
      2a 02 6f70                                      //       name
      30 03                                           //       kind client
      39 e803000000000000 41 d007000000000000         //       start and end
      4a 07 0a 01 62 12 02 10 01                      //       b = true
      4a 08 0a 01 78 12 03 3a 01 ff                   //       x = 0xff
      5a 14 09 dc05000000000000 12 02 6576 1a 05 0a 01 6b 12 00  // event 'ev' at 1500, k = none
      6a 1c 0a 10 000102030405060708090a0b0c0d0e0f 12 08 2122232425262728   // a link to the parent
      6a 1c 0a 10 ffffffffffffffffffffffffffffffff 12 08 3132333435363738   // a link elsewhere
      7a 06 12 02 6e6f 18 02                          //       status ERROR 'no'
      85 01 01010000                                  //       flags, which have no home
";

const EVERYTHING_JSON: &str = r#"{"resourceSpans":[{
  "scopeSpans":[{
    "spans":[{"status":{"code":"STATUS_CODE_ERROR","message":"no"}, "kind":3, "name":"op", "flags":257,
      "links":[{"traceId":"000102030405060708090a0b0c0d0e0f","spanId":"2122232425262728"},
               {"trace_id":"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF","span_id":"3132333435363738"}],
      "events":[{"attributes":[{"value":{},"key":"k"}],"timeUnixNano":"1500","name":"ev"}],
      "attributes":[{"key":"b","value":{"boolValue":true}},{"key":"x","value":{"bytesValue":"/w=="}}],
      "startTimeUnixNano":1000,"end_time_unix_nano":"2000", "traceState":"a=b",
      "parentSpanId":"2122232425262728","spanId":"1112131415161718","traceId":"000102030405060708090a0b0c0d0e0f"}],
    "scope":{"version":"v1","name":"sc"}}],
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}},
                            {"key":"n","value":{"arrayValue":{"values":[{}]}}}]}}]}"#;

#[test]
fn every_part_of_a_span_has_its_place() {
    let expected = "api{n='[null]'} 000102030405060708090a0b0c0d0e0f:1112131415161718 'op' 1000+1000 \
        [FollowsFrom 000102030405060708090a0b0c0d0e0f:2122232425262728, \
        FollowsFrom ffffffffffffffffffffffffffffffff:3132333435363738] \
        {otel.scope.name='sc' otel.scope.version='v1' b=true x=0xff span.kind='client' otel.status_code='ERROR' \
        error=true otel.status_description='no' w3c.tracestate='a=b'} [@1500 event='ev' k='']";
    assert_eq!(protobuf(&hex(EVERYTHING)), [expected]);
    assert_eq!(json(EVERYTHING_JSON), [expected]);
}

#[test]
fn a_body_cut_anywhere_is_refused_whole() {
    let body = hex(EVERYTHING);
    for len in 1..body.len() {
        let mut builder = BatchBuilder::new();
        let cut = body.get(..len).expect("shorter");
        assert!(decode_protobuf(cut, &mut builder).is_err(), "{len}");
        assert!(builder.is_empty());
    }
}

/// The span that every body here has: ids 1 and 1, no times.
const SPAN: &str = "12 1c 0a 10 00000000000000000000000000000001 12 08 0000000000000001";

#[test]
fn the_resource_may_come_last_and_the_scope_too() {
    let body = hex(&format!(
        "0a 3f 12 23 {SPAN} 0a 03 0a 01 73   0a 18 0a 16 0a 0c 736572766963652e6e616d65 12 06 0a 04 6c617374"
    ));
    assert_eq!(protobuf(&body), ["last{} 0000000000000001:0000000000000001 '' 0+0 [] {otel.scope.name='s'} []"]);
}

#[test]
fn a_resource_without_attributes_has_gos_name_and_one_without_a_name_none() {
    let span = "0000000000000001:0000000000000001 '' 0+0 [] {} []";
    assert_eq!(protobuf(&hex(&format!("0a 20 12 1e {SPAN}"))), [format!("OTLPResourceNoServiceName{{}} {span}")]);
    let unnamed = hex(&format!("0a 2b 12 1e {SPAN} 0a 09 0a 07 0a 01 6e 12 02 18 05"));
    assert_eq!(protobuf(&unnamed), [format!("{{n=5}} {span}")]);
    let number = hex(&format!("0a 36 12 1e {SPAN} 0a 14 0a 12 0a 0c 736572766963652e6e616d65 12 02 18 05"));
    assert_eq!(protobuf(&number), [format!("{{}} {span}")]);
}

#[test]
fn fields_of_a_wrong_form_and_ends_of_groups_are_refused() {
    for bad in ["08 01", "0a 02 10 01", "0a 04 12 02 10 01", "0c", "0b", "0a 01", "0a 02 12 05", "02 00"] {
        assert!(decode_protobuf(&hex(bad), &mut BatchBuilder::new()).is_err(), "{bad}");
    }
    // Unknown fields are passed over, groups too.
    for good in ["10 01", "13 08 01 14", "a2 06 01 00", "0a 03 a0 06 01"] {
        assert!(decode_protobuf(&hex(good), &mut BatchBuilder::new()).is_ok(), "{good}");
    }
}

/// An attribute `a` whose value is `levels` lists in each other.
fn nested(levels: usize) -> (Vec<u8>, String) {
    let mut value = Vec::new();
    let mut text = "{}".to_owned();
    for _ in 0..levels {
        let mut list = Vec::new();
        crate::protobuf::Writer::new(&mut list).message(5, |list| list.bytes(1, &value));
        value = list;
        text = format!(r#"{{"arrayValue":{{"values":[{text}]}}}}"#);
    }
    let mut body = Vec::new();
    crate::protobuf::Writer::new(&mut body).message(1, |resource| {
        resource.message(2, |scope| {
            scope.message(2, |span| {
                span.bytes(1, &[1; 16]);
                span.bytes(2, &[1; 8]);
                span.message(9, |attribute| {
                    attribute.bytes(1, b"a");
                    attribute.bytes(2, &value);
                });
            });
        });
    });
    let span = format!(
        r#"{{"traceId":"01010101010101010101010101010101","spanId":"0101010101010101","attributes":[{{"key":"a","value":{text}}}]}}"#
    );
    (body, format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#))
}

#[test]
fn values_are_nested_64_deep_at_most() {
    let (body, text) = nested(64);
    let expected = format!("a='{}null{}'", "[".repeat(64), "]".repeat(64));
    assert!(protobuf(&body).iter().chain(&json(&text)).all(|span| span.contains(&expected)));
    for levels in [65, 5000] {
        let (body, text) = nested(levels);
        let too_deep = |result| matches!(result, Err(DecodeError::TooDeep { .. }));
        assert!(too_deep(decode_protobuf(&body, &mut BatchBuilder::new())));
        assert!(too_deep(decode_json(text.as_bytes(), &mut BatchBuilder::new())));
    }
}

#[test]
fn nested_values_are_json_as_go_writes_it() {
    let text = |value: &str| {
        let body = format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"00000000000000000000000000000001",
            "spanId":"0000000000000001","attributes":[{{"key":"a","value":{{"arrayValue":{{"values":[{value}]}}}}}}]}}]}}]}}]}}"#
        );
        let line = json(&body).concat();
        line.split_once("a='").and_then(|(_, rest)| rest.split_once("'}")).map(|(text, _)| text.to_owned())
    };
    for (value, expected) in [
        (r#"{"stringValue":"<a> & \"b\"\n\u0001\u2028é"}"#, r#"["<a> & \"b\"\n\u0001\u2028é"]"#),
        (
            r#"{"doubleValue":1e21},{"doubleValue":1e-7},{"doubleValue":1e20},{"doubleValue":0.000001}"#,
            "[1e+21,1e-7,100000000000000000000,0.000001]",
        ),
        (r#"{"doubleValue":-0.0},{"doubleValue":"NaN"},{"doubleValue":"-Infinity"}"#, r#"[-0,"NaN","-Infinity"]"#),
        (
            r#"{"kvlistValue":{"values":[{"key":"b","value":{"intValue":"1"}},{"key":"a"},{"key":"b","value":{"bytesValue":"AP8"}}]}}"#,
            r#"[{"a":null,"b":"AP8="}]"#,
        ),
        (
            r#"{"intValue":1,"stringValue":"last counts"},{"arrayValue":{}},{"kvlistValue":null}"#,
            r#"["last counts",[],{}]"#,
        ),
    ] {
        assert_eq!(text(value).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn wrong_utf8_is_repaired_and_costs_nothing_else() {
    let body = hex(&format!("0a 2b 12 29 12 27 {} 4a 09 0a 02 6bff 12 03 0a 01 fe", SPAN.replacen("12 1c", "", 1)));
    let mut builder = BatchBuilder::new();
    decode_protobuf(&body, &mut builder).expect("decodes");
    assert_eq!(builder.repaired_texts(), 2);
    let batch = builder.finish();
    assert!(show(&batch).concat().contains("{k\u{fffd}='\u{fffd}'}"));
    assert_eq!(batch.spans().flat_map(|span| span.warnings()).count(), 1);
}
