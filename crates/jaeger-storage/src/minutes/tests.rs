//! Deltas by themselves; what they find is tested with the store.

use jaeger_model::Timestamp;
use proptest::prelude::*;

use super::count::CallKey;
use super::rule::Called;
use super::*;
use crate::{CallsQuery, DependencyLink, TimeRange};

const MINUTE: i64 = 60_000_000_000;

fn links(of: &[(&str, &str, i64, bool, i32)]) -> Delta {
    let mut delta = Delta::default();
    for (parent, child, minute, error, sign) in of {
        let (parent, child) = (delta.names.number(parent), delta.names.number(child));
        delta.push_link(Called { parent, child, start: minute * MINUTE + 1, error: *error }, *sign);
    }
    delta
}

fn calls(of: &[(i32, &str, &str, &str, i64, bool, i32)]) -> Delta {
    let mut delta = Delta::default();
    for (minute, service, operation, kind, duration, failed, sign) in of {
        let mut number = |name| delta.names.number(name);
        let (service, operation, kind) = (number(service), number(operation), number(kind));
        delta.push_call(CallKey { minute: *minute, service, operation, kind }, *duration, *failed, *sign);
    }
    delta
}

fn sum_links(minutes: &Minutes, range: TimeRange) -> Vec<(String, String, u64, u64)> {
    let mut sums = LinkSums::new(range);
    sums.add_minutes(minutes);
    let of = |link: DependencyLink| (link.parent, link.child, link.call_count, link.error_count);
    sums.finish().into_iter().map(of).collect()
}

fn everything() -> CallsQuery {
    CallsQuery { range: TimeRange::ALL, services: Vec::new(), kinds: Vec::new() }
}

#[test]
fn links_are_added_taken_away_and_forgotten() {
    let mut minutes = Minutes::default();
    minutes.apply(&links(&[("a", "b", 0, true, 1), ("a", "b", 0, false, 1), ("b", "c", 5, false, 1)]));
    let link = |parent: &str, child: &str, calls, errors| (parent.into(), child.into(), calls, errors);
    assert_eq!(sum_links(&minutes, TimeRange::ALL), [link("a", "b", 2, 1), link("b", "c", 1, 0)]);
    let first = Timestamp::from_nanos(0);
    assert_eq!(sum_links(&minutes, TimeRange { start: first, end: first }), [link("a", "b", 2, 1)]);
    minutes.apply(&links(&[("a", "b", 0, true, -1), ("b", "c", 5, false, -1), ("d", "d", 5, false, 1)]));
    assert_eq!(sum_links(&minutes, TimeRange::ALL), [link("a", "b", 1, 0), link("d", "d", 1, 0)]);
    assert_eq!(minutes.names.held(), 3, "c is named by no count");
}

#[test]
fn calls_are_filtered_and_sorted() {
    let mut minutes = Minutes::default();
    let first = calls(&[
        (2, "b", "x", "", 1, false, 1),
        (1, "b", "x", "server", 3_000_000, true, 1),
        (1, "a", "y", "client", 1, false, 1),
        (1, "a", "y", "client", 1, false, 1),
    ]);
    minutes.apply(&first);
    let mut sums = CallSums::new(CallsQuery { services: vec!["b".into()], ..everything() });
    sums.add_minutes(&minutes);
    // A correction of what was counted, and more.
    sums.add(&calls(&[
        (2, "b", "x", "", 1, false, -1),
        (0, "b", "z", "", 1, false, 1),
        (0, "c", "z", "", 1, false, 1),
    ]));
    let found = sums.finish();
    let names: Vec<_> =
        found.iter().map(|row| (row.minute, &*row.operation, &*row.kind, row.calls, row.errors)).collect();
    assert_eq!(names, [(0, "z", "", 1, 0), (1, "x", "server", 1, 1)]);
    assert_eq!((found[1].latencies[0], found[1].latencies[1]), (0, 1));
    let mut sums = CallSums::new(CallsQuery { kinds: vec![String::new()], ..everything() });
    sums.add_minutes(&minutes);
    assert_eq!(sums.finish().iter().map(|row| row.minute).collect::<Vec<_>>(), [2]);
    minutes.take_away(&first);
    assert_eq!((minutes.rows(), minutes.names.held()), (0, 0));
}

#[test]
fn past_a_bound_the_oldest_minutes_go() {
    let mut minutes = Minutes::new(Bounds { calls: 80, links: 10, name_bytes: 1 << 20 });
    for minute in 0..200 {
        minutes.apply(&calls(&[(minute, "a", "x", "", 1, false, 1)]));
        minutes.apply(&links(&[("a", "b", i64::from(minute), false, 1)]));
    }
    assert!(minutes.rows() <= 90 && minutes.dropped() > 300, "{minutes:?}");
    assert!(minutes.calls.keys().any(|key| key.minute == 199), "the newest is there");
    assert!(minutes.calls.keys().all(|key| key.minute > 100));
    let mut minutes = Minutes::new(Bounds { name_bytes: 10_000, ..Bounds::default() });
    for minute in 0..200 {
        minutes.apply(&calls(&[(minute, &format!("{minute} {}", "x".repeat(100)), "x", "", 1, false, 1)]));
    }
    assert!(minutes.names.name_bytes() <= 10_000 && minutes.rows() > 10, "{}", minutes.rows());
}

fn any_delta() -> impl Strategy<Value = Delta> {
    let name = || prop::sample::select(vec!["", "a", "bb", "ccc", "ü"]);
    let links_of =
        prop::collection::vec((name(), name(), -9i64..9, any::<bool>(), prop::sample::select(vec![-1, 1])), 0..20);
    let call =
        (-9i32..9, name(), name(), name(), -5i64..30_000_000_000, any::<bool>(), prop::sample::select(vec![-1, 1]));
    (links_of, prop::collection::vec(call, 0..20)).prop_map(|(of, and)| {
        let mut delta = links(&of);
        delta.merge(&calls(&and));
        delta
    })
}

proptest! {
    #[test]
    fn bytes_give_the_changes_back(delta in any_delta(), other in any_delta()) {
        let bytes = delta.encode();
        let mut back = Delta::decode(&bytes).expect("our own bytes");
        prop_assert_eq!(back.encode(), bytes);
        back.merge(&other);
        back.take_away(&delta);
        prop_assert_eq!(back.encode(), other.encode());
        back.take_away(&other);
        prop_assert!(back.is_empty());
    }

    #[test]
    fn any_bytes_are_a_delta_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 0..60), delta in any_delta(),
        at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        drop(Delta::decode(&bytes));
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        drop(Delta::decode(&bytes));
        let mut bytes = delta.encode();
        let at = at.index(bytes.len());
        prop_assert!(at == 0 || Delta::decode(&bytes[..at]).is_err(), "cut short");
        bytes[at] = byte;
        if let Ok(delta) = Delta::decode(&bytes) {
            prop_assert!(delta.rows() <= bytes.len());
            Minutes::default().apply(&delta);
        }
    }
}
