//! `completion`: a script that lets a shell complete flags.

use std::io::{self, Write};

use clap_complete::Shell;

use super::arguments::clap_command;
use crate::settings::Component;

pub(super) fn print(component: Component, shell: Shell, out: &mut dyn Write) -> io::Result<u8> {
    // Into memory first: clap_complete panics if its writer fails, and a closed pipe is no reason to panic.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut clap_command(component), component.binary(), &mut script);
    out.write_all(&script)?;
    Ok(0)
}
