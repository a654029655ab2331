//! A block that was written and read answers as it did before; other bytes do no harm.

use std::sync::Arc;

use jaeger_model::{Batch, Duration, SpanView};
use proptest::prelude::*;

use super::super::samples::{Samples, all_tags};
use super::super::{Block, BlockQuery, Found, Reading, terms};
use super::BlockFormatError;
use crate::{TimeRange, TraceQuery};

fn bytes(block: &Block) -> Vec<u8> {
    let mut bytes = Vec::new();
    block.to_bytes(&mut bytes);
    bytes
}

fn traces(block: &Block) -> Vec<Batch> {
    let mut reading = Reading::default();
    (0..block.trace_ids().len()).map(|trace| block.decode(trace, &mut reading).expect("it fits")).collect()
}

fn found(block: &Arc<Block>, query: &TraceQuery) -> Vec<Vec<Found>> {
    let mut cursors = Vec::new();
    block.search(&BlockQuery::new(query), &mut cursors);
    cursors.iter_mut().map(|cursor| std::iter::from_fn(|| cursor.next()).collect()).collect()
}

/// Everything that a block is asked for, as text; floats by their bits would be too much: NaN shows as itself.
fn answers(block: &Arc<Block>) -> String {
    let mut reading = Reading::default();
    let mut names = Vec::new();
    block.names(&mut reading, |service, operation, kind| names.push(format!("{service} {operation} {kind}")));
    let (mut links, mut calls, mut parents, mut services) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for trace in 0..block.trace_ids().len() {
        block.links_within(trace, &mut reading, &mut services, |from, to, start, error| {
            let to = match to {
                super::super::Callee::Service(at) => format!("service {at}"),
                super::super::Callee::Peer(name) => name.to_owned(),
            };
            links.push((from, to, start, error));
        });
        block.calls(trace, &mut reading, &mut calls, &mut parents);
    }
    let shares: Vec<bool> = (0..block.trace_ids().len()).map(|trace| block.shares_ids(trace)).collect();
    let mut all_terms = Vec::new();
    block.terms(&mut |term| all_terms.push(term));
    format!(
        "{:?} {:?} {names:?} {links:?} {calls:?} {parents:?} {shares:?} {:?} {:?} {all_terms:?}",
        block.trace_ids(),
        block.services().collect::<Vec<_>>(),
        block.start_range(),
        block.duration_range(),
    )
}

