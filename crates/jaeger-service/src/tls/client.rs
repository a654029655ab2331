//! A connection out: connect -> **handshake** -> its protocol.

use std::io;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, SignatureScheme, version};
use tokio::net::TcpStream;

use super::counts::Counts;
use super::dates::{self, Dates};
use super::pem::{self, FileError, NamedFile};
use super::reload::{Baseline, Reload};
use super::roots;
use super::settings::ClientSettings;
use super::stream::Stream;
use super::verify::{self, Trust};
use crate::settings::{Problem, Settings};

const NO_AUTHORITIES: &str = "the system has no authorities to trust";

/// TLS of a client. The rustls configuration in it follows its files by itself: whoever holds it has what is new at the next connection.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    settings: ClientSettings,
    rustls: Arc<rustls::ClientConfig>,
    server_name: Option<ServerName<'static>>,
}

impl PartialEq for ClientConfig {
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings
    }
}

impl Eq for ClientConfig {}

impl ClientConfig {
    /// TLS as `--{prefix}.tls.*` want it, such as `es` or `reporter.grpc`; `None` where it is off. The files are read now, and looked at from then on.
    ///
    /// # Errors
    /// Flags that do not go together; a file that cannot be used.
    pub fn from_settings(settings: &Settings, prefix: &str) -> Result<Option<Self>, Problem> {
        let Some(wanted) = ClientSettings::from_settings(settings, prefix)? else { return Ok(None) };
        Self::new(wanted).map(Some).map_err(|error| error.into_problem(settings))
    }

    /// For a client without flags of its own: it trusts the system's authorities.
    ///
    /// # Errors
    /// Where the system has none.
    pub fn of_system() -> Result<Self, String> {
        let prefix = String::new();
        Self::new(ClientSettings { prefix, ca: None, identity: None, server_name: None, skip_host_verify: false })
            .map_err(|_| format!("{NO_AUTHORITIES}; install ca-certificates, or name a PEM file in SSL_CERT_FILE"))
    }

    /// For a question whose answer nobody needs to believe.
    pub(crate) fn of_anybody() -> Result<Self, FileError> {
        let prefix = String::new();
        Self::new(ClientSettings { prefix, ca: None, identity: None, server_name: None, skip_host_verify: true })
    }

    /// TLS as the settings want it.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn new(settings: ClientSettings) -> Result<Self, FileError> {
        let baseline = Baseline::of(&settings.files());
        let (loaded, counts) = (Loaded::of(&settings)?, Counts::of_client(&settings.prefix));
        counts.shows(loaded.dates());
        let server_name = settings.server_name.clone().and_then(|name| ServerName::try_from(name).ok());
        let live = Arc::new(Live {
            settings: settings.clone(),
            server_name: server_name.clone(),
            now: ArcSwap::from_pointee(loaded),
            counts,
        });
        baseline.watch(&live, settings.look_every());
        if settings.skip_host_verify && !settings.prefix.is_empty() {
            tracing::warn!(
                "--{}.tls.skip-host-verify: anybody may answer in the server's place; name its authority with --{}.tls.ca instead",
                settings.prefix,
                settings.prefix
            );
        }
        let builder = rustls::ClientConfig::builder_with_provider(super::provider());
        // The cryptography was made for both versions.
        let builder = builder.with_protocol_versions(&[&version::TLS13, &version::TLS12]);
        let builder = builder
            .map_err(|error| NamedFile::new(&settings.prefix, "enabled", "".as_ref()).error(&error, "leave TLS out"))?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::clone(&live) as _);
        let mut rustls = builder.with_client_cert_resolver(live);
        // A session that goes on would bring the certificate of its beginning.
        rustls.resumption = Resumption::disabled();
        Ok(Self { settings, rustls: Arc::new(rustls), server_name })
    }

    /// What was asked for: the paths of the PEM files among it.
    #[must_use]
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    /// For libraries that make connections themselves. `server-name` is heeded when the certificate is verified, whatever name they connect to.
    #[must_use]
    pub fn rustls(&self) -> Arc<rustls::ClientConfig> {
        Arc::clone(&self.rustls)
    }

    /// For connections that speak one of these protocols, the best first.
    #[must_use]
    pub fn connector(&self, protocols: &[&[u8]]) -> Connector {
        let mut config = (*self.rustls).clone();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Connector {
            connector: Arc::new(config).into(),
            server_name: self.server_name.clone(),
            prefix: self.settings.prefix.clone(),
        }
    }
}

/// Turns a connection into one over TLS.
#[derive(Clone)]
pub struct Connector {
    connector: tokio_rustls::TlsConnector,
    server_name: Option<ServerName<'static>>,
    prefix: String,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Connector {
    /// Greets the server at `host`, a name or an address without its port. The caller keeps the time.
    ///
    /// # Errors
    /// What went wrong, with the flags to look at.
    pub async fn connect(&self, host: &str, stream: TcpStream) -> io::Result<Stream> {
        let told = |reason: &dyn std::fmt::Display| {
            io::Error::other(match self.prefix.as_str() {
                "" => format!(
                    "no TLS with it: {reason}; the system's authorities are trusted, SSL_CERT_FILE names others"
                ),
                prefix => format!("no TLS with it: {reason}; see --{prefix}.tls.*"),
            })
        };
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|error| told(&error))?,
        };
        let made = self.connector.connect(name, stream).await.map_err(|error| told(&error))?;
        Ok(Stream::from(tokio_rustls::TlsStream::from(made)))
    }
}

/// What the files hold now.
#[derive(Debug)]
struct Loaded {
    trust: Trust,
    identity: Option<Arc<CertifiedKey>>,
}

impl Loaded {
    fn of(settings: &ClientSettings) -> Result<Self, FileError> {
        let trust = match &settings.ca {
            _ if settings.skip_host_verify => Trust::Anybody,
            Some(path) => {
                let file = NamedFile::new(&settings.prefix, "ca", path);
                let trust = Trust::in_roots(roots::of_file(&file)?, file.certificates()?);
                trust.map_err(|error| file.error(&error, "name a PEM file of authorities"))?
            }
            None => Trust::in_roots(roots::of_system(), Vec::new()).map_err(|_| {
                let next = "install ca-certificates, or name the server's authority with this flag";
                NamedFile::new(&settings.prefix, "ca", "".as_ref()).error(&NO_AUTHORITIES, next)
            })?,
        };
        let file = |row, path| NamedFile::new(&settings.prefix, row, path);
        let identity =
            settings.identity.as_ref().map(|(cert, key)| pem::identity(&file("cert", cert), &file("key", key)));
        Ok(Self { trust, identity: identity.transpose()? })
    }
}

impl Loaded {
    fn dates(&self) -> Option<Dates> {
        dates::of(self.identity.as_ref()?.cert.first()?)
    }
}

#[derive(Debug)]
struct Live {
    settings: ClientSettings,
    server_name: Option<ServerName<'static>>,
    now: ArcSwap<Loaded>,
    counts: Arc<Counts>,
}

impl Reload for Live {
    fn reload(&self) -> Result<(), FileError> {
        let loaded = Loaded::of(&self.settings)?;
        self.counts.shows(loaded.dates());
        self.now.store(Arc::new(loaded));
        Ok(())
    }

    fn counts(&self) -> &Counts {
        &self.counts
    }
}

impl ResolvesClientCert for Live {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.now.load().identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.settings.identity.is_some()
    }
}

impl ServerCertVerifier for Live {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let name = self.server_name.as_ref().unwrap_or(name);
        self.now.load().trust.verify(end_entity, between, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify::tls12(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify::tls13(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        verify::schemes()
    }
}
