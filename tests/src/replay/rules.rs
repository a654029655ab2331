//! `recorded/rules.toml`: which recorded parts wait for a wire that is not there yet, and which texts are Go's alone.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::recording::{Case, Request, folder};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Flags that only start a wire that is not there yet.
    pub leave_out_flag: Vec<LeaveOutFlag>,
    pub not_yet: Vec<NotYet>,
    /// Beginnings of error texts whose rest is the words of Go's parsers: compared so far and no further.
    pub words_of_go: Vec<WordsOfGo>,
    /// Series of a metrics page that ours does not have.
    pub series_not_there: Vec<SeriesNotThere>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesNotThere {
    /// A pattern of `TYPE NAME{LABELS}`.
    pub series: String,
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveOutFlag {
    pub flag: String,
}

/// One of the three says what is not there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotYet {
    pub what: String,
    /// Cases whose inputs come this way (a pattern of `via` or of the input's name).
    pub input: Option<String>,
    /// Cases started with this flag.
    pub flag: Option<String>,
    /// Exchanges (a pattern of their title).
    pub request: Option<String>,
    /// Only for cases of this server (a pattern).
    pub server: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordsOfGo {
    pub begin: String,
    /// What follows it in Go's texts.
    pub words: Vec<String>,
}

impl Rules {
    pub fn read() -> Result<Self> {
        let path = folder().join("rules.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let rules: Self = toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
        for rule in &rules.not_yet {
            if [&rule.input, &rule.flag, &rule.request].iter().filter(|part| part.is_some()).count() != 1 {
                bail!("the rule {:?} needs exactly one of input, flag and request", rule.what);
            }
        }
        Ok(rules)
    }

    /// Why a whole case waits.
    pub fn case_waits(&self, case: &Case, input_names: &[(String, String)]) -> Option<&str> {
        let waits = |rule: &&NotYet| {
            rule.fits(case)
                && (rule.flag.as_ref().is_some_and(|flag| case.flags.contains(flag))
                    || rule.input.as_ref().is_some_and(|pattern| {
                        input_names.iter().any(|(name, via)| matches(pattern, name) || matches(pattern, via))
                    }))
        };
        self.not_yet.iter().find(waits).map(|rule| rule.what.as_str())
    }

    /// Why one exchange waits.
    pub fn exchange_waits(&self, case: &Case, request: &Request) -> Option<&str> {
        let title = request.title();
        let waits =
            |rule: &&NotYet| rule.fits(case) && rule.request.as_ref().is_some_and(|pattern| matches(pattern, &title));
        self.not_yet.iter().find(waits).map(|rule| rule.what.as_str())
    }
}

impl NotYet {
    fn fits(&self, case: &Case) -> bool {
        self.server.as_ref().is_none_or(|pattern| matches(pattern, &case.server))
    }
}

/// `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in
            [("a", "a"), ("a*", "a"), ("*b", "ab"), ("a*c*", "abcd"), ("*", ""), ("* :9411/*", "GET :9411/x")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "ab"), ("*b", "ba"), ("", "a"), ("ab*ba", "aba")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
