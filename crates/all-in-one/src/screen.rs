//! The terminal: the board once, warnings as they come, and below them one line rewritten each second.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::Duration;

use jaeger_service::health::State;
use jaeger_service::ledger::Ledgers;
use jaeger_service::process::LogWriter;
use jaeger_service::settings::Settings;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::board::Board;

const EVERY: Duration = Duration::from_secs(1);
/// Erases the line that the cursor is on and goes to its start.
const ERASE_LINE: &str = "\r\x1b[2K";

/// A terminal that shows the board.
pub(crate) struct Screen {
    /// The line at the bottom, which logs are written above.
    last: Arc<Mutex<String>>,
}

impl Screen {
    /// The terminal, where there is one and nobody asked for logs.
    pub(crate) fn of_terminal(settings: &Settings) -> Option<Self> {
        let asked = settings.is_set("log-level") || settings.is_set("log-encoding");
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        (terminal && !asked).then(|| Self { last: Arc::default() })
    }

    /// Where logs go meanwhile: what somebody should look at stands above the line.
    pub(crate) fn log_writer(&self) -> LogWriter {
        LogWriter(Box::new(AboveTheLine { last: Arc::clone(&self.last) }))
    }

    /// Shows the board until all is drained.
    pub(crate) async fn show(self, board: Board, ledgers: Ledgers, drained: CancellationToken) {
        let mut health = board.subscribe();
        // The board says "ready" when it is; a process that waits for its store shows the board all the same.
        let ready = health.wait_for(|state| !matches!(state, State::Starting));
        drop(tokio::time::timeout(Duration::from_secs(2), ready).await);
        self.print(&board.text());
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            self.rewrite(board.line(&ledgers));
            tokio::select! {
                _ = ticks.tick() => {}
                Ok(()) = health.changed() => {}
                () = drained.cancelled() => break,
            }
        }
        self.rewrite(board.line(&ledgers));
        // What is logged now stands below, and so does the shell's prompt.
        self.last.lock().clear();
        self.print("\n");
    }

    fn print(&self, text: &str) {
        // A terminal that is gone needs nothing shown.
        drop(io::stdout().write_all(text.as_bytes()));
    }

    fn rewrite(&self, line: String) {
        let mut last = self.last.lock();
        let mut out = io::stdout().lock();
        drop(write!(out, "{ERASE_LINE}{line}"));
        drop(out.flush());
        *last = line;
    }
}

/// Writes warnings and errors above the line at the bottom.
struct AboveTheLine {
    last: Arc<Mutex<String>>,
}

impl Write for AboveTheLine {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // One event is one write, of JSON unless people asked for another form.
        let text = String::from_utf8_lossy(event);
        if text.contains("\"level\":\"warn\"") || text.contains("\"level\":\"error\"") {
            let last = self.last.lock();
            let mut out = io::stdout().lock();
            write!(out, "{ERASE_LINE}  {}\n{last}", text.trim_end())?;
            out.flush()?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}
