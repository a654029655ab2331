//! `docs/compatibility.md`, made from the data and the tables of settings.

use std::collections::BTreeMap;

use anyhow::Result;
use jaeger_service::settings::{Component, Table};

use super::data::{Line, Section, State, adr};
use super::settings::reason;

const INTRODUCTION: &str = "# Compatibility

Made from `crates/jaeger-service/compat/`; `UPDATE_DOCS=1 cargo test --profile ci -p jaeger-tests --test compatibility` writes it anew, and the
same test compares it with the binaries: flags with `--help`, metrics with live pages, endpoints and ports by asking them.

Measured against Go Jaeger 1.62 (the agent's last line), the names of 1.6, and what of 2.x a client can ask. *Same* means: the recorded answers of Go Jaeger
in `tests/recorded/` are replayed against our binaries, and `make test` prints how many are equal and how many differ on purpose; or one of the tests that
[works with](works-with.md) names. Every difference on purpose has a decision in [adr/](adr/README.md).

What is **not yet** there is refused: a flag, variable or file key of it ends the start with exit code 1 and a message that says
what to do instead; a request for it gets an error in words. Nothing is taken and ignored, with two exceptions: the flags marked
\"has no effect\" in [flags](flags.md), whose wish is always granted.
";

/// The whole page.
pub fn page(sections: &[Section]) -> Result<String> {
    let mut page = INTRODUCTION.to_owned();
    for section in sections {
        page += &format!("\n## {}\n", section.title);
        if !section.text.is_empty() {
            page += &format!("\n{}", section.text);
        }
        page += &states(&section.lines)?;
        page += &differences(&section.lines)?;
        if section.title.starts_with("Flags") {
            page += &flags();
        }
    }
    Ok(page)
}

/// How many lines there are of each state.
pub fn counts(sections: &[Section]) -> Result<BTreeMap<State, usize>> {
    let mut counts = BTreeMap::new();
    for line in sections.iter().flat_map(|section| &section.lines) {
        *counts.entry(line.state()?).or_default() += 1;
    }
    Ok(counts)
}

fn states(lines: &[Line]) -> Result<String> {
    let mut rows = String::new();
    for line in lines {
        let state = match line.state()? {
            State::Different => continue,
            State::Same => "same".to_owned(),
            State::Ours => "ours".to_owned(),
            State::There => "there".to_owned(),
            State::NotYet => format!("**not yet**: {}", line.message()?.unwrap_or_default()),
        };
        let note = line.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
        rows += &format!("| {} | {state}{note} |\n", line.what);
    }
    let head = "\n| what | state |\n| --- | --- |\n";
    Ok(if rows.is_empty() { rows } else { format!("{head}{rows}") })
}

fn differences(lines: &[Line]) -> Result<String> {
    let mut rows = String::new();
    for line in lines {
        if line.state()? != State::Different {
            continue;
        }
        let links = line.adr.iter().map(|&number| Ok(format!("[{number}]({})", adr(number)?)));
        let links = links.collect::<Result<Vec<_>>>()?.join(", ");
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        rows += &format!("| {} | {} | {} | {links} |\n", line.what, text(&line.go), text(&line.here));
    }
    let head = "\n| different on purpose | Go Jaeger | here | decision |\n| --- | --- | --- | --- |\n";
    Ok(if rows.is_empty() { rows } else { format!("{head}{rows}") })
}

/// How many flags each binary has, which are ours, and which wait for what.
fn flags() -> String {
    let mut text = String::from(
        "\n| binary | flags of 1.62 served | another default | ours | not yet | old names |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let (mut ours, mut later) = (BTreeMap::new(), BTreeMap::<&str, BTreeMap<String, ()>>::new());
    for component in Component::ALL {
        let table = Table::of(component);
        let count = |pick: &dyn Fn(&jaeger_service::settings::Flag) -> bool| {
            table.flags().iter().filter(|flag| pick(flag)).count()
        };
        text += &format!(
            "| `{component}` | {} | {} | {} | {} | {} |\n",
            count(&|flag| flag.works() && !flag.ours),
            count(&|flag| flag.works() && flag.differs.is_some()),
            count(&|flag| flag.ours),
            count(&|flag| !flag.works()),
            table.count_of_old_names(),
        );
        for flag in table.flags() {
            if flag.ours {
                ours.insert(flag.shown(), ());
            }
            if let Some(reason) = reason(flag) {
                later.entry(reason).or_default().insert(flag.shown(), ());
            }
        }
    }
    let names =
        |names: &BTreeMap<String, ()>| names.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    text += &format!("\nOurs, not in Go: {}.\n", names(&ours));
    if !later.is_empty() {
        text += "\n| **not yet**, and what is said | flags |\n| --- | --- |\n";
    }
    for (reason, flags) in &later {
        text += &format!("| {} | {} |\n", reason.replace('|', "\\|"), names(flags));
    }
    text
}