fn queries(samples: &mut Samples, spans: &[SpanView<'_>]) -> Vec<TraceQuery> {
    let mut queries = vec![TraceQuery::default()];
    for _ in 0..20 {
        let Some(span) = samples.random.choice(spans) else { break };
        let tags = all_tags(*span);
        let mut query = TraceQuery { tags: samples.random.choice(tags).into_iter().collect(), ..TraceQuery::default() };
        if samples.random.bool() {
            query.service = Some(span.service().into());
        }
        if samples.random.bool() {
            query.operation = Some(span.operation().into());
        }
        if samples.random.bool() {
            query.start = TimeRange { start: span.start(), end: span.start() };
        }
        if samples.random.bool() {
            query.duration_min = Some(Duration::from_nanos(1));
        }
        queries.push(query);
    }
    queries
}

/// Asks bytes that may be anything for everything.
fn harmless(bytes: &[u8]) {
    let Ok(block) = Block::from_bytes(bytes) else { return };
    let block = Arc::new(block);
    let mut reading = Reading::default();
    for trace in 0..block.trace_ids().len() {
        let _full = block.decode(trace, &mut reading).is_err();
    }
    answers(&block);
    let tag = |key: &str, text: &str| vec![(String::from(key), String::from(text))];
    for tags in [vec![], tag("span.kind", "client"), tag("key-1", "GET"), tag("key-2", "0")] {
        found(&block, &TraceQuery { tags, ..TraceQuery::default() });
    }
    // What was read can be written.
    assert!(Block::from_bytes(&self::bytes(&block)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_block_that_was_read_answers_as_before(
        seed: u64, batches in prop::sample::select(vec![1usize, 3, 40]), keys in prop::sample::select(vec![3usize, 400]),
    ) {
        let mut samples = Samples::new(seed, keys);
        let (block, batches) = samples.block(batches);
        let written = bytes(&block);
        let read = Block::from_bytes(&written).expect("it was written");
        prop_assert_eq!(bytes(&read), written);
        let (block, read) = (Arc::new(block), Arc::new(read));
        prop_assert!(format!("{:?}", traces(&block)) == format!("{:?}", traces(&read)), "traces differ");
        prop_assert!(answers(&block) == answers(&read), "answers differ");
        let spans: Vec<SpanView<'_>> = batches.iter().flat_map(|batch| batch.spans()).collect();
        for query in queries(&mut samples, &spans) {
            prop_assert_eq!(found(&block, &query), found(&read, &query), "{:?}", query);
        }
    }

    #[test]
    fn every_tag_service_and_operation_is_among_the_terms(
        seed: u64, batches in prop::sample::select(vec![1usize, 3, 40]), keys in prop::sample::select(vec![3usize, 400]),
    ) {
        let (block, batches) = Samples::new(seed, keys).block(batches);
        let mut all = std::collections::HashSet::new();
        block.terms(&mut |term| { all.insert(term); });
        for span in batches.iter().flat_map(|batch| batch.spans()) {
            for (key, text) in all_tags(span) {
                prop_assert!(all.contains(&terms::tag(&key, &text)), "{}={}", key, text);
            }
            prop_assert!(all.contains(&terms::service(span.service())));
            prop_assert!(all.contains(&terms::operation(span.service(), span.operation())));
            prop_assert!(all.contains(&terms::any_operation(span.operation())));
        }
    }

    #[test]
    fn damaged_bytes_do_no_harm(
        seed: u64, keys in prop::sample::select(vec![3usize, 400]), flips in prop::collection::vec((any::<u32>(), any::<u8>()), 1..4),
    ) {
        let (block, _) = Samples::new(seed, keys).block(4);
        let mut written = bytes(&block);
        let len = written.len();
        for (at, byte) in flips {
            written[at as usize % len] = byte;
        }
        harmless(&written);
    }

    #[test]
    fn any_bytes_do_no_harm(mut any in prop::collection::vec(any::<u8>(), 0..600)) {
        harmless(&any);
        if let Some(layout) = any.first_mut() {
            *layout = super::LAYOUT;
            harmless(&any);
        }
    }
}

#[test]
fn bytes_may_be_any_others() {
    let (block, _) = Samples::new(11, 3).block(2);
    let mut written = bytes(&block);
    for at in (0..written.len()).step_by(written.len() / 500 + 1) {
        let was = written[at];
        for byte in [0, 0x7f, 0xff, was.wrapping_add(1)] {
            written[at] = byte;
            harmless(&written);
        }
        written[at] = was;
    }
}

#[test]
fn a_block_cut_anywhere_is_an_error() {
    let (block, _) = Samples::new(5, 3).block(3);
    let written = bytes(&block);
    for len in 0..written.len() {
        assert!(Block::from_bytes(&written[..len]).is_err(), "cut at {len}");
    }
    let mut longer = written;
    longer.push(0);
    assert!(Block::from_bytes(&longer).is_err());
}

#[test]
fn a_newer_layout_is_named() {
    let error = Block::from_bytes(&[9, 1, 2, 3]).expect_err("no such layout");
    assert_eq!(error, BlockFormatError::Layout(9));
    assert!(error.to_string().contains("layout 9"));
}

/// A span with all that it has, in one line.
fn shown(span: SpanView<'_>) -> String {
    use std::fmt::Write as _;

    let mut shown = format!(
        "{} {} {} {} {} {:?} {:?} {:?}",
        span.trace_id(),
        span.span_id(),
        span.start().as_nanos(),
        span.duration().as_nanos(),
        span.flags(),
        span.operation(),
        span.process().map(|process| process.service()),
        span.references().map(|of| (of.kind, of.trace_id.0, of.span_id.0)).collect::<Vec<_>>(),
    );
    let mut tags = |what: &str, tags: jaeger_model::Tags<'_>| {
        for tag in tags {
            let text = tag.value.text();
            let start: String = text.chars().take(40).collect();
            let hash = jaeger_model::hash_bytes(0, text.as_bytes());
            write!(shown, " {what}{}={}{start}#{hash:x}", tag.key, tag.value.type_rank()).expect("a string");
        }
    };
    if let Some(process) = span.process() {
        tags("p.", process.tags());
    }
    tags("", span.tags());
    for log in span.logs() {
        tags(&format!("@{}.", log.time().as_nanos()), log.fields());
    }
    write!(shown, " {:?}", span.warnings().collect::<Vec<_>>()).expect("a string");
    shown
}

/// Files that earlier versions wrote: never written again, read for ever.
#[test]
fn blocks_of_layout_1_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (name, keys, batches) in [("block-1-common", 3, 4), ("block-1-rare", 400, 14)] {
        let (form, text) = (folder.join(format!("{name}.bin")), folder.join(format!("{name}.txt")));
        if std::env::var_os("UPDATE_FIXTURES").is_some() && !form.exists() {
            let (block, _) = Samples::new(1, keys).block(batches);
            let spans: Vec<String> = traces(&block).iter().flat_map(|batch| batch.spans()).map(shown).collect();
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&form, bytes(&block)).expect("a file");
            std::fs::write(&text, spans.join("\n") + "\n").expect("a file");
        }
        let block = Block::from_bytes(&std::fs::read(&form).expect("a fixture")).expect("a block");
        let spans: Vec<String> = traces(&block).iter().flat_map(|batch| batch.spans()).map(shown).collect();
        let expected = std::fs::read_to_string(&text).expect("a fixture");
        assert_eq!(spans, expected.lines().collect::<Vec<_>>(), "{name}");
        let rare = name == "block-1-rare";
        assert_eq!(block.tags.rare.len() > 0, rare);
    }
}

#[test]
fn parts_are_told_without_reading_them() {
    let (block, _) = Samples::new(3, 3).block(9);
    let written = bytes(&block);
    let parts = Block::parts_of_bytes(&written).expect("it was written");
    let sum: usize = parts.iter().map(|(_, bytes)| bytes + 4).sum();
    assert!(sum < written.len() && written.len() <= sum + 4);
    assert_eq!(parts[1], ("span ids", block.len() * 8));
}

#[test]
fn ever_so_many_empty_logs_take_bytes() {
    use jaeger_model::{BatchBuilder, Timestamp};

    let mut builder = BatchBuilder::new();
    builder.begin_span();
    for _ in 0..100_000 {
        builder.begin_log(Timestamp::from_nanos(0));
    }
    builder.end_span().expect("room");
    let batch = Arc::new(builder.finish());
    let piece = super::super::Piece { batch: &batch, first: 0, spans: 0..1 };
    let built = super::super::build(&[piece], |_, _| true, &mut super::super::Scratch::default()).expect("a span");
    let written = bytes(&built.block);
    assert!(written.len() >= 100_000 / super::PARTS_A_BYTE);
    let read = Block::from_bytes(&written).expect("it was written");
    assert_eq!(traces(&read)[0].span(0).expect("a span").logs().len(), 100_000);
}
