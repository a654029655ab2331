//! Before the first write: the store must have answered once. Order of start does not matter, so this waits for ever; health says for
//! what, in the log every 10 s and to probes.

use std::time::Duration;

use jaeger_service::health::Health;

use crate::Collector;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the store until it answers, then opens the collector for spans.
pub(crate) async fn until_the_store_answers(collector: &Collector, health: &Health) {
    let store = &collector.inner().store;
    let mut pause = FIRST_PAUSE;
    let mut waited = false;
    loop {
        let why = match tokio::time::timeout(PATIENCE, store.answers()).await {
            Ok(Ok(())) => break,
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => format!("the {} store did not answer within {PATIENCE:?}", store.name()),
        };
        waited = true;
        health.waiting_for(&format!("the first answer of the {} store: {why}", store.name()));
        collector.inner().waits_for.store(Some(why.into()));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    collector.inner().metrics.storage_up.set(1.0);
    collector.inner().waits_for.store(None);
    health.ready();
    if waited {
        tracing::info!(store = store.name(), "The store answers; spans are taken from now on");
    }
}
