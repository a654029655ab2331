//! The built-in page, and a build of Jaeger's own in a folder: which paths are the page, which are files, and what the page is told.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Empty;
use jaeger_query::{Config, Query, Surroundings, UiFiles};
use jaeger_service::http::{ReadLimits, body};
use jaeger_service::metrics::Registry;
use jaeger_storage::{MemoryConfig, MemoryStore};

const INDEX: &str = "<base href=\"/\" data-inject-target=\"BASE_URL\" />\n\
                     JAEGER_CONFIG = DEFAULT_CONFIG;\n\
                     JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;\n\
                     JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;\n";

#[tokio::test]
async fn the_page_and_its_files_are_served_below_the_base_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "let a = 1;\n".repeat(20_000);
    write(folder.path(), "index.html", INDEX);
    write(folder.path(), "ui.json", "{\"tracking\": {\"gaID\": null}}");
    write(folder.path(), "static/js/a-1234.js", &script);
    let files = UiFiles {
        folder: Some(folder.path().to_owned()),
        config: Some(folder.path().join("ui.json")),
        log_access: true,
    };
    let query = service(Config { base_path: "/jaeger".to_owned(), ui: files, ..Config::default() });
    for path in ["/jaeger", "/jaeger/search", "/jaeger/trace/77", "/jaeger/dependencies", "/elsewhere"] {
        let (status, headers, page) = ask(&query, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert_eq!(headers[CACHE_CONTROL], "no-cache", "{path}");
        let page = String::from_utf8_lossy(&page);
        for part in [
            "<base href=\"/jaeger/\" data",
            "JAEGER_CONFIG = {\"tracking\":{\"gaID\":null}};",
            "JAEGER_STORAGE_CAPABILITIES = {\"archiveStorage\":true};",
            "\"metricsStorage\":true",
        ] {
            assert!(page.contains(part), "{path}: {part} in {page}");
        }
    }
    let (status, headers, file) = ask(&query, "/jaeger/static/js/a-1234.js", "").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert!(file == script.as_bytes(), "the whole file");
    let (_, headers, packed) = ask(&query, "/jaeger/static/js/a-1234.js", "gzip").await;
    assert_eq!(headers[CONTENT_ENCODING], "gzip");
    assert!(packed.len() < script.len() / 10, "{} bytes", packed.len());
    for path in ["/jaeger/static/nope.js", "/jaeger/static/", "/jaeger/static/js", "/jaeger/static/%2e%2e/index.html"] {
        assert_eq!(ask(&query, path, "").await.0, StatusCode::NOT_FOUND, "{path}");
    }
    // The API is where it was.
    let (_, headers, _) = ask(&query, "/jaeger/api/services", "").await;
    assert_eq!(headers[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn the_built_in_page_is_told_where_it_stands_and_asks_no_other_host() {
    let query = service(Config { base_path: "/jaeger".to_owned(), ..Config::default() });
    for path in ["/jaeger", "/jaeger/search", "/jaeger/trace/77", "/elsewhere"] {
        let (status, headers, page) = ask(&query, path, "").await;
        let page = String::from_utf8_lossy(&page);
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(page.contains("<base href=\"/jaeger/\""), "{path}: {page}");
        assert!(headers[CONTENT_SECURITY_POLICY].to_str().is_ok_and(|policy| policy.starts_with("default-src 'self'")));
        assert_eq!(headers[CACHE_CONTROL], "no-cache", "{path}");
        // Without a build of it there is a word of how to make one.
        if page.contains("jaeger-ui-root") {
            files_of(&query, &page).await;
        } else {
            assert!(page.contains("cargo xtask ui"), "{path}: {page}");
        }
    }
    assert_eq!(ask(&query, "/jaeger/static/a.js", "").await.0, StatusCode::NOT_FOUND);
}

/// What the page names is there, packed and not.
async fn files_of(query: &Query, page: &str) {
    assert!(page.contains("\"capabilities\":{\"archiveStorage\":true"), "{page}");
    let names: Vec<&str> = page.split("\"./static/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 3 && names.contains(&"icon.svg"), "{names:?}");
    for name in names {
        let path = format!("/jaeger/static/{name}");
        let (status, _, plain) = ask(query, &path, "").await;
        let (_, headers, packed) = ask(query, &path, "gzip").await;
        assert_eq!((status, &headers[CONTENT_ENCODING]), (StatusCode::OK, &"gzip".parse().expect("a value")), "{name}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("a whole file");
        assert!(plain == unpacked && !plain.is_empty(), "{name}");
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("written");
}

fn service(config: Config) -> Query {
    let store = Arc::new(MemoryStore::new(MemoryConfig { background: false, ..MemoryConfig::default() }));
    Query::new(config, store, &Registry::new(), Surroundings::default())
}

async fn ask(query: &Query, path: &str, encoding: &str) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::get(path).header("accept-encoding", encoding).body(Empty::<Bytes>::new());
    let (head, body) = query.answer(request.expect("a request")).await.into_parts();
    let limits = ReadLimits { max_bytes: 64 << 20, timeout: None };
    (head.status, head.headers, body::read(body, limits).await.expect("a whole body"))
}
