//! The tags of a search: `tag=key:value`, and `tags={"key":"value"}`.

use std::collections::BTreeMap;

use super::{Form, ParamError};
use crate::go::quote::quote;

/// Key and value; of one key the last counts, and JSON counts after `tag`.
pub(super) fn parse(form: &Form<'_>) -> Result<Vec<(String, String)>, ParamError> {
    let mut tags = BTreeMap::new();
    for tag in form.all("tag") {
        let (key, value) = tag.split_once(':').ok_or_else(|| ParamError::TagWithoutColon(tag.to_owned()))?;
        tags.insert(key.to_owned(), value.to_owned());
    }
    for json in form.all("tags") {
        tags.extend(string_map(json).map_err(ParamError::TagsNotJson)?);
    }
    Ok(tags.into_iter().collect())
}

/// A JSON object of texts.
///
/// # Errors
/// What is wrong with it, in Go's words where people make the mistake.
pub fn string_map(json: &str) -> Result<Vec<(String, String)>, String> {
    let of_type = |kind: &str, wanted: &str| format!("json: cannot unmarshal {kind} into Go value of type {wanted}");
    match serde_json::from_str(json).map_err(|error| syntax(json, &error))? {
        serde_json::Value::Null => Ok(Vec::new()),
        serde_json::Value::Object(members) => {
            let text = |(key, value)| match value {
                serde_json::Value::String(value) => Ok((key, value)),
                // Go leaves the empty text.
                serde_json::Value::Null => Ok((key, String::new())),
                other => Err(of_type(kind_of(&other), "string")),
            };
            members.into_iter().map(text).collect()
        }
        other => Err(of_type(kind_of(&other), "map[string]string")),
    }
}

fn kind_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(_) => "number",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}

/// Go's words for the two mistakes that people make.
fn syntax(json: &str, error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    let line = json.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let at = line.as_bytes().get(error.column().saturating_sub(1)).copied().map(char::from);
    match at {
        Some(c) if error.is_syntax() => {
            let quoted = quote(&c.to_string());
            format!("invalid character '{}' looking for beginning of value", quoted.trim_matches('"'))
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Result<&[(&str, &str)], &str>) {
        let tags = parse(&Form::parse(query)).map_err(|error| error.to_string());
        let pairs = |tags: &[(&str, &str)]| tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(tags, expected.map(pairs).map_err(str::to_owned), "{query}");
    }

    #[test]
    fn the_last_value_of_a_key_counts() {
        check("tag=a:1&tag=a:2:3&tag=:v", Ok(&[("", "v"), ("a", "2:3")]));
        check("tag=a:1&tags=%7B%22a%22:%22x%22,%22b%22:null%7D", Ok(&[("a", "x"), ("b", "")]));
        check("tags=null", Ok(&[]));
    }

    #[test]
    fn what_is_no_object_of_texts_is_refused_in_gos_words() {
        let json = "malformed 'tags' parameter, cannot unmarshal JSON: ";
        for (query, reason) in [
            ("tags=x", "invalid character 'x' looking for beginning of value"),
            ("tags=", "unexpected end of JSON input"),
            ("tags=%7B%22a%22%3A%22b%22", "unexpected end of JSON input"),
            ("tags=%5B%5D", "json: cannot unmarshal array into Go value of type map[string]string"),
            ("tags=%7B%22a%22%3A1%7D", "json: cannot unmarshal number into Go value of type string"),
        ] {
            check(query, Err(&format!("{json}{reason}")));
        }
        check("tag=a", Err("malformed 'tag' parameter, expecting key:value, received: a"));
        check("tag=", Err("malformed 'tag' parameter, expecting key:value, received: "));
    }
}
