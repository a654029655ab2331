//! The strategies file: read at start, looked at again from time to time. A path, or an address.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use jaeger_service::http::{ReadLimits, body};
use jaeger_service::settings::FileWatch;
use jaeger_service::tls::{ClientConfig, Connector, HTTP_1, Stream};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::SamplingStrategies;
use super::strategies::Inherit;

/// The largest file; that is some 50,000 services.
const MAX_BYTES: usize = 8 << 20;
/// How long an address may take to answer, as in Go.
const PATIENCE: Duration = Duration::from_secs(1);

/// `--sampling.*`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamplingSettings {
    /// Path or address; empty for none.
    pub file: String,
    /// How often the file is looked at; zero never.
    pub reload_interval: Duration,
    /// `--sampling.strategies.bugfix-5270`
    pub all_inherit: bool,
}

/// Why strategies are not in force.
#[derive(Debug, thiserror::Error)]
pub enum StrategiesError {
    /// The file cannot be read.
    #[error("--sampling.strategies-file {place}: {why}; name a file that can be read, or leave the flag out")]
    Unreadable {
        /// The path or address.
        place: String,
        /// Why.
        why: String,
    },
    /// The file is no strategies file.
    #[error(
        "--sampling.strategies-file {place}: {why}; write {{\"default_strategy\": ..., \"service_strategies\": [...]}}"
    )]
    Malformed {
        /// The path or address.
        place: String,
        /// Why, with line and column.
        why: serde_json::Error,
    },
}

impl SamplingStrategies {
    /// Reads the file, if one is named, and keeps looking at it until `until`.
    ///
    /// # Errors
    /// [`StrategiesError`], and the process must not start: a service with a wrong rate costs more than one that is not there.
    pub async fn start(settings: SamplingSettings, until: CancellationToken) -> Result<Arc<Self>, StrategiesError> {
        let strategies = Arc::new(Self::default());
        if settings.file.is_empty() {
            return Ok(strategies);
        }
        let mut file = Watched::new(&settings.file)?;
        let inherit = if settings.all_inherit { Inherit::All } else { Inherit::Probabilistic };
        strategies.take(&mut file, inherit).await?;
        if !settings.reload_interval.is_zero() {
            tokio::spawn(Arc::clone(&strategies).keep_looking(file, settings.reload_interval, until));
        }
        Ok(strategies)
    }

    async fn keep_looking(self: Arc<Self>, mut file: Watched, interval: Duration, until: CancellationToken) {
        loop {
            tokio::select! {
                () = until.cancelled() => return,
                () = tokio::time::sleep(interval) => {}
            }
            // Go repairs its rule for inheritance at the first reload, flag or not.
            match self.take(&mut file, Inherit::All).await {
                Ok(true) => tracing::info!(place = file.place(), "Sampling strategies changed"),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "Sampling strategies stay as they were"),
            }
        }
    }

    /// Whether there was something new.
    async fn take(&self, file: &mut Watched, inherit: Inherit) -> Result<bool, StrategiesError> {
        let Some(text) = file.changed().await? else { return Ok(false) };
        self.replace(&text, inherit).map_err(|why| StrategiesError::Malformed { place: file.place(), why })?;
        Ok(true)
    }
}

enum Watched {
    Path(FileWatch),
    /// With TLS where the address asks for it.
    Address {
        address: String,
        tls: Option<Connector>,
        seen: Option<Vec<u8>>,
    },
}

impl Watched {
    fn new(place: &str) -> Result<Self, StrategiesError> {
        let address = place.to_owned();
        if place.starts_with("http://") {
            return Ok(Self::Address { address, tls: None, seen: None });
        }
        if place.starts_with("https://") {
            let tls = ClientConfig::of_system();
            let tls = tls.map_err(|why| StrategiesError::Unreadable { place: address.clone(), why })?;
            return Ok(Self::Address { address, tls: Some(tls.connector(&[HTTP_1])), seen: None });
        }
        Ok(Self::Path(FileWatch::new(place, MAX_BYTES as u64)))
    }

    fn place(&self) -> String {
        match self {
            Self::Path(watch) => watch.path().display().to_string(),
            Self::Address { address, .. } => address.clone(),
        }
    }

