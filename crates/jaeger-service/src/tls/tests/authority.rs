//! Certificates for tests, made by the program openssl.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A folder with an authority.
pub(crate) struct Authority {
    folder: TempDir,
    name: &'static str,
}

impl Authority {
    pub(crate) fn new(name: &'static str) -> Self {
        let authority = Self { folder: tempfile::tempdir().expect("a folder"), name };
        std::fs::write(authority.at("ca.cnf"), SETTINGS).expect("written");
        std::fs::write(authority.at("index.txt"), "").expect("written");
        let subject = format!("/CN={name}");
        authority
            .openssl(&["req", "-x509", "-days", "2", "-subj", &subject, "-keyout", "ca.key", "-out", "ca.pem"], &KEY);
        authority
    }

    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn text(&self, file: &str) -> String {
        self.at(file).to_str().expect("text").to_owned()
    }

    /// `NAME.pem` and `NAME.key`, for localhost and 127.0.0.1.
    pub(crate) fn issue(&self, name: &str) {
        self.issue_until(name, "20991231235959Z");
    }

    /// The same, which ended long ago.
    pub(crate) fn issue_expired(&self, name: &str) {
        self.issue_until(name, "20210101000000Z");
    }

    fn issue_until(&self, name: &str, end: &str) {
        let of = |end: &str| format!("{name}.{end}");
        let (csr, key, pem) = (of("csr"), of("key"), of("pem"));
        let subject = format!("/CN={name}/O={}", self.name);
        self.openssl(&["req", "-subj", &subject, "-keyout", &key, "-out", &csr], &KEY);
        let times = ["ca", "-batch", "-config", "ca.cnf", "-startdate", "20200101000000Z", "-enddate", end];
        self.openssl(&times, &["-notext", "-in", &csr, "-out", &pem]);
    }

    /// `NAME.pem` and `NAME.key`, which is its own authority.
    pub(crate) fn issue_self_signed(&self, name: &str) {
        let of = |end: &str| format!("{name}.{end}");
        let subject = format!("/CN={name}");
        let what = ["req", "-x509", "-days", "2", "-subj", &subject, "-addext", "subjectAltName=DNS:localhost"];
        let (key, pem) = (of("key"), of("pem"));
        self.openssl(&[&what[..], &["-keyout", &key, "-out", &pem]].concat(), &KEY);
    }

    fn openssl(&self, first: &[&str], rest: &[&str]) {
        let done = Command::new("openssl").args(first).args(rest).current_dir(self.folder.path()).output();
        let done = done.expect("the program openssl is needed for this test: apt-get install openssl");
        assert!(done.status.success(), "openssl {first:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Of the authority, in openssl's form.
const SETTINGS: &str = "
[ca]
default_ca = this
[this]
certificate = ca.pem
private_key = ca.key
new_certs_dir = .
database = index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
organizationName = optional
[leaf]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost,IP:127.0.0.1
";

/// Small and quick to make.
const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// Puts a file in another's place, as a renewal does.
pub(crate) fn renew(from: &Path, to: &Path) {
    let beside = to.with_extension("new");
    std::fs::copy(from, &beside).expect("copied");
    std::fs::rename(&beside, to).expect("moved");
}
