//! Traces of v3: `{"result":{"resourceSpans":[…]}}`, all of them in one list, written a part of a trace at a time.

use jaeger_model::TraceId;
use jaeger_storage::TraceQuery;
use jaeger_wire::otlp;

use super::params::Spelling;
use crate::answer::{Answer, ClientGone};
use crate::each::{Admitted, Sink, Stop};
use crate::error::ApiError;
use crate::search::Search;

/// Spans that are grouped by their process at once: a resource stands once for each part of a long trace.
const PART_SPANS: usize = 1_000;

/// Answers a search. Newer clients take an answer without traces for an error, and are given one.
pub(super) async fn find(search: Search, query: TraceQuery, spelling: Spelling, answer: Answer) {
    let mut list = List::open(answer);
    match search.each(&query, &mut list).await {
        Ok(()) if list.traces == 0 && list.left_out.is_none() && spelling == Spelling::Camel => {
            list.answer.refuse(&ApiError::NoTraces);
        }
        Ok(()) => list.close().await,
        Err(Stop::Refused(error)) => list.answer.refuse(&error),
        Err(Stop::Gone(_)) => {}
    }
}

/// Answers with one trace.
pub(super) async fn one(search: Search, id: TraceId, answer: Answer) {
    let admitted = match search.get_admitted(id, true).await {
        Ok(admitted) => admitted,
        Err(error) => return answer.refuse(&error),
    };
    let mut list = List::open(answer);
    match list.take(admitted).await {
        Ok(()) => list.close().await,
        Err(gone) => tracing::debug!(%gone, "Trace was not read to its end"),
    }
}

/// The list with the answer that it is written into.
struct List {
    answer: Answer,
    traces: u64,
    /// Why the first trace that is not in the list is not.
    left_out: Option<ApiError>,
}

impl List {
    fn open(mut answer: Answer) -> Self {
        answer.buffer().extend_from_slice(b"{\"result\":{\"resourceSpans\":[");
        Self { answer, traces: 0, left_out: None }
    }

    async fn close(mut self) {
        let out = self.answer.buffer();
        out.extend_from_slice(b"]}");
        if let Some(error) = &self.left_out {
            out.push(b',');
            error.push_v3(out);
        }
        out.push(b'}');
        if let Err(gone) = self.answer.finish().await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }
}

/// Writes `<`, `>`, `&` and the line ends of JavaScript as Go does, from `begin` on: in JSON they stand within texts alone.
fn escape_for_pages(out: &mut Vec<u8>, begin: usize) {
    const LINE_ENDS: [&[u8]; 2] = ["\u{2028}".as_bytes(), "\u{2029}".as_bytes()];
    let plain = |bytes: &[u8]| !bytes.iter().any(|byte| matches!(byte, b'<' | b'>' | b'&' | 0xe2));
    let Some(written) = out.get(begin..).filter(|written| !plain(written)) else { return };
    let mut escaped = Vec::with_capacity(written.len() + 64);
    let mut rest = written;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'<' => escaped.extend_from_slice(b"\\u003c"),
            b'>' => escaped.extend_from_slice(b"\\u003e"),
            b'&' => escaped.extend_from_slice(b"\\u0026"),
            0xe2 => match LINE_ENDS.iter().position(|end| after.starts_with(end.get(1..).unwrap_or_default())) {
                Some(which) => {
                    escaped.extend_from_slice(if which == 0 { b"\\u2028" } else { b"\\u2029" });
                    rest = after.get(2..).unwrap_or_default();
                }
                None => escaped.push(*byte),
            },
            _ => escaped.push(*byte),
        }
    }
    out.truncate(begin);
    out.append(&mut escaped);
}

impl Sink for List {
    fn nothing_sent(&self) -> bool {
        self.answer.nothing_sent()
    }

    fn taken(&self) -> u64 {
        self.traces
    }

    fn truncated(&mut self) {
        self.answer.truncate();
    }

    fn left_out(&mut self, _id: Option<TraceId>, error: ApiError) {
        self.left_out.get_or_insert(error);
    }

    async fn take(&mut self, Admitted { trace, room }: Admitted) -> Result<(), ClientGone> {
        let mut from = 0;
        while from < trace.len() {
            if self.traces > 0 || from > 0 {
                self.answer.buffer().push(b',');
            }
            let to = trace.len().min(from + PART_SPANS);
            let out = self.answer.buffer();
            let begin = out.len();
            otlp::encode_json_resources((from..to).filter_map(|place| trace.span(place)), out);
            escape_for_pages(out, begin);
            from = to;
            self.answer.send_full().await?;
        }
        self.traces += 1;
        drop(trace);
        drop(room);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_go_does_and_nothing_before_them() {
        let mut out = b"<".to_vec();
        out.extend_from_slice("{\"a\":\"<b>&\u{2028}\u{2029}\u{2020}\u{e9}\"}".as_bytes());
        escape_for_pages(&mut out, 1);
        let expected = "<{\"a\":\"\\u003cb\\u003e\\u0026\\u2028\\u2029\u{2020}\u{e9}\"}";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
