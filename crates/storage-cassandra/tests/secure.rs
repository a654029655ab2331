//! Users and TLS.

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jaeger_storage::SpanReader as _;
use jaeger_storage_cassandra::schema::{SchemaSettings, create};
use jaeger_storage_cassandra::{CassandraConfig, CassandraStore, Tls};
use jaeger_test_servers::cassandra::{Cassandra, Setup, Version};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

const DEADLINE: Duration = Duration::from_secs(60);

/// A key for 127.0.0.1 with the JDK's own tool, and its certificate beside it.
fn key(folder: &Path) {
    let keytool = |arguments: &[&str]| {
        let output = Command::new("keytool").args(arguments).current_dir(folder).output().expect("keytool of a JDK");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    let store = ["-keystore", "node.p12", "-storepass", "password", "-alias", "node"];
    // No authority: a certificate of one is not taken as a node's.
    let generate =
        ["-genkeypair", "-keyalg", "RSA", "-storetype", "PKCS12", "-dname", "CN=node", "-ext", "san=ip:127.0.0.1"];
    keytool(&[&generate[..], &store].concat());
    keytool(&[&["-exportcert", "-rfc", "-file", "node.pem"][..], &store].concat());
}

fn trusting(certificate: &Path) -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).expect("a certificate")).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    Tls::new(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_log_in_over_tls_and_others_are_told_which_flag_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    key(folder.path());
    let store = folder.path().join("node.p12");
    let setup = Setup { version: Version::V5, login: true, synced: false, tls: Some((&store, "password")) };
    let node = Cassandra::start(setup).expect("a node");
    let tls = Some(trusting(&folder.path().join("node.pem")));
    let login = |password: &str| Some(("cassandra".to_owned(), password.to_owned()));
    let right = CassandraConfig { tls, login: login("cassandra"), ..common::config(&node, "secure") };

    let (host, port) = (node.address().ip().to_string(), node.address().port().to_string());
    let variable = |name| match name {
        "CQLSH_HOST" => Some(host.clone()),
        "CQLSH_PORT" => Some(port.clone()),
        "KEYSPACE" => Some("secure".to_owned()),
        _ => None,
    };
    let mut schema = SchemaSettings::from_variables(variable).expect("settings");
    schema.connection = right.clone();
    create(&schema).await.expect("a schema");

    let store = CassandraStore::new(right.clone(), None);
    assert_eq!(store.denied().await, None);
    assert_eq!(store.services().await.expect("services"), [""; 0]);

    let denied = async |config| {
        let store = CassandraStore::new(config, None);
        let denied = tokio::time::timeout(DEADLINE, store.denied()).await.expect("an answer");
        denied.expect("a reason").to_string()
    };
    let wrong = denied(CassandraConfig { login: login("guess"), ..right.clone() }).await;
    assert!(wrong.starts_with("--cassandra.username: the cluster does not take user cassandra"), "{wrong}");
    let nobody = denied(CassandraConfig { login: None, ..right.clone() }).await;
    assert!(nobody.starts_with("--cassandra.username: the cluster asks for a user"), "{nobody}");

    // Whoever does not trust the node says why.
    let other = tempfile::tempdir().expect("a folder");
    key(other.path());
    let stranger = CassandraConfig { tls: Some(trusting(&other.path().join("node.pem"))), ..right };
    let store = CassandraStore::new(stranger, None);
    let told = async {
        loop {
            let error = store.services().await.expect_err("it is not trusted").to_string();
            if error.contains("TLS to ") {
                return error;
            }
        }
    };
    tokio::time::timeout(DEADLINE, told).await.expect("the reason");
}
