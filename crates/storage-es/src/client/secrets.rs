//! Passwords and tokens; those in files are read again when the file changes, as Kubernetes replaces them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use elasticsearch::auth;
use elasticsearch::http::transport::Transport;
use parking_lot::Mutex;

use super::ConnectError;
use crate::config::{Credentials, Secret};

/// How often a file is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The longest secret.
const MAX_BYTES: u64 = 64 << 10;

/// What the transport says of us.
pub(super) struct Secrets(Mutex<State>);

struct State {
    user: Option<String>,
    file: Option<PathBuf>,
    /// What to say, until it has been said.
    unsaid: Option<auth::Credentials>,
    looked: Instant,
    changed: Option<SystemTime>,
}

impl Secrets {
    /// `of_url` is a user that stood in a server's address.
    pub(super) fn new(credentials: &Credentials, of_url: Option<(String, String)>) -> Result<Self, ConnectError> {
        let mut state = State { user: None, file: None, unsaid: None, looked: Instant::now(), changed: None };
        match credentials {
            Credentials::None => state.unsaid = of_url.map(|(user, password)| auth::Credentials::Basic(user, password)),
            Credentials::Basic { user, password: Secret::Text(password) } => {
                state.unsaid = Some(auth::Credentials::Basic(user.clone(), password.clone()));
            }
            Credentials::Basic { user, password: Secret::File(file) } => {
                state.user = Some(user.clone());
                state.file = Some(file.clone());
            }
            Credentials::TokenFile(file) => state.file = Some(file.clone()),
        }
        if let Some(file) = state.file.clone() {
            let wrong = |error: std::io::Error| ConnectError::File {
                path: file.display().to_string(),
                reason: error.to_string(),
            };
            state.changed = changed(&file);
            let secret = read(&file).map_err(wrong)?;
            state.unsaid = Some(state.credentials(secret));
        }
        Ok(Self(Mutex::new(state)))
    }

    /// Sees to it that the next request says who we are.
    pub(super) fn authorize(&self, transport: &Transport) {
        let mut state = self.0.lock();
        state.look();
        if let Some(credentials) = state.unsaid.take() {
            transport.set_auth(credentials);
        }
    }
}

impl State {
    fn credentials(&self, secret: String) -> auth::Credentials {
        match &self.user {
            Some(user) => auth::Credentials::Basic(user.clone(), secret),
            None => auth::Credentials::Bearer(secret),
        }
    }

    fn look(&mut self) {
        let Some(file) = self.file.clone().filter(|_| self.looked.elapsed() >= LOOK) else { return };
        self.looked = Instant::now();
        let changed = changed(&file);
        if changed == self.changed {
            return;
        }
        match read(&file) {
            Ok(secret) => {
                self.changed = changed;
                self.unsaid = Some(self.credentials(secret));
                tracing::info!(file = %file.display(), "Secret read again");
            }
            // In the middle of being replaced; the one before goes on.
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "Secret cannot be read, the one before is used");
            }
        }
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|file| file.modified()).ok()
}

fn read(file: &Path) -> std::io::Result<String> {
    let length = std::fs::metadata(file)?.len();
    if length > MAX_BYTES {
        return Err(std::io::Error::other(format!("{length} bytes are too many for a secret")));
    }
    Ok(std::fs::read_to_string(file)?.trim_end_matches(['\r', '\n']).to_owned())
}
