//! No body makes the OTLP decoders hold more than a small multiple of it: a counting allocator watches.
#![expect(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts and hands on")]

mod held;

use std::fmt::Write as _;

use held::{field, held};
use jaeger_model::BatchBuilder;
use jaeger_wire::DecodeError;
use jaeger_wire::otlp::{Outcome, decode_json, decode_protobuf};

/// So many bytes for each at hand: an empty tag is two bytes on the wire and a row of 24 in memory, held twice and half
/// again while its table grows; an empty link is two and 48.
const MULTIPLE: usize = 120;
/// What a builder, an error and a thread's first use of things cost.
const BASE: usize = 16 << 10;

type Decode = fn(&[u8], &mut BatchBuilder) -> Result<Outcome, DecodeError>;

fn check(name: &str, body: &[u8]) {
    for (format, decode) in [("protobuf", decode_protobuf as Decode), ("JSON", decode_json)] {
        let most = held(|| {
            let mut builder = BatchBuilder::new();
            let read = decode(body, &mut builder);
            drop((read, builder.finish()));
        });
        let bound = MULTIPLE * body.len() + BASE;
        assert!(most <= bound, "{format} held {most} bytes over {} of {name}, bound {bound}", body.len());
    }
}

/// A request of one span with these fields behind its ids.
fn span(rest: &[u8]) -> Vec<u8> {
    let ids = [field(1, &[1; 16]), field(2, &[1; 8])].concat();
    field(1, &field(2, &field(2, &[&ids, rest].concat())))
}

const COUNT: usize = 50_000;

#[test]
fn the_emptiest_messages_hold_the_most_and_stay_within_the_bound() {
    let empty = |number: u8| field(number, b"").repeat(COUNT);
    for (name, number) in [("attributes", 9), ("events", 11), ("links", 13), ("statuses", 15)] {
        check(name, &span(&empty(number)));
    }
    check("resources", &empty(1));
    check("scopes", &field(1, &empty(2)));
    check("spans", &field(1, &field(2, &empty(2))));
    check("attributes of an event", &span(&field(11, &empty(3))));
    check("attributes of the resource", &field(1, &[field(1, &empty(1)), field(2, b"")].concat()));
    let value = |value: &[u8]| span(&field(9, &field(2, value)));
    check("a list of nothing", &value(&field(5, &empty(1))));
    check("a map of nothing", &value(&field(6, &empty(1))));
    let mut map = empty(1);
    for _ in 0..30 {
        // A map of an entry whose value is a map, and so on.
        map = field(1, &field(2, &field(6, &map)));
    }
    check("maps in each other", &value(&field(6, &map)));
    check("wrong UTF-8", &value(&field(5, &field(1, &field(1, &[0xff; COUNT])))));
    check("control characters", &value(&field(5, &field(1, &field(1, &[1; COUNT])))));
    check("bytes", &value(&field(7, &[1; COUNT])));
}

#[test]
fn the_emptiest_objects_hold_the_most_and_stay_within_the_bound() {
    let list = |element: &str| format!("[{element}{}]", format!(",{element}").repeat(COUNT - 1));
    let spans = |spans: &str| format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":{spans}}}]}}]}}"#);
    let ids = r#""traceId":"01010101010101010101010101010101","spanId":"0101010101010101""#;
    let span = |rest: &str| spans(&format!("[{{{ids},{rest}}}]"));
    check("spans", spans(&list("{}")).as_bytes());
    check("scopes", format!(r#"{{"resourceSpans":[{{"resource":{{}},"scopeSpans":{}}}]}}"#, list("{}")).as_bytes());
    check("resources", format!(r#"{{"resourceSpans":{}}}"#, list("{}")).as_bytes());
    for member in ["attributes", "events", "links"] {
        check(member, span(&format!("\"{member}\":{}", list("{}"))).as_bytes());
        check(member, span(&format!("\"{member}\":{}", list("null"))).as_bytes());
    }
    let value = |value: &str| span(&format!(r#""attributes":[{{"key":"a","value":{value}}}]"#));
    check("a list", value(&format!(r#"{{"arrayValue":{{"values":{}}}}}"#, list("{}"))).as_bytes());
    check("a map", value(&format!(r#"{{"kvlistValue":{{"values":{}}}}}"#, list("{}"))).as_bytes());
    let mut map = list("{}");
    for _ in 0..30 {
        map = format!(r#"[{{"value":{{"kvlistValue":{{"values":{map}}}}}}}]"#);
    }
    check("maps in each other", value(&format!(r#"{{"kvlistValue":{{"values":{map}}}}}"#)).as_bytes());
    // Members that stand before what they need wait, each by itself.
    let mut waiting = "{".to_owned();
    for _ in 0..COUNT {
        write!(waiting, r#""scopeSpans":[],"#).expect("a String");
    }
    check("waiting scopes", format!(r#"{{"resourceSpans":[{waiting}"resource":{{}}}}]}}"#).as_bytes());
    check("escapes", value(&format!(r#"{{"stringValue":"{}"}}"#, r"\u0001".repeat(COUNT))).as_bytes());
}
