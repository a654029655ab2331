//! Logging in: user and password, and only to authenticators that are allowed.

use async_trait::async_trait;
use scylla::authentication::{AuthError, AuthenticatorProvider, AuthenticatorSession, PlainTextAuthenticator};

/// Gives the password to authenticators of these names; to any where no name is given.
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) allowed: Vec<String>,
}

#[async_trait]
impl AuthenticatorProvider for Login {
    async fn start_authentication_session(
        &self,
        authenticator: &str,
    ) -> Result<(Option<Vec<u8>>, Box<dyn AuthenticatorSession>), AuthError> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == authenticator) {
            return Err(format!(
                "the cluster wants to log in by {authenticator}, which is not among --cassandra.basic.allowed-authenticators"
            ));
        }
        let plain = PlainTextAuthenticator::new(self.user.clone(), self.password.clone());
        plain.start_authentication_session(authenticator).await
    }
}