    /// The text, if it is not what was seen last.
    async fn changed(&mut self) -> Result<Option<Vec<u8>>, StrategiesError> {
        let place = self.place();
        let unreadable = |why: String| StrategiesError::Unreadable { place, why };
        match self {
            // A strategies file is small and on a local disk or in a ConfigMap.
            Self::Path(watch) => watch.changed().map_err(|error| unreadable(error.to_string())),
            Self::Address { address, tls, seen } => {
                let text = tokio::time::timeout(PATIENCE, fetch(address, tls.as_ref()))
                    .await
                    .unwrap_or_else(|_| Err(io::Error::other(format!("no answer within {PATIENCE:?}"))))
                    .map_err(|error| unreadable(error.to_string()))?;
                if seen.as_ref() == Some(&text) {
                    return Ok(None);
                }
                *seen = Some(text.clone());
                Ok(Some(text))
            }
        }
    }
}

/// GET; a server that is not there yet (503) has no strategies.
async fn fetch(address: &str, tls: Option<&Connector>) -> io::Result<Vec<u8>> {
    let uri: Uri = address.parse().map_err(io::Error::other)?;
    let host = uri.authority().ok_or_else(|| io::Error::other("the address names no host"))?;
    let port = host.port_u16().unwrap_or(if tls.is_some() { 443 } else { 80 });
    let stream = TcpStream::connect((host.host().trim_matches(['[', ']']), port)).await?;
    let stream = match tls {
        None => Stream::from(stream),
        Some(tls) => tls.connect(host.host(), stream).await?,
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let asked = async {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::get(path)
            .header(http::header::HOST, host.as_str())
            .body(Empty::<Bytes>::new())
            .map_err(io::Error::other)?;
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        match response.status() {
            StatusCode::OK => {
                let limits = ReadLimits { max_bytes: MAX_BYTES, timeout: None };
                Ok(body::read(response.into_body(), limits).await.map_err(io::Error::other)?.to_vec())
            }
            StatusCode::SERVICE_UNAVAILABLE => Ok(b"null".to_vec()),
            other => Err(io::Error::other(format!("the server answered {other}"))),
        }
    };
    // The connection may end in good order with the answer still on its way to us.
    let driven = async {
        match connection.await {
            Ok(()) => std::future::pending().await,
            Err(error) => error,
        }
    };
    tokio::select! {
        text = asked => text,
        error = driven => Err(io::Error::other(error)),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn settings(file: &str) -> SamplingSettings {
        SamplingSettings { file: file.into(), reload_interval: Duration::from_millis(5), all_inherit: false }
    }

    fn rate(strategies: &SamplingStrategies) -> f64 {
        strategies.of("any").probabilistic_sampling.as_ref().map_or(-1.0, |own| own.sampling_rate)
    }

    async fn until_rate_is(strategies: &SamplingStrategies, wanted: f64) {
        let seen = async {
            while rate(strategies) != wanted {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the file is read again");
    }

    fn text(rate: f64) -> String {
        format!(r#"{{"default_strategy":{{"type":"probabilistic","param":{rate}}}}}"#)
    }

    #[tokio::test]
    async fn a_changed_file_is_in_force_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("strategies.json");
        std::fs::write(&path, text(0.25)).expect("written");
        let stop = CancellationToken::new();
        let strategies =
            SamplingStrategies::start(settings(&path.display().to_string()), stop.clone()).await.expect("started");
        assert_eq!(rate(&strategies), 0.25);
        std::fs::write(&path, "{broken").expect("written");
        std::fs::write(&path, text(0.75)).expect("written");
        until_rate_is(&strategies, 0.75).await;
        stop.cancel();
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_stops_the_start() {
        let start = |place: String| SamplingStrategies::start(settings(&place), CancellationToken::new());
        let error = start("/nowhere/strategies.json".into()).await.expect_err("no such file").to_string();
        assert!(error.starts_with("--sampling.strategies-file /nowhere/strategies.json: "), "{error}");
    }

    #[tokio::test]
    async fn an_address_answers_with_strategies_or_503() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = format!("http://{}/s.json", listener.local_addr().expect("bound"));
        let answers = ["503 Service Unavailable\r\ncontent-length: 0", "404 Not Found\r\ncontent-length: 0"];
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("accepted");
                let mut request = [0; 512];
                let _read = stream.read(&mut request).await;
                stream.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await.expect("sent");
            }
        });
        let settings = SamplingSettings { file: address, ..SamplingSettings::default() };
        let strategies =
            SamplingStrategies::start(settings.clone(), CancellationToken::new()).await.expect("503 is no strategies");
        assert_eq!(rate(&strategies), 0.001);
        let error = SamplingStrategies::start(settings, CancellationToken::new()).await.expect_err("404").to_string();
        assert!(error.contains("the server answered 404"), "{error}");
    }
}
