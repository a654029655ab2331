//! A config file in HCL: attributes and blocks, nested or dotted, each value with its line. Expressions are no values of
//! settings; `${...}` stays text.

use super::{Entry, FileValue, JAEGER_2, MAX_DEPTH};

/// Each value has its whole key: a long one must not stand for a thousand.
const MAX_KEY_BYTES: usize = 512;

/// Reads a whole file.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader { rest: text, line: 1, entries: Vec::new() };
    reader.body("", 0).map_err(|wrong| format!("line {}: {wrong}", reader.line))?;
    let has = |name: &str| reader.entries.iter().any(|entry| entry.key.split('.').next() == Some(name));
    if has("service") && ["receivers", "exporters", "extensions"].into_iter().any(has) {
        return Err(format!("line 1: {JAEGER_2}"));
    }
    Ok(reader.entries)
}

struct Reader<'t> {
    rest: &'t str,
    /// From 1.
    line: usize,
    entries: Vec<Entry>,
}

type Wrong = &'static str;

impl Reader<'_> {
    /// Attributes and blocks up to the brace that ends them, or to the end of the file.
    fn body(&mut self, prefix: &str, depth: usize) -> Result<(), Wrong> {
        if depth > MAX_DEPTH {
            return Err("too many values for a config file");
        }
        loop {
            self.skip()?;
            match self.peek() {
                None if depth == 0 => return Ok(()),
                None => return Err("a block is not closed; write \"}\""),
                Some('}') if depth > 0 => return Ok(()),
                // Objects may have commas between their parts.
                Some(',') if depth > 0 => self.advance(1),
                Some(_) => self.part(prefix, depth)?,
            }
        }
    }

    fn part(&mut self, prefix: &str, depth: usize) -> Result<(), Wrong> {
        let line = self.line;
        let mut key = self.name()?.to_ascii_lowercase();
        if !prefix.is_empty() {
            key = format!("{prefix}.{key}");
        }
        self.skip()?;
        // Labels of a block are names within it.
        while matches!(self.peek(), Some(c) if c == '"' || is_of_name(c)) {
            key = format!("{key}.{}", self.name()?.to_ascii_lowercase());
            self.skip()?;
        }
        if key.len() > MAX_KEY_BYTES {
            return Err("a key that is no setting's: too long");
        }
        if matches!(self.peek(), Some('=' | ':')) {
            self.advance(1);
            self.skip()?;
        } else if self.peek() != Some('{') {
            return Err("expected a key with a value, such as log-level = \"info\", or a block");
        }
        if self.peek() == Some('{') {
            self.advance(1);
            self.body(&key, depth + 1)?;
            self.advance(1);
            return Ok(());
        }
        let value = if self.peek() == Some('[') { self.list()? } else { self.scalar()?.map(FileValue::One) };
        self.entries.extend(value.map(|value| Entry { key, value, line }));
        Ok(())
    }

    fn list(&mut self) -> Result<Option<FileValue>, Wrong> {
        self.advance(1);
        let mut texts = Vec::new();
        loop {
            self.skip()?;
            match self.peek() {
                None => return Err("a list is not closed; write \"]\""),
                Some(']') => {
                    self.advance(1);
                    return Ok(Some(FileValue::Many(texts)));
                }
                Some(',') => self.advance(1),
                Some(_) => texts.push(self.scalar()?.unwrap_or_default()),
            }
        }
    }

    /// Text, or a bare word: a number, true or false. Nothing for null.
    fn scalar(&mut self) -> Result<Option<String>, Wrong> {
        if self.rest.starts_with("<<") {
            return self.here_document().map(Some);
        }
        if self.peek() == Some('"') {
            return self.quoted().map(Some);
        }
        let word = self.word();
        if word.is_empty() {
            return Err("expected a value: text in quotes, a number, true or false");
        }
        Ok((word != "null").then_some(word))
    }

    fn name(&mut self) -> Result<String, Wrong> {
        let name = if self.peek() == Some('"') { self.quoted()? } else { self.word() };
        if name.is_empty() { Err("expected a key") } else { Ok(name) }
    }

    fn word(&mut self) -> String {
        let end = self.rest.find(|c| !is_of_name(c)).unwrap_or(self.rest.len());
        let word = self.rest[..end].to_owned();
        self.advance(end);
        word
    }

    fn quoted(&mut self) -> Result<String, Wrong> {
        const OPEN: Wrong = "a text is not closed; write \"";
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        let end = loop {
            match chars.next().ok_or(OPEN)? {
                (at, '"') => break at,
                (_, '\n') => return Err(OPEN),
                (_, '\\') => match chars.next().ok_or(OPEN)?.1 {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    kind @ ('u' | 'U') => {
                        let digits = if kind == 'u' { 4 } else { 8 };
                        let digits: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                        let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(character.ok_or("\\u is not followed by a character's number")?);
                    }
                    other @ ('"' | '\\') => text.push(other),
                    _ => return Err("a backslash that is none of \\n \\r \\t \\u \\U \\\" \\\\"),
                },
                (_, other) => text.push(other),
            }
        };
        self.advance(end + 1);
        Ok(text)
    }

    /// `<<END`, or `<<-END`, whose lines lose the indent that all share.
    fn here_document(&mut self) -> Result<String, Wrong> {
        self.advance(2);
        let indented = self.peek() == Some('-');
        self.advance(usize::from(indented));
        let mark = self.word();
        let (tail, mut rest) = self.rest.split_once('\n').ok_or("a text of several lines has no end")?;
        if mark.is_empty() || !tail.trim().is_empty() {
            return Err("a text of several lines begins with <<WORD alone");
        }
        let mut lines = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            if line.trim() == mark {
                let length = self.rest.len() - rest.len() + line.len();
                self.advance(length);
                break;
            }
            if after.is_empty() {
                return Err("a text of several lines has no end");
            }
            lines.push(line.trim_end_matches('\r'));
            rest = after;
        }
        let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let shared = if indented { lines.iter().map(indent).min().unwrap_or(0) } else { 0 };
        Ok(lines.iter().flat_map(|line| [line.get(shared..).unwrap_or_default(), "\n"]).collect())
    }

    /// Spaces, lines and comments.
    fn skip(&mut self) -> Result<(), Wrong> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.advance(blank);
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                let end = self.rest.find("*/").ok_or("a comment is not closed; write \"*/\"")?;
                self.advance(end + 2);
            } else {
                return Ok(());
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn advance(&mut self, bytes: usize) {
        let (over, rest) = self.rest.split_at(bytes);
        self.line += over.matches('\n').count();
        self.rest = rest;
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')
}

#[cfg(test)]
mod tests {
    use super::super::spoiled;
    use super::*;

    #[test]
    fn blocks_labels_and_dotted_keys_are_the_same_and_keep_their_lines() {
        let text = "# comment\nlog-level = \"debug\"\ncollector { // more\n  Queue-Size = 5\n  otlp \"grpc\" {\n    host-port = \":4317\" }\n}\n\
                    /* two\nlines */ \"es.server-urls\" = [\"a\", \"b\",]\nes = { use-aliases = true, username = null }\nratio: 0.5\n";
        let found: Vec<_> = parse(text).unwrap().into_iter().map(|e| (e.line, e.key, e.value)).collect();
        let one = |line, key: &str, value: &str| (line, key.to_owned(), FileValue::One(value.to_owned()));
        let wanted = [
            one(2, "log-level", "debug"),
            one(4, "collector.queue-size", "5"),
            one(6, "collector.otlp.grpc.host-port", ":4317"),
            (9, "es.server-urls".to_owned(), FileValue::Many(vec!["a".to_owned(), "b".to_owned()])),
            one(10, "es.use-aliases", "true"),
            one(11, "ratio", "0.5"),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn texts_have_escapes_and_may_have_several_lines() {
        let text = "a = \"x\\n\\\"\\u00fc${Y}\"\nb = <<-END\n  one\n    two\n  END\nc = <<E\n z\nE\n";
        let found: Vec<_> = parse(text).unwrap().into_iter().map(|e| (e.line, e.value)).collect();
        let one = |line, value: &str| (line, FileValue::One(value.to_owned()));
        assert_eq!(found, [one(1, "x\n\"ü${Y}"), one(2, "one\n  two\n"), one(6, " z\n")]);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line) in [
            ("a = 1\nb = [1,\n", "line 3: a list"),
            ("a {\n", "line 2: a block"),
            ("a\n", "line 2: expected a key with"),
            ("a = \"x\n", "line 1: a text"),
            ("a = =\n", "line 1: expected a value"),
            ("}", "line 1: expected a key"),
            ("/* a", "line 1: a comment"),
            ("a = <<E\nb\n", "line 1: a text of several lines"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(line), "{text:?}: {error}");
        }
        assert_eq!(parse("").unwrap(), []);
        assert!(parse("service {\n a = 1 }\nreceivers { b = 1 }").unwrap_err().ends_with(JAEGER_2));
        assert!(parse(&"a {".repeat(100_000)).unwrap_err().contains("too many values"));
    }

    #[test]
    fn any_text_is_read_or_refused_and_never_panics() {
        let seed = "a = \"x\\u0041\"\nb { c = [1, \"ü\"] }\nd = <<-E\n t\n E\n# e\n/* f */ g: true\n";
        assert!(parse(seed).is_ok());
        spoiled(seed, b"{}[]=:,\"\\<-#/* \n", |text| drop(parse(text)));
    }
}
