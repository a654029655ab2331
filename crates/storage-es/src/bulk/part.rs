//! Documents that go together: what one batch, or a piece of a long one, adds to a bulk request.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jaeger_storage::{ErrorKind, StorageError};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a document is tried again.
const TRIED: Duration = Duration::from_secs(8);

/// What became of one document.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It is stored.
    Stored,
    /// It was there already.
    Copy,
    /// It is not stored.
    Refused(ErrorKind, Arc<str>),
}

/// Documents on their way, each an action with its line.
pub(crate) struct Part {
    body: Vec<u8>,
    ends: Vec<u32>,
    outcomes: Vec<Option<Outcome>>,
    pub(super) begun: Instant,
    reply: oneshot::Sender<Vec<Outcome>>,
}

/// Fills a part.
#[derive(Default)]
pub(crate) struct Builder {
    body: Vec<u8>,
    ends: Vec<u32>,
}

impl Builder {
    /// Where the next document's two lines go.
    pub(crate) fn body(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    /// The document that was begun is whole.
    pub(crate) fn end(&mut self) {
        self.ends.push(u32::try_from(self.body.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }

    pub(crate) fn documents(&self) -> usize {
        self.ends.len()
    }

    /// The part, and where its outcomes come out.
    pub(crate) fn finish(self) -> (Part, oneshot::Receiver<Vec<Outcome>>) {
        let (reply, outcomes) = oneshot::channel();
        let none = vec![None; self.ends.len()];
        let part = Part { body: self.body, ends: self.ends, outcomes: none, begun: Instant::now(), reply };
        (part, outcomes)
    }
}

impl Part {
    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }

    pub(super) fn documents(&self) -> usize {
        self.ends.len()
    }

    /// Whether it was tried long enough.
    pub(super) fn late(&self) -> bool {
        self.begun.elapsed() >= TRIED
    }

    /// Documents without an outcome.
    pub(super) fn open(&self) -> impl Iterator<Item = usize> {
        self.outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_none()).map(|(at, _)| at)
    }

    /// A document's two lines.
    pub(super) fn document(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(start);
        let range: Range<usize> = start as usize..end as usize;
        self.body.get(range).unwrap_or_default()
    }

    /// All of them.
    pub(super) fn whole(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn settle(&mut self, at: usize, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(at) {
            *place = Some(outcome);
        }
    }

    /// What is still open is refused; then everything is told.
    pub(super) fn refuse(self, why: &StorageError) {
        let words: Arc<str> = why.to_string().into();
        let outcomes = self.outcomes.into_iter();
        let outcomes = outcomes.map(|known| known.unwrap_or_else(|| Outcome::Refused(why.kind(), Arc::clone(&words))));
        // Who waited may have gone.
        drop(self.reply.send(outcomes.collect()));
    }

    /// Tells the outcomes, once each document has one.
    pub(super) fn done(self) {
        drop(self.reply.send(self.outcomes.into_iter().flatten().collect()));
    }
}
