//! As much HTTP/1.1 as a client needs on threads of its own: a question, an answer of bounded size, a deadline.
//!
//! A connection is kept for the next call. One that the server closed meanwhile is noticed before anything of the
//! answer came, and the call goes over a new one.

mod answer;
mod url;

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

pub(crate) use answer::Answer;
pub(crate) use url::Url;

use answer::Reading;

/// Who the client says it is to a collector.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Nobody.
    #[default]
    None,
    /// A user with a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token.
    Bearer(String),
}

/// No secret reaches a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer(_) => "Bearer",
        })
    }
}

/// Why a call had no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error("{host} has no address")]
    NoAddress { host: String },
    #[error("no answer in time")]
    TimedOut,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the answer is no HTTP: {0}")]
    NotHttp(String),
    #[error("the answer has more than {most} bytes")]
    TooLarge { most: usize },
}

/// A body to send.
pub(crate) struct Post<'a> {
    pub(crate) content_type: &'static str,
    /// The whole header's value, if there is one.
    pub(crate) authorization: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Calls one server after another, over one connection where it can.
#[derive(Default)]
pub(crate) struct Client {
    kept: Option<(String, TcpStream)>,
}

impl Client {
    /// Asks; the answer has at most `most` bytes.
    pub(crate) fn get(&mut self, url: &Url, within: Duration, most: usize) -> Result<Answer, CallError> {
        self.call(url, None, within, most)
    }

    /// Sends a body.
    pub(crate) fn post(&mut self, url: &Url, post: &Post<'_>, within: Duration) -> Result<Answer, CallError> {
        /// What a server says to spans is short.
        const MOST: usize = 64 << 10;
        self.call(url, Some(post), within, MOST)
    }

    fn call(&mut self, url: &Url, post: Option<&Post<'_>>, within: Duration, most: usize) -> Result<Answer, CallError> {
        let deadline = Instant::now() + within;
        if let Some((_, stream)) = self.kept.take_if(|(authority, _)| *authority == url.authority) {
            match self.exchange(url, post, stream, deadline, most) {
                // Closed between two calls.
                Err(Exchange { answered: false, error: CallError::Io(_) }) => {}
                other => return other.map_err(|failed| failed.error),
            }
        }
        let stream = connect(url, deadline)?;
        self.exchange(url, post, stream, deadline, most).map_err(|failed| failed.error)
    }

    fn exchange(
        &mut self,
        url: &Url,
        post: Option<&Post<'_>>,
        mut stream: TcpStream,
        deadline: Instant,
        most: usize,
    ) -> Result<Answer, Exchange> {
        let silent = |error: CallError| Exchange { answered: false, error };
        stream.set_write_timeout(Some(left(deadline).map_err(silent)?)).map_err(|error| silent(error.into()))?;
        let mut head = head(url, post);
        if let Some(post) = post {
            head.extend_from_slice(post.body);
        }
        stream.write_all(&head).map_err(|error| silent(timed_out(error)))?;
        let mut reading = Reading::new(most);
        let mut buffer = [0; 4096];
        loop {
            let answered = !reading.is_empty();
            let of = |error: CallError| Exchange { answered, error };
            stream.set_read_timeout(Some(left(deadline).map_err(of)?)).map_err(|error| of(error.into()))?;
            let read = stream.read(&mut buffer).map_err(|error| of(timed_out(error)))?;
            let bytes = buffer.get(..read).unwrap_or_default();
            match reading.feed(bytes).map_err(|error| Exchange { answered: true, error })? {
                Some(answer) => {
                    if answer.keeps {
                        self.kept = Some((url.authority.clone(), stream));
                    }
                    return Ok(answer);
                }
                None if read == 0 => return Err(of(io::Error::from(io::ErrorKind::UnexpectedEof).into())),
                None => {}
            }
        }
    }
}

/// A call that failed.
struct Exchange {
    /// Something of an answer had come.
    answered: bool,
    error: CallError,
}

fn connect(url: &Url, deadline: Instant) -> Result<TcpStream, CallError> {
    let mut last = CallError::NoAddress { host: url.host.clone() };
    for address in (url.host.as_str(), url.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, left(deadline)?) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = timed_out(error),
        }
    }
    Err(last)
}

fn head(url: &Url, post: Option<&Post<'_>>) -> Vec<u8> {
    let method = if post.is_some() { "POST" } else { "GET" };
    let agent = concat!("jaeger-client-rust/", env!("CARGO_PKG_VERSION"));
    let mut head = format!("{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {agent}\r\n", url.target, url.authority);
    if let Some(post) = post {
        head += &format!("Content-Type: {}\r\nContent-Length: {}\r\n", post.content_type, post.body.len());
        if let Some(value) = post.authorization {
            head += &format!("Authorization: {value}\r\n");
        }
    }
    head += "\r\n";
    head.into_bytes()
}

fn left(deadline: Instant) -> Result<Duration, CallError> {
    match deadline.checked_duration_since(Instant::now()) {
        Some(left) if !left.is_zero() => Ok(left),
        _ => Err(CallError::TimedOut),
    }
}

fn timed_out(error: io::Error) -> CallError {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => CallError::TimedOut,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests;
