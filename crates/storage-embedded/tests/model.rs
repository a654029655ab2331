//! The embedded store answers as a plain list of spans would, wherever the spans lie: in the log, in partitions, in both, and
//! after any number of starts.

use std::path::Path;
use std::sync::Arc;

use jaeger_model::Batch;
use jaeger_storage::SpanWriter;
use jaeger_storage::conformance::model::{Pool, check_counts, check_names, check_reads, unique};
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore, verify};
use proptest::prelude::*;

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(test);
}

fn open(folder: &Path, change: impl Fn(EmbeddedConfig) -> EmbeddedConfig) -> EmbeddedStore {
    let config = EmbeddedConfig { max_bytes: u64::MAX, background: false, ..EmbeddedConfig::in_directory(folder) };
    EmbeddedStore::open(change(config), &|_| {}).expect("a store")
}

async fn write(store: &EmbeddedStore, batch: &Arc<Batch>) {
    let written = store.write(Arc::clone(batch)).await;
    assert_eq!(written.stored, batch.len(), "{:?}", written.refused);
}

fn assert_sound(folder: &Path) {
    let report = verify(folder, &|_| {}).expect("nobody uses it");
    assert_eq!(report.damaged, []);
}

const BLOCKS: [usize; 3] = [1, 3, 8192];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_as_a_list_would_out_of_the_log(seed: u64, keys in prop::sample::select(vec![3usize, 400])) {
        run(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let mut pool = Pool::new(seed, keys);
            let batches = pool.batches(30);
            let store = open(folder.path(), |config| config);
            for batch in &batches {
                write(&store, batch).await;
            }
            let spans = unique(&batches);
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            drop(store);
            let store = open(folder.path(), |config| config);
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
        });
    }

    #[test]
    fn answers_as_a_list_would_with_a_partition_for_every_batch(
        seed: u64, block_spans in prop::sample::select(BLOCKS.to_vec()), keys in prop::sample::select(vec![3usize, 400]),
        cache_bytes in prop::sample::select(vec![0usize, 1 << 20]),
    ) {
        run(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let mut pool = Pool::new(seed, keys);
            let batches = pool.batches(14);
            let cold = |config| EmbeddedConfig { log_bytes: 1, block_spans, cache_bytes, ..config };
            let store = open(folder.path(), cold);
            for batch in &batches {
                write(&store, batch).await;
            }
            let spans = unique(&batches);
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            drop(store);
            let store = open(folder.path(), cold);
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            drop(store);
            assert_sound(folder.path());
        });
    }

    #[test]
    fn answers_as_a_list_would_where_a_partition_has_lists_of_terms(
        seed: u64, block_spans in prop::sample::select(vec![16usize, 64, 8_192]),
    ) {
        run(async move {
            let folder = tempfile::tempdir().expect("a folder");
            // Few keys and values, so that terms have enough spans for a list.
            let mut pool = Pool::new(seed, 3);
            let batches = pool.batches(120);
            let store = open(folder.path(), |config| EmbeddedConfig { block_spans, ..config });
            for batch in &batches {
                write(&store, batch).await;
            }
            store.close_generation().expect("closed");
            store.maintain().expect("compacted");
            let spans = unique(&batches);
            for _ in 0..4 {
                check_reads(&store, &spans, &mut pool).await;
            }
            drop(store);
            assert_sound(folder.path());
        });
    }

    #[test]
    fn answers_as_a_list_would_however_spans_lie_and_whenever_it_is_opened(
        seed: u64, block_spans in prop::sample::select(BLOCKS.to_vec()), keys in prop::sample::select(vec![3usize, 400]),
    ) {
        run(async move {
            let folder = tempfile::tempdir().expect("a folder");
            let mut pool = Pool::new(seed, keys);
            let batches = pool.batches(40);
            let mixed = |config| EmbeddedConfig { block_spans, ..config };
            let mut store = open(folder.path(), mixed);
            for (at, batch) in batches.iter().enumerate() {
                write(&store, batch).await;
                match pool.random.u8(..12) {
                    0 => store.close_generation().expect("closed"),
                    1 => {
                        store.close_generation().expect("closed");
                        store.maintain().expect("compacted");
                    }
                    2 => {
                        drop(store);
                        store = open(folder.path(), mixed);
                    }
                    3 => check_reads(&store, &unique(&batches[..=at]), &mut pool).await,
                    _ => {}
                }
            }
            let spans = unique(&batches);
            check_reads(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            drop(store);
            let store = open(folder.path(), mixed);
            check_reads(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            // Links across files, and copies, are counted right as soon as all is in partitions.
            store.close_generation().expect("closed");
            store.maintain().expect("compacted");
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            drop(store);
            assert_sound(folder.path());
        });
    }
}
