//! Whom a connection out trusts: what the settings say, read at each handshake, so that renewed authorities hold at once.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::dates;

/// Whom to trust.
#[derive(Debug)]
pub(super) enum Trust {
    /// Everybody, where somebody asked for it.
    Anybody,
    /// These authorities.
    Authorities {
        verifier: Arc<WebPkiServerVerifier>,
        /// The certificates of the file itself: `openssl req -x509` makes servers' certificates that are their own authority, and Go takes them.
        own: Vec<CertificateDer<'static>>,
    },
}

impl Trust {
    pub(super) fn in_roots(roots: RootCertStore, own: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), super::provider());
        Ok(Self::Authorities { verifier: builder.build().map_err(|error| error.to_string())?, own })
    }

    pub(super) fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self {
            Self::Anybody => Ok(ServerCertVerified::assertion()),
            Self::Authorities { own, .. } if own.iter().any(|own| own == end_entity) => {
                in_its_time(end_entity, now)?;
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            Self::Authorities { verifier, .. } => verifier.verify_server_cert(end_entity, between, name, ocsp, now),
        }
    }
}

/// Whether a certificate holds now.
pub(super) fn in_its_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let dates = dates::of(certificate).ok_or(CertificateError::BadEncoding)?;
    if now.as_secs() < dates.not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > dates.not_after {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

pub(super) fn tls12(
    message: &[u8],
    cert: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, Error> {
    verify_tls12_signature(message, cert, signed, &super::provider().signature_verification_algorithms)
}

pub(super) fn tls13(
    message: &[u8],
    cert: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, Error> {
    verify_tls13_signature(message, cert, signed, &super::provider().signature_verification_algorithms)
}

pub(super) fn schemes() -> Vec<SignatureScheme> {
    super::provider().signature_verification_algorithms.supported_schemes()
}
