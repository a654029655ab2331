//! Certificates and keys out of PEM files, bounded, each error with the flag and the path.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::settings::{Problem, Settings};

/// A bundle of every public authority has a quarter of a MiB.
pub(super) const MAX_BYTES: u64 = 4 << 20;

/// A file with the flag that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedFile {
    /// Without dashes.
    pub(super) flag: String,
    pub(super) path: PathBuf,
}

/// A file of TLS that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--{flag}: {}: {reason}; {next}", path.display())]
pub struct FileError {
    /// The flag that names it, without dashes.
    pub flag: String,
    /// Where it is.
    pub path: PathBuf,
    reason: String,
    next: &'static str,
}

impl FileError {
    /// The same as a problem of the settings.
    pub(super) fn into_problem(self, settings: &Settings) -> Problem {
        settings.problem(&self.flag, &self.reason, self.next)
    }
}

impl NamedFile {
    pub(super) fn new(prefix: &str, row: &str, path: &Path) -> Self {
        Self { flag: format!("{prefix}.tls.{row}"), path: path.to_owned() }
    }

    pub(super) fn error(&self, reason: &dyn fmt::Display, next: &'static str) -> FileError {
        FileError { flag: self.flag.clone(), path: self.path.clone(), reason: reason.to_string(), next }
    }

    fn read(&self) -> Result<Vec<u8>, FileError> {
        read(&self.path).map_err(|error| {
            let next = match error.kind() {
                io::ErrorKind::NotFound => "mount or make the file, or name another",
                io::ErrorKind::PermissionDenied => "let this process's user read it",
                _ => "name a PEM file",
            };
            self.error(&format_args!("cannot be read: {error}"), next)
        })
    }

    /// The certificates, at least one, in the file's order.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, FileError> {
        let next = "name a PEM file with -----BEGIN CERTIFICATE-----";
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.read()?).collect();
        let found = found.map_err(|error| self.error(&format_args!("is no PEM: {error}"), next))?;
        if found.is_empty() { Err(self.error(&"holds no certificate", next)) } else { Ok(found) }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, FileError> {
        let next = "name a PEM file with a private key without a password, PKCS #8, PKCS #1 or SEC1";
        PrivateKeyDer::from_pem_slice(&self.read()?)
            .map_err(|error| self.error(&format_args!("holds no private key: {error}"), next))
    }
}

/// A certificate with its key.
pub(super) fn identity(cert: &NamedFile, key: &NamedFile) -> Result<Arc<CertifiedKey>, FileError> {
    let chain = cert.certificates()?;
    let der = key.key()?;
    let signer = super::provider().key_provider.load_private_key(der);
    let signer = signer.map_err(|error| key.error(&error, "make an RSA (2048 bits and up), ECDSA or Ed25519 key"))?;
    let both = CertifiedKey::new(chain, signer);
    match both.keys_match() {
        // A signer that cannot say what it belongs to is taken as it is.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(Arc::new(both)),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(key
                .error(&format_args!("is not the key of {}", cert.path.display()), "name the two that belong together"))
        }
        Err(error) => Err(cert.error(&error, "name the server's own certificate first in the file")),
    }
}

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("it is over {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}
