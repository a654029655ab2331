//! v2 spans, beside what they say.

use jaeger_model::BatchBuilder;

use crate::testing::describe;
use crate::zipkin::{decode_v2_json, decode_v2_protobuf};

/// What stands behind the first two lines, which are the same in all: ids, times.
fn json(members: &str) -> String {
    let mut builder = BatchBuilder::new();
    let body = format!(r#"[{{"traceId":"a","id":"b","timestamp":1,"duration":2,{members}}}]"#);
    assert_eq!(decode_v2_json(body.as_bytes(), &mut builder), Ok(1), "{members}");
    let text = describe(&builder.finish());
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert_eq!(lines[0..2], ["span 000000000000000a/000000000000000b \"\"", "flags 0 start 1000 duration 2000"]);
    lines[2..].join(", ")
}

#[test]
fn endpoints_are_tags_and_have_the_word() {
    let members = r#""kind":"CLIENT","localEndpoint":{"serviceName":"s","ipv4":"1.2.3.4","port":80},
        "remoteEndpoint":{"serviceName":"db","ipv4":"1.2.3.5","ipv6":"::FFFF:9.8.7.6","port":5432},
        "tags":{"peer.service":"other","k":"v"}"#;
    let says = r#"process "s", k = Str("v"), net.host.ip = Str("1.2.3.4"), net.host.port = I64(80), peer.service = Str("db"), net.peer.ip = Str("9.8.7.6"), net.peer.port = I64(5432), span.kind = Str("client")"#;
    assert_eq!(json(members), says);
}

#[test]
fn tags_of_a_resource_go_to_the_process_and_those_of_fields_become_them() {
    let members = r#""localEndpoint":{"serviceName":"s"},"tags":{"host.name":"h","otlp.service.name.source":"faas.name",
        "span.kind":"internal","w3c.tracestate":"a=b","otel.library.name":"lib","otel.library.version":"1",
        "otel.status_code":"Ok","otel.status_description":"fine","k8s.pod.name":"p"}"#;
    let says = r#"process "s", host.name = Str("h"), k8s.pod.name = Str("p"), faas.name = Str("s"), otel.scope.name = Str("lib"), otel.scope.version = Str("1"), span.kind = Str("internal"), otel.status_code = Str("OK"), otel.status_description = Str("fine"), w3c.tracestate = Str("a=b")"#;
    assert_eq!(json(members), says);
}

