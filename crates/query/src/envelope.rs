//! What every answer of the API is wrapped in: `{"data":…,"total":…,"limit":0,"offset":0,"errors":…}`.
//! Errors stand behind the data, so that what goes wrong while traces are written can still be told.

use jaeger_model::TraceId;

use crate::render::json;

/// Opens an answer that is a list; [`close`] ends it.
pub const OPEN: &[u8] = b"{\"data\":[";

/// Something that an answer lacks, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorItem {
    /// The HTTP status that it would have by itself; Go leaves it out for a trace that is not found.
    pub code: Option<u16>,
    /// What is wrong, for people.
    pub message: String,
    /// The trace concerned.
    pub trace_id: Option<TraceId>,
}

/// Ends a list.
pub fn close(out: &mut Vec<u8>, total: usize, errors: &[ErrorItem]) {
    out.push(b']');
    end(out, total, errors);
}

/// A whole answer without data.
#[must_use]
pub fn without_data(errors: &[ErrorItem]) -> Vec<u8> {
    let mut out = b"{\"data\":null".to_vec();
    end(&mut out, 0, errors);
    out
}

/// A whole answer: a list whose items `write` appends.
pub fn list<T>(items: impl ExactSizeIterator<Item = T>, total: usize, write: impl Fn(&mut Vec<u8>, T)) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + 64 * items.len());
    out.extend_from_slice(OPEN);
    for (place, item) in items.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(&mut out, item);
    }
    close(&mut out, total, &[]);
    out
}

/// A whole answer: a list of texts. Go has `null` for an empty one.
#[must_use]
pub fn texts(texts: &[impl AsRef<str>]) -> Vec<u8> {
    if texts.is_empty() {
        return without_data(&[]);
    }
    list(texts.iter(), texts.len(), |out, text| json::string(out, text.as_ref()))
}

/// A whole answer: a number.
#[must_use]
pub fn number(number: i64) -> Vec<u8> {
    let mut out = format!("{{\"data\":{number}").into_bytes();
    end(&mut out, 0, &[]);
    out
}

/// A whole answer that says no more than that it was done: as Go's, with a list of no errors.
#[must_use]
pub fn done() -> Vec<u8> {
    br#"{"data":[],"total":0,"limit":0,"offset":0,"errors":[]}"#.to_vec()
}

fn end(out: &mut Vec<u8>, total: usize, errors: &[ErrorItem]) {
    out.extend_from_slice(b",\"total\":");
    json::unsigned(out, total as u64);
    out.extend_from_slice(b",\"limit\":0,\"offset\":0,\"errors\":");
    if errors.is_empty() {
        out.extend_from_slice(b"null}");
        return;
    }
    for (place, error) in errors.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",{" } else { b"[{".as_slice() });
        if let Some(code) = error.code {
            out.extend_from_slice(b"\"code\":");
            json::unsigned(out, u64::from(code));
            out.push(b',');
        }
        out.extend_from_slice(b"\"msg\":");
        json::string(out, &error.message);
        if let Some(id) = error.trace_id {
            out.extend_from_slice(b",\"traceID\":");
            json::string(out, &id.to_string());
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        str::from_utf8(bytes).expect("JSON is UTF-8")
    }

    #[test]
    fn lists_stand_between_the_same_words() {
        assert_eq!(
            text(&texts(&["a", "<"])),
            r#"{"data":["a","\u003c"],"total":2,"limit":0,"offset":0,"errors":null}"#
        );
        assert_eq!(text(&texts(&[""; 0])), r#"{"data":null,"total":0,"limit":0,"offset":0,"errors":null}"#);
        let none = list([0; 0].iter(), 0, |_, _| {});
        assert_eq!(text(&none), r#"{"data":[],"total":0,"limit":0,"offset":0,"errors":null}"#);
    }

    #[test]
    fn errors_say_code_and_trace_where_there_are_some() {
        let mut out = OPEN.to_vec();
        let missing = |id| ErrorItem { code: None, message: "trace not found".into(), trace_id: Some(TraceId(id)) };
        let broken = ErrorItem { code: Some(500), message: "broken".into(), trace_id: None };
        close(&mut out, 0, &[missing(0x77), broken]);
        assert_eq!(
            text(&out),
            r#"{"data":[],"total":0,"limit":0,"offset":0,"errors":[{"msg":"trace not found","traceID":"0000000000000077"},{"code":500,"msg":"broken"}]}"#
        );
    }
}
