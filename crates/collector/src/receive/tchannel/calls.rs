//! `connection -> CALLS -> methods`: the calls of one connection, from their first frame to their answer, each with its bytes in
//! the bound, its deadline, and a way to cancel it.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{AbortHandle, Abortable, Aborted};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jaeger_service::ledger::{AGENT_KEY, Origin};
use jaeger_wire::tchannel::{
    Arguments, Assembly, CallRequest, ErrorCode, Fragment, FragmentError, Frame, HEADER_BYTES, Tracing,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::No;
use super::methods::{self, Call};
use crate::admit::Held;
use crate::decode::Wire;
use crate::{Collector, Refused, Source};

/// Calls of one connection at once: an agent has 64, Go's has 10.
const MAX_CALLS: usize = 1024;
/// The longest that a call is waited for, whatever its caller says: its first frames stand in the bound meanwhile.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// The calls of one connection.
pub(super) struct Calls {
    collector: Collector,
    /// The process has heard its signal.
    stopping: CancellationToken,
    /// Calls whose last frame has not come.
    coming: HashMap<u32, Coming>,
    /// Calls that are worked on.
    running: HashMap<u32, (AbortHandle, Tracing)>,
    answers: FuturesUnordered<Running>,
}

type Running = Pin<Box<dyn Future<Output = (u32, Result<Bytes, Aborted>)> + Send>>;

struct Coming {
    head: CallRequest,
    from: Caller,
    assembly: Assembly,
    held: Held,
    until: Instant,
}

/// Who calls, as far as the transport's headers say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) origin: Origin,
    /// Spans in the call, by its sender's word.
    claimed: Option<u64>,
}

impl Caller {
    /// Agents of ours say how many spans they send, at most as many as a call has bytes.
    fn of(head: &CallRequest, limit: usize) -> Self {
        let claim = head.header(AGENT_KEY);
        Self {
            origin: if claim.is_some() { Origin::Agent } else { Origin::Other },
            claimed: claim.and_then(|claim| claim.parse().ok()).map(|spans: u64| spans.min(limit as u64)),
        }
    }

    const NOBODY: Self = Self { origin: Origin::Other, claimed: None };
}

/// A second call under an id that is in use: the connection makes no sense any more. (The words are Go's.)
#[derive(Debug, thiserror::Error)]
#[error("inbound request is already active; possible duplicate client id")]
pub(super) struct Duplicate;

impl Calls {
    pub(super) fn new(collector: Collector, stopping: CancellationToken) -> Self {
        Self { collector, stopping, coming: HashMap::new(), running: HashMap::new(), answers: FuturesUnordered::new() }
    }

