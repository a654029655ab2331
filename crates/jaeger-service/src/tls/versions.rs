//! Which versions of TLS and which cipher suites a listener speaks, by the names that Go has for them.

use rustls::crypto::{CryptoProvider, ring};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion, version};

use crate::settings::{Problem, Settings};

static NEWEST_FIRST: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// What may be spoken; as default everything that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Names of TLS 1.2's; empty is all. TLS 1.3 has all of its own in any case, as in Go.
    suites: Vec<String>,
    only: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Tls12,
    Tls13,
}

impl Allowed {
    pub(super) fn from_settings(settings: &Settings, tls: &str) -> Result<Self, Problem> {
        let version = |row: &str| {
            let name = format!("{tls}.{row}");
            match settings.string(&name)? {
                "" => Ok(None),
                "1.2" => Ok(Some(Version::Tls12)),
                "1.3" => Ok(Some(Version::Tls13)),
                "1.0" | "1.1" => {
                    let next = "write 1.2 or 1.3; who speaks neither needs a proxy in front";
                    Err(settings.problem(
                        &name,
                        "a version that is not spoken, it is broken since 2021 (RFC 8996)",
                        next,
                    ))
                }
                _ => Err(settings.problem(&name, "no version of TLS", "write 1.2 or 1.3")),
            }
        };
        let only = match (version("min-version")?, version("max-version")?) {
            (Some(min), Some(max)) if min > max => {
                let reason = "older than the oldest that is allowed";
                return Err(settings.problem(&format!("{tls}.max-version"), reason, "write 1.3, or lower the oldest"));
            }
            (Some(Version::Tls13), _) => Some(Version::Tls13),
            (_, Some(Version::Tls12)) => Some(Version::Tls12),
            _ => None,
        };
        let name = format!("{tls}.cipher-suites");
        let suites: Vec<String> = settings.list(&name)?.into_iter().map(str::to_owned).collect();
        let known: Vec<String> = ring::ALL_CIPHER_SUITES.iter().map(name_of).collect();
        if let Some(strange) = suites.iter().find(|suite| !known.contains(suite)) {
            let next = format!("choose of {}", known.join(", "));
            return Err(settings.problem(&name, &format!("{strange} is not there"), &next));
        }
        Ok(Self { suites, only })
    }

    pub(super) fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        match self.only {
            None => NEWEST_FIRST,
            Some(Version::Tls12) => NEWEST_FIRST.get(1..).unwrap_or_default(),
            Some(Version::Tls13) => NEWEST_FIRST.get(..1).unwrap_or_default(),
        }
    }

    /// The process's cryptography, less the suites that are not wanted.
    pub(super) fn provider(&self) -> CryptoProvider {
        let mut provider = (*super::provider()).clone();
        if !self.suites.is_empty() {
            provider.cipher_suites.retain(|suite| suite.tls13().is_some() || self.suites.contains(&name_of(suite)));
        }
        provider
    }
}

/// Go's name of a suite; rustls has another for those of TLS 1.3.
fn name_of(suite: &SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replace("TLS13_", "TLS_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Component;

    fn allowed(flags: &[(&str, &str)]) -> Result<Allowed, String> {
        let flags: Vec<_> = flags.iter().map(|(row, value)| (format!("admin.http.tls.{row}"), *value)).collect();
        let flags: Vec<_> = flags.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let settings = Settings::for_test(Component::Query, &flags);
        Allowed::from_settings(&settings, "admin.http.tls").map_err(|problem| problem.to_string())
    }

    #[test]
    fn versions_and_suites_have_gos_names() {
        assert_eq!(allowed(&[]).unwrap().versions().len(), 2);
        let one = [(&[("min-version", "1.3")], &version::TLS13), (&[("max-version", "1.2")], &version::TLS12)];
        for (flags, version) in one {
            assert_eq!(allowed(flags).unwrap().versions(), [version]);
        }
        let both = allowed(&[("min-version", "1.2"), ("max-version", "1.3")]).unwrap();
        assert_eq!(both.versions().len(), 2);
        let suites = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256";
        let names: Vec<String> =
            allowed(&[("cipher-suites", suites)]).unwrap().provider().cipher_suites.iter().map(name_of).collect();
        assert_eq!(names.iter().filter(|name| name.contains("_WITH_")).count(), 1);
        assert_eq!(names.len(), 4, "all of TLS 1.3 and the one: {names:?}");
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        for (row, value, words) in [
            ("min-version", "1.0", "write 1.2 or 1.3"),
            ("max-version", "TLS1.2", "write 1.2 or 1.3"),
            ("cipher-suites", "TLS_RSA_WITH_AES_128_CBC_SHA", "choose of TLS_AES_256_GCM_SHA384, "),
        ] {
            let problem = allowed(&[(row, value)]).unwrap_err();
            assert!(problem.contains(row) && problem.contains(value) && problem.contains(words), "{problem}");
        }
        let turned = allowed(&[("min-version", "1.3"), ("max-version", "1.2")]).unwrap_err();
        assert!(turned.starts_with("--admin.http.tls.max-version"), "{turned}");
    }
}
