//! The caller's token, with `--query.bearer-token-propagation`: asked of each request, and kept by the tasks that answer it,
//! so that remote storage is asked in the caller's name.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use tokio::task::JoinHandle;

/// What a proxy in front may have put.
const FORWARDED: &str = "x-forwarded-access-token";

/// The token of a request: as Go takes it.
pub(crate) fn token(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = [AUTHORIZATION.as_str(), FORWARDED, jaeger_grpc::TOKEN_METADATA];
    let text = given.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
    let token = match text.split_once(' ') {
        None => text,
        Some(("Bearer", token)) if !token.contains(' ') => token,
        Some(_) => return None,
    };
    let mut token = HeaderValue::from_str(token).ok().filter(|token| !token.is_empty())?;
    token.set_sensitive(true);
    Some(token)
}

/// A task that answers the same caller.
pub(crate) fn spawn<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(jaeger_grpc::with_token(jaeger_grpc::token(), work))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_as_go_takes_them() {
        let of = |name: &'static str, value: &'static str| {
            let headers =
                HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))]);
            token(&headers).map(|token| token.to_str().unwrap_or_default().to_owned())
        };
        assert_eq!(of("authorization", "Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of("authorization", "abc").as_deref(), Some("abc"));
        assert_eq!(of("x-forwarded-access-token", "abc").as_deref(), Some("abc"));
        for other in ["Basic abc", "bearer abc", "Bearer a b", ""] {
            assert_eq!(of("authorization", other), None, "{other}");
        }
        assert_eq!(of("accept", "abc"), None);
    }
}
