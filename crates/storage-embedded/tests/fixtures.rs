//! A folder of format 1, as it was written when that was new: every later version reads all of it, and goes on in it.
//!
//! `UPDATE_FIXTURES=1` makes it anew: only while its format has not been released. What it holds stands here as code,
//! which must never change: a second folder comes beside the first.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{by_trace, config, files, found_by_search, open, run, search, spans_of, verify, wait_for, write};
use jaeger_model::{Batch, Duration, ReferenceKind, Timestamp, Value};
use jaeger_storage::conformance::Spans;
use jaeger_storage::{Store, TraceQuery};
use jaeger_storage_embedded::EmbeddedConfig;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1/store")
}

/// Batch `number`, by rule and not by chance.
fn batch(number: u64) -> Batch {
    let n = i64::try_from(number).expect("small");
    let trace = u128::from(number / 2 + 1) << 64 | 0xabc;
    let own = u128::from(number) + 1;
    let host = format!("host-{}", number % 3);
    let id = number * 16;
    Spans::new()
        .span_in(trace, id + 1, "front", &[("host", Value::Str(&host)), ("ratio", Value::F64(-0.5))], "GET /", n * 1000)
        .took(250 + n)
        .tag("http.status_code", Value::I64(200 + n))
        .tag("error", Value::Bool(number % 2 == 1))
        .tag("number", Value::Str(&number.to_string()))
        .tag("span.kind", Value::Str("server"))
        .log(n * 1000 + 1, &[("event", Value::Str("cache miss")), ("size", Value::I64(-n))])
        .log(n * 1000 + 2, &[])
        .span(trace, id + 2, "bücher", "読む", n * 1000 + 5)
        .child_of(id + 1)
        .refers(ReferenceKind::FollowsFrom, own, id + 9)
        .flags(u32::MAX)
        .tag("span.kind", Value::Str("client"))
        .tag("raw", Value::Bytes(&[0, 0xff, n.to_le_bytes()[0]]))
        .tag("nan", Value::F64(f64::NAN))
        .tag("huge", Value::F64(1e300))
        .tag("", Value::Str(""))
        .tag("same", Value::Str("once"))
        .tag("same", Value::Str("and again"))
        .warning("a warning")
        .span(own, id + 3, "", "", 0)
        .begins(if number.is_multiple_of(2) { Timestamp::MIN } else { Timestamp::MAX })
        .took(Duration::from_nanos(i64::MAX).as_nanos() / 1000)
        .tag("long", Value::Str(&"0123456789abcdef".repeat(64)))
        .span(own, id + 4, "back", "query", n * 1000 + 7)
        .refers(ReferenceKind::ChildOf, own, id + 3)
        .tag("id", Value::Str(&format!("{:08x}-0000-4000-8000-{number:012x}", number * 7)))
        .batch()
}

/// Which batches are where: partitions first, then what is in logs.
const SPANS: [std::ops::Range<u64>; 4] = [0..9, 9..16, 16..19, 19..21];
const ARCHIVED: [std::ops::Range<u64>; 2] = [100..101, 101..104];

fn all(parts: &[std::ops::Range<u64>]) -> Vec<Batch> {
    parts.iter().cloned().flatten().map(batch).collect()
}

fn make(folder: &Path) {
    let config = EmbeddedConfig { block_spans: 16, ..config(folder) };
    run(async {
        {
            let store = open(EmbeddedConfig { log_bytes: 1, background: true, ..config.clone() });
            write(&*store.archive().expect("an archive"), batch(ARCHIVED[0].start)).await;
            wait_for(|| !files(folder, "jpart").is_empty());
        }
        for number in ARCHIVED[1].clone() {
            write(&*open(config.clone()).archive().expect("an archive"), batch(number)).await;
        }
        for (at, numbers) in SPANS.into_iter().enumerate() {
            // Each start begins a log.
            let store = open(config.clone());
            for number in numbers {
                write(&store, batch(number)).await;
            }
            if at < 2 {
                store.close_generation().expect("closed");
                store.maintain().expect("compacted");
            }
        }
    });
    fs::remove_file(folder.join("LOCK")).expect("removed");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copied");
        }
    }
}

async fn check(store: &dyn Store, batches: &[Batch]) {
    let expected = by_trace(batches);
    for (id, spans) in &expected {
        assert_eq!(spans_of(store, *id).await, *spans);
    }
    assert_eq!(found_by_search(store).await, expected);
    for batch in batches {
        let span = batch.spans().next().expect("not empty");
        for tag in span.tags().chain(span.process().expect("one").tags()) {
            let tags = vec![(tag.key.to_owned(), tag.value.text().to_string())];
            let query = TraceQuery { service: Some("front".into()), tags, limit: 1000, ..TraceQuery::default() };
            assert!(search(store, &query).await.contains_key(&span.trace_id()), "{query:?}");
        }
    }
    assert_eq!(store.services().await.expect("services"), ["back", "bücher", "front"]);
    let operations = store.operations("bücher", None).await.expect("operations");
    assert_eq!(operations.iter().map(|of| (&*of.name, &*of.kind)).collect::<Vec<_>>(), [("読む", "client")]);
    let links = store.dependencies(jaeger_storage::TimeRange::ALL).await.expect("links");
    let counted = links.iter().find(|link| link.parent == "front" && link.child == "bücher").expect("a link");
    assert_eq!(counted.call_count, batches.len() as u64);
}

#[test]
fn a_store_of_format_1_is_read_and_goes_on() {
    let fixture = fixture();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        if fixture.exists() {
            fs::remove_dir_all(&fixture).expect("removed");
        }
        make(&fixture);
    }
    assert_eq!((files(&fixture, "jpart").len(), files(&fixture, "jlog").len()), (3, 5));
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture, folder.path());
    let report = verify(folder.path());
    assert_eq!((&report.damaged, &report.torn), (&Vec::new(), &Vec::new()));
    run(async {
        let store = open(config(folder.path()));
        let archive = store.archive().expect("an archive");
        check(&store, &all(&SPANS)).await;
        check(&*archive, &all(&ARCHIVED)).await;
        // It goes on in the same folder, and its logs become partitions of this version.
        let more = 21..24;
        for number in more.clone() {
            write(&store, batch(number)).await;
        }
        store.close_generation().expect("closed");
        store.maintain().expect("compacted");
        write(&*archive, batch(104)).await;
        let mut archived = ARCHIVED.to_vec();
        archived.push(104..105);
        drop((store, archive));
        let store = open(config(folder.path()));
        check(&store, &all(&[&SPANS[..], &[more]].concat())).await;
        check(&*store.archive().expect("an archive"), &all(&archived)).await;
    });
    assert_eq!(verify(folder.path()).damaged, []);
}
