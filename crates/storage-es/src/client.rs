//! The servers, and who we are to them: one request, one answer. Which server is asked goes round.
//!
//! ```text
//! path, body -> authorization -> transport (the crate `elasticsearch`) -> status, bytes
//! ```

mod secrets;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use elasticsearch::http::headers::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use elasticsearch::http::transport::{MultiNodeConnectionPool, Transport, TransportBuilder};
use elasticsearch::http::{Method, Url};
use jaeger_storage::{ErrorKind, StorageError};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::config::Config;
use crate::document::text::Text;
use crate::failure;
use secrets::Secrets;

/// How long an answer may take that has no limit of its own.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

/// Why there is no such client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A server's address.
    #[error("{url:?} is no URL of a server ({reason}); write http://host:9200 or https://host:9200")]
    Url {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with a certificate, a key, a password or a token.
    #[error("{path}: {reason}; see whether the file is there and what it should be")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What the transport does not take.
    #[error("no connection to elasticsearch can be made: {0}")]
    Transport(String),
}

/// A server's answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// The major version whose requests a server takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Version {
    /// Elasticsearch 7 and OpenSearch.
    Seven,
    /// Elasticsearch 8 and 9.
    Eight,
}

/// The connection to one Elasticsearch.
pub(crate) struct Client {
    transport: Transport,
    secrets: Secrets,
    address: String,
    servers: usize,
    version: OnceCell<Version>,
    told_version: Option<u8>,
}

impl Client {
    pub(crate) fn new(config: &Config) -> Result<Self, ConnectError> {
        let mut urls = Vec::with_capacity(config.servers.len());
        let mut of_url = None;
        for server in &config.servers {
            let wrong = |reason: String| ConnectError::Url { url: server.clone(), reason };
            let mut url = Url::parse(server).map_err(|error| wrong(error.to_string()))?;
            if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
                return Err(wrong("neither http nor https".to_owned()));
            }
            if !url.username().is_empty() {
                let password = url.password().unwrap_or_default().to_owned();
                of_url = Some((url.username().to_owned(), password));
                // Neither fails for http.
                let (_, _) = (url.set_username(""), url.set_password(None));
            }
            urls.push(url);
        }
        let Some(address) = urls.first().map(|url| url.as_str().trim_end_matches('/').to_owned()) else {
            return Err(ConnectError::Url { url: String::new(), reason: "no address".to_owned() });
        };
        let servers = urls.len();
        let builder = TransportBuilder::new(MultiNodeConnectionPool::round_robin(urls, None)).enable_meta_header(false);
        let builder = tls::configured(builder, &config.tls)?;
        let transport = builder.build().map_err(|error| ConnectError::Transport(error.to_string()))?;
        let secrets = Secrets::new(&config.credentials, of_url)?;
        Ok(Self { transport, secrets, address, servers, version: OnceCell::new(), told_version: config.version })
    }

    /// The first server's address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// How many servers there are.
    pub(crate) fn servers(&self) -> usize {
        self.servers
    }

    /// What the servers are, asked once.
    pub(crate) async fn version(&self) -> Result<Version, StorageError> {
        self.version.get_or_try_init(|| self.ask_version()).await.copied()
    }

    async fn ask_version(&self) -> Result<Version, StorageError> {
        #[derive(Deserialize)]
        struct Root<'a> {
            #[serde(borrow)]
            version: Of<'a>,
            #[serde(borrow, default)]
            tagline: Text<'a>,
        }
        #[derive(Deserialize)]
        struct Of<'a> {
            #[serde(borrow)]
            number: Text<'a>,
            #[serde(borrow, default)]
            distribution: Text<'a>,
        }
        if let Some(major) = self.told_version {
            return self.known(i64::from(major), false);
        }
        let answer = self.ok(Method::Get, "", "", None, "GET / (its version)").await?;
        let root: Root<'_> = serde_json::from_slice(&answer).map_err(|error| {
            self.error(
                ErrorKind::Unavailable,
                &format!("its version is not understood ({error}), give it as --es.version"),
            )
        })?;
        let open_search = &*root.version.distribution.0 == "opensearch" || root.tagline.0.contains("OpenSearch");
        let number = &root.version.number.0;
        let version =
            self.known(number.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0), open_search)?;
        let product = if open_search { "OpenSearch" } else { "Elasticsearch" };
        tracing::info!(address = self.address, version = %number, product, "Connected to Elasticsearch");
        Ok(version)
    }

    fn known(&self, major: i64, open_search: bool) -> Result<Version, StorageError> {
        match major {
            _ if open_search => Ok(Version::Seven),
            7 => Ok(Version::Seven),
            8.. => Ok(Version::Eight),
            _ => Err(self.error(
                ErrorKind::Invalid,
                &format!(
                    "version {major} is older than 7, which is the oldest that is spoken here; move to a newer one"
                ),
            )),
        }
    }

    /// One request; an answer of any status.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: Option<(Bytes, &'static str)>,
        patience: Option<Duration>,
    ) -> Result<Answer, StorageError> {
        self.secrets.authorize(&self.transport);
        let mut headers = HeaderMap::new();
        // The processor is dearer than the network beside it, and an answer's length is then known before it is read.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let body = body.map(|(bytes, content_type)| {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            bytes
        });
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let patience = Some(patience.unwrap_or(PATIENCE));
        let sent = self.transport.send(method, &path, headers, None::<&()>, body, patience).await;
        let response = sent.map_err(|error| self.unreached(&error))?;
        let status = response.status_code().as_u16();
        if let Some(length) = response.content_length().filter(|length| *length > MAX_ANSWER_BYTES) {
            let what =
                format!("an answer of {length} bytes is longer than {MAX_ANSWER_BYTES}; lower --es.max-doc-count");
            return Err(self.error(ErrorKind::Invalid, &what));
        }
        let body = response.bytes().await.map_err(|error| self.unreached(&error))?;
        Ok(Answer { status, body })
    }

    /// One request whose answer must be a success; `what` names it.
    pub(crate) async fn ok(
        &self,
        method: Method,
        path: &str,
        query: &str,
        body: Option<(Bytes, &'static str)>,
        what: &str,
    ) -> Result<Bytes, StorageError> {
        let answer = self.send(method, path, query, body, None).await?;
        match answer.status {
            200..=299 => Ok(answer.body),
            status => Err(failure::of_answer(what, &self.address, status, &answer.body)),
        }
    }

    pub(crate) fn error(&self, kind: ErrorKind, what: &str) -> StorageError {
        StorageError::new(kind, format!("elasticsearch at {}: {what}", self.address))
    }

    /// Nobody answered, or not in time.
    fn unreached(&self, error: &elasticsearch::Error) -> StorageError {
        let mut words = String::new();
        // The outer errors name the URL and little else; the inmost says why.
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            words = error.to_string();
            cause = error.source();
        }
        let words = if error.is_timeout() { "no answer in time" } else { &words };
        self.error(ErrorKind::Unavailable, &format!("{words}; see --es.server-urls, and whether it runs"))
    }
}
