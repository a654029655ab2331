//! Tags that are fields of their own (`tag.http@method`) instead of elements of the list of tags.

use std::collections::BTreeMap;

use jaeger_model::{Tags, Value};

use super::json::{float, integer, string};
use crate::config::TagsAsFields;

/// Which of the tags are fields: the last value of each key, by field name. Bytes and numbers that JSON does not have stay in the list.
pub(super) fn split<'a>(
    tags: Tags<'a>,
    config: &TagsAsFields,
) -> (Vec<(&'a str, Value<'a>)>, BTreeMap<String, Value<'a>>) {
    let mut list = Vec::with_capacity(tags.len());
    let mut fields = BTreeMap::new();
    for tag in tags {
        let finite = !matches!(tag.value, Value::F64(number) if !number.is_finite());
        let may = finite && !matches!(tag.value, Value::Bytes(_)) && !tag.key.is_empty();
        if may && (config.all || config.keys.contains(tag.key)) {
            fields.insert(tag.key.replace('.', &config.dot), tag.value);
        } else {
            list.push((tag.key, tag.value));
        }
    }
    (list, fields)
}

/// The object with these fields.
pub(super) fn encode(out: &mut Vec<u8>, fields: &BTreeMap<String, Value<'_>>) {
    let mut before = b'{';
    for (key, value) in fields {
        out.push(before);
        before = b',';
        string(out, key);
        out.push(b':');
        match *value {
            Value::Str(text) => string(out, text),
            Value::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
            Value::I64(number) => integer(out, number),
            Value::F64(number) => float(out, number),
            Value::Bytes(_) => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}
