use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::metrics::Counter;

#[test]
fn a_span_received_is_in_flight_until_the_store_answers() {
    let ledger = CollectorLedger::default();
    let mut request = ledger.receive(10, Origin::Agent);
    let now = ledger.snapshot();
    assert_eq!((now.received, now.in_flight, now.stored), (10, 10, 0));
    request.store(7);
    request.refuse(CollectorRefused::StoreThrottled, 3, Some("shop"));
    let now = ledger.snapshot();
    assert!(now.balanced);
    assert_eq!((now.in_flight, now.stored, now.stored_from_agents), (0, 7, 7));
    assert_eq!(now.refused.of_service(CollectorRefused::StoreThrottled, "shop"), 3);
}

#[test]
fn a_request_whose_task_ends_early_counts_as_abandoned() {
    let ledger = CollectorLedger::default();
    drop(ledger.receive(5, Origin::Other));
    let now = ledger.snapshot();
    assert_eq!(now.dropped.of(CollectorDropped::Abandoned), 5);
    assert!(now.balanced);
}

#[test]
fn queue_full_counts_in_go_jaegers_dropped_counter_although_the_sender_was_told() {
    let dropped = Counter::default();
    let ledger = CollectorLedger::new(dropped.clone());
    ledger.receive(4, Origin::Other).refuse(CollectorRefused::QueueFull, 4, None);
    ledger.receive(2, Origin::Other).refuse(CollectorRefused::InvalidIds, 2, None);
    assert_eq!(dropped.get(), 4);
}

#[test]
fn settling_more_than_was_received_cannot_unbalance() {
    let ledger = CollectorLedger::default();
    let mut request = ledger.receive(3, Origin::Other);
    request.store(5);
    request.store(5);
    drop(request);
    let now = ledger.snapshot();
    assert_eq!((now.received, now.stored), (3, 3));
    assert!(now.balanced);
}

#[test]
fn what_the_store_answers_after_a_write_off_moves_to_stored() {
    let ledger = CollectorLedger::default();
    let mut late = ledger.receive(6, Origin::Agent);
    let lost = ledger.receive(2, Origin::Other);
    assert_eq!(ledger.write_off(CollectorDropped::ShutdownDeadline), 8);
    late.store(6);
    drop((late, lost));
    let now = ledger.snapshot();
    assert_eq!(now.stored, 6);
    assert_eq!(now.dropped.of(CollectorDropped::ShutdownDeadline), 2);
    assert!(now.balanced);
}

#[test]
fn agent_packets_and_spans_balance_through_every_fate() {
    let ledger = AgentLedger::new();
    ledger.receive(Receipt { queued: 5, queue_full: 1, too_large: 1, kernel: 3 });
    ledger.queue_refused(1);
    ledger.drop_packets(PacketDropped::Malformed, 1);
    let mut held = ledger.decode(1, 10);
    held.merge(ledger.decode(1, 10));
    drop(ledger.attempt(20));
    ledger.attempt(20).answered_not_ok();
    ledger.attempt(20).settled();
    held.drop_spans(AgentDropped::Invalid, 2, Some("shop"));
    held.acknowledge();
    let now = ledger.snapshot();
    assert!(now.balanced);
    assert_eq!((now.packets.received, now.packets.kernel_dropped), (7, 3));
    assert_eq!((now.packets.decoded, now.packets.queued), (2, 1));
    assert_eq!(now.packets.dropped.of(PacketDropped::QueueFull), 2);
    assert_eq!((now.spans.decoded, now.spans.acknowledged), (20, 18));
    assert_eq!(now.spans.dropped.of_service(AgentDropped::Invalid, "shop"), 2);
    assert_eq!((now.spans.unanswered, now.spans.answered_not_ok), (20, 20));
}

#[test]
fn writing_off_the_agent_counts_queue_and_hold() {
    let ledger = AgentLedger::new();
    ledger.receive(Receipt { queued: 3, ..Receipt::default() });
    let held = ledger.decode(1, 10);
    let cut = (PacketDropped::SecondSignal, AgentDropped::SecondSignal);
    assert_eq!(ledger.write_off(cut.0, cut.1), (2, 10));
    held.acknowledge();
    let now = ledger.snapshot();
    assert_eq!((now.spans.acknowledged, now.spans.dropped.total()), (10, 0));
    assert!(now.balanced);
}

