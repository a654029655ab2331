//! `print-config`: every setting as it would be used, as a config file, with its source and without secrets.

use std::io::{self, Write};

use crate::settings::Settings;

pub(super) fn print(settings: &Settings, out: &mut dyn Write) -> io::Result<u8> {
    for flag in settings.table().flags().iter().filter(|flag| flag.works() || settings.is_set(&flag.name)) {
        let source = settings.source(&flag.name);
        writeln!(out, "{}: {} # {source}", flag.name, quoted(&settings.shown_value(&flag.name)))?;
    }
    Ok(0)
}

/// JSON's quotes are YAML's double quotes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
