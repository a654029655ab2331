use std::fmt::Write as _;

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, Trace, TraceId, Value, ValueIn,
};

use super::adjust;
use crate::assemble::assemble;
use crate::draft::{Draft, DraftValue};

const TRACE: TraceId = TraceId(7);

/// A span of the trace under test.
#[derive(Clone, Default)]
struct Span {
    id: u64,
    parent: Option<u64>,
    host: &'static str,
    start_us: i64,
    duration_us: i64,
    kind: &'static str,
}

fn span(id: u64, parent: Option<u64>) -> Span {
    Span { id, parent, duration_us: 10, ..Span::default() }
}

fn batch(spans: &[Span]) -> Batch {
    let mut b = BatchBuilder::new();
    for span in spans {
        if !span.host.is_empty() {
            b.process_tag(b"ip", span.host.into());
        }
        let process = b.process(b"shop").expect("room");
        b.begin_span();
        b.span_ids(TRACE, SpanId(span.id));
        b.span_process(process);
        b.span_start(Timestamp::from_micros(span.start_us));
        b.span_duration(Duration::from_micros(span.duration_us));
        if let Some(parent) = span.parent {
            let kind = ReferenceKind::ChildOf;
            b.span_reference(Reference { kind, trace_id: TRACE, span_id: SpanId(parent) });
        }
        if !span.kind.is_empty() {
            b.span_tag(b"span.kind", span.kind.into());
        }
        b.end_span().expect("room");
    }
    b.finish()
}

/// Adjusts the spans and compares `id<-parent@start notes`, a line each.
fn check(spans: &[Span], max_us: i64, expected: &str) {
    let trace = Trace::of_batch(batch(spans));
    let mut draft = assemble(&trace);
    adjust(&mut draft, Duration::from_micros(max_us));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown(&draft), expected);
}

fn shown(draft: &Draft<'_>) -> Vec<String> {
    let line = |span: &crate::draft::DraftSpan<'_>| {
        let mut line = format!("{:x}", span.span_id.0);
        if let Some(parent) = draft.parent(span) {
            write!(line, "<-{:x}", parent.0).expect("a string");
        }
        write!(line, "@{}", span.start.as_micros()).expect("a string");
        for note in &span.notes {
            write!(line, " {note}").expect("a string");
        }
        line
    };
    draft.spans.iter().map(line).collect()
}

#[test]
fn the_servers_side_of_a_shared_id_gets_an_id_below_the_clients() {
    let kind = |span: Span, kind| Span { kind, ..span };
    check(
        &[
            span(1, None),
            kind(span(5, Some(1)), "client"),
            kind(span(5, Some(1)), "server"),
            span(6, Some(5)),
            kind(span(8, Some(1)), "server"),
            kind(span(8, Some(1)), "server"),
        ],
        0,
        "1@0
         5<-1@0
         2<-5@0
         6<-2@0
         8<-1@0
         8<-1@0 duplicate span IDs; skipping clock skew adjustment",
    );
}

#[test]
fn a_server_without_a_parent_hangs_below_the_client_that_shares_its_id() {
    let kind = |span: Span, kind| Span { kind, ..span };
    check(&[kind(span(5, None), "client"), kind(span(5, None), "server")], 0, "5@0\n 1<-5@0");
}

#[test]
fn spans_of_another_host_move_into_their_parent_and_take_their_children_along() {
    let on = |host, start_us, duration_us, span: Span| Span { host, start_us, duration_us, ..span };
    let spans = [
        on("10.0.0.1", 1_000, 100, span(1, None)),
        on("10.0.0.2", 500, 20, span(2, Some(1))),
        on("10.0.0.2", 505, 5, span(3, Some(2))),
        on("10.0.0.1", 400, 5, span(4, Some(1))),
    ];
    check(
        &spans,
        1_000,
        "1@1000
         2<-1@1040 This span's timestamps were adjusted by 540\u{b5}s
         3<-2@1045 This span's timestamps were adjusted by 540\u{b5}s
         4<-1@400",
    );
    check(
        &spans,
        539,
        "1@1000
         2<-1@500 max clock skew adjustment delta of 539\u{b5}s exceeded; not applying calculated delta of 540\u{b5}s
         3<-2@505 max clock skew adjustment delta of 539\u{b5}s exceeded; not applying calculated delta of 540\u{b5}s
         4<-1@400",
    );
}

#[test]
fn a_missing_parent_makes_a_root_and_a_circle_is_left_alone() {
    check(
        &[span(1, Some(2)), span(2, Some(1)), span(3, Some(3)), span(4, Some(0xdead))],
        1_000,
        "1<-2@0
         2<-1@0
         3<-3@0
         4<-dead@0 invalid parent span IDs=000000000000dead; skipping clock skew adjustment",
    );
}

#[test]
fn equal_copies_become_one_and_what_differs_stays() {
    check(
        &[span(4, None), span(4, None), span(4, None), Span { start_us: 1, ..span(4, None) }],
        0,
        "4@0
         4@0 duplicate span IDs; skipping clock skew adjustment
         4@1 duplicate span IDs; skipping clock skew adjustment",
    );
}

#[test]
fn long_chains_and_many_copies_of_an_id_are_adjusted_too() {
    let chain: Vec<Span> = (1..=50_000).map(|id| Span { start_us: -1, ..span(id, Some(id - 1)) }).collect();
    let copies: Vec<Span> = (0..50_000).map(|at| Span { start_us: at, ..span(1, None) }).collect();
    let servers: Vec<Span> = copies.iter().map(|copy| Span { kind: "server", ..copy.clone() }).collect();
    let shared = servers.iter().cloned().chain([Span { kind: "client", ..span(1, None) }]).collect();
    for spans in [chain, copies, servers, shared] {
        let trace = Trace::of_batch(batch(&spans));
        let mut draft = assemble(&trace);
        adjust(&mut draft, Duration::from_micros(1));
        assert_eq!(draft.spans.len(), spans.len());
    }
}

#[test]
fn addresses_sent_as_numbers_become_text_and_sort_as_such() {
    let mut b = BatchBuilder::new();
    b.begin_span();
    b.span_ids(TRACE, SpanId(1));
    let mut tag = |key: &str, value: ValueIn<'_>| b.span_tag(key.as_bytes(), value);
    tag("peer.ipv4", Value::I64(-1_062_731_775).into());
    tag("ip", "9.9.9.9".into());
    tag("ip", Value::F64(16_909_060.7).into());
    tag("ip", Value::Bytes(&[1, 2, 3, 4]).into());
    b.end_span().expect("room");
    let trace = Trace::of_batch(b.finish());
    let mut draft = assemble(&trace);
    adjust(&mut draft, Duration::ZERO);
    let tags = draft.spans[0].tags.of(&draft.tags);
    let text = |value: DraftValue<'_>| match value {
        DraftValue::Ipv4(address) => address.to_string(),
        DraftValue::Stored(value) => value.text().into_owned(),
    };
    let shown: Vec<_> = tags.iter().map(|tag| format!("{}={}", tag.key, text(tag.value))).collect();
    assert_eq!(shown, ["ip=1.2.3.4", "ip=9.9.9.9", "ip=01020304", "peer.ipv4=192.168.0.1"]);
}
