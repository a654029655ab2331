//! The page: this project's, out of the binary, or a build of Jaeger's own out of a folder (`--query.static-files`).
//! Its `index.html` with what it must know put in, and the files below `static/`.

mod built_in;
mod config;
mod files;
mod inject;
mod told;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use http::{Response, StatusCode};
use jaeger_service::http::{Body, reply};
use jaeger_service::settings::FileWatch;

use config::{ConfigError, PageConfig};
pub(crate) use inject::Known;

/// Files are looked at again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const MAX_INDEX_BYTES: u64 = 4 << 20;
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Where the page lies.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UiFiles {
    /// The folder with `index.html` and `static/` of another page than the built-in one.
    pub folder: Option<PathBuf>,
    /// What `--query.ui-config` names.
    pub config: Option<PathBuf>,
    /// Whether each file that is read is logged.
    pub log_access: bool,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UiError {
    #[error("cannot read {0}: {1}")]
    Read(String, std::io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The page; clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Ui(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    files: UiFiles,
    known: Known,
    page: Mutex<Page>,
}

/// What was read last.
#[derive(Debug)]
struct Page {
    looked: Option<Instant>,
    /// Of a folder; what is built in does not change.
    index_file: Option<FileWatch>,
    config_file: Option<FileWatch>,
    index: String,
    config: PageConfig,
    whole: Bytes,
}

impl Ui {
    pub(crate) fn new(files: UiFiles, known: Known) -> Self {
        let page = Page {
            looked: None,
            index_file: files.folder.as_ref().map(|folder| FileWatch::new(folder.join("index.html"), MAX_INDEX_BYTES)),
            config_file: files.config.as_ref().map(|path| FileWatch::new(path, MAX_CONFIG_BYTES)),
            index: String::new(),
            config: PageConfig::None,
            whole: Bytes::new(),
        };
        Self(Arc::new(Inner { files, known, page: Mutex::new(page) }))
    }

    /// `index.html` as it is served: read again where a file changed; what then cannot be read stays as it was.
    pub(crate) fn index(&self) -> Result<Bytes, UiError> {
        let mut page = self.0.page.lock().unwrap_or_else(PoisonError::into_inner);
        if page.looked.is_some_and(|looked| looked.elapsed() < LOOK_AGAIN) {
            return Ok(page.whole.clone());
        }
        match page.look() {
            Ok(false) => {}
            Ok(true) => page.whole = self.whole(&page).into(),
            Err(error) if page.whole.is_empty() => return Err(error),
            Err(error) => tracing::warn!(%error, "The page stays as it was read before"),
        }
        page.looked = Some(Instant::now());
        Ok(page.whole.clone())
    }

    fn whole(&self, page: &Page) -> String {
        if page.index_file.is_some() {
            return inject::inject(&page.index, &page.config, &self.0.known);
        }
        if matches!(page.config, PageConfig::Script(_)) {
            tracing::warn!(
                "The script of --query.ui-config is for Jaeger's own page (--query.static-files); the built-in one takes \
                 the same settings as .json"
            );
        }
        told::tell(built_in::index(), &page.config, &self.0.known)
    }

    /// Answers with the page.
    pub(crate) async fn page(&self) -> Response<Body> {
        let this = self.clone();
        let index = tokio::task::spawn_blocking(move || this.index()).await;
        match index {
            Ok(Ok(index)) => {
                let mut response = reply::with_type(StatusCode::OK, "text/html; charset=utf-8", index);
                // It names the files of one build: an old one would ask for files that are gone.
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                if self.0.files.folder.is_none() {
                    response.headers_mut().insert(CONTENT_SECURITY_POLICY, built_in::POLICY);
                }
                response
            }
            Ok(Err(error)) => reply::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            Err(_) => reply::error(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made, see the log"),
        }
    }

    /// Answers with a file below `static/`.
    pub(crate) async fn file(&self, path: &str, gzip: bool) -> Response<Body> {
        if self.0.files.log_access {
            tracing::info!(file = path, "A file of the page is read");
        }
        match &self.0.files.folder {
            Some(folder) => files::answer(folder, path, gzip).await,
            None => built_in::answer(path, gzip),
        }
    }
}

impl Page {
    /// Whether anything changed.
    fn look(&mut self) -> Result<bool, UiError> {
        let read = |watch: &mut FileWatch| {
            let content = watch.changed();
            content.map_err(|error| UiError::Read(watch.path().display().to_string(), error))
        };
        let mut changed = self.index_file.is_none() && self.looked.is_none();
        if let Some(watch) = &mut self.config_file
            && let Some(content) = read(watch)?
        {
            self.config = PageConfig::read(watch.path(), content)?;
            changed = true;
        }
        if let Some(watch) = &mut self.index_file
            && let Some(content) = read(watch)?
        {
            self.index = String::from_utf8_lossy(&content).into_owned();
            changed = true;
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_follows_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = UiFiles {
            folder: Some(folder.path().to_owned()),
            config: Some(folder.path().join("ui.json")),
            log_access: false,
        };
        let ui = Ui::new(files, Known::default());
        assert!(ui.index().expect_err("no file").to_string().contains("ui.json"));
        std::fs::write(folder.path().join("ui.json"), "{\"b\":1,\"a\":\"</script>\"}").expect("written");
        assert!(ui.index().expect_err("no page").to_string().contains("index.html"));
        std::fs::write(folder.path().join("index.html"), "x JAEGER_CONFIG = DEFAULT_CONFIG; y").expect("written");
        let shown = |ui: &Ui| String::from_utf8_lossy(&ui.index().expect("a page")).into_owned();
        assert_eq!(shown(&ui), "x JAEGER_CONFIG = {\"a\":\"\\u003c/script\\u003e\",\"b\":1}; y");
        std::fs::write(folder.path().join("ui.json"), "nonsense").expect("written");
        ui.0.page.lock().expect("a page").looked = None;
        assert!(shown(&ui).contains("script"), "what was good stays");
    }

    #[test]
    fn the_built_in_page_follows_its_settings_and_takes_no_script() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            Ui::new(UiFiles { config: Some(path), ..UiFiles::default() }, Known::default())
        };
        assert!(file("ui.json", "nonsense").index().is_err());
        for ui in [file("good.json", "{}"), file("ui.js", "function UIConfig() { return {} }")] {
            let page = String::from_utf8_lossy(&ui.index().expect("a page")).into_owned();
            assert!(page.contains("<!doctype html>") && !page.contains("UIConfig"), "{page}");
        }
    }
}
