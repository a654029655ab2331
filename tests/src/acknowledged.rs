//! Numbered requests over OTLP/gRPC, which of them were acknowledged, and whether these can be read.
//!
//! Request `n` has spans of two traces: its own, and one that it shares with its neighbours.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use jaeger_wire::grpc::paths;
use nix::sys::signal::Signal;

use crate::found::{self, SpanName};
use crate::server::Server;
use crate::{grpc, otlp};

/// More requests than any fail point is away.
const MOST: u64 = 3_000;
const SERVICE: &str = "sender";

/// Everything that was ever sent to one store.
pub struct Sent {
    /// Spans of a request.
    pub spans: u64,
    /// Senders at once.
    pub senders: u64,
    next: u64,
    tried: BTreeSet<u64>,
    pub acknowledged: BTreeSet<u64>,
}

#[derive(Default)]
struct Round {
    next: AtomicU64,
    tried: Mutex<BTreeSet<u64>>,
    acknowledged: Mutex<BTreeSet<u64>>,
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The trace that request `number` has for itself.
pub fn own_trace(number: u64) -> u128 {
    0x11 << 120 | u128::from(number)
}

fn names(number: u64, spans: u64) -> impl Iterator<Item = SpanName> {
    (0..spans).map(move |at| {
        let trace = if at % 2 == 0 { own_trace(number) } else { 0x11 << 120 | 1 << 64 | u128::from(number / 3) };
        (trace, 0x22 << 56 | number << 16 | at)
    })
}

/// When the spans of a request start, microseconds since 1970.
fn start_us(number: u64) -> u64 {
    1_790_000_000_000_000 + number * 1_000
}

/// The body of request `number`.
pub fn request(number: u64, spans: u64) -> Bytes {
    let all: Vec<_> = names(number, spans).map(|(trace, span)| (trace.to_be_bytes(), span.to_be_bytes())).collect();
    let all = all.iter().map(|(trace, span)| otlp::Ids { trace, span });
    otlp::request(SERVICE, start_us(number) * 1_000, all).into()
}

impl Sent {
    /// Nothing yet.
    pub fn new(spans: u64, senders: u64) -> Self {
        Self { spans, senders, next: 0, tried: BTreeSet::new(), acknowledged: BTreeSet::new() }
    }

    /// Sends one request.
    pub async fn one(&mut self, server: &Server) -> Result<grpc::Answer> {
        let number = self.next;
        self.next += 1;
        self.tried.insert(number);
        let to = server.address("collector.otlp.grpc")?;
        let answer = grpc::call(to, paths::OTLP_EXPORT, &[], request(number, self.spans)).await?;
        if answer.status == "OK" {
            self.acknowledged.insert(number);
        }
        Ok(answer)
    }

    /// Sends so many requests, each of which must be acknowledged.
    pub async fn some(&mut self, server: &Server, requests: u64) -> Result<()> {
        for _ in 0..requests {
            let answer = self.one(server).await?;
            ensure!(answer.status == "OK", "{answer:?}");
        }
        Ok(())
    }

    /// Sends until the server is dead; kills it after so many acknowledgements, if there is a number.
    pub async fn until_killed(&mut self, server: &Server, kill_after: Option<usize>) -> Result<()> {
        let round = Arc::new(Round { next: AtomicU64::new(self.next), ..Round::default() });
        let (to, spans, last) = (server.address("collector.otlp.grpc")?, self.spans, self.next + MOST);
        let mut senders = Vec::new();
        for _ in 0..self.senders {
            let round = Arc::clone(&round);
            senders.push(tokio::spawn(async move {
                loop {
                    let number = round.next.fetch_add(1, Ordering::Relaxed);
                    if number >= last {
                        return;
                    }
                    lock(&round.tried).insert(number);
                    match grpc::call(to, paths::OTLP_EXPORT, &[], request(number, spans)).await {
                        Ok(answer) if answer.status == "OK" => lock(&round.acknowledged).extend([number]),
                        // A server that dies says UNAVAILABLE in the client's words, and then nobody is there.
                        Ok(answer) if answer.status == "UNAVAILABLE" || answer.status == "RESOURCE_EXHAUSTED" => {}
                        _ => return,
                    }
                }
            }));
        }
        if let Some(wanted) = kill_after {
            while lock(&round.acknowledged).len() < wanted && senders.iter().any(|sender| !sender.is_finished()) {
                tokio::task::yield_now().await;
            }
            server.signal(Signal::SIGKILL)?;
        }
        for sender in senders {
            sender.await?;
        }
        self.next = round.next.load(Ordering::Relaxed);
        self.tried.append(&mut lock(&round.tried));
        let acknowledged = std::mem::take(&mut *lock(&round.acknowledged));
        self.acknowledged.extend(acknowledged);
        Ok(())
    }

