//! A listener's side: accept -> **handshake** -> its protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::sign::SingleCertAndKey;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::clients::Clients;
use super::counts::{Counts, Failure};
use super::dates;
use super::pem::{self, FileError, NamedFile};
use super::reload::{Baseline, Reload};
use super::settings::ServerSettings;
use super::stream::Stream;
use crate::settings::{Problem, Settings};

/// From the connection to the end of the handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// Handshakes of one listener under way; more wait, which counts as their time.
const AT_ONCE: usize = 1_024;

/// Greets the clients of one listener; clones are the same.
#[derive(Clone, Debug)]
pub struct Acceptor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: ServerSettings,
    protocols: &'static [&'static [u8]],
    now: ArcSwap<rustls::ServerConfig>,
    room: Semaphore,
    counts: Arc<Counts>,
}

impl Acceptor {
    /// TLS as `--{prefix}.tls.*` want it, for one of these protocols, the best first; `None` where it is off. The files are read now, and looked at from then on.
    ///
    /// # Errors
    /// Flags that do not go together; a file that cannot be used.
    pub fn from_settings(
        settings: &Settings,
        prefix: &str,
        protocols: &'static [&'static [u8]],
    ) -> Result<Option<Self>, Problem> {
        let Some(wanted) = ServerSettings::from_settings(settings, prefix)? else { return Ok(None) };
        Self::new(wanted, protocols).map(Some).map_err(|error| error.into_problem(settings))
    }

    /// TLS as the settings want it.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn new(settings: ServerSettings, protocols: &'static [&'static [u8]]) -> Result<Self, FileError> {
        let baseline = Baseline::of(&settings.files());
        let counts = Counts::of_server(&settings.prefix);
        let now = ArcSwap::from_pointee(configured(&settings, protocols, &counts)?);
        let every = settings.look_every;
        let inner = Arc::new(Inner { settings, protocols, now, room: Semaphore::new(AT_ONCE), counts });
        baseline.watch(&inner, every);
        Ok(Self(inner))
    }

    /// Greets a client; one that does not do is counted, told in the log, and gone.
    pub async fn accept(&self, stream: TcpStream, peer: SocketAddr) -> Option<Stream> {
        let greeted = async {
            // Nobody closes it.
            let _room = self.0.room.acquire().await;
            TlsAcceptor::from(self.0.now.load_full()).accept(stream).await
        };
        match tokio::time::timeout(PATIENCE, greeted).await {
            Ok(Ok(stream)) => {
                self.0.counts.done();
                return Some(Stream::from(tokio_rustls::TlsStream::from(stream)));
            }
            Ok(Err(error)) => self.0.counts.failed(Failure::of(&error), peer, &error),
            Err(_elapsed) => {
                self.0.counts.failed(Failure::TimedOut, peer, &format_args!("not done within {PATIENCE:?}"));
            }
        }
        None
    }
}

impl Reload for Inner {
    fn reload(&self) -> Result<(), FileError> {
        self.now.store(Arc::new(configured(&self.settings, self.protocols, &self.counts)?));
        Ok(())
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// Made whole each time, so that no session of an old one goes on under a new one.
fn configured(
    settings: &ServerSettings,
    protocols: &[&[u8]],
    counts: &Counts,
) -> Result<rustls::ServerConfig, FileError> {
    let file = |row, path| NamedFile::new(&settings.prefix, row, path);
    let identity = pem::identity(&file("cert", &settings.cert), &file("key", &settings.key))?;
    let dates = identity.cert.first().and_then(dates::of);
    let provider = Arc::new(settings.allowed.provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider);
    let builder = builder.with_protocol_versions(settings.allowed.versions()).map_err(|error| {
        file("cipher-suites", "".as_ref()).error(&error, "allow a suite of a version that is allowed, or leave it out")
    })?;
    let builder = match &settings.client_ca {
        Some(path) => builder.with_client_cert_verifier(Arc::new(Clients::of(&file("client-ca", path))?)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    counts.shows(dates);
    Ok(config)
}
