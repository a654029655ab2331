//! A config file of properties: a dotted key and its value a line.

use super::{Entry, FileValue};

/// Reads a whole file; a `\` at a line's end goes on with the next one.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, first)) = lines.next() {
        let line = at + 1;
        let mut whole = first.trim_start().to_owned();
        if whole.is_empty() || whole.starts_with(['#', '!']) {
            continue;
        }
        while goes_on(&whole) {
            whole.pop();
            let Some((_, next)) = lines.next() else { break };
            whole.push_str(next.trim_start());
        }
        let (key, value) = split(&whole);
        if value.starts_with("${") {
            // Go puts another key's value or a variable there.
            return Err(format!("line {line}: {value} stands for another value; write the value itself"));
        }
        let unescaped =
            |text: &str| unescape(text).ok_or_else(|| format!("line {line}: a \\u without four hex digits"));
        let (key, value) = (unescaped(key)?.to_ascii_lowercase(), FileValue::One(unescaped(value)?));
        // Of a key that stands twice the last one counts.
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => *entry = Entry { key, value, line },
            None => entries.push(Entry { key, value, line }),
        }
    }
    Ok(entries)
}

/// An odd number of backslashes at the end.
fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// At the first `=`, `:` or space that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|character: char| {
        let ends = !escaped && (matches!(character, '=' | ':') || character.is_whitespace());
        escaped = !escaped && character == '\\';
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    (key, rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start())
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = (digits.len() == 4).then(|| u32::from_str_radix(&digits, 16).ok()).flatten()?;
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_split_and_keep_their_lines() {
        let text = "# comment\n! too\n\nlog-level=debug\nCollector.Queue-Size : 5\nes.server-urls http://a:1,\\\n   http://b:1\nx.path = C:\\\\d\\u0041\\tb\nempty\nlog-level = info\n";
        let found: Vec<_> =
            parse(text).unwrap().into_iter().map(|entry| (entry.line, entry.key, entry.value)).collect();
        let of = |line, key: &str, value: &str| (line, key.to_owned(), FileValue::One(value.to_owned()));
        let wanted = [
            of(10, "log-level", "info"),
            of(5, "collector.queue-size", "5"),
            of(6, "es.server-urls", "http://a:1,http://b:1"),
            of(8, "x.path", "C:\\dA\tb"),
            of(9, "empty", ""),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        assert!(parse("a=1\nb=\\u00\n").unwrap_err().starts_with("line 2: "));
        assert!(parse("a=${b}\n").unwrap_err().starts_with("line 1: ${b} stands for another value"));
        assert_eq!(parse("").unwrap(), []);
        assert!(parse("a=b\\").is_ok());
    }
}
