use jaeger_model::BatchBuilder;

use crate::otlp::{Outcome, decode_json, decode_protobuf, status_json, status_protobuf};

#[test]
fn success_is_an_empty_partial_success() {
    let outcome = Outcome { accepted: 3, ..Outcome::default() };
    assert_eq!(outcome.response_protobuf(), [0x0a, 0x00]);
    assert_eq!(outcome.response_json(), b"{\"partialSuccess\":{}}");
}

#[test]
fn refused_spans_are_counted_and_explained() {
    let outcome = Outcome { accepted: 1, rejected: 2, reason: Some("why".into()) };
    assert_eq!(outcome.response_protobuf(), b"\x0a\x07\x08\x02\x12\x03why");
    assert_eq!(outcome.response_json(), br#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"why"}}"#);
}

#[test]
fn a_status_has_a_code_and_a_message() {
    assert_eq!(status_json(3, "a \"b\""), br#"{"code":3,"message":"a \"b\""}"#);
    assert_eq!(status_protobuf(3, "bad"), b"\x08\x03\x12\x03bad");
}

/// Trace id, span id, parent id, link ids; whether the span is taken.
type Ids = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>, bool);

const IDS: [Ids; 10] = [
    ("000102030405060708090a0b0c0d0e0f", "0000000000000001", "", None, true),
    ("000102030405060708090A0B0C0D0E0F", "0000000000000001", "0000000000000000", Some(("", "")), true),
    ("", "0000000000000001", "", None, false),
    ("00000000000000000000000000000000", "0000000000000001", "", None, false),
    ("0001020304050607", "0000000000000001", "", None, false),
    ("000102030405060708090a0b0c0d0e0f10", "0000000000000001", "", None, false),
    ("000102030405060708090a0b0c0d0e0f", "0000000000000000", "", None, false),
    ("000102030405060708090a0b0c0d0e0f", "000000000000000001", "", None, false),
    ("000102030405060708090a0b0c0d0e0f", "0000000000000001", "01", None, false),
    ("000102030405060708090a0b0c0d0e0f", "0000000000000001", "", Some(("01", "0000000000000001")), false),
];

#[test]
fn spans_with_ids_that_mean_nothing_are_refused_one_by_one() {
    let mut json = String::new();
    let mut spans = Vec::new();
    for (trace_id, span_id, parent, link, _) in IDS {
        let links = link.map_or(String::new(), |(t, s)| format!(r#"{{"traceId":"{t}","spanId":"{s}"}}"#));
        json += &format!(
            r#"{}{{"traceId":"{trace_id}","spanId":"{span_id}","parentSpanId":"{parent}","links":[{links}]}}"#,
            if json.is_empty() { "" } else { "," }
        );
        let mut span = crate::protobuf::Writer::new(&mut spans);
        span.message(2, |span| {
            span.bytes(1, &super::shown::hex(trace_id));
            span.bytes(2, &super::shown::hex(span_id));
            span.bytes(4, &super::shown::hex(parent));
            if let Some((trace_id, span_id)) = link {
                span.message(13, |link| {
                    link.bytes(1, &super::shown::hex(trace_id));
                    link.bytes(2, &super::shown::hex(span_id));
                });
            }
        });
    }
    let mut body = Vec::new();
    crate::protobuf::Writer::new(&mut body).message(1, |resource| resource.bytes(2, &spans));
    let json = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{json}]}}]}}]}}"#);

    let taken = IDS.iter().filter(|(.., taken)| *taken).count();
    for outcome in
        [decode_json(json.as_bytes(), &mut BatchBuilder::new()), decode_protobuf(&body, &mut BatchBuilder::new())]
    {
        let outcome = outcome.expect("the request is read");
        assert_eq!((outcome.accepted, outcome.rejected), (taken, IDS.len() - taken));
        let reason = outcome.reason.expect("a reason");
        assert!(reason.contains("4 with a trace id that is zero or not 16 bytes"), "{reason}");
        assert!(reason.contains("1 with a link"), "{reason}");
    }
}

#[test]
fn a_request_that_is_none_leaves_nothing() {
    let mut builder = BatchBuilder::new();
    let span = r#"{"traceId":"000102030405060708090a0b0c0d0e0f","spanId":"0000000000000001"}"#;
    for bad in [
        "",
        "[]",
        "{bad",
        r#"{"resourceSpans":5}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}"#,
        &format!(r#"{{"resourceSpans":[{{"resource":{{}},"scopeSpans":[{{"scope":{{}},"spans":[{span},5]}}]}}]}}"#),
        &format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}} x"#),
    ] {
        assert!(decode_json(bad.as_bytes(), &mut builder).is_err(), "{bad}");
        assert!(builder.is_empty());
    }
    for good in ["{}", r#"{"unknown":1}"#, r#"{"resourceSpans":null}"#, r#"{"resource_spans":[{}]}"#] {
        assert_eq!(decode_json(good.as_bytes(), &mut builder), Ok(Outcome::default()), "{good}");
    }
    assert!(decode_protobuf(&[0xff, 0xff], &mut builder).is_err());
    assert_eq!(decode_protobuf(b"", &mut builder), Ok(Outcome::default()));
    let batch = builder.finish();
    assert_eq!((batch.len(), batch.processes().len()), (0, 0));
}
