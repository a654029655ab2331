//! `docs`: the reference page of all flags, as Markdown.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use crate::settings::{Component, Flag, Status, Table, shown};

pub(super) fn run(component: Component, folder: &str, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let page = format!("# Flags of {component}\n{}", page(component));
    if folder.is_empty() {
        write!(out, "{page}")?;
        return Ok(0);
    }
    let path = Path::new(folder).join(format!("{component}.md"));
    match std::fs::write(&path, page) {
        Ok(()) => Ok(0),
        Err(e) => {
            writeln!(err, "{component}: --dir={folder}: {}: {e}; name a folder that can be written", path.display())?;
            Ok(1)
        }
    }
}

/// The tables of one component, without a heading of the first level.
pub(crate) fn page(component: Component) -> String {
    let table = Table::of(component);
    let mut page = String::new();
    let mut group = "";
    for flag in table.flags().iter().filter(|flag| flag.works()) {
        if flag.group != group {
            group = flag.group;
            page += &format!(
                "\n### {group}\n\n| flag | variable | form | default | what it does |\n|---|---|---|---|---|\n"
            );
        }
        page += &served_line(flag);
    }
    page += "\n### Names of earlier releases\n\n| name | today |\n|---|---|\n";
    for old in table.old_names() {
        let today = match (old.new_name(), old.refusal()) {
            (Some(new), _) => format!("`{}`", shown(new)),
            (None, Some(reason)) => format!("refused: {reason}"),
            (None, None) => format!("no effect: {}", old.needless().unwrap_or_default()),
        };
        page += &format!("| `{}` | {today} |\n", shown(old.name));
    }
    page += "\n### Known and refused until their function is there\n\n| why, and what to do | flags |\n|---|---|\n";
    for (reason, names) in later(table) {
        page += &format!("| {} | {} |\n", escape(reason), names.join(" "));
    }
    page
}

/// What comes later, by reason, in the table's order.
fn later(table: &Table) -> Vec<(&'static str, Vec<String>)> {
    let mut later: Vec<(&'static str, Vec<String>)> = Vec::new();
    for flag in table.flags() {
        let Status::NotYet { reason, .. } = flag.status else { continue };
        let name = format!("`{}`", flag.shown());
        match later.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => later.push((reason, vec![name])),
        }
    }
    later
}

fn served_line(flag: &Flag) -> String {
    let mut help = escape(flag.help);
    let words: Vec<&str> =
        flag.choices.iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.value).collect();
    if !words.is_empty() {
        _ = write!(help, " ({})", words.join(", "));
    }
    if flag.ours {
        help += "; not in Go Jaeger";
    }
    if let Some(reason) = flag.differs {
        _ = write!(help, "; another default than Go Jaeger's: {}", escape(reason));
    }
    let default = if flag.default.is_empty() { String::new() } else { format!("`{}`", flag.default) };
    let name = if flag.is_env_only() { String::new() } else { format!("`{}`", flag.shown()) };
    format!("| {name} | `{}` | {} | {default} | {help} |\n", flag.env, flag.kind.word())
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}
