//! One bulk request, and again what was not taken, until each document has an outcome.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elasticsearch::http::Method;
use jaeger_storage::{ErrorKind, StorageError};
use tokio::time::Instant;

use super::said::{self, Said};
use super::{Bulk, Outcome, Part};
use crate::failure;

/// How long one request may take: longer than a server stands still that collects its garbage.
const ANSWER: Duration = Duration::from_secs(45);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What to do with the documents that are open after a request.
enum After {
    /// Try again, for this reason.
    Again(StorageError),
    /// One of them spoils the request: each half alone.
    Halves(StorageError),
}

/// A document of one of the parts.
type Place = (usize, usize);

impl Bulk {
    pub(super) async fn deliver(&self, mut parts: Vec<Part>) {
        let mut pause = FIRST_PAUSE;
        let mut again = false;
        while !parts.is_empty() {
            let open: Vec<Place> = open_of(&parts);
            let Some(error) = self.send_all(&mut parts, &open, std::mem::replace(&mut again, true)).await else {
                self.queue.lock().down = None;
                break;
            };
            let error = Arc::new(error);
            if error.kind() == ErrorKind::Unavailable {
                self.queue.lock().down = Some(Arc::clone(&error));
            }
            let (late, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(Part::late);
            let (done, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|part| part.open().next().is_none());
            late.into_iter().for_each(|part| part.refuse(&error));
            done.into_iter().for_each(Part::done);
            parts = rest;
            if !parts.is_empty() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        parts.into_iter().for_each(Part::done);
    }

    /// Sends the open documents; the reason why some are open still.
    async fn send_all(&self, parts: &mut [Part], open: &[Place], sent_before: bool) -> Option<StorageError> {
        let mut again = None;
        let mut left = vec![open.to_vec()];
        while let Some(places) = left.pop() {
            let begun = Instant::now();
            let after = self.send(parts, &places, sent_before).await;
            self.figures.bulk(after.is_none(), begun.elapsed());
            match after {
                None => {}
                Some(After::Again(error)) => again = Some(error),
                Some(After::Halves(error)) => match places.split_at(places.len() / 2) {
                    ([], alone) => {
                        for (part, at) in alone {
                            settle(parts, (*part, *at), Outcome::Refused(ErrorKind::Invalid, error.to_string().into()));
                        }
                    }
                    (first, second) => left.extend([second.to_vec(), first.to_vec()]),
                },
            }
        }
        again
    }

    async fn send(&self, parts: &mut [Part], places: &[Place], sent_before: bool) -> Option<After> {
        let body = body_of(parts, places);
        let body = Some((body, "application/x-ndjson"));
        let answer = match self.client.send(Method::Post, "_bulk", said::QUERY, body, Some(ANSWER)).await {
            Ok(answer) => answer,
            Err(error) => return Some(After::Again(error)),
        };
        if !(200..=299).contains(&answer.status) {
            let error = failure::of_answer("a bulk request", self.client.address(), answer.status, &answer.body);
            return Some(if error.kind() == ErrorKind::Invalid { After::Halves(error) } else { After::Again(error) });
        }
        let said = match said::read(&answer.body) {
            Ok(said) if said.len() == places.len() => said,
            Ok(said) => {
                let what = format!("{} answers to {} documents; they are written again", said.len(), places.len());
                return Some(After::Again(self.client.error(ErrorKind::Unavailable, &what)));
            }
            Err(error) => {
                let what = format!("the answer to a bulk request is not understood: {error}");
                return Some(After::Again(self.client.error(ErrorKind::Unavailable, &what)));
            }
        };
        let mut again = None;
        for (place, said) in places.iter().zip(said) {
            match said {
                Said::Stored => settle(parts, *place, Outcome::Stored),
                // An earlier attempt may have stored it, with no answer.
                Said::Copy if sent_before => settle(parts, *place, Outcome::Stored),
                Said::Copy => settle(parts, *place, Outcome::Copy),
                Said::Refused(kind, false, words) => settle(parts, *place, Outcome::Refused(kind, words.into())),
                Said::Refused(kind, true, words) => again = Some(After::Again(StorageError::new(kind, words))),
            }
        }
        again
    }
}

fn open_of(parts: &[Part]) -> Vec<Place> {
    parts.iter().enumerate().flat_map(|(part, of)| of.open().map(move |at| (part, at))).collect()
}

fn settle(parts: &mut [Part], (part, at): Place, outcome: Outcome) {
    if let Some(part) = parts.get_mut(part) {
        part.settle(at, outcome);
    }
}

fn body_of(parts: &[Part], places: &[Place]) -> Bytes {
    let all: usize = parts.iter().map(Part::documents).sum();
    if all == places.len() {
        // Nothing has an outcome yet.
        let mut body = Vec::with_capacity(parts.iter().map(Part::bytes).sum());
        parts.iter().for_each(|part| body.extend_from_slice(part.whole()));
        return body.into();
    }
    let documents = places.iter().filter_map(|(part, at)| parts.get(*part).map(|part| part.document(*at)));
    documents.flatten().copied().collect::<Vec<u8>>().into()
}
