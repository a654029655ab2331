//! A terminal with a program in it, and what a person would have seen there.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use nix::pty::{Winsize, openpty};

use crate::child::Child;

const SIZE: Winsize = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };

/// A program whose standard streams are a terminal.
pub struct Terminal {
    pub child: Child,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    pub fn start(mut command: Command) -> Result<Self> {
        let pair = openpty(&SIZE, None).context("no pseudo terminal")?;
        command
            .stdin(Stdio::from(pair.slave.try_clone()?))
            .stdout(Stdio::from(pair.slave.try_clone()?))
            .stderr(Stdio::from(pair.slave));
        // The command keeps its ends of the terminal until it is dropped, within this call.
        let child = Child::spawn(command)?;
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let (mut screen, shared) = (File::from(pair.master), Arc::clone(&seen));
        // Ends with an error of the read once the program has gone.
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(got @ 1..) = screen.read(&mut part) {
                if let (Ok(mut seen), Some(part)) = (shared.lock(), part.get(..got)) {
                    seen.extend_from_slice(part);
                }
            }
        });
        Ok(Self { child, seen })
    }

    /// Every byte so far, as text.
    pub fn text(&self) -> String {
        self.seen.lock().map(|seen| String::from_utf8_lossy(&seen).into_owned()).unwrap_or_default()
    }

    /// The lines as they stand now: one that was rewritten is there as it was written last.
    pub fn lines(&self) -> Vec<String> {
        self.text().split('\n').map(shown).collect()
    }
}

/// What is left of a line after carriage returns and the sequence that erases it.
fn shown(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let last = line.rsplit("\x1b[2K").next().unwrap_or(line);
    last.trim_start_matches('\r').to_owned()
}
