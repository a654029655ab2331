use std::sync::atomic::{AtomicI32, Ordering};

use super::*;
use crate::ledger::{AgentLedger, CollectorDropped, CollectorLedger, Origin, Receipt};

const SHORT: ShutdownConfig = ShutdownConfig {
    lame_duck: Duration::from_millis(30),
    quiet: Duration::from_millis(40),
    deadline: Duration::from_millis(200),
};

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), future).await {
        Ok(value) => value,
        Err(_) => panic!("waited 20 s for {what}"),
    }
}

#[tokio::test]
async fn a_stop_goes_through_its_phases_in_order() {
    let health = Health::new();
    health.ready();
    let lifecycle = Lifecycle::new(SHORT, health.clone());
    assert!(!lifecycle.stopping().is_cancelled());
    lifecycle.stop("test");
    assert!(lifecycle.stopping().is_cancelled());
    assert_eq!(health.state(), crate::health::State::Stopping);
    within("close", lifecycle.close().cancelled()).await;
    let began = lifecycle.began().unwrap();
    assert!(began.elapsed() >= SHORT.lame_duck);
    within("deadline", lifecycle.deadline().cancelled()).await;
    assert!(began.elapsed() >= SHORT.deadline);
    assert!(!lifecycle.ended().is_cancelled());
    lifecycle.finish();
    assert!(lifecycle.ended().is_cancelled());
}

#[tokio::test]
async fn an_orderly_end_does_not_wait_for_the_deadline() {
    let config = ShutdownConfig { deadline: Duration::from_secs(3_600), ..SHORT };
    let lifecycle = Lifecycle::new(config, Health::new());
    lifecycle.stop("test");
    within("close", lifecycle.close().cancelled()).await;
    lifecycle.finish();
    assert!(!lifecycle.deadline().is_cancelled());
}

#[tokio::test]
async fn what_is_left_at_the_end_counts_as_dropped_at_the_deadline() {
    let collector = CollectorLedger::default();
    let lifecycle = Lifecycle::new(SHORT, Health::new());
    lifecycle.set_ledgers(Ledgers { collector: Some(collector.clone()), agent: None, ..Ledgers::default() });
    let _request = collector.receive(9, Origin::Other);
    lifecycle.stop("test");
    lifecycle.finish();
    let now = collector.snapshot();
    assert_eq!(now.dropped.of(CollectorDropped::ShutdownDeadline), 9);
    assert!(now.balanced);
}

#[tokio::test]
async fn a_process_that_is_stuck_is_ended_after_the_deadline() {
    let code = Arc::new(AtomicI32::new(-1));
    let ended = CancellationToken::new();
    let lifecycle = Lifecycle::with_exit(SHORT, Health::new(), {
        let (code, ended) = (Arc::clone(&code), ended.clone());
        move |given| {
            code.store(given, Ordering::SeqCst);
            ended.cancel();
        }
    });
    lifecycle.stop("test");
    within("the exit", ended.cancelled()).await;
    assert_eq!(code.load(Ordering::SeqCst), EXIT_STUCK);
}

#[tokio::test]
async fn udp_is_received_until_it_was_quiet() {
    let config = ShutdownConfig { deadline: Duration::from_secs(3_600), ..SHORT };
    let lifecycle = Lifecycle::new(config, Health::new());
    let activity = Activity::new();
    activity.touch();
    lifecycle.stop("test");
    let quiet = lifecycle.until_quiet(&activity);
    tokio::pin!(quiet);
    for _ in 0..10 {
        activity.touch();
        let waited = tokio::time::timeout(Duration::from_millis(5), quiet.as_mut()).await;
        if waited.is_ok() {
            // A busy machine may have paused us for longer than the quiet time.
            return;
        }
    }
    within("quiet", quiet).await;
    let last = activity.last().unwrap();
    assert!(Instant::now() >= last + SHORT.quiet - Duration::from_millis(1));
}

#[tokio::test]
async fn udp_that_never_gets_quiet_ends_before_the_deadline() {
    let lifecycle = Lifecycle::new(SHORT, Health::new());
    let activity = Activity::new();
    lifecycle.stop("test");
    let noise = tokio::spawn({
        let activity = activity.clone();
        async move {
            loop {
                activity.touch();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    within("the last receive", lifecycle.until_quiet(&activity)).await;
    assert!(lifecycle.began().unwrap().elapsed() >= SHORT.quiet);
    noise.abort();
}

/// The only test that raises signals: they are of the whole process.
#[tokio::test]
async fn the_first_signal_stops_and_the_second_ends_at_once_counted() {
    let code = Arc::new(AtomicI32::new(-1));
    let ended = CancellationToken::new();
    let config = ShutdownConfig { deadline: Duration::from_secs(3_600), ..SHORT };
    let lifecycle = Lifecycle::with_exit(config, Health::new(), {
        let (code, ended) = (Arc::clone(&code), ended.clone());
        move |given| {
            code.store(given, Ordering::SeqCst);
            ended.cancel();
        }
    });
    let agent = AgentLedger::new();
    agent.receive(Receipt { queued: 2, ..Receipt::default() });
    let _held = agent.decode(1, 7);
    lifecycle.set_ledgers(Ledgers { agent: Some(agent.clone()), collector: None, ..Ledgers::default() });
    lifecycle.watch_signals().unwrap();
    raise(libc::SIGTERM);
    within("the stop", lifecycle.stopping().cancelled()).await;
    assert!(!ended.is_cancelled());
    raise(libc::SIGINT);
    within("the end", ended.cancelled()).await;
    assert_eq!(code.load(Ordering::SeqCst), 130);
    let now = agent.snapshot();
    assert!(now.balanced);
    assert_eq!((now.spans.dropped.total(), now.packets.dropped.total()), (7, 1));
}

fn raise(signal: i32) {
    // SAFETY: raise takes a number; the handlers are installed.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}
