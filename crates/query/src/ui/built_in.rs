//! The page of this project, as it was when the binary was built: packed files in memory.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jaeger_service::http::{Body, body, reply};

use super::files;

/// A file below `static/`.
struct File {
    name: &'static str,
    /// In gzip.
    packed: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// Scripts, styles and requests of this server alone.
pub(super) const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'self'; base-uri 'self'; form-action 'self'; object-src 'none'");

/// The only file whose name does not change with what it holds.
const ICON: &str = "icon.svg";

/// What stands in place of a page that was not built.
const NONE: &str = "<!doctype html><html lang=en><meta charset=utf-8><base href=\"/\"><title>No page</title>\
    <link rel=\"shortcut icon\" href=\"data:,\"><h1>The page is not in this binary</h1>\
    <p>It was built without <code>cargo xtask ui</code>, which needs Node 20. <code>make run</code> does both.\
    <p>The API is here: <code>/api/services</code>, <code>/api/traces?service=NAME</code>. \
    <code>--query.static-files</code> serves a build of Jaeger's own page.";

pub(super) fn index() -> &'static str {
    INDEX.unwrap_or(NONE)
}

/// Answers with a file.
pub(super) fn answer(path: &str, gzip: bool) -> Response<Body> {
    let Some(file) = FILES.iter().find(|file| file.name == path) else {
        return reply::error(StatusCode::NOT_FOUND, "404 page not found");
    };
    let content = if gzip { Bytes::from_static(file.packed) } else { unpacked(file.packed) };
    let mut response = Response::new(body::full(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(files::content_type(path)));
    let kept = if path == ICON { "public, max-age=86400" } else { "public, max-age=31536000, immutable" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn unpacked(packed: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    // It was packed when this was built, and is whole.
    let _infallible = GzDecoder::new(packed).read_to_end(&mut plain);
    plain.into()
}
