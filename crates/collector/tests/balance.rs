//! The ledger balances at every moment, and no sender is told yes for spans that the store does not have.

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jaeger_storage::ErrorKind;
use support::spans::post;
use support::store::Mood;
use support::{GrpcClient, POST_SPANS, start};

const SENDERS: u64 = 8;
const SPANS_A_CALL: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_snapshots_balance_while_the_store_comes_and_goes() {
    let flags = [("collector.num-workers", "3"), ("collector.queue-size", "20")];
    let running = start(&flags).await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (stop, address) = (Arc::clone(&stop), running.grpc);
            tokio::spawn(async move {
                let client = GrpcClient::connect(address).await;
                let (mut told_yes, mut sent) = (Vec::new(), 0);
                while !stop.load(Ordering::Relaxed) {
                    let first = (sender << 32) + sent * SPANS_A_CALL + 1;
                    sent += 1;
                    let timeout = if sent.is_multiple_of(7) { "2m" } else { "5S" };
                    let message = post("shop", first, SPANS_A_CALL);
                    let answer = client.call(POST_SPANS, &[("grpc-timeout", timeout)], 0, &message).await;
                    if answer.code == 0 {
                        told_yes.extend(first..first + SPANS_A_CALL);
                    }
                    tokio::task::yield_now().await;
                }
                (told_yes, sent * SPANS_A_CALL)
            })
        })
        .collect();

    let moods = [
        Mood::Takes,
        Mood::Blocks,
        Mood::Takes,
        Mood::Refuses(ErrorKind::Unavailable),
        Mood::RefusesFirst(ErrorKind::Throttled),
        Mood::Takes,
        Mood::Refuses(ErrorKind::Throttled),
    ];
    for round in 0..1000 {
        if round % 10 == 0 {
            running.store.set(moods[round / 10 % moods.len()].clone());
        }
        let now = running.ledger.snapshot();
        assert!(now.balanced, "{now:?}");
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_micros(500)).await;
    }
    running.store.set(Mood::Takes);
    stop.store(true, Ordering::Relaxed);
    let (mut told_yes, mut sent) = (Vec::new(), 0);
    for sender in senders {
        let (yes, count) = sender.await.expect("no panic");
        told_yes.extend(yes);
        sent += count;
    }
    let store = Arc::clone(&running.store);
    let last = running.stop().await;
    assert_eq!(last.received, sent, "every span that was sent is in the ledger: {last:?}");
    assert!(last.stored >= told_yes.len() as u64, "{last:?}");
    let stored: HashSet<u64> = store
        .batches()
        .iter()
        .flat_map(|batch| batch.spans().map(|span| span.span_id().0).collect::<Vec<_>>())
        .collect();
    assert!(told_yes.iter().all(|id| stored.contains(id)), "a sender was told yes for a span that is not stored");
    assert!(!told_yes.is_empty() && last.refused.total() > 0, "{last:?}");
}
