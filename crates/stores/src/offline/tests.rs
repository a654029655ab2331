//! The commands over a store that was written and closed.

use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, SpanId, Timestamp, TraceId};
use jaeger_service::health::Health;
use jaeger_service::settings::Component;
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore};

use super::*;

const SPANS: u64 = 20;

fn batch() -> Arc<Batch> {
    let mut builder = BatchBuilder::new();
    let process = builder.process(b"orders").unwrap();
    for at in 1..=SPANS {
        builder.begin_span();
        builder.span_ids(TraceId::new(0, at / 2 + 1), SpanId(at));
        builder.span_operation(b"load");
        builder.span_start(Timestamp::from_micros(1_795_000_000_000_000));
        builder.span_process(process);
        builder.end_span().unwrap();
    }
    Arc::new(builder.finish())
}

fn settings(folder: &Path) -> Settings {
    let folder = folder.display().to_string();
    let flags = [("embedded.directory", folder.as_str()), ("SPAN_STORAGE_TYPE", "embedded")];
    Settings::for_test(Component::AllInOne, &flags)
}

async fn write_through(settings: &Settings) {
    let health = Health::new();
    let stores = crate::StoreSettings::from_settings(settings).unwrap();
    let opened = crate::open(&stores, &health).unwrap();
    let store = Arc::clone(&opened.store);
    let written = async move {
        assert_eq!(Ok(store.write(batch()).await.stored), usize::try_from(SPANS));
        Ok::<_, crate::OpenError>(())
    };
    opened.serve(written).await.unwrap();
    assert!(health.until_settled().await.is_ready());
}

/// What is in the log becomes a partition.
fn make_partition(folder: &Path) {
    let store = EmbeddedStore::open(EmbeddedConfig::in_directory(folder), &|_| {}).unwrap();
    store.close_generation().unwrap();
    store.maintain().unwrap();
}

fn run(settings: &Settings, command: StorageCommand) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = storage_command(settings, command, &mut out, &mut err).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_holds_is_counted_verified_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    write_through(&settings).await;
    make_partition(folder.path());
    let (code, out, err) = run(&settings, StorageCommand::Verify);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("20 spans; all of it is sound"), "{out}");
    let (code, out, err) = run(&settings, StorageCommand::Stats);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("spans: 20 spans in 1 partitions") && out.contains("bytes a span in partitions"), "{out}");
    let (code, out, err) = run(&settings, StorageCommand::Export);
    assert_eq!((code, out.lines().count()), (0, 11), "{err}");
    assert!(err.ends_with("exported 11 traces, 20 spans\n"), "{err}");
    let mut builder = BatchBuilder::new();
    for line in out.lines() {
        jaeger_wire::otlp::decode_json(line.as_bytes(), &mut builder).unwrap();
    }
    assert_eq!(builder.finish().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_named_and_the_end_is_1() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    write_through(&settings).await;
    make_partition(folder.path());
    let files = std::fs::read_dir(folder.path().join("spans")).unwrap().map(|entry| entry.unwrap().path());
    let partition = files.filter(|path| path.extension().is_some_and(|end| end == "jpart")).min().unwrap();
    let mut bytes = std::fs::read(&partition).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&partition, bytes).unwrap();
    let (code, out, err) = run(&settings, StorageCommand::Verify);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("part of it is damaged") && err.contains(&name(&partition)), "{out}{err}");
}

#[test]
fn a_folder_without_a_store_or_with_a_process_in_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(&settings(&folder.path().join("none")), StorageCommand::Stats);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("jaeger-all-in-one: ") && err.contains("none"), "{err}");
    let store = EmbeddedStore::open(EmbeddedConfig::in_directory(folder.path()), &|_| {}).unwrap();
    let (code, _, err) = run(&settings(folder.path()), StorageCommand::Export);
    assert!(code == 1 && err.contains("in use by the process"), "{err}");
    drop(store);
}
