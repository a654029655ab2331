//! Whether the process may get traffic. Asked by the admin server's `/` and by gRPC health; told by the services and by the lifecycle.
//!
//! A process is Ready when all its parts are (all-in-one has three), and is Stopping for good from the first stop signal on.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tokio::sync::watch;

/// What the probes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet ready: 503.
    Starting,
    /// Ready since this time: 200.
    Ready(SystemTime),
    /// Stopping: 503 until the process ends.
    Stopping,
}

impl State {
    /// Whether probes get a 200.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self, State::Ready(_))
    }
}

/// A handle on the process's health. The root and its parts have the same methods, so a service does not know whether it is alone.
#[derive(Clone, Debug)]
pub struct Health {
    shared: Arc<Shared>,
    /// Index of this part; `None` is the root.
    part: Option<usize>,
}

#[derive(Debug)]
struct Shared {
    book: Mutex<Book>,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct Book {
    root_ready: bool,
    root_waits_for: String,
    stopping: bool,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: String,
    ready: bool,
    waits_for: String,
}

impl Default for Health {
    fn default() -> Self {
        Health::new()
    }
}

impl Health {
    /// A process that is starting.
    #[must_use]
    pub fn new() -> Self {
        Health {
            shared: Arc::new(Shared { book: Mutex::default(), state: watch::Sender::new(State::Starting) }),
            part: None,
        }
    }

    /// A part of the process; the process is not Ready before the part is.
    #[must_use]
    pub fn part(&self, name: &str) -> Health {
        let mut book = self.shared.book.lock();
        book.parts.push(Part { name: name.to_owned(), ready: false, waits_for: "start".to_owned() });
        let part = Some(book.parts.len() - 1);
        self.publish(&book);
        Health { shared: Arc::clone(&self.shared), part }
    }

    /// Says that this part (or, for the root without parts, the process) may get traffic. Has no effect once stopping.
    pub fn ready(&self) {
        self.set(true, "");
    }

    /// Says that this part is not ready yet.
    pub fn starting(&self) {
        self.set(false, "start");
    }

    /// Says that this part is not ready and what it waits for, such as `the first answer of the store`.
    pub fn waiting_for(&self, what: &str) {
        self.set(false, what);
    }

    /// Says that the process stops. Final, and for all parts.
    pub fn stopping(&self) {
        let mut book = self.shared.book.lock();
        book.stopping = true;
        self.publish(&book);
    }

    /// The state of the whole process.
    #[must_use]
    pub fn state(&self) -> State {
        *self.shared.state.borrow()
    }

    /// The parts that are not ready, with what each waits for: `collector waits for the first answer of the store`.
    #[must_use]
    pub fn waits(&self) -> Vec<String> {
        let book = self.shared.book.lock();
        if book.parts.is_empty() && !book.root_ready && !book.root_waits_for.is_empty() {
            return vec![format!("the process waits for {}", book.root_waits_for)];
        }
        book.parts
            .iter()
            .filter(|part| !part.ready)
            .map(|part| format!("{} waits for {}", part.name, part.waits_for))
            .collect()
    }

    /// Resolves once the whole process is Ready, or is Stopping before it was.
    pub async fn until_settled(&self) -> State {
        let mut seen = self.shared.state.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        match seen.wait_for(|state| *state != State::Starting).await {
            Ok(state) => *state,
            Err(_) => State::Stopping,
        }
    }

    /// Logs every 10 s what the process waits for, until it is Ready or Stopping. Spawned by `main`.
    pub async fn log_waits(&self) {
        loop {
            let settled = tokio::time::timeout(Duration::from_secs(10), self.until_settled()).await;
            if settled.is_ok() {
                return;
            }
            tracing::info!(waits = %self.waits().join("; "), "Not ready yet");
        }
    }

    /// Sees each change of the whole process's state.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }

    fn set(&self, ready: bool, waits_for: &str) {
        let mut book = self.shared.book.lock();
        match self.part {
            None => {
                book.root_ready = ready;
                waits_for.clone_into(&mut book.root_waits_for);
            }
            Some(index) => {
                if let Some(part) = book.parts.get_mut(index) {
                    part.ready = ready;
                    waits_for.clone_into(&mut part.waits_for);
                }
            }
        }
        self.publish(&book);
    }

    fn publish(&self, book: &Book) {
        let ready = if book.parts.is_empty() { book.root_ready } else { book.parts.iter().all(|part| part.ready) };
        self.shared.state.send_if_modified(|state| {
            let next = match (book.stopping, ready) {
                (true, _) => State::Stopping,
                (false, false) => State::Starting,
                // Ready keeps the time it had.
                (false, true) if state.is_ready() => *state,
                (false, true) => State::Ready(SystemTime::now()),
            };
            std::mem::replace(state, next) != next
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_when_all_its_parts_are() {
        let health = Health::new();
        let agent = health.part("agent");
        let collector = health.part("collector");
        agent.ready();
        assert_eq!(health.state(), State::Starting);
        collector.waiting_for("the first answer of the store");
        assert_eq!(health.waits(), ["collector waits for the first answer of the store"]);
        collector.ready();
        assert!(agent.state().is_ready());
        assert!(health.waits().is_empty());
    }

    #[test]
    fn a_process_without_parts_is_ready_when_it_says_so() {
        let health = Health::new();
        health.ready();
        assert!(health.state().is_ready());
        health.starting();
        assert_eq!(health.state(), State::Starting);
    }

    #[test]
    fn a_process_without_parts_says_what_it_waits_for_too() {
        let health = Health::new();
        health.waiting_for("the store");
        assert_eq!(health.waits(), ["the process waits for the store"]);
        health.ready();
        assert!(health.waits().is_empty());
    }

    #[test]
    fn stopping_is_final() {
        let health = Health::new();
        let part = health.part("agent");
        part.stopping();
        part.ready();
        assert_eq!(health.state(), State::Stopping);
    }

    #[tokio::test]
    async fn a_waiter_sees_ready() {
        let health = Health::new();
        let waiter = tokio::spawn({
            let health = health.clone();
            async move { health.until_settled().await }
        });
        health.ready();
        assert!(waiter.await.unwrap().is_ready());
    }
}
