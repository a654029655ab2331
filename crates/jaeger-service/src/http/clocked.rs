//! What a connection does when: the timers of `HttpConfig` are judged from this.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::HttpConfig;
use crate::tls::Stream;

/// How HTTP/2 begins; no HTTP/1 method does.
const PREFACE: &[u8] = b"PRI";

/// Times are milliseconds after the connection's start plus one; 0 is "not now".
pub(super) struct Clock {
    born: Instant,
    http2: AtomicBool,
    under_way: AtomicUsize,
    /// Since when we wait for a request's head to become whole.
    head_since: AtomicU64,
    idle_since: AtomicU64,
    asked_to_close: AtomicBool,
    /// Whether a request ever began; the first one wakes the connection.
    used: AtomicBool,
    first_request: Notify,
}

pub(super) enum Verdict {
    /// Go on, look again then.
    Check(Option<Instant>),
    /// Close gracefully, look again then.
    Close(Option<Instant>),
    /// Close now.
    Cut,
}

impl Clock {
    pub(super) fn new() -> Self {
        Clock {
            born: Instant::now(),
            http2: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            head_since: AtomicU64::new(1),
            idle_since: AtomicU64::new(1),
            asked_to_close: AtomicBool::new(false),
            used: AtomicBool::new(false),
            first_request: Notify::new(),
        }
    }

    /// Whether no request has begun yet.
    pub(super) fn is_fresh(&self) -> bool {
        !self.used.load(Ordering::Relaxed)
    }

    /// Resolves once the first request began.
    pub(super) async fn first_request(&self) {
        self.first_request.notified().await;
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn passed(&self, since: u64) -> Duration {
        Duration::from_millis(self.now().saturating_sub(since))
    }

    fn read_some(&self) {
        if !self.http2.load(Ordering::Relaxed)
            && self.under_way.load(Ordering::Relaxed) == 0
            && self.head_since.load(Ordering::Relaxed) == 0
        {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn is_http2(&self) {
        self.http2.store(true, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
    }

    pub(super) fn first_check(&self, config: &HttpConfig) -> Option<Instant> {
        let times = [config.read_header_timeout, config.idle_timeout, config.max_connection_age];
        let first = times.into_iter().flatten().min()?;
        Some(self.born + first)
    }

    /// Looks at all timers.
    pub(super) fn judge(&self, config: &HttpConfig) -> Verdict {
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        let mut look_in = |wait: Duration| {
            // A moment later, so that the time has really passed by then.
            let at = now + wait + Duration::from_millis(2);
            next = Some(next.map_or(at, |next| next.min(at)));
        };
        let mut close = false;
        if let Some(limit) = config.read_header_timeout {
            match self.head_since.load(Ordering::Relaxed) {
                // A head may begin any time: looking once a limit is close enough, and cheap for a thousand idle connections.
                0 if self.http2.load(Ordering::Relaxed) => {}
                0 => look_in(limit.max(Duration::from_secs(1))),
                since => match limit.checked_sub(self.passed(since)) {
                    None | Some(Duration::ZERO) => return Verdict::Cut,
                    Some(rest) => look_in(rest),
                },
            }
        }
        if let Some(limit) = config.idle_timeout {
            let idle = self.under_way.load(Ordering::Relaxed) == 0;
            let since = self.idle_since.load(Ordering::Relaxed);
            match limit.checked_sub(self.passed(since)) {
                None | Some(Duration::ZERO) if idle => close = true,
                Some(rest) if idle => look_in(rest),
                _ => look_in(limit),
            }
        }
        if let Some(limit) = config.max_connection_age {
            let age = self.born.elapsed();
            if age < limit {
                look_in(limit.saturating_sub(age));
            } else {
                close = true;
                if let Some(grace) = config.max_connection_age_grace {
                    match (limit + grace).checked_sub(age) {
                        None | Some(Duration::ZERO) => return Verdict::Cut,
                        Some(rest) => look_in(rest),
                    }
                }
            }
        }
        if close && !self.asked_to_close.swap(true, Ordering::Relaxed) {
            Verdict::Close(next)
        } else {
            Verdict::Check(next)
        }
    }
}

/// A request between its head and the end of its answer.
pub(super) struct UnderWay(Arc<Clock>);

impl UnderWay {
    pub(super) fn begin(clock: &Arc<Clock>) -> Self {
        clock.under_way.fetch_add(1, Ordering::Relaxed);
        clock.head_since.store(0, Ordering::Relaxed);
        if !clock.used.swap(true, Ordering::Relaxed) {
            clock.first_request.notify_one();
        }
        UnderWay(Arc::clone(clock))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let clock = &self.0;
        clock.idle_since.store(clock.now(), Ordering::Relaxed);
        clock.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The stream, with its reads told to the clock.
pub(super) struct Clocked {
    stream: Stream,
    clock: Arc<Clock>,
    /// The first bytes, until they say which protocol it is.
    first: Option<Vec<u8>>,
}

impl Clocked {
    pub(super) fn new(stream: Stream, clock: Arc<Clock>) -> Self {
        Clocked { stream, clock, first: Some(Vec::with_capacity(PREFACE.len())) }
    }

    fn look_at(&mut self, new: &[u8]) {
        if let Some(first) = &mut self.first {
            let missing = PREFACE.len().saturating_sub(first.len());
            first.extend(new.iter().take(missing));
            if first.as_slice() == PREFACE {
                self.clock.is_http2();
            }
            if !PREFACE.starts_with(first) || first.len() >= PREFACE.len() {
                self.first = None;
            }
        }
        self.clock.read_some();
    }
}

impl AsyncRead for Clocked {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let new = buffer.filled().get(before..).unwrap_or_default();
        if !new.is_empty() {
            self.look_at(new);
        }
        read
    }
}

impl AsyncWrite for Clocked {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
