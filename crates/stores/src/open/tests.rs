//! From settings to a store that answers, or to the reason why there is none.

use jaeger_service::settings::{Component, Settings};

use super::*;

fn stores(flags: &[(&str, &str)]) -> StoreSettings {
    StoreSettings::from_settings(&Settings::for_test(Component::AllInOne, flags)).unwrap()
}

#[tokio::test]
async fn memory_and_blackhole_are_there_at_once() {
    for name in ["memory", "blackhole"] {
        let opened = open(&stores(&[("SPAN_STORAGE_TYPE", name)]), &Health::new()).unwrap();
        assert_eq!(opened.store.name(), name);
        assert_eq!(opened.store.services().await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn a_remote_store_that_nobody_serves_is_unavailable_and_names_the_address() {
    let flags = [("SPAN_STORAGE_TYPE", "grpc"), ("grpc-storage.server", "127.0.0.1:1")];
    let opened = open(&stores(&flags), &Health::new()).unwrap();
    let error = opened.store.services().await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn a_list_is_written_to_all_and_read_from_the_first() {
    let opened = open(&stores(&[("SPAN_STORAGE_TYPE", "memory,blackhole")]), &Health::new()).unwrap();
    let description = opened.store.status().description;
    assert!(description.contains("memory") && description.contains("blackhole"), "{description}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_store_is_gone_with_the_process_that_serves_it() {
    let flags = [("SPAN_STORAGE_TYPE", "badger"), ("badger.ephemeral", "true")];
    let opened = open(&stores(&flags), &Health::new()).unwrap();
    let folder = opened._temporary[0].path().to_owned();
    let store = Arc::clone(&opened.store);
    let serving = async {
        let services = store.services().await.unwrap();
        assert!(services.is_empty() && folder.join("LOCK").exists());
        Ok::<_, OpenError>(())
    };
    opened.serve(serving).await.unwrap();
    assert!(!folder.exists(), "{} is still there", folder.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_opened_ends_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let flags = [("SPAN_STORAGE_TYPE", "embedded"), ("embedded.directory", path.as_str())];
    let _other = EmbeddedStore::open(EmbeddedConfig::in_directory(folder.path()), &|_| {}).unwrap();
    let health = Health::new();
    let opened = open(&stores(&flags), &health).unwrap();
    let error = opened.serve(std::future::pending::<Result<(), OpenError>>()).await.unwrap_err().to_string();
    assert!(error.contains(&path) && error.contains("in use"), "{error}");
    assert!(health.waits()[0].starts_with("store waits for the embedded store"), "{:?}", health.waits());
}
