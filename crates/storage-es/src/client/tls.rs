//! Whom we trust, and our own certificate.

use std::path::Path;

use elasticsearch::auth::{ClientCertificate, Credentials};
use elasticsearch::cert::{Certificate, CertificateValidation};
use elasticsearch::http::transport::TransportBuilder;

use super::ConnectError;
use crate::config::Tls;

/// The builder with what `es.tls.*` says.
pub(super) fn configured(mut builder: TransportBuilder, tls: &Tls) -> Result<TransportBuilder, ConnectError> {
    if tls.skip_verify {
        builder = builder.cert_validation(CertificateValidation::None);
    } else if let Some(ca) = &tls.ca {
        let certificate = Certificate::from_pem(&read(ca)?).map_err(|error| wrong(ca, &error.to_string()))?;
        builder = builder.cert_validation(CertificateValidation::Full(certificate));
    }
    if let Some((certificate, key)) = &tls.identity {
        let mut pem = read(certificate)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        builder = builder.auth(Credentials::Certificate(ClientCertificate::Pem(pem)));
    }
    Ok(builder)
}

fn read(path: &Path) -> Result<Vec<u8>, ConnectError> {
    std::fs::read(path).map_err(|error| wrong(path, &error.to_string()))
}

fn wrong(path: &Path, reason: &str) -> ConnectError {
    ConnectError::File { path: path.display().to_string(), reason: reason.to_owned() }
}