#[test]
fn each_span_keeps_the_tags_of_its_own_resource_and_a_service_name_is_for_all() {
    let span = |id: u8, tags: &str| {
        format!(
            r#"{{"traceId":"a","id":"{id}","timestamp":1,"localEndpoint":{{"serviceName":"s"}},"tags":{{{tags}}}}}"#
        )
    };
    let body = [span(1, r#""host.name":"one""#), span(2, r#""host.name":"two","service.name":"renamed""#), span(3, "")];
    let mut builder = BatchBuilder::new();
    assert_eq!(decode_v2_json(format!("[{}]", body.join(",")).as_bytes(), &mut builder), Ok(3));
    let batch = builder.finish();
    let shown: Vec<_> = batch
        .spans()
        .filter_map(|span| span.process())
        .map(|process| (process.service(), process.tags().next().map(|tag| tag.value.text().into_owned())))
        .collect();
    assert_eq!(shown, [("renamed", Some("one".to_owned())), ("renamed", Some("two".to_owned())), ("renamed", None)]);
}

#[test]
fn a_status_that_opentelemetry_writes_is_one_in_every_spelling() {
    for (value, shown) in [("OK", "OK"), ("Ok", "OK"), ("STATUS_CODE_ERROR", "ERROR"), ("ERROR", "ERROR")] {
        let text = json(&format!(r#""localEndpoint":{{"serviceName":"s"}},"tags":{{"otel.status_code":"{value}"}}"#));
        assert!(text.contains(&format!("otel.status_code = Str(\"{shown}\")")), "{value}: {text}");
    }
    let text = json(r#""localEndpoint":{"serviceName":"s"},"tags":{"otel.status_code":"Unset"}"#);
    assert_eq!(text, r#"process "s""#);
}

#[test]
fn events_of_exporters_have_their_parts_and_others_stay_whole() {
    for (value, shown) in [
        (r"plain", r#"event = Str("plain")"#),
        (r"a|b", r#"event = Str("a|b")"#),
        (r"a|no json|0", r#"event = Str("a|no json|0")"#),
        (r#"a|{\"k\":1}|x"#, r#"event = Str("a|{\"k\":1}|x")"#),
        (
            r#"a|{\"k\":1.0,\"f\":1.5,\"b\":true,\"s\":\"x|y\",\"l\":[1]}|0"#,
            r#"event = Str("a"), k = I64(1), f = F64(1.5), b = Bool(true), s = Str("x|y"), l = Str("[1]")"#,
        ),
        (r#"a|{\"event\":\"own\"}|0"#, r#"event = Str("own")"#),
    ] {
        let text = json(&format!(
            r#""localEndpoint":{{"serviceName":"s"}},"annotations":[{{"timestamp":3,"value":"{value}"}}]"#
        ));
        assert_eq!(text, format!(r#"process "s", log 3000, {shown}"#), "{value}");
    }
}

#[test]
fn links_of_exporters_are_references_and_what_only_looks_like_one_stays() {
    let ids = "000102030405060708090a0b0c0d0e0f|0001020304050607";
    let members = format!(
        r#""localEndpoint":{{"serviceName":"s"}},"parentId":"c","tags":{{"otlp.link.0":"{ids}|s|{{}}|0",
        "otlp.link.1":"{ids}||{{\"opentracing.ref_type\":\"child_of\"}}|0","otlp.link.2":"x|y","otlp.link.":"z"}}"#
    );
    let says = r#"process "s", ChildOf 000000000000000a/000000000000000c, FollowsFrom 000102030405060708090a0b0c0d0e0f/0001020304050607, ChildOf 000102030405060708090a0b0c0d0e0f/0001020304050607, otlp.link.2 = Str("x|y"), otlp.link. = Str("z")"#;
    assert_eq!(json(&members), says);
}

#[test]
fn a_parent_that_is_the_span_itself_or_zero_is_none() {
    for parent in ["b", "000000000000000b", "0", ""] {
        assert_eq!(json(&format!(r#""parentId":"{parent}""#)), r#"process "OTLPResourceNoServiceName""#);
    }
}

#[test]
fn a_span_in_protobuf_says_the_same() {
    let field =
        |number: u8, bytes: &[u8]| [&[number << 3 | 2, u8::try_from(bytes.len()).expect("short")], bytes].concat();
    let fixed = |number: u8, value: u64| [&[number << 3 | 1][..], &value.to_le_bytes()].concat();
    let local = [field(1, b"s"), field(2, &[1, 2, 3, 4]), field(3, &[0; 16]), vec![0x20, 80]].concat();
    let span = [
        field(1, &[&[0; 15][..], &[10]].concat()),
        field(2, &[0, 0, 0, 0, 0, 0, 0, 12]),
        field(3, &[0, 0, 0, 0, 0, 0, 0, 11]),
        vec![0x20, 2],
        field(5, b"op"),
        fixed(6, 1),
        vec![0x38, 2],
        field(8, &local),
        field(10, &[fixed(1, 3), field(2, b"ev")].concat()),
        field(11, &[field(1, b"k"), field(2, b"v")].concat()),
        vec![0x60, 1],
    ];
    let mut builder = BatchBuilder::new();
    assert_eq!(decode_v2_protobuf(&field(1, &span.concat()), &mut builder), Ok(1));
    let says = r#"span 000000000000000a/000000000000000b "op"
  flags 0 start 1000 duration 2000
  process "s"
  ChildOf 000000000000000a/000000000000000c
  k = Str("v")
  net.host.ip = Str("::")
  net.host.port = I64(80)
  span.kind = Str("server")
  log 3000
    event = Str("ev")
"#;
    assert_eq!(describe(&builder.finish()), says);
}
