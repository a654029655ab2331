//! An answer, read as it comes, never more of it than was asked for.

use super::CallError;

/// The most bytes of status line and headers.
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;

/// What a server said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds after which to try again.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Vec<u8>,
    /// The connection may be used again.
    pub(super) keeps: bool,
}

/// How a body's end is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Length {
    Known(usize),
    Chunked,
    /// The connection's end.
    Open,
}

#[derive(Debug)]
struct Head {
    status: u16,
    retry_after: Option<u64>,
    length: Length,
    keeps: bool,
    /// Where the body begins.
    body_at: usize,
}

/// An answer under way.
pub(super) struct Reading {
    bytes: Vec<u8>,
    head: Option<Head>,
    most: usize,
}

impl Reading {
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), head: None, most }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes what came, nothing at the connection's end; the answer, once it is whole.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Option<Answer>, CallError> {
        self.bytes.extend_from_slice(bytes);
        if self.head.is_none() {
            self.head = self.read_head()?;
        }
        let Some(head) = &self.head else {
            return if self.bytes.len() > MAX_HEAD_BYTES {
                Err(CallError::NotHttp(format!("its head has more than {MAX_HEAD_BYTES} bytes")))
            } else {
                Ok(None)
            };
        };
        let body = self.bytes.get(head.body_at..).unwrap_or_default();
        let whole = match head.length {
            Length::Known(length) if length > self.most => return Err(CallError::TooLarge { most: self.most }),
            Length::Known(length) => body.get(..length).map(<[u8]>::to_vec),
            Length::Chunked => joined(body)?,
            Length::Open => bytes.is_empty().then(|| body.to_vec()),
        };
        if whole.is_none() && body.len() > self.most.saturating_mul(2) + MAX_HEAD_BYTES
            || whole.as_ref().is_some_and(|body| body.len() > self.most)
        {
            return Err(CallError::TooLarge { most: self.most });
        }
        let (status, retry_after, keeps) = (head.status, head.retry_after, head.keeps);
        Ok(whole.map(|body| Answer { status, retry_after, body, keeps }))
    }

    fn read_head(&mut self) -> Result<Option<Head>, CallError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(&self.bytes).map_err(|error| CallError::NotHttp(error.to_string()))?;
        let httparse::Status::Complete(body_at) = parsed else { return Ok(None) };
        let status = response.code.unwrap_or_default();
        if (100..200).contains(&status) {
            // Only says that more is to come.
            self.bytes.drain(..body_at);
            return self.read_head();
        }
        let value = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            found.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
        };
        let chunked = value("transfer-encoding").is_some_and(|text| text.to_ascii_lowercase().ends_with("chunked"));
        let length = match value("content-length") {
            _ if status == 204 || status == 304 => Length::Known(0),
            _ if chunked => Length::Chunked,
            Some(text) => {
                let length = text.parse().map_err(|_| CallError::NotHttp(format!("Content-Length {text:?}")))?;
                Length::Known(length)
            }
            None => Length::Open,
        };
        let closes = value("connection").is_some_and(|text| text.eq_ignore_ascii_case("close"));
        let keeps = !closes && response.version == Some(1) && length != Length::Open;
        let retry_after = value("retry-after").and_then(|text| text.parse().ok());
        Ok(Some(Head { status, retry_after, length, keeps, body_at }))
    }
}

/// The chunks of a whole body, joined; none before its end.
fn joined(mut rest: &[u8]) -> Result<Option<Vec<u8>>, CallError> {
    let mut body = Vec::new();
    loop {
        let size = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((at, size))) => {
                rest = rest.get(at..).unwrap_or_default();
                usize::try_from(size).unwrap_or(usize::MAX)
            }
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(CallError::NotHttp("a chunk without a size".into())),
        };
        if size == 0 {
            // Trailers end in an empty line.
            let ends = rest.starts_with(b"\r\n") || rest.windows(4).any(|end| end == b"\r\n\r\n");
            return Ok(ends.then_some(body));
        }
        let Some(chunk) = rest.get(..size) else { return Ok(None) };
        body.extend_from_slice(chunk);
        match rest.get(size..size.saturating_add(2)) {
            Some(b"\r\n") => rest = rest.get(size + 2..).unwrap_or_default(),
            Some(_) => return Err(CallError::NotHttp("a chunk longer than its size".into())),
            None => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 100;

    /// Byte by byte, as the worst network would bring it.
    fn read(text: &str) -> Result<Option<Answer>, CallError> {
        let mut reading = Reading::new(MOST);
        for byte in text.bytes() {
            if let Some(answer) = reading.feed(&[byte])? {
                return Ok(Some(answer));
            }
        }
        reading.feed(&[])
    }

    #[track_caller]
    fn check(text: &str, status: u16, body: &str, keeps: bool) {
        let answer = read(text).expect("HTTP").expect("a whole answer");
        assert_eq!((answer.status, answer.body.as_slice(), answer.keeps), (status, body.as_bytes(), keeps));
    }

    #[test]
    fn bodies_end_by_length_by_chunks_or_with_the_connection() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true);
        check("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
        check(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;x=y\r\n!\r\n0\r\n\r\n",
            200,
            "hi!",
            true,
        );
        check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", 200, "", true);
        check("HTTP/1.0 200 OK\r\n\r\nhi", 200, "hi", false);
        check("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 503, "", false);
        check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202, "", true);
    }

    #[test]
    fn retry_after_is_read() {
        let text = "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(read(text).expect("HTTP").expect("an answer").retry_after, Some(3));
    }

    #[test]
    fn what_is_cut_or_wrong_or_too_long_is_no_answer() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi").expect("so far"), None);
        assert!(read("spam").is_err());
        assert!(read("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n").is_err());
        assert!(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").is_err());
        let long = "x".repeat(MOST + 1);
        for head in ["Content-Length: 101", "A: b"] {
            let failed = read(&format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{long}"));
            assert!(matches!(failed, Err(CallError::TooLarge { most: MOST })), "{failed:?}");
        }
        let endless = "A: b\r\n".repeat(10_000);
        assert!(read(&format!("HTTP/1.1 200 OK\r\n{endless}")).is_err());
    }
}
