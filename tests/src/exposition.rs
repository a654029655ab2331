//! The series of a Prometheus text page, without their values: what dashboards and alerts refer to.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

/// `TYPE NAME{LABELS}` of each sample. Labels whose value is the machine's or the build's own are `*`; of the series of
/// single services only those of `other-services`, which are there from the start, are kept.
pub fn series(page: &str) -> Result<BTreeSet<String>> {
    let mut types = BTreeMap::new();
    let mut found = BTreeSet::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').context("a TYPE line without a type")?;
            types.insert(name, kind);
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let end = line.find(['{', ' ']).context("a sample without a value")?;
        let (name, rest) = line.split_at(end);
        let labels = labels(rest);
        if labels.get("svc").is_some_and(|service| service != "other-services") {
            continue;
        }
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        let kind = types.get(name).or_else(|| family.and_then(|name| types.get(name))).copied().unwrap_or("untyped");
        let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
        found.insert(format!("{kind} {name}{{{}}}", labels.join(",")));
    }
    Ok(found)
}

const FREE_VALUES: &[&str] = &["host", "version", "revision", "build_date"];

fn labels(text: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let Some(mut rest) = text.strip_prefix('{') else { return labels };
    while let Some((key, after)) = rest.split_once("=\"") {
        let end = closing_quote(after);
        let value = if FREE_VALUES.contains(&key) { "*" } else { &after[..end] };
        labels.insert(key.to_owned(), value.to_owned());
        rest = after.get(end + 1..).unwrap_or_default();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    labels
}

fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::series;

    #[test]
    fn series_are_type_name_and_labels_in_order() {
        let page = "# TYPE a_total counter\na_total{z=\"1\",host=\"me\"} 5\na_total{svc=\"x, \\\"y\\\"\",z=\"1\"} 1\n\
                    # TYPE h histogram\nh_bucket{le=\"0.1\"} 0\nh_sum 0.5\n";
        let found: Vec<_> = series(page).unwrap().into_iter().collect();
        let expected = ["counter a_total{host=\"*\",z=\"1\"}", "histogram h_bucket{le=\"0.1\"}", "histogram h_sum{}"];
        assert_eq!(found, expected);
    }
}
