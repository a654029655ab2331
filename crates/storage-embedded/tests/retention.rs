//! Old partitions go by age and by bytes, whole and the oldest first; what is archived stays, and has a bound of its own.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{batch, config, open, run, spans_of, traces, write};
use jaeger_storage::{ErrorKind, SpanReader, Store};
use jaeger_storage_embedded::EmbeddedConfig;

/// Whether the batch with this number is there; its first trace is its alone.
async fn has(store: &dyn Store, number: u64) -> bool {
    !spans_of(store, traces(1, number)[0]).await.is_empty()
}

#[test]
fn beyond_its_bytes_the_oldest_spans_go_and_the_newest_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let max_bytes = 600_000;
    let store = open(EmbeddedConfig { max_bytes, log_bytes: 20_000, ..config(folder.path()) });
    run(async {
        for number in 0..150 {
            write(&store, batch(1, number, 200)).await;
            let bytes = store.status().bytes.expect("counted");
            assert!(bytes <= max_bytes, "{bytes} bytes after batch {number}");
        }
        let there: Vec<bool> = futures_util::future::join_all((0..150).map(|number| has(&store, number))).await;
        let first = there.iter().position(|there| *there).expect("the newest are there");
        assert!(first > 0, "the oldest went");
        assert!(there.iter().skip(first).all(|there| *there), "none went that is newer than one that stays");
        let status = store.status();
        assert!(status.evicted_spans > 0);
        assert_eq!(status.spans.expect("counted") + status.evicted_spans, 150 * 200);
        let on_disk: u64 = std::fs::read_dir(folder.path().join("spans"))
            .expect("a folder")
            .map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len()))
            .sum();
        assert!(on_disk <= max_bytes, "{on_disk}");
    });
}

#[test]
fn beyond_their_age_spans_go_and_names_with_them_after_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let young = EmbeddedConfig { log_bytes: 1, ..config(folder.path()) };
    let store = open(young.clone());
    run(write(&store, batch(1, 0, 30)));
    drop(store);
    // A later start with another bound: everything that was written before is older.
    let store = common::when_free(|| {
        jaeger_storage_embedded::EmbeddedStore::open(
            EmbeddedConfig { max_age: Duration::from_millis(1), ..young.clone() },
            &|_| {},
        )
    })
    .expect("a store");
    run(async {
        assert!(has(&store, 0).await, "nothing goes before somebody looks");
        store.maintain().expect("done");
        assert!(!has(&store, 0).await);
        assert_eq!(store.status().evicted_spans, 30);
    });
    drop(store);
    let store = open(young);
    run(async { assert!(store.services().await.expect("an answer").is_empty()) });
}

#[test]
fn the_archive_outlives_its_age_and_is_refused_at_half_of_the_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = EmbeddedConfig {
        max_age: Duration::from_millis(1),
        max_bytes: 400_000,
        log_bytes: 10_000,
        ..config(folder.path())
    };
    let store = open(settings.clone());
    let archive = store.archive().expect("an archive");
    run(async {
        write(&*archive, batch(1, 0, 30)).await;
        store.maintain().expect("done");
        assert!(has(&*archive, 0).await);
        let mut number = 0;
        let refused = loop {
            number += 1;
            let written = archive.write(Arc::new(batch(1, number, 200))).await;
            if written.stored == 0 {
                break written.refused;
            }
            assert!(number < 1000, "it is never refused");
        };
        assert_eq!(refused[0].kind, ErrorKind::Throttled);
        assert!(refused[0].message.contains("half of --embedded.max-bytes (400000)"), "{}", refused[0].message);
        assert!(store.status().bytes >= Some(200_000), "the archive counts in the bytes");
        // Spans have what is left.
        for number in 5000..5060 {
            write(&store, batch(1, number, 200)).await;
        }
        assert!(store.status().bytes <= Some(400_000), "{:?}", store.status());
        assert!(has(&*archive, 0).await && has(&*archive, number - 1).await);
    });
    drop((store, archive));
    let store = open(settings);
    run(async { assert!(has(&*store.archive().expect("an archive"), 0).await, "also after a start") });
}
