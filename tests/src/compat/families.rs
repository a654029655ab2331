//! The families of a metrics page: `KIND NAME{LABELS}`, the labels' names in order.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::exposition::series;

/// Every family that has a sample.
pub fn families(page: &str) -> Result<BTreeSet<String>> {
    series(page)?.iter().map(|one| family(one)).collect()
}

fn family(series: &str) -> Result<String> {
    let (kind, rest) = series.split_once(' ').context("a series without a kind")?;
    let (name, labels) = rest.split_once('{').context("a series without labels")?;
    let name = if kind == "histogram" {
        ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
    } else {
        name
    };
    // Values hold no `=`, or it changes nothing: a part that is no label's name is no name that a line asks for.
    let names = labels.trim_end_matches('}').split("\",").filter_map(|label| label.split_once('='));
    let names: Vec<_> = names.map(|(name, _)| name).filter(|name| *name != "le").collect();
    Ok(format!("{kind} {name}{{{}}}", names.join(",")))
}

#[cfg(test)]
mod tests {
    use super::families;

    #[test]
    fn a_family_has_its_kind_its_name_and_the_names_of_its_labels() {
        let page = "# TYPE a_total counter\na_total{z=\"1\",b=\"x, y\"} 5\n# TYPE h histogram\nh_bucket{k=\"1\",le=\"0.1\"} 0\nh_sum{k=\"1\"} 0\n";
        let found: Vec<_> = families(page).unwrap().into_iter().collect();
        assert_eq!(found, ["counter a_total{b,z}", "histogram h{k}"]);
    }
}
