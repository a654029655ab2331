//! `k=v` pairs of `--agent.tags` and `--collector.tags`, with `${VARIABLE:default}` filled in.

/// Reads the pairs. `lookup` answers for environment variables; a variable that is empty and has no default drops its pair, as in Go.
pub(crate) fn parse(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<Vec<(String, String)>, String> {
    let mut tags: Vec<(String, String)> = Vec::new();
    if text.trim().is_empty() {
        return Ok(tags);
    }
    for pair in text.split(',') {
        let (key, value) = pair.split_once('=').ok_or_else(|| format!("{:?} has no \"=\"", pair.trim()))?;
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() {
            return Err(format!("{:?} has no key", pair.trim()));
        }
        let Some(value) = fill_in(value, &lookup) else { continue };
        match tags.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => tags.push((key.to_owned(), value)),
        }
    }
    Ok(tags)
}

fn fill_in(value: &str, lookup: impl Fn(&str) -> Option<String>) -> Option<String> {
    let Some(inner) = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Some(value.to_owned());
    };
    let (variable, default) = match inner.split_once(':') {
        Some((variable, default)) => (variable, Some(default)),
        None => (inner, None),
    };
    lookup(variable).filter(|found| !found.is_empty()).or_else(|| default.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        parse(text, |name| (name == "ZONE").then(|| "b".to_owned()))
    }

    #[test]
    fn pairs_are_trimmed_and_variables_filled_in() {
        let tags = read(" a = 1 ,zone=${ZONE}, x=${NONE:y:z}, gone=${NONE}, empty=, a=2").unwrap();
        let want = [("a", "2"), ("zone", "b"), ("x", "y:z"), ("empty", "")];
        assert_eq!(tags, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn a_pair_without_an_equals_sign_is_refused_by_its_text() {
        assert_eq!(read("a=1,b"), Err("\"b\" has no \"=\"".to_owned()));
    }
}
