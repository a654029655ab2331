//! CHANNEL: one HTTP/2 connection to one address, made when it is needed and again when it broke, for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use jaeger_service::tls::{self, Connector, Stream};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tonic::Status;

use crate::Reply;
use crate::reply::unanswered;

const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;
/// What a DATA frame from the server may hold.
const MAX_FRAME_BYTES: u32 = 128 * 1024;
/// What waits to be written for one request. More waits where it is.
const MAX_SEND_BYTES: usize = 1 << 20;
/// Only while a request waits: Go's servers hang up on who pings without one.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// After a connection that could not be made, nobody tries again for so long; twice as long after the next.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How a channel connects.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// `host:port`, also as `dns:///host:port`.
    pub address: String,
    /// The `host:port` by which the server is called, where that is not the address: one name stands for many addresses.
    pub called: Option<String>,
    /// The longest time to connect.
    pub connect_timeout: Duration,
    /// The longest message of an answer.
    pub max_message_bytes: usize,
    /// Greets the server, where it is to be TLS.
    pub tls: Option<Connector>,
}

/// What a channel over TLS speaks.
pub const PROTOCOLS: &[&[u8]] = &[tls::HTTP_2];

/// An address that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is no address of a gRPC server: {why}; write host:port")]
pub struct AddressError {
    address: String,
    why: String,
}

/// A connection to one address; clones are the same.
#[derive(Clone)]
pub struct Channel(Arc<Inner>);

struct Inner {
    config: ChannelConfig,
    address: String,
    /// What it is called.
    authority: String,
    /// What answers now, without a lock for those who ask.
    current: ArcSwapOption<Connection>,
    made: AtomicU64,
    connecting: Mutex<Failures>,
}

struct Connection {
    number: u64,
    sender: SendRequest<Full<Bytes>>,
}

#[derive(Default)]
struct Failures {
    in_a_row: u32,
    last: Option<(Instant, String)>,
}

impl Channel {
    /// Prepares a connection; the first request makes it.
    ///
    /// # Errors
    /// [`AddressError`] where the address names no host and port.
    pub fn new(config: ChannelConfig) -> Result<Self, AddressError> {
        let address = authority(&config.address)?;
        let authority = config.called.as_deref().map_or_else(|| Ok(address.clone()), authority)?;
        Ok(Self(Arc::new(Inner {
            config,
            address,
            authority,
            current: ArcSwapOption::empty(),
            made: AtomicU64::new(0),
            connecting: Mutex::default(),
        })))
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// What the server is called, without the port.
    fn host(&self) -> &str {
        self.0.authority.rsplit_once(':').map_or(self.0.authority.as_str(), |(host, _)| host)
    }

    /// The number of the connection that stands, made where there is none: another number is another connection, and perhaps another server.
    ///
    /// # Errors
    /// `Unavailable`, naming the address.
    pub async fn connection(&self) -> Result<u64, Status> {
        self.connected().await.map(|connection| connection.number)
    }

    /// The number of the connection that stands, if one does.
    #[must_use]
    pub fn standing(&self) -> Option<u64> {
        self.0.current.load().as_ref().filter(|connection| !connection.sender.is_closed()).map(|it| it.number)
    }

    /// Sends a request of framed messages and gives the answer once it begins. `patience` is for its beginning and for each further part, and
    /// the server is told of it.
    ///
    /// # Errors
    /// The status that the server answered; `Unavailable` where it could not be asked.
    pub async fn call(&self, path: &'static str, framed: Bytes, patience: Duration) -> Result<Reply, Status> {
        self.call_with(path, framed, patience, None).await
    }

    /// The same with a line of metadata.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_with(
        &self,
        path: &'static str,
        framed: Bytes,
        patience: Duration,
        metadata: Option<(HeaderName, HeaderValue)>,
    ) -> Result<Reply, Status> {
        let begun = tokio::time::timeout(patience, self.begin(path, framed, patience, metadata)).await;
        let late = |_elapsed| {
            let text = format!("{} did not answer {path} in {patience:?}", self.address());
            unanswered(Status::deadline_exceeded(text))
        };
        begun.map_err(late)?
    }

    async fn begin(
        &self,
        path: &'static str,
        framed: Bytes,
        patience: Duration,
        metadata: Option<(HeaderName, HeaderValue)>,
    ) -> Result<Reply, Status> {
        let mut sender = self.connected().await?.sender.clone();
        let broke =
            |error: hyper::Error| unanswered(Status::unavailable(format!("{}: {}", self.address(), chain(&error))));
        // hyper answers at once while the connection has room for a request.
        sender.ready().await.map_err(broke)?;
        let mut request = self.request(path, framed, patience);
        request.headers_mut().extend(metadata);
        let response = sender.send_request(request).await.map_err(broke)?;
        Reply::of(response, self.0.config.max_message_bytes, patience)
    }

