//! `write -> BULK -> POST /_bulk`: parts of several batches in one request, and what became of each document.
//!
//! ```text
//! part --push--> queue --take--> worker: one request after the other --+--> outcome of each document
//!                  |  all busy, and one waits longer than the patience: a worker more
//! ```
//!
//! A request leaves as soon as a worker is free; it grows only while all are busy. So a sender that waits for its answer waits for no timer.

mod deliver;
pub(crate) mod part;
pub(crate) mod said;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jaeger_storage::StorageError;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client::Client;
use crate::config::Config;
use crate::figures::Figures;
pub(crate) use part::{Outcome, Part};
pub(crate) use said::Said;

/// The bulk requests of one store; its archive's go the same way.
pub(crate) struct Bulk {
    client: Arc<Client>,
    bytes: usize,
    documents: usize,
    workers: usize,
    patience: Duration,
    queue: Mutex<Queue>,
    idle: Notify,
    figures: Arc<Figures>,
}

#[derive(Default)]
struct Queue {
    parts: VecDeque<Part>,
    busy: usize,
    /// There is a worker for those that have waited too long.
    helps: bool,
    /// Why the last request failed, if it did.
    down: Option<Arc<StorageError>>,
}

impl Bulk {
    pub(crate) fn new(client: Arc<Client>, config: &Config, figures: Arc<Figures>) -> Arc<Self> {
        Arc::new(Self {
            client,
            bytes: config.bulk_bytes.max(1),
            documents: config.bulk_documents.max(1),
            workers: config.bulk_workers.max(1),
            patience: config.bulk_patience,
            queue: Mutex::default(),
            idle: Notify::new(),
            figures,
        })
    }

    /// Whether a part of this size is as large as a request should be.
    pub(crate) fn fills(&self, bytes: usize, documents: usize) -> bool {
        bytes >= self.bytes || documents >= self.documents
    }

    /// Sends it as soon as there is a worker.
    pub(crate) fn push(self: &Arc<Self>, part: Part) {
        let mut queue = self.queue.lock();
        queue.parts.push_back(part);
        if queue.busy < self.workers {
            queue.busy += 1;
            tokio::spawn(Arc::clone(self).work());
        } else if !queue.helps {
            queue.helps = true;
            tokio::spawn(Arc::clone(self).help());
        }
    }

    /// Returns when everything pushed so far has its outcome.
    pub(crate) async fn drained(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            {
                let queue = self.queue.lock();
                if queue.busy == 0 && !queue.helps && queue.parts.is_empty() {
                    return;
                }
            }
            idle.await;
        }
    }

    async fn work(self: Arc<Self>) {
        loop {
            let parts = {
                let mut queue = self.queue.lock();
                let parts = self.take(&mut queue);
                if parts.is_empty() {
                    queue.busy -= 1;
                    self.idle.notify_waiters();
                    return;
                }
                parts
            };
            self.deliver(parts).await;
        }
    }

    /// Takes what has waited too long, as long as there is such.
    async fn help(self: Arc<Self>) {
        loop {
            let parts = {
                let mut queue = self.queue.lock();
                match queue.parts.front().map(|part| part.begun + self.patience) {
                    None => {
                        queue.helps = false;
                        self.idle.notify_waiters();
                        return;
                    }
                    Some(late) if late <= Instant::now() => Ok(self.take(&mut queue)),
                    Some(late) => Err(late),
                }
            };
            match parts {
                Ok(parts) => self.deliver(parts).await,
                Err(late) => tokio::time::sleep_until(late).await,
            }
        }
    }

    /// As many as make one request.
    fn take(&self, queue: &mut Queue) -> Vec<Part> {
        let (mut parts, mut bytes, mut documents) = (Vec::new(), 0, 0);
        while let Some(next) = queue.parts.front() {
            // A part that waited through an outage is not worth another wait for a server that is away.
            if let Some(why) = queue.down.as_ref().filter(|_| next.late()) {
                let why = Arc::clone(why);
                if let Some(part) = queue.parts.pop_front() {
                    part.refuse(&why);
                }
                continue;
            }
            let full = bytes + next.bytes() > self.bytes || documents + next.documents() > self.documents;
            if full && !parts.is_empty() {
                break;
            }
            bytes += next.bytes();
            documents += next.documents();
            parts.extend(queue.parts.pop_front());
        }
        parts
    }
}

#[cfg(test)]
mod tests;
