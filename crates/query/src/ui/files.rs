//! Files of the page, read a piece at a time while they are sent.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jaeger_service::http::{Body, body, reply};

use crate::gzip::Gzip;
use crate::params::unescape;

const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for the client at most.
const PIECES: usize = 4;
/// A client that takes no piece for so long is given up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Smaller files are not worth compressing.
const SMALL: u64 = 1 << 10;

/// Ending, type, and whether it is worth compressing.
const TYPES: &[(&str, &str, bool)] = &[
    ("js", "text/javascript; charset=utf-8", true),
    ("mjs", "text/javascript; charset=utf-8", true),
    ("css", "text/css; charset=utf-8", true),
    ("html", "text/html; charset=utf-8", true),
    ("json", "application/json", true),
    ("map", "application/json", true),
    ("svg", "image/svg+xml", true),
    ("txt", "text/plain; charset=utf-8", true),
    ("xml", "text/xml; charset=utf-8", true),
    ("wasm", "application/wasm", true),
    ("ico", "image/x-icon", false),
    ("png", "image/png", false),
    ("jpg", "image/jpeg", false),
    ("jpeg", "image/jpeg", false),
    ("gif", "image/gif", false),
    ("webp", "image/webp", false),
    ("woff", "font/woff", false),
    ("woff2", "font/woff2", false),
    ("ttf", "font/ttf", false),
    ("eot", "application/vnd.ms-fontobject", false),
];

/// What a file's ending says.
pub(super) fn content_type(name: &str) -> &'static str {
    kind(name.rsplit_once('.').map(|(_, ending)| ending)).0
}

/// Type, and whether it is worth compressing.
fn kind(ending: Option<&str>) -> (&'static str, bool) {
    let known = TYPES.iter().find(|(known, ..)| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(known)));
    known.map_or(("application/octet-stream", false), |(_, name, packs)| (name, *packs))
}

/// Answers with a file below `static/` of the folder.
pub(super) async fn answer(folder: &Path, path: &str, gzip: bool) -> Response<Body> {
    let not_found = || reply::error(StatusCode::NOT_FOUND, "404 page not found");
    let Some(path) = below(&folder.join("static"), path) else { return not_found() };
    let (name, packs) = kind(path.extension().and_then(|ending| ending.to_str()));
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() { Ok((file, metadata.len())) } else { Err(io::Error::from(io::ErrorKind::NotFound)) }
    });
    let (file, length) = match opened.await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
            return reply::error(StatusCode::INTERNAL_SERVER_ERROR, &format!("cannot read the file: {error}"));
        }
        _ => return not_found(),
    };
    let gzip = (gzip && packs && length > SMALL).then(Gzip::new);
    let (sender, body) = body::channel(PIECES);
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(name));
    // Their names carry what they hold.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    if gzip.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    tokio::spawn(write(file, gzip, sender));
    response
}

async fn write(mut file: File, mut gzip: Option<Gzip>, sender: body::Sender) {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE_BYTES];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, io::Error>((file, piece))
        });
        let piece = match read.await {
            Ok(Ok((same, piece))) => {
                file = same;
                piece
            }
            Ok(Err(error)) => return sender.fail(error).await,
            Err(error) => return sender.fail(error).await,
        };
        let last = piece.is_empty();
        let piece = match &mut gzip {
            Some(gzip) if last => gzip.finish(&[]),
            Some(gzip) => gzip.push(&piece),
            None => piece,
        };
        match tokio::time::timeout(PATIENCE, sender.send(piece)).await {
            Ok(Ok(())) if !last => {}
            Ok(_) => return,
            Err(_) => return sender.fail("the file was not read in time").await,
        }
    }
}

/// The file that a path of a URL names: never outside of the folder.
fn below(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = unescape(path, false)?;
    let good = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    path.split('/').all(good).then(|| folder.join(&*path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_folder_is_named() {
        let folder = Path::new("/a");
        assert_eq!(below(folder, "js/x%20y.js"), Some(PathBuf::from("/a/js/x y.js")));
        for path in ["", "../x", "js/%2e%2e/%2e%2e/x", "%2fetc/passwd", "js//x", "a%00b", "a\\b", "%zz"] {
            assert_eq!(below(folder, path), None, "{path}");
        }
    }
}
