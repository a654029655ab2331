//! SIGTERM and SIGINT.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use super::Lifecycle;

pub(super) fn watch(lifecycle: Lifecycle) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        let mut first = true;
        loop {
            let (name, code) = tokio::select! {
                heard = terminate.recv() => match heard {
                    Some(()) => ("SIGTERM", 128 + libc::SIGTERM),
                    None => return,
                },
                heard = interrupt.recv() => match heard {
                    Some(()) => ("SIGINT", 128 + libc::SIGINT),
                    None => return,
                },
            };
            if first {
                first = false;
                lifecycle.stop(name);
            } else {
                lifecycle.second_signal(code);
            }
        }
    });
    Ok(())
}
