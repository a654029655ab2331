use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const ALL: [Format; 4] = [Format::Jaeger, Format::B3, Format::B3Single, Format::W3c];

type Map = BTreeMap<String, String>;

fn map(pairs: &[(&str, &str)]) -> Map {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn read(format: Format, pairs: &[(&str, &str)]) -> Result<Option<SpanContext>, ExtractError> {
    Propagation::new(vec![format]).extract(&map(pairs))
}

fn written(format: Format, context: &SpanContext) -> Map {
    let mut into = Map::new();
    Propagation::new(vec![format]).inject(context, &mut into);
    into
}

fn context(trace: u128, span: u64, parent: u64, flags: u8) -> SpanContext {
    SpanContext { trace_id: TraceId(trace), span_id: SpanId(span), parent_id: SpanId(parent), flags, carried: None }
}

#[test]
fn each_format_looks_as_its_readers_expect() {
    let mut context = context(0xabc, 0x12, 0x7, 1);
    context.put_baggage("user", "me");
    assert_eq!(
        written(Format::Jaeger, &context),
        map(&[("uber-trace-id", "0000000000000abc:0000000000000012:0000000000000007:1"), ("uberctx-user", "me")])
    );
    assert_eq!(
        written(Format::B3, &context),
        map(&[
            ("x-b3-traceid", "0000000000000abc"),
            ("x-b3-spanid", "0000000000000012"),
            ("x-b3-parentspanid", "0000000000000007"),
            ("x-b3-sampled", "1"),
            ("baggage-user", "me"),
        ])
    );
    assert_eq!(
        written(Format::B3Single, &context),
        map(&[("b3", "0000000000000abc-0000000000000012-1-0000000000000007"), ("baggage-user", "me")])
    );
    assert_eq!(
        written(Format::W3c, &context),
        map(&[("traceparent", "00-00000000000000000000000000000abc-0000000000000012-01"), ("baggage", "user=me"),])
    );
}

#[test]
fn keys_are_found_in_any_case_and_ids_without_padding() {
    let found = read(Format::Jaeger, &[("Uber-Trace-Id", "abc:12:0:3"), ("Uberctx-User", "me")]).expect("a context");
    let found = found.expect("one is there");
    assert_eq!((found.trace_id(), found.span_id(), found.flags()), (TraceId(0xabc), SpanId(0x12), 3));
    assert_eq!(found.baggage_item("user"), Some("me"));
    let found = read(Format::B3, &[("X-B3-TraceId", "abc"), ("X-B3-SpanId", "12"), ("X-B3-Sampled", "true")]);
    assert_eq!(found.expect("a context"), Some(context(0xabc, 0x12, 0, 1)));
}

#[test]
fn wrong_contexts_are_errors_that_name_the_header() {
    for (format, header, value) in [
        (Format::Jaeger, "uber-trace-id", "1:2:3"),
        (Format::Jaeger, "uber-trace-id", "1:2:3:4:5"),
        (Format::Jaeger, "uber-trace-id", "0:2:3:1"),
        (Format::Jaeger, "uber-trace-id", "1:0:3:1"),
        (Format::Jaeger, "uber-trace-id", ":2:3:1"),
        (Format::Jaeger, "uber-trace-id", "123456789012345678901234567890123:2:3:1"),
        (Format::Jaeger, "uber-trace-id", "1:2:3:x"),
        (Format::B3, "x-b3-traceid", "xyz"),
        (Format::B3, "b3", "1-2-3"),
        (Format::B3, "b3", "abc"),
        (Format::W3c, "traceparent", "00-1-2-01"),
        (Format::W3c, "traceparent", "00-00000000000000000000000000000000-0000000000000012-01"),
        (Format::W3c, "traceparent", "ff-00000000000000000000000000000abc-0000000000000012-01"),
        (Format::W3c, "traceparent", "00-00000000000000000000000000000ABC-0000000000000012-01"),
        (Format::W3c, "traceparent", "00-00000000000000000000000000000abc-0000000000000012-01-x"),
    ] {
        let error = read(format, &[(header, value)]).expect_err(value);
        assert!(error.to_string().starts_with(header), "{error}");
    }
    assert_eq!(read(Format::B3, &[("x-b3-traceid", "1")]).map_err(|error| error.header), Err("x-b3-spanid"));
}

#[test]
fn nothing_there_is_no_error() {
    for format in ALL {
        assert_eq!(read(format, &[("accept", "*/*")]), Ok(None));
    }
    assert_eq!(read(Format::B3, &[("b3", "0")]), Ok(None));
}

#[test]
fn a_debug_id_and_baggage_by_hand_begin_a_trace() {
    let found = read(Format::Jaeger, &[("jaeger-debug-id", "ticket 7"), ("jaeger-baggage", "a=1, b=2,c")]);
    let found = found.expect("a context").expect("one is there");
    assert!(!found.is_valid());
    assert_eq!(found.debug_id(), Some("ticket 7"));
    assert_eq!(found.baggage().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
}

#[test]
fn a_later_version_of_traceparent_is_read_and_tracestate_handed_on() {
    let found = read(
        Format::W3c,
        &[
            ("traceparent", "cc-00000000000000000000000000000abc-0000000000000012-03-more"),
            ("tracestate", "vendor=1,other=2"),
        ],
    );
    let found = found.expect("a context").expect("one is there");
    assert_eq!((found.flags(), found.trace_state()), (1, Some("vendor=1,other=2")));
    assert_eq!(written(Format::W3c, &found).get("tracestate").map(String::as_str), Some("vendor=1,other=2"));
}

#[test]
fn the_first_format_with_a_trace_wins_and_a_wrong_one_stops_no_other() {
    let both = Propagation::new(vec![Format::Jaeger, Format::W3c]);
    let parent = ("traceparent", "00-00000000000000000000000000000abc-0000000000000012-01");
    let found =
        |pairs: &[(&str, &str)]| both.extract(&map(pairs)).expect("one can be read").expect("one is there").trace_id();
    assert_eq!(found(&[parent, ("uber-trace-id", "1:2:0:1")]), TraceId(1));
    assert_eq!(found(&[parent]), TraceId(0xabc));
    assert_eq!(found(&[parent, ("uber-trace-id", "wrong")]), TraceId(0xabc));
}

#[cfg(feature = "http")]
#[test]
fn headers_carry_any_baggage() {
    let mut headers = http::HeaderMap::new();
    let mut context = context(1, 2, 0, 1);
    context.put_baggage("text", "ü & \n=,;%");
    for format in ALL {
        let propagation = Propagation::new(vec![format]);
        propagation.inject(&context, &mut headers);
        let found = propagation.extract(&headers).expect("a context").expect("one is there");
        assert_eq!(found.baggage_item("text"), Some("ü & \n=,;%"), "{format:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(trace in 1_u128.., span in 1_u64.., parent: u64, flags in 0_u8..4, value in "[a-zü%+=,]{0,40}") {
        let flags = if flags & 2 == 0 { flags } else { 3 };
        let mut before = context(trace, span, parent, flags);
        before.put_baggage("key", &value);
        for format in ALL {
            let after = Propagation::new(vec![format]).extract(&written(format, &before));
            let after = after.expect("a context").expect("one is there");
            prop_assert_eq!(after.trace_id(), before.trace_id());
            prop_assert_eq!(after.span_id(), before.span_id());
            prop_assert_eq!(after.is_sampled(), before.is_sampled());
            if format != Format::W3c {
                prop_assert_eq!(after.parent_id(), before.parent_id());
                prop_assert_eq!(after.is_debug(), before.is_debug());
                prop_assert_eq!(after.baggage_item("key"), Some(value.as_str()));
            }
        }
    }

    #[test]
    fn no_text_stops_a_reader(key in 0_usize..8, value in "\\PC{0,80}") {
        let keys = ["uber-trace-id", "uberctx-x", "jaeger-baggage", "b3", "x-b3-traceid", "traceparent", "baggage", "tracestate"];
        for format in ALL {
            drop(read(format, &[(keys[key], &value)]));
        }
    }
}
