//! The text that Go Jaeger puts in place of a value whose type it doesn't know.

use std::fmt::Write as _;

use super::decode::TagFields;

/// `Unknown VType: ` and the tag as Go prints a struct. Where Go prints a pointer's address, this prints the value.
#[cold]
pub(super) fn unknown_type_text(tag: &TagFields<'_>) -> String {
    let mut text = String::from("Unknown VType: Tag({Key:");
    text.push_str(&String::from_utf8_lossy(tag.key));
    text.push_str(" VType:<UNSET> VStr:");
    match tag.string {
        Some(value) => text.push_str(&String::from_utf8_lossy(value)),
        None => text.push_str("<nil>"),
    }
    push_or_nil(&mut text, " VDouble:", tag.double);
    push_or_nil(&mut text, " VBool:", tag.bool);
    push_or_nil(&mut text, " VLong:", tag.long);
    text.push_str(" VBinary:[");
    for (index, byte) in tag.binary.unwrap_or(&[]).iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{space}{byte}");
    }
    text.push_str("]})");
    text
}

fn push_or_nil(text: &mut String, name: &str, value: Option<impl std::fmt::Display>) {
    text.push_str(name);
    // Writing to a String cannot fail.
    let _infallible = match value {
        Some(value) => write!(text, "{value}"),
        None => write!(text, "<nil>"),
    };
}
