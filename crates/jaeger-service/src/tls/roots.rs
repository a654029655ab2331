//! The authorities that are trusted: of one file, or the system's where Go looks for them.

use std::path::Path;
use std::{env, fs};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::pem::{self, FileError, NamedFile};

/// Debian and Alpine, Red Hat, SUSE.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
/// Files of a folder that are read at most.
const MAX_FILES: usize = 2_000;

/// The authorities of a file, each of which must be usable.
pub(super) fn of_file(file: &NamedFile) -> Result<RootCertStore, FileError> {
    let mut roots = RootCertStore::empty();
    for certificate in file.certificates()? {
        roots.add(certificate).map_err(|error| file.error(&error, "name a PEM file of authorities"))?;
    }
    Ok(roots)
}

/// The system's; what cannot be used of them is left out, since nobody here can change it.
pub(super) fn of_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let mut take = |path: &Path| {
        let bytes = pem::read(path).unwrap_or_default();
        let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
        roots.add_parsable_certificates(found).0 > 0
    };
    let found = match env::var_os("SSL_CERT_FILE") {
        Some(file) => take(Path::new(&file)),
        None => BUNDLES.iter().any(|bundle| take(Path::new(bundle))),
    };
    let named = env::var_os("SSL_CERT_DIR");
    let folders: Vec<_> = match &named {
        Some(list) => env::split_paths(list).collect(),
        None if found => Vec::new(),
        None => FOLDERS.iter().map(Into::into).collect(),
    };
    for entry in folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().take(MAX_FILES).flatten() {
        take(&entry.path());
    }
    roots
}
