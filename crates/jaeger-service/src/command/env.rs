//! `env`: every environment variable that is read, as a table.

use std::io::{self, Write};

use crate::settings::{Component, Flag, Table};

pub(super) fn print(component: Component, out: &mut dyn Write) -> io::Result<u8> {
    let table = Table::of(component);
    writeln!(
        out,
        "{component} reads these variables; a flag goes before its variable, a variable before the file of --config-file.\n"
    )?;
    let (only, flags): (Vec<&Flag>, Vec<&Flag>) =
        table.flags().iter().filter(|flag| flag.works()).partition(|flag| flag.is_env_only());
    if !only.is_empty() {
        writeln!(out, "Variables without a flag:")?;
        list(&only, out)?;
        writeln!(out)?;
    }
    writeln!(out, "Variables of flags:")?;
    list(&flags, out)?;
    let later = table.flags().iter().filter(|flag| !flag.works()).count();
    writeln!(
        out,
        "\n{later} more names of Jaeger 1.62 are known and refused until their function is there: \"{component} docs\" lists them."
    )?;
    Ok(0)
}

fn list(flags: &[&Flag], out: &mut dyn Write) -> io::Result<()> {
    let width = flags.iter().map(|flag| flag.env.len()).max().unwrap_or(0);
    for flag in flags {
        let default = if flag.default.is_empty() { String::new() } else { format!(" (default {})", flag.default) };
        writeln!(out, "  {:width$}  {}{default}", flag.env, flag.help)?;
    }
    Ok(())
}