#[test]
fn an_attempt_that_the_end_cuts_off_is_unanswered() {
    let ledger = AgentLedger::new();
    ledger.receive(Receipt { queued: 1, ..Receipt::default() });
    let held = ledger.decode(1, 20);
    let attempt = ledger.attempt(20);
    assert_eq!(ledger.snapshot().spans.unanswered, 0, "the answer may come");
    ledger.write_off(PacketDropped::ShutdownDeadline, AgentDropped::ShutdownDeadline);
    assert_eq!(ledger.snapshot().spans.unanswered, 20, "the collector may have them");
    attempt.settled();
    held.acknowledge();
    let now = ledger.snapshot();
    assert_eq!((now.spans.unanswered, now.spans.acknowledged), (20, 20), "counted once");
    assert!(now.balanced);
}

#[test]
fn every_snapshot_balances_while_many_threads_move_batches() {
    let ledgers =
        Ledgers { agent: Some(AgentLedger::new()), collector: Some(CollectorLedger::default()), ..Ledgers::default() };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for seed in 1..4_u64 {
            let (ledgers, stop) = (&ledgers, &stop);
            scope.spawn(move || {
                let agent = ledgers.agent.as_ref().unwrap();
                let collector = ledgers.collector.as_ref().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    agent.receive(Receipt { queued: 2, kernel: 1, ..Receipt::default() });
                    let mut held = agent.decode(2, 20 + seed);
                    let mut request = collector.receive(held.spans(), Origin::Agent);
                    request.store(20);
                    request.drop_spans(CollectorDropped::StoreInvalid, seed, None);
                    held.drop_spans(AgentDropped::Invalid, seed, None);
                    held.acknowledge();
                }
            });
        }
        for _ in 0..1_000 {
            let page: serde_json::Value = serde_json::from_str(&ledgers.json()).unwrap();
            assert_eq!(page["balanced"], true, "{page}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(ledgers.balanced());
}

#[test]
fn the_page_names_every_column() {
    let ledgers =
        Ledgers { agent: Some(AgentLedger::new()), collector: Some(CollectorLedger::default()), ..Ledgers::default() };
    let collector = ledgers.collector.as_ref().unwrap();
    collector.refuse_request(RequestRefused::TooLarge);
    collector.receive(1, Origin::Other).drop_spans(CollectorDropped::StoreInvalid, 1, Some("shop"));
    let page: serde_json::Value = serde_json::from_str(&ledgers.json()).unwrap();
    assert_eq!(page["collector"]["requests_refused"]["too_large"], 1);
    assert_eq!(page["collector"]["dropped_by_service"]["shop"]["store_invalid"], 1);
    assert_eq!(page["agent"]["packets"]["dropped"]["kernel"], 0);
    assert_eq!(page["agent"]["spans"]["in_flight"], 0);
}

#[test]
fn each_of_several_stores_has_a_line_once_it_is_open() {
    let ledgers = Ledgers { remote_storage: Some(CollectorLedger::default()), ..Ledgers::default() };
    let registry = crate::metrics::Registry::new();
    ledgers.register(&registry);
    assert!(!ledgers.json().contains("stores"), "{}", ledgers.json());
    let line = |store: &str, refused| super::StoreLine {
        store: store.into(),
        offered: 3,
        stored: 3 - refused,
        in_flight: 0,
        unanswered: 0,
        refused: std::iter::once(("throttled", refused)).collect(),
    };
    let lines = vec![line("memory", 0), line("embedded", 1)];
    ledgers.stores.set(move || lines.clone());
    assert!(ledgers.balanced());
    let page: serde_json::Value = serde_json::from_str(&ledgers.json()).unwrap();
    assert_eq!(page["stores"][1]["refused"]["throttled"], 1);
    assert_eq!(page["remote_storage"]["received"], 0);
    let metrics = registry.render();
    let series = r#"jaeger_ledger_store_spans_total{column="refused",reason="throttled",store="embedded"} 1"#;
    assert!(metrics.contains(series), "{metrics}");
}
