//! A config file in TOML: tables and dotted keys, each value with its line.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{Entry, FileValue, JAEGER_2};

/// Reads a whole file.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| lines.at(span.start));
        format!("line {line}: {}", error.message())
    })?;
    let mut entries = Vec::new();
    let has = |name: &str| table.get_ref().iter().any(|(key, _)| key.get_ref() == name);
    if has("service") && ["receivers", "exporters", "extensions"].into_iter().any(has) {
        return Err(format!("line {}: {JAEGER_2}", lines.at(table.span().start)));
    }
    flatten("", table.get_ref(), &lines, &mut entries);
    Ok(entries)
}

fn flatten(prefix: &str, table: &DeTable<'_>, lines: &Lines, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let name_lower = name.get_ref().to_ascii_lowercase();
        let key = if prefix.is_empty() { name_lower } else { format!("{prefix}.{name_lower}") };
        let line = lines.at(name.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => flatten(&key, inner, lines, entries),
            DeValue::Array(items) => {
                let texts = items.iter().map(Spanned::get_ref).map(scalar).collect();
                entries.push(Entry { key, value: FileValue::Many(texts), line });
            }
            value => entries.push(Entry { key, value: FileValue::One(scalar(value)), line }),
        }
    }
}

/// As it is written, without quotes; a list within a list is no value.
fn scalar(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |n| n.to_string()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => String::new(),
    }
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// From 1.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_dotted_keys_are_the_same_and_keep_their_lines() {
        let text = "# comment\nlog-level = \"debug\"\ncollector.tags = 'a=b'\n\n[collector]\nQueue-Size = 1_000\n[es]\nserver-urls = [\n  \"a\", 'b' ]\nuse-aliases = true\nx = 0x1F\ny = 0.5\n";
        // A table that was begun with dotted keys cannot be opened again.
        assert!(parse(text).unwrap_err().starts_with("line 5: "), "{:?}", parse(text));
        let text = text.replace("collector.tags = 'a=b'\n", "\"collector.tags\" = 'a=b'\n");
        let found: Vec<_> = parse(&text).unwrap().into_iter().map(|e| (e.line, e.key, e.value)).collect();
        let one = |text: &str| FileValue::One(text.to_owned());
        let mut wanted = vec![
            (2, "log-level".to_owned(), one("debug")),
            (3, "collector.tags".to_owned(), one("a=b")),
            (6, "collector.queue-size".to_owned(), one("1000")),
            (8, "es.server-urls".to_owned(), FileValue::Many(vec!["a".to_owned(), "b".to_owned()])),
            (10, "es.use-aliases".to_owned(), one("true")),
            (11, "es.x".to_owned(), one("31")),
            (12, "es.y".to_owned(), one("0.5")),
        ];
        let mut found = found;
        found.sort_by_key(|(line, ..)| *line);
        wanted.sort_by_key(|(line, ..)| *line);
        assert_eq!(found, wanted);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line) in [("a = 1\nb = [1,\n", "line 2"), ("a = 1\na = 2\n", "line 2"), ("a\n", "line 1")] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(line) && !error.contains('\n'), "{error}");
        }
        assert_eq!(parse("").unwrap(), []);
        assert!(parse("[service]\n[receivers]\n").unwrap_err().ends_with(JAEGER_2));
        assert!(parse(&"a = [".repeat(100_000)).is_err());
    }
}
