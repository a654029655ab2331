//! The flags of one listener or client as they were given: `--PREFIX.tls.*`.

use std::path::PathBuf;
use std::time::Duration;

use rustls::pki_types::ServerName;

use super::pem::NamedFile;
use super::versions::Allowed;
use crate::settings::{Problem, Settings};

/// How often files are looked at where no flag says so.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// TLS of a connection out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// What stands before `.tls.`
    pub prefix: String,
    /// PEM file of the authorities to trust (`ca`); without one the system's.
    pub ca: Option<PathBuf>,
    /// PEM files of the client's own certificate and key (`cert`, `key`): both or none.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The name to ask for and to expect in the server's certificate (`server-name`), instead of the address's.
    pub server_name: Option<String>,
    /// Nothing about the server is verified (`skip-host-verify`).
    pub skip_host_verify: bool,
}

/// TLS of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// What stands before `.tls.`
    pub prefix: String,
    /// PEM file of the certificate and those between it and its authority (`cert`).
    pub cert: PathBuf,
    /// PEM file of its private key (`key`).
    pub key: PathBuf,
    /// PEM file of the authorities of clients (`client-ca`); with one, a client without a certificate is turned away.
    pub client_ca: Option<PathBuf>,
    /// `cipher-suites`, `min-version`, `max-version`
    pub allowed: Allowed,
    /// How often the files are looked at.
    pub look_every: Duration,
}

/// The flags of one prefix.
struct Flags<'s> {
    settings: &'s Settings,
    prefix: &'s str,
}

impl<'s> Flags<'s> {
    fn name(&self, row: &str) -> String {
        format!("{}.tls.{row}", self.prefix)
    }

    /// Whether TLS is asked for. As in Go, the other flags without it are a mistake, not a wish.
    fn enabled(&self, others: &[&str]) -> Result<bool, Problem> {
        if self.settings.boolean(&self.name("enabled"))? {
            return Ok(true);
        }
        let given = others
            .iter()
            .map(|row| self.name(row))
            .find(|name| self.settings.is_set(name) && !matches!(self.settings.string(name), Ok("" | "false" | "0s")));
        match given {
            None => Ok(false),
            Some(name) => {
                let enabled = self.name("enabled");
                let reason = format!("it has no effect while --{enabled} is false");
                Err(self.settings.problem(&name, &reason, &format!("set --{enabled}, or leave it out")))
            }
        }
    }

    fn file(&self, row: &str) -> Result<Option<PathBuf>, Problem> {
        Ok(self.settings.file(&self.name(row))?)
    }

    fn needed(&self, row: &str, why: &str) -> Problem {
        self.settings.problem(&self.name(row), why, "name a PEM file")
    }
}

impl ClientSettings {
    /// Reads `--{prefix}.tls.*`; nothing where TLS is not asked for.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub fn from_settings(settings: &Settings, prefix: &str) -> Result<Option<Self>, Problem> {
        let flags = Flags { settings, prefix };
        if !flags.enabled(&["ca", "cert", "key", "server-name", "skip-host-verify"])? {
            return Ok(None);
        }
        let identity = match (flags.file("cert")?, flags.file("key")?) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => return Err(flags.needed("key", "a certificate was given without its key")),
            (None, Some(_)) => return Err(flags.needed("cert", "a key was given without its certificate")),
        };
        let name = flags.name("server-name");
        let server_name = settings.string(&name)?.to_owned();
        if !server_name.is_empty() && ServerName::try_from(server_name.as_str()).is_err() {
            let next = "write a DNS name or an IP address, without a port";
            return Err(settings.problem(&name, "no name of a server", next));
        }
        Ok(Some(Self {
            prefix: prefix.to_owned(),
            ca: flags.file("ca")?,
            identity,
            server_name: Some(server_name).filter(|name| !name.is_empty()),
            skip_host_verify: settings.boolean(&flags.name("skip-host-verify"))?,
        }))
    }

    pub(super) fn files(&self) -> Vec<NamedFile> {
        let identity = self.identity.iter().flat_map(|(cert, key)| [("cert", cert), ("key", key)]);
        let files = self.ca.iter().map(|ca| ("ca", ca)).chain(identity);
        files.map(|(row, path)| NamedFile::new(&self.prefix, row, path)).collect()
    }

    /// How often the files are looked at.
    pub(super) fn look_every(&self) -> Duration {
        LOOK_EVERY
    }
}

impl ServerSettings {
    /// Reads `--{prefix}.tls.*`; nothing where TLS is not asked for.
    ///
    /// # Errors
    /// Flags that do not go together, versions and cipher suites that are not there.
    pub fn from_settings(settings: &Settings, prefix: &str) -> Result<Option<Self>, Problem> {
        let flags = Flags { settings, prefix };
        let every = flags.name("reload-interval");
        let has_interval = settings.table().get(&every).is_some();
        let mut others = vec!["cert", "key", "client-ca", "cipher-suites", "min-version", "max-version"];
        if has_interval {
            others.push("reload-interval");
        }
        if !flags.enabled(&others)? {
            return Ok(None);
        }
        let missing = |row| flags.needed(row, "TLS on a listener needs a certificate and its key");
        let given = if has_interval { settings.duration(&every)? } else { Duration::ZERO };
        Ok(Some(Self {
            prefix: prefix.to_owned(),
            cert: flags.file("cert")?.ok_or_else(|| missing("cert"))?,
            key: flags.file("key")?.ok_or_else(|| missing("key"))?,
            client_ca: flags.file("client-ca")?,
            allowed: Allowed::from_settings(settings, &format!("{prefix}.tls"))?,
            look_every: if given.is_zero() { LOOK_EVERY } else { given },
        }))
    }

    pub(super) fn files(&self) -> Vec<NamedFile> {
        let all =
            [Some(("cert", &self.cert)), Some(("key", &self.key)), self.client_ca.as_ref().map(|ca| ("client-ca", ca))];
        all.into_iter().flatten().map(|(row, path)| NamedFile::new(&self.prefix, row, path)).collect()
    }
}
