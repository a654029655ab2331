//! What `--help` prints, read back: each flag with its default.

use std::collections::BTreeMap;

/// Flags, without dashes, and their defaults, empty where none is printed.
pub fn flags(text: &str) -> BTreeMap<String, String> {
    let mut flags: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        let line = line.trim();
        let rest = match line.strip_prefix("-h, --").or_else(|| line.strip_prefix("--")) {
            Some(rest) => {
                let end = rest.find([' ', '[']).unwrap_or(rest.len());
                last = rest[..end].trim_end_matches('=').to_owned();
                flags.insert(last.clone(), String::new());
                &rest[end..]
            }
            None => line,
        };
        let default = rest.split_once("(default ").and_then(|(_, default)| default.strip_suffix(')'));
        if let (Some(default), Some(flag)) = (default, flags.get_mut(&last)) {
            default.clone_into(flag);
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::flags;

    #[test]
    fn defaults_stand_behind_the_help_or_on_the_next_line() {
        let text = "Queue:\n      --a.b <int>   spans that wait (default 5)\n      --c[=<bool>]\n          on (default true)\n  -h, --help  Print help\n";
        let read: Vec<_> = flags(text).into_iter().collect();
        let expected = [("a.b", "5"), ("c", "true"), ("help", "")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(read, expected);
    }
}
