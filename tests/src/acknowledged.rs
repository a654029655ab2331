//! Numbered requests over OTLP/gRPC, which of them were acknowledged, and whether these can be read.
//!
//! Request `n` has spans of two traces: its own, and one that it shares with its neighbours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use jaeger_wire::grpc::paths;
use nix::sys::signal::Signal;

use crate::server::Server;
use crate::{grpc, http, otlp};

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

/// A span by the text of its id and of its trace's.
type SpanName = (String, String);

fn ids(number: u64, spans: u64) -> impl Iterator<Item = ([u8; 16], [u8; 8])> {
    (0..spans).map(move |at| {
        let trace = if at % 2 == 0 { u128::from(number) } else { 1 << 64 | u128::from(number / 3) };
        ((0x11 << 120 | trace).to_be_bytes(), (0x22 << 56 | number << 16 | at).to_be_bytes())
    })
}

fn names(number: u64, spans: u64) -> BTreeSet<SpanName> {
    let text =
        |(trace, span)| (format!("{:032x}", u128::from_be_bytes(trace)), format!("{:016x}", u64::from_be_bytes(span)));
    ids(number, spans).map(text).collect()
}

/// The body of request `number`.
pub fn request(number: u64, spans: u64) -> Bytes {
    let all: Vec<_> = ids(number, spans).collect();
    let all = all.iter().map(|(trace, span)| otlp::Ids { trace, span });
    otlp::request(SERVICE, 1_790_000_000_000_000_000 + number * 1_000_000, all).into()
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

    /// Every acknowledged span is there, by a search and (the newest 40 requests) by id; no other was invented, and each comes
    /// once.
    pub async fn check(&self, server: &Server) -> Result<()> {
        let found = self.search(server).await?;
        for number in &self.acknowledged {
            let missing = names(*number, self.spans).difference(&found).count();
            ensure!(missing == 0, "{missing} spans of request {number} were acknowledged and no search finds them");
        }
        for number in self.acknowledged.iter().rev().take(40) {
            self.check_by_id(server, *number).await?;
        }
        Ok(())
    }

    /// As `check`, where the oldest may be gone: what is there is what came last, without a gap.
    pub async fn check_newest(&self, server: &Server) -> Result<()> {
        let found = self.search(server).await?;
        let has = |number: u64| names(number, self.spans).is_subset(&found);
        let first = self.acknowledged.iter().find(|number| has(**number)).context("nothing is there")?;
        for number in self.acknowledged.iter().filter(|number| *number >= first) {
            ensure!(has(*number), "request {number} is gone, though {first} is there");
        }
        let last = self.acknowledged.last().context("nothing was acknowledged")?;
        self.check_by_id(server, *last).await
    }

    async fn check_by_id(&self, server: &Server, number: u64) -> Result<()> {
        let mut traces: BTreeMap<String, BTreeSet<SpanName>> = BTreeMap::new();
        for name in names(number, self.spans) {
            traces.entry(name.0.clone()).or_default().insert(name);
        }
        for (id, spans) in traces {
            let text = http::get_text(server.address("query.http")?, &format!("/api/traces/{id}")).await?;
            let found = spans_of(&text)?;
            ensure!(spans.is_subset(&found), "spans of request {number} were acknowledged and are not found by id");
        }
        Ok(())
    }

    /// All spans of all traces; each was sent, and comes once.
    async fn search(&self, server: &Server) -> Result<BTreeSet<SpanName>> {
        let target = format!("/api/traces?service={SERVICE}&limit=100000&start=1&end=1900000000000000");
        let found = spans_of(&http::get_text(server.address("query.http")?, &target).await?)?;
        let sent: BTreeSet<_> = self.tried.iter().flat_map(|number| names(*number, self.spans)).collect();
        if let Some((trace, span)) = found.difference(&sent).next() {
            bail!("nobody sent the span {span} of {trace}");
        }
        Ok(found)
    }
}

fn spans_of(text: &str) -> Result<BTreeSet<SpanName>> {
    let answer: serde_json::Value = serde_json::from_str(text)?;
    let mut all = BTreeSet::new();
    for trace in answer["data"].as_array().context("an answer without data")? {
        for span in trace["spans"].as_array().context("a trace without spans")? {
            let text = |key: &str| span[key].as_str().map(str::to_owned).context("a span without ids");
            let name = (text("traceID")?, text("spanID")?);
            ensure!(all.insert(name.clone()), "the span {} comes twice", name.1);
        }
    }
    Ok(all)
}
