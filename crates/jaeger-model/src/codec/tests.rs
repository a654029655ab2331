use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{BatchBuilder, BatchEdit, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, Value, ValueIn};

#[derive(Clone, Debug)]
enum Owned {
    Str(&'static str),
    Text(String),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
}

type Tags = Vec<(&'static str, Owned)>;

#[derive(Clone, Debug)]
struct Span {
    ids: (u128, u64),
    operation: &'static str,
    times: (i64, i64),
    flags: u32,
    process: usize,
    tags: Tags,
    logs: Vec<(i64, Tags)>,
    references: Vec<(bool, u128, u64)>,
    warnings: Vec<String>,
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "a", "http.url", "span.kind", "wörter", "日本", "error"])
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -300..300_i64,
        Just(i64::MIN),
        Just(i64::MAX),
        1_700_000_000_000_000_000..1_800_000_000_000_000_000_i64
    ]
}

fn tags() -> impl Strategy<Value = Tags> {
    let value = prop_oneof![
        4 => word().prop_map(Owned::Str),
        1 => any::<String>().prop_map(Owned::Text),
        1 => any::<bool>().prop_map(Owned::Bool),
        1 => number().prop_map(Owned::I64),
        1 => any::<u64>().prop_map(|bits| Owned::F64(f64::from_bits(bits))),
        1 => vec(any::<u8>(), 0..9).prop_map(Owned::Bytes),
    ];
    vec((word(), value), 0..6)
}

fn span() -> impl Strategy<Value = Span> {
    let ids = (prop_oneof![any::<u128>(), 0..3_u128], any::<u64>());
    let logs = vec((number(), tags()), 0..3);
    let references = vec((any::<bool>(), 0..3_u128, any::<u64>()), 0..3);
    (ids, word(), (number(), number()), any::<u32>(), 0..4_usize, tags(), logs, references, vec(any::<String>(), 0..2))
        .prop_map(|(ids, operation, times, flags, process, tags, logs, references, warnings)| Span {
            ids,
            operation,
            times,
            flags,
            process,
            tags,
            logs,
            references,
            warnings,
        })
}

fn batches() -> impl Strategy<Value = Batch> {
    (vec((word(), tags()), 1..4), vec(span(), 0..12)).prop_map(|(processes, spans)| build(&processes, &spans))
}

impl Owned {
    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Str(text) => ValueIn::Str(text.as_bytes()),
            Self::Text(text) => ValueIn::Str(text.as_bytes()),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(number) => ValueIn::I64(*number),
            Self::F64(number) => ValueIn::F64(*number),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
        }
    }
}

fn build(processes: &[(&str, Tags)], spans: &[Span]) -> Batch {
    let mut b = BatchBuilder::new();
    let mut places = Vec::new();
    for (service, tags) in processes {
        tags.iter().for_each(|(key, value)| b.process_tag(key.as_bytes(), value.value()));
        places.push(b.process(service.as_bytes()).expect("room"));
    }
    for span in spans {
        b.begin_span();
        b.span_ids(TraceId(span.ids.0), SpanId(span.ids.1));
        b.span_operation(span.operation.as_bytes());
        b.span_start(Timestamp::from_nanos(span.times.0));
        b.span_duration(Duration::from_nanos(span.times.1));
        b.span_flags(span.flags);
        if let Some(place) = places.get(span.process) {
            b.span_process(*place);
        }
        span.tags.iter().for_each(|(key, value)| b.span_tag(key.as_bytes(), value.value()));
        for (time, fields) in &span.logs {
            b.begin_log(Timestamp::from_nanos(*time));
            fields.iter().for_each(|(key, value)| b.log_field(key.as_bytes(), value.value()));
        }
        for (follows, trace, id) in &span.references {
            let kind = if *follows { ReferenceKind::FollowsFrom } else { ReferenceKind::ChildOf };
            b.span_reference(Reference { kind, trace_id: TraceId(*trace), span_id: SpanId(*id) });
        }
        span.warnings.iter().for_each(|warning| b.span_warning(warning));
        b.end_span().expect("room");
    }
    b.finish()
}

fn encoded(batch: &Batch) -> Vec<u8> {
    let mut bytes = Vec::new();
    batch.encode(&mut bytes);
    bytes
}

