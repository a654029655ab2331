//! Checks a value's text against its flag, by Go's rules for each form.

use super::duration::parse_duration;
use super::flag::{Choice, Flag, Kind};
use super::host_port::HostPort;

/// Go's `ParseBool`.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `ParseInt` with base 0: `0x1f`, `0o17`, `017`, `0b1` and `1_000` are numbers too.
pub(crate) fn parse_integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.starts_with('_') || body.starts_with(['+', '-']) {
        return None;
    }
    let body = body.replace('_', "");
    i64::from_str_radix(&body, base).ok().map(|n| sign * i128::from(n))
}

/// The parts of a comma list, trimmed, without empty ones.
pub(crate) fn parse_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// What is wrong with a value, and what to write instead.
pub(crate) struct Wrong {
    pub(crate) reason: String,
    pub(crate) next: String,
}

/// Why a value cannot be used.
pub(crate) enum Refusal {
    Wrong(Wrong),
    NotYet(&'static str),
}

/// Checks one value of a flag; tags are checked where variables can be looked up.
pub(crate) fn check(flag: &Flag, value: &str) -> Result<(), Refusal> {
    let wrong =
        |reason: &str| Err(Refusal::Wrong(Wrong { reason: reason.to_owned(), next: flag.kind.hint().to_owned() }));
    if !flag.choices.is_empty() {
        return check_choices(flag, value);
    }
    match flag.kind {
        Kind::Text | Kind::List | Kind::Lines | Kind::File | Kind::Tags => Ok(()),
        Kind::Bool if parse_bool(value).is_none() => wrong("neither true nor false"),
        Kind::Bool => Ok(()),
        Kind::Int | Kind::Uint => check_number(flag, value),
        Kind::Float if value.parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
        Kind::Float => wrong("not a number"),
        Kind::Duration => parse_duration(value).map(drop).or_else(wrong),
        Kind::Listener if value.is_empty() && (flag.default.is_empty() || flag.may_be_empty) => Ok(()),
        Kind::Listener => HostPort::parse(value).map(drop).or_else(wrong),
        Kind::Targets => parse_list(value).try_for_each(|target| check_target(target).or_else(wrong)),
    }
}

fn check_number(flag: &Flag, value: &str) -> Result<(), Refusal> {
    let wrong = |reason: String, next: String| Err(Refusal::Wrong(Wrong { reason, next }));
    let least = flag.least.or((flag.kind == Kind::Uint).then_some(0));
    match (parse_integer(value), least) {
        (None, _) => wrong("not a whole number".to_owned(), flag.kind.hint().to_owned()),
        (Some(number), Some(least)) if number < i128::from(least) => {
            wrong("too small".to_owned(), format!("write {least} or more"))
        }
        _ => Ok(()),
    }
}

/// `host:port`, possibly with a resolver's scheme in front, as gRPC dials it.
fn check_target(target: &str) -> Result<(), &'static str> {
    match target.split_once("://") {
        Some((_, rest)) if rest.rsplit('/').next().is_some_and(|end| !end.is_empty()) => Ok(()),
        Some(_) => Err("an address without a name"),
        None => match HostPort::parse(target)? {
            HostPort { host, .. } if host.is_empty() => Err("an address without a host"),
            HostPort { port: 0, .. } => Err("port 0 cannot be connected to"),
            _ => Ok(()),
        },
    }
}

fn check_choices(flag: &Flag, value: &str) -> Result<(), Refusal> {
    let several = flag.kind == Kind::List;
    let words: Vec<&str> = if several { parse_list(value).collect() } else { vec![value] };
    if words.is_empty() {
        return Err(Refusal::Wrong(Wrong { reason: "empty".to_owned(), next: allowed(flag.choices) }));
    }
    for word in words {
        match flag.choices.iter().find(|choice| choice.value == word) {
            Some(Choice { refused: None, .. }) => {}
            Some(Choice { refused: Some(reason), .. }) => return Err(Refusal::NotYet(reason)),
            None => {
                return Err(Refusal::Wrong(Wrong {
                    reason: "not one of the words known".to_owned(),
                    next: allowed(flag.choices),
                }));
            }
        }
    }
    Ok(())
}

fn allowed(choices: &[Choice]) -> String {
    let words: Vec<&str> =
        choices.iter().filter(|choice| choice.refused.is_none()).map(|choice| choice.value).collect();
    match words.as_slice() {
        [one] => format!("write {one}"),
        _ => format!("write one of {}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_go() {
        for (text, number) in
            [("0", 0), ("-5", -5), ("+5", 5), ("0x1F", 31), ("0o17", 15), ("017", 15), ("0b11", 3), ("1_000", 1000)]
        {
            assert_eq!(parse_integer(text), Some(number), "{text}");
        }
        for text in ["", "-", "1.0", "1e3", "0x", "ten", "--1", "_1", "99999999999999999999"] {
            assert_eq!(parse_integer(text), None, "{text}");
        }
    }

    #[test]
    fn targets_may_name_a_resolver_but_need_a_port_otherwise() {
        for text in ["dns:///collector:14250", "collector:14250", "[::1]:14250"] {
            assert!(check_target(text).is_ok(), "{text}");
        }
        for text in ["collector", ":14250", "dns://", "collector:0"] {
            assert!(check_target(text).is_err(), "{text}");
        }
    }
}
