//! Runs the cases.

use std::sync::Arc;

use jaeger_model::Batch;

use super::{
    archive_cases, call_cases, dependency_cases, name_cases, order_cases, search_cases, tag_cases, trace_cases,
};
use crate::{BoxFuture, Store};

/// Makes an empty store; called for every case and order.
pub type MakeStore<'a> = &'a (dyn Fn() -> BoxFuture<'a, Arc<dyn Store>> + Sync);

/// Batches, and what a store that was given them must answer.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it shows, as a sentence.
    pub name: &'static str,
    /// What is written.
    pub batches: fn() -> Vec<Batch>,
    /// Panics where the store answers otherwise.
    pub check: for<'a> fn(&'a dyn Store) -> BoxFuture<'a, ()>,
    /// Whether the answer depends on the order of arrival.
    pub ordered: bool,
}

/// In which order a case's batches are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Each once.
    Once,
    /// Each twice in a row.
    EachTwice,
    /// All, and then all again the other way round, as senders that try again do.
    ThereAndBack,
    /// All from the last to the first, twice.
    Backwards,
}

const ORDERS: [Order; 4] = [Order::Once, Order::EachTwice, Order::ThereAndBack, Order::Backwards];

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        trace_cases::CASES,
        search_cases::CASES,
        tag_cases::CASES,
        order_cases::CASES,
        name_cases::CASES,
        dependency_cases::CASES,
        call_cases::CASES,
        archive_cases::CASES,
    ]
    .concat()
}

/// Runs every case in every order.
///
/// # Panics
/// Where the store does not do what the contract says.
pub async fn run_all(make: MakeStore<'_>) {
    for case in cases() {
        run(&case, make).await;
    }
}

/// Runs one case in every order.
///
/// # Panics
/// Where the store does not do what the contract says.
pub async fn run(case: &Case, make: MakeStore<'_>) {
    for order in ORDERS {
        if case.ordered && order == Order::Backwards {
            continue;
        }
        let context = Context { case: case.name, order };
        let store = make().await;
        let batches: Vec<Arc<Batch>> = (case.batches)().into_iter().map(Arc::new).collect();
        for batch in in_order(&batches, order) {
            let spans = batch.len();
            let written = store.write(batch).await;
            assert!(written.refused.is_empty(), "{:?}", written.refused);
            assert_eq!(written.stored, spans, "every span is stored, the copies too");
        }
        store.flush().await.expect("a flush");
        (case.check)(&*store).await;
        context.done();
    }
}

fn in_order(batches: &[Arc<Batch>], order: Order) -> Vec<Arc<Batch>> {
    let backwards = batches.iter().rev().cloned();
    match order {
        Order::Once => batches.to_vec(),
        Order::EachTwice => batches.iter().flat_map(|batch| [Arc::clone(batch), Arc::clone(batch)]).collect(),
        Order::ThereAndBack => batches.iter().cloned().chain(backwards).collect(),
        Order::Backwards => backwards.clone().chain(backwards).collect(),
    }
}

/// Says which case it was when a check panics.
struct Context {
    case: &'static str,
    order: Order,
}

impl Context {
    fn done(self) {
        std::mem::forget(self);
    }
}

impl Drop for Context {
    #[expect(clippy::print_stderr, reason = "a test's failure is told to the tester")]
    fn drop(&mut self) {
        eprintln!("conformance: \"{}\", written {:?}", self.case, self.order);
    }
}
