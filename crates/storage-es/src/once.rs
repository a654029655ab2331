//! Something that must be done once before anything else. Whoever comes while it is tried waits for that attempt; a failure holds for a
//! moment, so that a thousand writes to a server that does not answer are not a thousand attempts in a row.

use std::sync::OnceLock;
use std::time::Duration;

use jaeger_storage::{ErrorKind, StorageError};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a failure holds.
const HOLDS: Duration = Duration::from_secs(1);

/// Whether it is done, and how the last attempt failed.
#[derive(Default)]
pub(crate) struct Once {
    done: OnceLock<()>,
    failed: Mutex<Option<(Instant, ErrorKind, String)>>,
}

impl Once {
    /// Does it, unless it is done.
    pub(crate) async fn done(&self, work: impl AsyncFnOnce() -> Result<(), StorageError>) -> Result<(), StorageError> {
        if self.done.get().is_some() {
            return Ok(());
        }
        let came = Instant::now();
        let mut failed = self.failed.lock().await;
        if self.done.get().is_some() {
            return Ok(());
        }
        if let Some((at, kind, why)) = &*failed
            && (*at >= came || at.elapsed() < HOLDS)
        {
            return Err(StorageError::new(*kind, why.clone()));
        }
        match work().await {
            Ok(()) => {
                // Set at most once, under the lock.
                self.done.get_or_init(|| ());
                Ok(())
            }
            Err(error) => {
                *failed = Some((Instant::now(), error.kind(), error.to_string()));
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_everybodys_for_a_moment_and_success_for_good() {
        let (once, attempts) = (Once::default(), std::cell::Cell::new(0));
        let attempt = |ok: bool| {
            let attempts = &attempts;
            async move || {
                attempts.set(attempts.get() + 1);
                if ok { Ok(()) } else { Err(StorageError::new(ErrorKind::Unavailable, "away")) }
            }
        };
        for _ in 0..3 {
            let error = once.done(attempt(false)).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unavailable, "away"));
        }
        assert_eq!(attempts.get(), 1);
        tokio::time::advance(HOLDS).await;
        once.done(attempt(true)).await.unwrap();
        once.done(attempt(false)).await.unwrap();
        assert_eq!(attempts.get(), 2);
    }
}
