//! How far a long command is: a terminal gets one line that is rewritten, anything else a line every 10 s.

use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

use jaeger_storage_embedded::Progress;

use crate::figures;

const REWRITE: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(10);
/// Goes to the start of the line that the cursor is on and erases it.
const ERASE_LINE: &str = "\r\x1b[2K";

/// Shows progress on a writer.
pub(super) struct Shown<'o>(RefCell<Inner<'o>>);

struct Inner<'o> {
    out: &'o mut dyn Write,
    terminal: bool,
    last: Instant,
    line_is_open: bool,
}

impl<'o> Shown<'o> {
    pub(super) fn new(out: &'o mut dyn Write, terminal: bool) -> Self {
        Self(RefCell::new(Inner { out, terminal, last: Instant::now(), line_is_open: false }))
    }

    /// So far it is.
    pub(super) fn at(&self, progress: Progress) {
        let mut inner = self.0.borrow_mut();
        if inner.last.elapsed() < if inner.terminal { REWRITE } else { LINE } {
            return;
        }
        inner.last = Instant::now();
        let line = figures::progress(&progress);
        // Who does not read progress needs none.
        drop(match inner.terminal {
            true => write!(inner.out, "{ERASE_LINE}{line}").and_then(|()| inner.out.flush()),
            false => writeln!(inner.out, "{line}"),
        });
        inner.line_is_open = inner.terminal;
    }

    /// A line that stays.
    pub(super) fn say(&self, line: &str) {
        let mut inner = self.0.borrow_mut();
        let before = if std::mem::take(&mut inner.line_is_open) { ERASE_LINE } else { "" };
        drop(writeln!(inner.out, "{before}{line}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_one_line_and_a_file_has_few() {
        for (terminal, shown) in
            [(true, "\r\x1b[2Kverifying, 1.0 of 2.0 MB, 3 spans\r\x1b[2Kdone\n"), (false, "done\n")]
        {
            let mut out = Vec::new();
            let progress = Shown::new(&mut out, terminal);
            let before = Instant::now().checked_sub(REWRITE).unwrap();
            progress.0.borrow_mut().last = before;
            let mut done = Progress { what: "verifying", done_bytes: 1_000_000, total_bytes: 2_000_000, spans: 3 };
            progress.at(done);
            done.done_bytes += 1;
            progress.at(done);
            progress.say("done");
            let Shown(_) = progress;
            assert_eq!(String::from_utf8(out).unwrap(), shown);
        }
    }
}
