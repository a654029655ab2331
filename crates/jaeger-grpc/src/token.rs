//! The token of whoever is being answered, passed on with what is asked of others meanwhile.

use http::HeaderValue;

tokio::task_local! {
    static TOKEN: Option<HeaderValue>;
}

/// Where Go Jaeger's servers look for it.
pub const TOKEN_METADATA: &str = "bearer.token";

/// Runs `work`, whose calls carry the token.
pub async fn with_token<F: Future>(token: Option<HeaderValue>, work: F) -> F::Output {
    TOKEN.scope(token, work).await
}

/// The token of the work that runs.
#[must_use]
pub fn token() -> Option<HeaderValue> {
    TOKEN.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_there_for_the_work_that_it_was_given_to() {
        let given = HeaderValue::from_static("abc");
        assert_eq!(with_token(Some(given.clone()), async { token() }).await, Some(given));
        assert_eq!(token(), None);
    }
}
