use super::*;
use crate::ReferenceKind;

fn span(builder: &mut BatchBuilder, id: u64) {
    builder.begin_span();
    builder.span_ids(TraceId(1), SpanId(id));
    builder.span_operation(b"op");
}

#[test]
fn takes_fields_in_any_order_and_mixed() {
    let mut b = BatchBuilder::new();
    b.begin_span();
    b.span_tag(b"a", "1".into());
    b.begin_log(Timestamp::from_nanos(5));
    b.log_field(b"event", "x".into());
    b.process_tag(b"hostname", "h".into());
    b.span_tag(b"b", ValueIn::I64(2));
    b.begin_log(Timestamp::default());
    b.log_field(b"f", ValueIn::Bool(true));
    b.log_field(b"g", ValueIn::Bytes(&[1, 2]));
    b.log_time(Timestamp::from_nanos(6));
    let process = b.process(b"shop").expect("room");
    b.span_process(process);
    b.span_ids(TraceId(1), SpanId(2));
    b.end_span().expect("room");
    let batch = b.finish();
    let span = batch.span(0).expect("one");
    let tags: Vec<_> = span.tags().collect();
    assert_eq!(tags[0].value, Value::Str("1"));
    assert_eq!(tags[1].value, Value::I64(2));
    let logs: Vec<_> = span.logs().collect();
    assert_eq!(logs.len(), 2);
    assert_eq!(logs[0].fields().len(), 1);
    assert_eq!(logs[1].time(), Timestamp::from_nanos(6));
    assert_eq!(logs[1].fields().last().expect("two").value, Value::Bytes(&[1, 2]));
    assert_eq!(span.process().expect("set").tags().next().expect("one").key, "hostname");
}

#[test]
fn equal_text_at_the_same_place_is_kept_once() {
    let mut b = BatchBuilder::new();
    for id in 0..100 {
        span(&mut b, id);
        b.span_tag(b"http.method", "GET".into());
        b.end_span().expect("room");
    }
    let batch = b.finish();
    assert_eq!(batch.text, "ophttp.methodGET");
    assert!(batch.spans().all(|s| s.tag("http.method") == Some(Value::Str("GET"))));
}

#[test]
fn wrong_utf8_is_repaired_and_noted_on_its_span_alone() {
    let mut b = BatchBuilder::new();
    span(&mut b, 1);
    b.span_tag(b"k", ValueIn::Str(b"a\xff\xfeb"));
    b.end_span().expect("room");
    span(&mut b, 2);
    b.end_span().expect("room");
    assert_eq!(b.repaired_texts(), 1);
    let batch = b.finish();
    let first = batch.span(0).expect("two");
    assert_eq!(first.tag("k"), Some(Value::Str("a\u{fffd}\u{fffd}b")));
    assert_eq!(first.warnings().collect::<Vec<_>>(), ["invalid UTF-8 replaced in 1 texts of this span"]);
    assert_eq!(batch.span(1).expect("two").warnings().len(), 0);
}

#[test]
fn an_abandoned_span_leaves_nothing() {
    let mut b = BatchBuilder::new();
    span(&mut b, 1);
    b.end_span().expect("room");
    span(&mut b, 2);
    b.span_tag(b"long", "value".into());
    b.abandon_span();
    span(&mut b, 3);
    b.end_span().expect("room");
    let batch = b.finish();
    assert_eq!(batch.spans().map(|s| s.span_id().0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(batch.text, "op");
}

#[test]
fn equal_processes_in_a_row_are_one() {
    let mut b = BatchBuilder::new();
    for service in [b"a", b"a", b"b"] {
        b.process_tag(b"k", ValueIn::I64(1));
        b.process(service).expect("room");
    }
    assert_eq!(b.finish().processes().len(), 2);
}

#[test]
fn the_format_is_the_last_tag() {
    let mut b = BatchBuilder::new().with_format("proto");
    for id in 0..2 {
        span(&mut b, id);
        b.span_tag(b"k", "v".into());
        b.end_span().expect("room");
    }
    let batch = b.finish();
    for span in batch.spans() {
        let last = span.tags().last().expect("two");
        assert_eq!((last.key, last.value), ("internal.span.format", Value::Str("proto")));
    }
}

#[test]
fn references_can_go_first() {
    let mut b = BatchBuilder::new();
    span(&mut b, 1);
    let to = |id| Reference { kind: ReferenceKind::FollowsFrom, trace_id: TraceId(1), span_id: SpanId(id) };
    b.span_reference(to(7));
    b.span_reference_first(Reference { kind: ReferenceKind::ChildOf, ..to(8) });
    b.end_span().expect("room");
    let batch = b.finish();
    let span = batch.span(0).expect("one");
    assert_eq!(span.references().map(|r| r.span_id.0).collect::<Vec<_>>(), [8, 7]);
    assert_eq!(span.parent(), Some(SpanId(8)));
}

#[test]
fn the_size_is_what_the_tables_hold() {
    let mut b = BatchBuilder::new();
    for id in 0..1000 {
        span(&mut b, id);
        b.span_tag(b"k", ValueIn::I64(1));
        b.end_span().expect("room");
    }
    let batch = b.finish();
    let rows = 1000 * (size_of::<SpanRow>() + size_of::<TagRow>());
    assert!(batch.size_bytes() >= rows && batch.size_bytes() < rows * 3 / 2, "{}", batch.size_bytes());
}

#[test]
fn rolls_back_to_a_mark() {
    let mut b = BatchBuilder::new();
    span(&mut b, 1);
    b.end_span().expect("room");
    let mark = b.mark();
    b.process_tag(b"k", "v".into());
    let process = b.process(b"late").expect("room");
    span(&mut b, 2);
    b.span_process(process);
    b.span_tag(b"k", ValueIn::Bytes(&[1]));
    b.end_span().expect("room");
    span(&mut b, 3);
    b.rollback(mark);
    span(&mut b, 4);
    b.end_span().expect("room");
    let batch = b.finish();
    assert_eq!(batch.spans().map(|s| s.span_id().0).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(batch.processes().len(), 0);
    assert_eq!(batch.text, "op");
}