    fn request(&self, path: &'static str, framed: Bytes, patience: Duration) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(framed));
        *request.method_mut() = Method::POST;
        // The authority was parsed when the channel was made, and paths are constants.
        *request.uri_mut() = Uri::builder()
            .scheme(if self.0.config.tls.is_some() { "https" } else { "http" })
            .authority(self.0.authority.as_str())
            .path_and_query(path)
            .build()
            .unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        if let Ok(timeout) = HeaderValue::from_str(&format!("{}m", patience.as_millis().min(99_999_999))) {
            headers.insert("grpc-timeout", timeout);
        }
        if let Some(token) = crate::token() {
            headers.insert(crate::TOKEN_METADATA, token);
        }
        request
    }

    async fn connected(&self) -> Result<Arc<Connection>, Status> {
        if let Some(connection) = self.open() {
            return Ok(connection);
        }
        let mut failures = self.0.connecting.lock().await;
        if let Some(connection) = self.open() {
            return Ok(connection);
        }
        if let Some((at, why)) = &failures.last
            && at.elapsed() < pause(failures.in_a_row)
        {
            return Err(unanswered(Status::unavailable(why.clone())));
        }
        match self.connect().await {
            Ok(connection) => {
                *failures = Failures::default();
                self.0.current.store(Some(Arc::clone(&connection)));
                Ok(connection)
            }
            Err(why) => {
                failures.in_a_row = failures.in_a_row.saturating_add(1);
                failures.last = Some((Instant::now(), why.clone()));
                Err(unanswered(Status::unavailable(why)))
            }
        }
    }

    fn open(&self) -> Option<Arc<Connection>> {
        self.0.current.load_full().filter(|connection| !connection.sender.is_closed())
    }

    async fn connect(&self) -> Result<Arc<Connection>, String> {
        let (address, patience) = (self.address(), self.0.config.connect_timeout);
        let making = tokio::time::timeout(patience, self.handshake()).await;
        match making {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(why)) => {
                Err(format!("cannot connect to {address}: {why}; start a server there or correct the address"))
            }
            Err(_elapsed) => {
                Err(format!("cannot connect to {address} in {patience:?}; start a server there or correct the address"))
            }
        }
    }

    async fn handshake(&self) -> Result<Arc<Connection>, String> {
        let stream = TcpStream::connect(self.address()).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let stream = match &self.0.config.tls {
            None => Stream::from(stream),
            Some(tls) => tls.connect(self.host(), stream).await.map_err(|error| error.to_string())?,
        };
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_frame_size(MAX_FRAME_BYTES)
            .max_send_buf_size(MAX_SEND_BYTES)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_TIMEOUT)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| chain(&error))?;
        let address = self.0.address.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(address, error = chain(&error), "A gRPC connection broke");
            }
        });
        let number = self.0.made.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Arc::new(Connection { number, sender }))
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("address", &self.0.address).finish_non_exhaustive()
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE)
}

fn authority(address: &str) -> Result<String, AddressError> {
    let error = |why: &str| AddressError { address: address.to_owned(), why: why.to_owned() };
    let plain = ["dns:///", "passthrough:///", "http://"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .unwrap_or(address)
        .trim();
    if plain.is_empty() {
        return Err(error("it is empty"));
    }
    if plain.contains(',') {
        return Err(error("it names several servers"));
    }
    let authority: http::uri::Authority = plain.parse().map_err(|e: http::uri::InvalidUri| error(&e.to_string()))?;
    match authority.port_u16() {
        Some(_) => Ok(plain.to_owned()),
        None => Err(error("it names no port")),
    }
}

/// An error with its causes, outermost first.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(address: &str) -> Result<Channel, AddressError> {
        let connect_timeout = Duration::from_secs(5);
        Channel::new(ChannelConfig {
            address: address.into(),
            connect_timeout,
            called: None,
            max_message_bytes: 1 << 20,
            tls: None,
        })
    }

    #[test]
    fn reads_addresses_as_go_writes_them() {
        for address in ["localhost:17271", "dns:///localhost:17271", "http://localhost:17271"] {
            assert_eq!(channel(address).expect("an address").address(), "localhost:17271");
        }
        for (address, why) in [("", "empty"), ("localhost", "no port"), ("a:1,b:1", "several")] {
            let error = channel(address).expect_err(address).to_string();
            assert!(error.contains(why) && error.contains("write host:port"), "{error}");
        }
    }

    #[tokio::test]
    async fn says_which_address_cannot_be_reached_and_what_to_do() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        drop(listener);
        let status = channel(&address).expect("an address").connection().await.expect_err("nobody is there");
        assert_eq!(status.code(), tonic::Code::Unavailable);
        assert!(status.message().contains(&address) && status.message().contains("start a server"), "{status}");
    }
}
