//! Which clients a listener takes: those with a certificate of its authorities, or one of the very certificates in that file.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::pem::{FileError, NamedFile};
use super::{roots, verify};

#[derive(Debug)]
pub(super) struct Clients {
    verifier: Arc<dyn ClientCertVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl Clients {
    pub(super) fn of(file: &NamedFile) -> Result<Self, FileError> {
        let roots = Arc::new(roots::of_file(file)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, super::provider()).build();
        let verifier = verifier.map_err(|error| file.error(&error, "name a PEM file of authorities"))?;
        Ok(Self { verifier, own: file.certificates()? })
    }
}

impl ClientCertVerifier for Clients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.own.iter().any(|own| own == end_entity) {
            verify::in_its_time(end_entity, now)?;
            return Ok(ClientCertVerified::assertion());
        }
        self.verifier.verify_client_cert(end_entity, between, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify::tls12(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify::tls13(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        verify::schemes()
    }
}