/// Every part of every span, so that NaN equals NaN.
fn shown(batch: &Batch) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for span in batch.spans() {
        let process = span.process().map(|p| (p.service(), p.tags().collect::<Vec<_>>()));
        let logs: Vec<_> = span.logs().map(|log| (log.time(), log.fields().collect::<Vec<_>>())).collect();
        writeln!(
            out,
            "{:?} {:?} {:?} {:?} {:?} {} {process:?} {:?} {logs:?} {:?} {:?}",
            span.trace_id(),
            span.span_id(),
            span.operation(),
            span.start(),
            span.duration(),
            span.flags(),
            span.tags().collect::<Vec<_>>(),
            span.references().collect::<Vec<_>>(),
            span.warnings().collect::<Vec<_>>(),
        )
        .expect("a string");
    }
    out
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(batch in batches()) {
        let bytes = encoded(&batch);
        let again = Batch::decode(&bytes).expect("just encoded");
        prop_assert_eq!(shown(&again), shown(&batch));
        prop_assert_eq!(again.processes().len(), batch.processes().len());
        // Equal places stay equal places.
        prop_assert_eq!(encoded(&again), bytes);
    }

    #[test]
    fn a_changed_batch_comes_back_too(batch in batches(), at in 0..12_usize) {
        let mut edit = BatchEdit::of(batch);
        edit.push_span_tags(at, [crate::TagView { key: "k", value: Value::Str("v") }]);
        edit.push_process_tags(0, [crate::TagView { key: "p", value: Value::Bool(true) }]);
        edit.sort_span_tags(at, |a, b| b.key.cmp(a.key));
        edit.push_warning(at, "noted");
        edit.set_process(at, 77);
        edit.retain_spans(|place, _| place % 3 != 1);
        let batch = edit.into_batch();
        let again = Batch::decode(&encoded(&batch)).expect("just encoded");
        prop_assert_eq!(shown(&again), shown(&batch));
    }

    #[test]
    fn flipped_bytes_are_refused_or_a_batch(batch in batches(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut bytes = encoded(&batch);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        check_any(&bytes)?;
    }

    #[test]
    fn cut_bytes_are_refused(batch in batches(), at in any::<prop::sample::Index>()) {
        let bytes = encoded(&batch);
        let at = at.index(bytes.len());
        prop_assert!(Batch::decode(&bytes[..at]).is_err());
    }

    #[test]
    fn any_bytes_are_refused_or_a_batch(mut bytes in vec(any::<u8>(), 0..200), small in any::<bool>()) {
        if small {
            // Small numbers get further.
            bytes.iter_mut().for_each(|byte| *byte &= 0x0f);
        }
        bytes.splice(0..0, MARK.to_le_bytes());
        check_any(&bytes)?;
    }
}

fn check_any(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(batch) = Batch::decode(bytes) {
        prop_assert!(batch.size_bytes() <= size_of::<Batch>() + 24 * bytes.len());
        let again = Batch::decode(&encoded(&batch)).expect("just encoded");
        prop_assert_eq!(shown(&again), shown(&batch));
        let mut copies = BatchBuilder::new();
        for span in batch.spans() {
            let process = span.process().map(|process| copies.copy_process(process).expect("room"));
            copies.copy_span(span, process).expect("room");
        }
        prop_assert_eq!(copies.finish().len(), batch.len());
    }
    Ok(())
}

#[test]
fn an_unknown_format_is_named() {
    let error = Batch::decode(&[9, 0, 0]).expect_err("a newer mark");
    assert_eq!(error, BatchFormatError::UnknownFormat { found: 9 });
}

#[test]
fn rows_of_two_spans_are_written_for_each() {
    let mut batch = build(&[("shop", vec![("a", Owned::I64(1))])], &[]);
    let mut row = crate::rows::SpanRow::EMPTY;
    row.tags = batch.processes[0].tags;
    batch.spans = vec![row, row];
    let again = Batch::decode(&encoded(&batch)).expect("just encoded");
    assert_eq!(shown(&again), shown(&batch));
}

#[test]
fn tags_that_come_again_take_a_byte() {
    let tags: Tags = vec![("span.kind", Owned::Str("server")), ("error", Owned::Bool(true)), ("a", Owned::I64(1))];
    let span = Span {
        ids: (7, 1),
        operation: "GET",
        times: (1_700_000_000_000_000_000, 1000),
        flags: 1,
        process: 0,
        tags,
        logs: vec![],
        references: vec![],
        warnings: vec![],
    };
    let of = |spans: usize| encoded(&build(&[("shop", vec![])], &vec![span.clone(); spans])).len();
    assert_eq!(of(60) - of(50), 10 * (1 + 8 + 6 + 4 + 2 + 2 + 3), "a head, an id, two times, three lists, three tags");
}
