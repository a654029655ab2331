//! Traces that a server has archived, of which those that it answered for must be in the archive after its end.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;

use crate::acknowledged::{Sent, own_trace};
use crate::server::Server;
use crate::{found, http};

/// By the number of the request that the trace came with.
#[derive(Default)]
pub struct Archived {
    tried: BTreeSet<u64>,
    pub acknowledged: BTreeSet<u64>,
}

impl Archived {
    /// Archives one trace after another until the server is dead or there are no more; kills it after so many, if there is a number.
    pub async fn until_killed(&mut self, server: &Server, traces: &[u64], kill_after: Option<usize>) -> Result<()> {
        for (done, number) in traces.iter().enumerate() {
            if kill_after == Some(done) {
                server.signal(Signal::SIGKILL)?;
            }
            self.tried.insert(*number);
            let target = format!("/api/archive/{:032x}", own_trace(*number));
            let query = server.address("query.http")?;
            // No answer is what a dead server gives.
            let Ok(answer) = http::send(query, "POST", &target, &[], bytes::Bytes::new()).await else { return Ok(()) };
            ensure!(answer.status == 200, "{target} is answered with {}: {}", answer.status, answer.text());
            self.acknowledged.insert(*number);
        }
        Ok(())
    }

    /// Of a server that has nothing but its archive: each is there as it was sent, and what nobody archived is not.
    pub async fn check(&self, server: &Server, sent: &Sent) -> Result<()> {
        let traces = self.acknowledged.iter().map(|number| own_trace(*number)).collect();
        let found = found::by_id(server, &traces, sent.spans).await?;
        for number in &self.acknowledged {
            let there: BTreeSet<_> = found.iter().filter(|(trace, _)| *trace == own_trace(*number)).copied().collect();
            let whole = sent.own_spans(*number);
            ensure!(
                there == whole,
                "of the {} spans of trace {number} the archive has {}, and it was answered for",
                whole.len(),
                there.len()
            );
        }
        let other = sent.acknowledged.difference(&self.tried).next().context("every trace is archived")?;
        let other = found::by_id(server, &BTreeSet::from([own_trace(*other)]), sent.spans).await?;
        ensure!(other.is_empty(), "not only the archive answers: {other:x?}");
        Ok(())
    }
}
