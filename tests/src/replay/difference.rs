//! `recorded/differences.toml`: where we answer otherwise on purpose, and why.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::recording::folder;
use super::rules::matches;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    difference: Vec<Difference>,
    #[serde(skip)]
    used: BTreeSet<(usize, usize)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Why Go's answer is not given.
    pub why: String,
    /// The decision, a file of `docs/adr/`.
    pub adr: String,
    /// Patterns of case names.
    pub cases: Vec<String>,
    /// Patterns of request titles; each must still differ somewhere.
    pub requests: Vec<String>,
    /// Our status (HTTP number or gRPC code; a pattern).
    pub status: String,
    /// What our body or message holds.
    #[serde(default)]
    pub holds: String,
    /// Nothing else differs than the number of copies of spans.
    #[serde(default)]
    pub only_copies: bool,
}

/// Our answer, as far as an entry looks at it.
pub struct Ours<'a> {
    pub status: &'a str,
    pub body: &'a str,
    pub only_copies: bool,
}

impl Differences {
    pub fn read() -> Result<Self> {
        let path = folder().join("differences.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let all: Self = toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        let decisions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/adr");
        for entry in &all.difference {
            ensure!(decisions.join(&entry.adr).is_file(), "{}: docs/adr/{} is not there", entry.why, entry.adr);
        }
        Ok(all)
    }

    /// The entry that explains this difference, marked as used.
    pub fn explain(&mut self, case: &str, title: &str, ours: &Ours<'_>) -> Option<&Difference> {
        for (place, entry) in self.difference.iter().enumerate() {
            if !matches(&entry.status, ours.status)
                || !ours.body.contains(&entry.holds)
                || entry.only_copies != ours.only_copies
            {
                continue;
            }
            if !entry.cases.iter().any(|pattern| matches(pattern, case)) {
                continue;
            }
            let hits: Vec<_> = (0..entry.requests.len()).filter(|i| matches(&entry.requests[*i], title)).collect();
            if !hits.is_empty() {
                self.used.extend(hits.into_iter().map(|request| (place, request)));
                return Some(entry);
            }
        }
        None
    }

    /// Entries that explained nothing: Go's answer is given there by now.
    pub fn unused(&self) -> Vec<String> {
        let all = self.difference.iter().enumerate();
        let all = all.flat_map(|(place, entry)| {
            entry.requests.iter().enumerate().map(move |(i, text)| ((place, i), text, entry))
        });
        all.filter(|(key, ..)| !self.used.contains(key))
            .map(|(_, text, entry)| format!("{text} ({})", entry.why))
            .collect()
    }
}
