//! What browsers may do: the answers to their questions before a request, and the headers of the request's own answer.

use http::header::{self, HeaderMap, HeaderValue};

/// `--collector.otlp.http.cors.*`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Origins, each with at most one `*` that stands for anything.
    pub origins: Vec<String>,
    /// Request headers beside those that browsers may always send; `*` allows all.
    pub headers: Vec<String>,
}

/// Request headers that need no setting.
const ALWAYS: [&str; 4] = ["accept", "content-type", "x-requested-with", "origin"];
const METHODS: [&str; 3] = ["GET", "POST", "HEAD"];

impl Cors {
    /// The headers of the answer to an OPTIONS request that asks before another.
    pub(super) fn before(&self, asked: &HeaderMap, answer: &mut HeaderMap) {
        const VARY: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        answer.insert(header::VARY, HeaderValue::from_static(VARY));
        let Some(origin) = self.allowed(asked) else { return };
        let Some(method) = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD) else { return };
        if !METHODS.iter().any(|known| known.as_bytes() == method.as_bytes()) {
            return;
        }
        let headers = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        if !headers.is_none_or(|wanted| wanted.to_str().is_ok_and(|wanted| self.allows_headers(wanted))) {
            return;
        }
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        if let Some(headers) = headers {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        }
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }

    /// The headers of the answer to any other request. `Vary` is always there, as in Go.
    pub(super) fn with(&self, asked: &HeaderMap, answer: &mut HeaderMap) {
        answer.insert(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.allowed(asked) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }

    /// What to say of the request's origin.
    fn allowed(&self, asked: &HeaderMap) -> Option<HeaderValue> {
        let origin = asked.get(header::ORIGIN)?;
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        self.origins.iter().any(|allowed| matches(&allowed.to_ascii_lowercase(), &text)).then(|| origin.clone())
    }

    fn allows_headers(&self, wanted: &str) -> bool {
        let mut wanted = wanted.split(',').map(str::trim).filter(|name| !name.is_empty());
        let known = |name: &str| {
            ALWAYS
                .iter()
                .copied()
                .chain(self.headers.iter().map(String::as_str))
                .any(|own| own.eq_ignore_ascii_case(name))
        };
        self.headers.iter().any(|allowed| allowed == "*") || wanted.all(known)
    }
}

fn matches(pattern: &str, origin: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == origin,
        Some((before, after)) => {
            origin.len() >= before.len() + after.len() && origin.starts_with(before) && origin.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value))).collect()
    }

    fn before(cors: &Cors, pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut answer = HeaderMap::new();
        cors.before(&asked(pairs), &mut answer);
        answer
    }

    #[test]
    fn an_allowed_origin_may_send_what_it_asks_for() {
        let cors = Cors { origins: vec!["https://*.example.com".into()], headers: vec!["X-Own".into()] };
        let question = [
            ("origin", "https://shop.example.com"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "x-own, content-type"),
        ];
        let answer = before(&cors, &question);
        assert_eq!(answer["access-control-allow-origin"], "https://shop.example.com");
        assert_eq!(answer["access-control-allow-methods"], "POST");
        assert_eq!(answer["access-control-allow-headers"], "x-own, content-type");
        let mut question = question;
        question[2].1 = "x-other";
        assert!(!before(&cors, &question).contains_key("access-control-allow-origin"));
        question[2].1 = "x-own";
        question[0].1 = "https://example.org";
        assert!(!before(&cors, &question).contains_key("access-control-allow-origin"));
    }

    #[test]
    fn without_a_setting_no_origin_is_allowed_and_vary_is_there() {
        let answer = before(&Cors::default(), &[("origin", "http://a"), ("access-control-request-method", "POST")]);
        assert_eq!(answer.len(), 1);
        assert!(answer["vary"].to_str().is_ok_and(|vary| vary.starts_with("Origin, Access-Control-Request-Method")));
        let mut plain = HeaderMap::new();
        Cors::default().with(&asked(&[("origin", "http://a")]), &mut plain);
        assert_eq!(plain["vary"], "Origin");
        assert_eq!(plain.len(), 1);
    }
}
