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
