//! What is never shown: passwords, tokens, credentials inside URLs, tags and headers.

use super::flag::{Flag, Kind};

const HIDDEN: &str = "***";
const WORDS: [&str; 9] =
    ["password", "passwd", "secret", "token", "credential", "authorization", "api-key", "apikey", "cookie"];

/// The value as it may be shown.
pub(crate) fn shown_value(flag: &Flag, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    match flag.kind {
        Kind::Tags => pairs(value, ',', '='),
        Kind::Lines => pairs(value, '\n', ':'),
        Kind::Text if is_secret(&flag.name) => HIDDEN.to_owned(),
        _ => without_userinfo(value),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Hides the values of pairs whose key names a secret.
fn pairs(text: &str, between: char, is: char) -> String {
    let shown: Vec<String> = text
        .split(between)
        .map(|pair| match pair.split_once(is) {
            Some((key, _)) if is_secret(key) => format!("{key}{is}{HIDDEN}"),
            _ => without_userinfo(pair),
        })
        .collect();
    shown.join(&between.to_string())
}

/// Hides `user:password@` in every URL of a list.
fn without_userinfo(text: &str) -> String {
    let shown: Vec<String> = text
        .split(',')
        .map(|url| match url.split_once("://") {
            Some((scheme, rest)) => {
                let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                match rest[..host_end].rfind('@') {
                    Some(at) => format!("{scheme}://{HIDDEN}{}", &rest[at..]),
                    None => url.to_owned(),
                }
            }
            None => url.to_owned(),
        })
        .collect();
    shown.join(",")
}

#[cfg(test)]
mod tests {
    use super::super::{component::Component, table::Table};
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let table = Table::of(Component::AllInOne);
        for (name, value, shown) in [
            ("es.password", "hunter2", "***"),
            ("es.password-file", "/run/pw", "/run/pw"),
            ("es.server-urls", "http://u:p@a:9200,http://b:9200", "http://***@a:9200,http://b:9200"),
            ("collector.tags", "zone=a,api-key=k", "zone=a,api-key=***"),
            ("query.additional-headers", "X-A: b\nAuthorization: Bearer t", "X-A: b\nAuthorization:***"),
        ] {
            assert_eq!(shown_value(table.get(name).unwrap(), value), shown);
        }
    }
}