    /// Nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.coming.is_empty() && self.running.is_empty()
    }

    /// A call's first frame; an answer where it is one at once.
    pub(super) fn begin(&mut self, frame: &Frame, closing: bool) -> Result<Option<Bytes>, Duplicate> {
        let id = frame.id;
        if self.coming.contains_key(&id) || self.running.contains_key(&id) {
            return Err(Duplicate);
        }
        let (head, fragment) = match CallRequest::decode(&frame.body) {
            Ok(parts) => parts,
            Err(error) => {
                let refused = Refused::Malformed(error.to_string());
                self.count(&refused, Caller::NOBODY);
                return Ok(Some(No::from(refused).frames(id, [0; 25])));
            }
        };
        let inner = self.collector.inner();
        let limit = inner.config.tchannel_max_call_bytes;
        let from = Caller::of(&head, limit);
        if closing {
            return Ok(Some(self.refuse(id, &head, from, Refused::Stopping)));
        }
        if self.coming.len() + self.running.len() >= MAX_CALLS {
            return Ok(Some(self.refuse(id, &head, from, Refused::TooManyCalls(MAX_CALLS))));
        }
        let call = Coming {
            until: Instant::now() + head.ttl.min(MOST_PATIENCE),
            head,
            from,
            assembly: Assembly::new(limit),
            held: inner.admission.begin(),
        };
        Ok(self.push(id, call, fragment, frame))
    }

    /// A further frame. One of a call that was answered already is nobody's any more.
    pub(super) fn go_on(&mut self, frame: &Frame) -> Option<Bytes> {
        let call = self.coming.remove(&frame.id)?;
        match Fragment::decode(&frame.body) {
            Ok(fragment) => self.push(frame.id, call, fragment, frame),
            Err(error) => Some(self.refuse(frame.id, &call.head, call.from, Refused::Malformed(error.to_string()))),
        }
    }

    fn push(&mut self, id: u32, mut call: Coming, fragment: Fragment, frame: &Frame) -> Option<Bytes> {
        if let Err(refused) = call.held.grow(HEADER_BYTES + frame.body.len()) {
            return Some(self.refuse(id, &call.head, call.from, refused));
        }
        match call.assembly.push(fragment) {
            Ok(None) => {
                self.coming.insert(id, call);
                None
            }
            Ok(Some(arguments)) => {
                self.run(id, call, arguments);
                None
            }
            Err(FragmentError::TooLarge(limit)) => {
                let why = format!(
                    "the call is over --collector.tchan-server.max-message-size, {limit} bytes; send it in parts"
                );
                Some(self.refuse(id, &call.head, call.from, Refused::TooLarge(why)))
            }
            Err(error) => Some(self.refuse(id, &call.head, call.from, Refused::Malformed(error.to_string()))),
        }
    }

    fn run(&mut self, id: u32, call: Coming, arguments: Arguments) {
        let (handle, registration) = AbortHandle::new_pair();
        self.running.insert(id, (handle, call.head.tracing));
        let patience = call.until.saturating_duration_since(Instant::now());
        let call = Call { id, head: call.head, from: call.from, arguments, held: call.held, patience };
        let answer = Abortable::new(methods::answer(self.collector.clone(), call, self.stopping.clone()), registration);
        self.answers.push(Box::pin(async move { (id, answer.await) }));
    }

    fn refuse(&self, id: u32, head: &CallRequest, from: Caller, refused: Refused) -> Bytes {
        self.count(&refused, from);
        No::from(refused).frames(id, head.tracing)
    }

    fn count(&self, refused: &Refused, from: Caller) {
        let source = Source::tchannel(Wire::TchannelBatches, from.origin);
        self.collector.count_refused(refused, from.claimed, source);
    }

    /// The caller waits no more: whatever the store does with its spans is for the ledger alone.
    pub(super) fn cancel(&mut self, id: u32) -> Option<Bytes> {
        let tracing = match (self.coming.remove(&id), self.running.remove(&id)) {
            (Some(call), _) => {
                self.count(&Refused::Unfinished("the call was cancelled".to_owned()), call.from);
                call.head.tracing
            }
            (None, Some((handle, tracing))) => {
                handle.abort();
                tracing
            }
            (None, None) => return None,
        };
        Some(No::new(ErrorCode::Cancelled, "the call was cancelled").frames(id, tracing))
    }

    /// The next answer; never where nothing is worked on.
    pub(super) async fn answered(&mut self) -> Bytes {
        while let Some((id, answer)) = self.answers.next().await {
            if let Ok(answer) = answer {
                self.running.remove(&id);
                return answer;
            }
        }
        std::future::pending().await
    }

    /// When the next call that is still coming has no time left.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.coming.values().map(|call| call.until).min()
    }

    /// Answers the calls whose time is over before their last frame came.
    pub(super) fn expire(&mut self) -> Vec<Bytes> {
        let now = Instant::now();
        let expired: Vec<u32> = self.coming.iter().filter(|(_, call)| call.until <= now).map(|(id, _)| *id).collect();
        expired
            .into_iter()
            .filter_map(|id| {
                let call = self.coming.remove(&id)?;
                self.count(&Refused::Unfinished("the call's time is over".to_owned()), call.from);
                let no = No::new(ErrorCode::Timeout, "the call's time is over before its last frame came");
                Some(no.frames(id, call.head.tracing))
            })
            .collect()
    }
}

impl Drop for Calls {
    /// The connection broke with calls half way: their senders are told by that.
    fn drop(&mut self) {
        for call in self.coming.values() {
            self.count(&Refused::Unfinished("the connection broke off".to_owned()), call.from);
        }
    }
}
