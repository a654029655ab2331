//! Where a call goes.

use std::fmt;

use crate::config::ConfigError;
use crate::propagation::percent;

/// An address of a page, `http` only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Url {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as the server is told.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) target: String,
}

/// Why a text is no such address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UrlError;

impl UrlError {
    /// As the error of a setting.
    pub(crate) fn of(self, variable: &'static str, value: &str) -> ConfigError {
        let expected = "a full address such as http://jaeger:14268/api/traces (https is not spoken here: put a proxy, \
                        or an agent beside this service)";
        ConfigError::Invalid { variable, value: value.to_owned(), expected }
    }
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = text.strip_prefix("http://").ok_or(UrlError)?;
        // Nothing that would end a line of the request.
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(UrlError);
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = target.split_once('#').map_or(target, |(before, _)| before);
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| UrlError)?),
            _ => (authority, 80),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() || bare.contains('@') || port == 0 {
            return Err(UrlError);
        }
        Ok(Self { host: bare.to_owned(), port, authority: authority.to_owned(), target })
    }

    /// With one more parameter in the query.
    pub(crate) fn with_parameter(mut self, name: &str, value: &str) -> Self {
        let sign = if self.target.contains('?') { '&' } else { '?' };
        self.target += &format!("{sign}{name}={}", percent::encode(value));
        self
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, host: &str, port: u16, target: &str) {
        let url = Url::parse(text).expect(text);
        assert_eq!((url.host.as_str(), url.port, url.target.as_str()), (host, port, target));
    }

    #[test]
    fn addresses_have_a_host_and_maybe_more() {
        check("http://jaeger", "jaeger", 80, "/");
        check("http://jaeger:5778/sampling?a=b#c", "jaeger", 5778, "/sampling?a=b");
        check("http://[::1]:5778", "::1", 5778, "/");
        check("http://[::1]/x", "::1", 80, "/x");
        check("http://jaeger:1?x", "jaeger", 1, "/?x");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in
            ["", "jaeger:5778", "https://jaeger", "http://", "http://a:b", "http://a:0", "http://u@a", "http://a/ b"]
        {
            assert_eq!(Url::parse(wrong), Err(UrlError), "{wrong}");
        }
    }

    #[test]
    fn parameters_are_escaped() {
        let url = Url::parse("http://a/s").expect("an address").with_parameter("service", "front <&> back");
        assert_eq!(url.target, "/s?service=front%20%3C%26%3E%20back");
    }
}
