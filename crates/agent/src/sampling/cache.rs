//! What the collector said lately, so that a thousand clients ask it once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Asked, SamplingSource, Strategy};

/// An answer younger than this is given without asking again. Clients ask once a minute.
const FRESH: Duration = Duration::from_secs(5);
/// While the collector does not answer, an older one is still better than none.
const STALE: Duration = Duration::from_secs(600);
/// Services remembered at once; names come from whoever asks.
const MAX_SERVICES: usize = 2000;

/// A source whose answers are kept for a while.
pub struct Cached<S> {
    source: S,
    answers: Mutex<HashMap<String, (Instant, Strategy)>>,
}

impl<S: SamplingSource> Cached<S> {
    /// Keeps the answers of `source`.
    pub fn new(source: S) -> Self {
        Self { source, answers: Mutex::default() }
    }

    fn known(&self, service: &str, age: Duration) -> Option<Strategy> {
        let answers = self.answers.lock();
        let (when, strategy) = answers.get(service)?;
        (when.elapsed() < age).then(|| strategy.clone())
    }

    fn keep(&self, service: &str, strategy: Strategy) {
        let mut answers = self.answers.lock();
        if answers.len() >= MAX_SERVICES && !answers.contains_key(service) {
            answers.retain(|_, (when, _)| when.elapsed() < FRESH);
            if answers.len() >= MAX_SERVICES {
                return;
            }
        }
        answers.insert(service.to_owned(), (Instant::now(), strategy));
    }
}

impl<S: SamplingSource> SamplingSource for Cached<S> {
    fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
        Box::pin(async move {
            if let Some(strategy) = self.known(service, FRESH) {
                return Ok(strategy);
            }
            match self.source.strategy(service).await {
                Ok(strategy) => {
                    self.keep(service, strategy.clone());
                    Ok(strategy)
                }
                Err(message) => self.known(service, STALE).ok_or(message),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Once(AtomicUsize);

    impl SamplingSource for Once {
        fn strategy<'a>(&'a self, service: &'a str) -> Asked<'a> {
            let calls = self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                if calls == 0 { Ok(Strategy::default()) } else { Err(format!("asked again about {service}")) }
            })
        }
    }

    #[tokio::test]
    async fn asks_once_while_the_answer_is_fresh() {
        let cached = Cached::new(Once(AtomicUsize::new(0)));
        for _ in 0..3 {
            assert_eq!(cached.strategy("a").await, Ok(Strategy::default()));
        }
        assert_eq!(cached.source.0.load(Ordering::Relaxed), 1);
        assert!(cached.strategy("b").await.is_err());
    }

    #[tokio::test]
    async fn names_from_outside_are_remembered_up_to_a_bound() {
        let cached = Cached::new(Once(AtomicUsize::new(0)));
        for service in 0..MAX_SERVICES * 2 {
            cached.keep(&service.to_string(), Strategy::default());
        }
        assert_eq!(cached.answers.lock().len(), MAX_SERVICES);
    }
}