    /// The spans of request `number` in the trace of its own.
    pub fn own_spans(&self, number: u64) -> BTreeSet<SpanName> {
        names(number, self.spans).filter(|(trace, _)| *trace == own_trace(number)).collect()
    }

    /// Every acknowledged span is there, by search and by id; no other was invented, and each comes once.
    pub async fn check(&self, server: &Server) -> Result<()> {
        let by_id = self.by_id(server).await?;
        self.compare(0, &by_id, &self.search(server).await?)
    }

    /// As `check`, where the oldest may be gone: what is there is what came last, so many requests and more, without a gap.
    pub async fn check_newest(&self, server: &Server, requests: usize) -> Result<()> {
        // The oldest go on going meanwhile: what a search finds now was there when the ids were asked for.
        let by_id = self.by_id(server).await?;
        let found = self.search(server).await?;
        let whole = |number: u64| names(number, self.spans).all(|name| found.contains(&name));
        let first = self.acknowledged.iter().find(|number| whole(**number)).context("nothing is there")?;
        let left = self.acknowledged.range(first..).count();
        ensure!(left >= requests.min(self.acknowledged.len()), "only the {left} newest requests are there");
        self.compare(*first, &by_id, &found)
    }

    async fn by_id(&self, server: &Server) -> Result<BTreeSet<SpanName>> {
        let all = self.acknowledged.iter().flat_map(|number| names(*number, self.spans));
        found::by_id(server, &all.map(|(trace, _)| trace).collect(), self.spans).await
    }

    fn compare(&self, first: u64, by_id: &BTreeSet<SpanName>, found: &BTreeSet<SpanName>) -> Result<()> {
        let sent: BTreeSet<SpanName> = self.tried.iter().flat_map(|number| names(*number, self.spans)).collect();
        for (how, found) in [("search", found), ("look-up by id", by_id)] {
            if let Some((trace, span)) = found.difference(&sent).next() {
                bail!("nobody sent the span {span:x} of {trace:x}, which a {how} finds");
            }
            for number in self.acknowledged.range(first..) {
                let missing = names(*number, self.spans).filter(|name| !found.contains(name)).count();
                ensure!(
                    missing == 0,
                    "{missing} spans of request {number} were acknowledged and no {how} finds them; {first} is there"
                );
            }
        }
        Ok(())
    }

    /// All spans of all traces, the newest first: what goes meanwhile leaves no gap.
    async fn search(&self, server: &Server) -> Result<BTreeSet<SpanName>> {
        let page = found::requests_of_a_page(self.spans);
        let pages = self.next.div_ceil(page).max(1);
        let mut all = BTreeSet::new();
        for at in (0..pages).rev() {
            // The first and the last are for whatever nobody sent, too.
            let start = if at == 0 { 1 } else { start_us(at * page) };
            let end = if at + 1 == pages { 1_900_000_000_000_000 } else { start_us((at + 1) * page) - 1 };
            for (trace, span) in found::search(server, SERVICE, start, end).await? {
                ensure!(all.insert((trace, span)), "the span {span:x} of {trace:x} comes twice");
            }
        }
        Ok(all)
    }
}
