//! The recorded files as they stand in `recorded/`: inputs, cases and exchanges.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

/// Bytes that one client sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Input {
    /// `udp:PORT`, `http:PORT/PATH` or `grpc:PORT`.
    pub via: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    body_base64: Option<String>,
    packets_base64: Option<Vec<String>>,
}

impl Input {
    /// One body, or the datagrams in order.
    pub fn bodies(&self) -> Result<Vec<Bytes>> {
        let texts = self.packets_base64.iter().flatten().chain(&self.body_base64);
        texts.map(|text| decode(text)).collect()
    }
}

/// One server and what it was sent and asked.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub name: String,
    pub server: String,
    #[serde(default)]
    pub flags: Vec<String>,
    #[serde(default)]
    pub inputs: Vec<String>,
    /// The answer to each input; none for UDP.
    #[serde(default)]
    pub sent: Vec<Sent>,
    pub exchanges: Vec<Exchange>,
    pub strategies_file: Option<String>,
    /// "does not start" where that is what was recorded.
    pub start: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Sent {
    pub input: String,
    pub answer: Option<Response>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    pub request: Request,
    pub response: Response,
    pub compare: Compare,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub metadata: Vec<(String, String)>,
    /// What a gRPC request tries.
    pub what: Option<String>,
    body: Option<String>,
    body_base64: Option<String>,
    body_made: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Response {
    pub status: Option<u16>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    pub body_base64: Option<String>,
    pub body_same_as: Option<usize>,
    pub body_is: Option<String>,
    pub grpc_status: Option<String>,
    pub message: Option<String>,
}

/// How an answer is compared; see `recorded/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    Exact,
    Unordered,
    UnorderedTags,
    WarningsGrow,
}

impl Request {
    /// `METHOD :PORT/path`, or `grpc :PORT/Service/Method (what it tries, its metadata)`.
    pub fn title(&self) -> String {
        let place = self.url.split_once("127.0.0.1").map_or(self.url.as_str(), |(_, rest)| rest);
        let headers: Vec<_> = self.headers.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let metadata: Vec<_> = self.metadata.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        let body = self.body.iter().chain(&self.body_base64).map(|text| text.chars().take(60).collect());
        let body = body.filter(|text: &String| self.what.is_none() && !text.is_empty());
        let notes: Vec<_> = self.what.iter().cloned().chain(headers).chain(metadata).chain(body).collect();
        match notes.as_slice() {
            [] => format!("{} {place}", self.method),
            notes => format!("{} {place} ({})", self.method, notes.join(", ")),
        }
    }

    pub fn is_grpc(&self) -> bool {
        self.method == "grpc"
    }

    /// The port of Jaeger's own numbers, and path and query.
    pub fn port_and_path(&self) -> Result<(u16, &str)> {
        let (_, rest) = self.url.split_once("127.0.0.1:").context("a recorded request has no address")?;
        let end = rest.find('/').unwrap_or(rest.len());
        Ok((rest[..end].parse()?, &rest[end..]))
    }

    pub fn bytes(&self) -> Result<Bytes> {
        match (&self.body, &self.body_base64, &self.body_made) {
            (Some(text), _, _) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            (_, Some(text), _) => decode(text),
            (_, _, Some(text)) => make(text),
            _ => Ok(Bytes::new()),
        }
    }
}

impl Case {
    /// A response whose body is that of the exchange it points to.
    pub fn response(&self, index: usize) -> Result<Response> {
        let mut response = self.exchanges[index].response.clone();
        while let Some(other) = response.body_same_as {
            let other = self.exchanges.get(other).context("body_same_as points nowhere")?;
            response.body.clone_from(&other.response.body);
            response.body_base64.clone_from(&other.response.body_base64);
            response.body_same_as = other.response.body_same_as;
        }
        Ok(response)
    }
}

/// The folder of the recorded files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded")
}

pub fn input(name: &str) -> Result<Input> {
    read(&folder().join("inputs").join(format!("{name}.json")))
}

/// All cases in the order of their names; those of a file with several are named `file/case`.
pub fn cases() -> Result<Vec<Case>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Content {
        Several { name: String, cases: Vec<Case> },
        One(Box<Case>),
    }
    let mut files: Vec<_> = std::fs::read_dir(folder().join("cases"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut all = Vec::new();
    for file in files {
        match read(&file.path())? {
            Content::One(case) => all.push(*case),
            Content::Several { name, cases } => {
                all.extend(cases.into_iter().map(|case| Case { name: format!("{name}/{}", case.name), ..case }));
            }
        }
    }
    if all.is_empty() {
        bail!("no recorded cases in {}", folder().display());
    }
    Ok(all)
}

pub fn decode(text: &str) -> Result<Bytes> {
    Ok(STANDARD.decode(text)?.into())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let what = || format!("{}", path.display());
    serde_json::from_slice(&std::fs::read(path).with_context(what)?).with_context(what)
}

/// A PostSpans message of one span with trace id 1, span id 1 and an operation name of so many "x", as told in words.
fn make(text: &str) -> Result<Bytes> {
    let (_, rest) = text.split_once("operation name of ").context("a body that is told in other words")?;
    let length: usize = rest.split(' ').next().unwrap_or_default().parse()?;
    let mut span = vec![0x0a, 16];
    span.extend([0; 15]);
    span.extend([1, 0x12, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a]);
    varint(&mut span, length);
    span.extend(std::iter::repeat_n(b'x', length));
    let mut batch = vec![0x0a];
    varint(&mut batch, span.len());
    batch.extend(span);
    let mut request = vec![0x0a];
    varint(&mut request, batch.len());
    request.extend(batch);
    Ok(request.into())
}

fn varint(out: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::make;

    #[test]
    fn a_made_body_has_the_recorded_sizes() {
        assert_eq!(make("one span, trace id 1, span id 1, operation name of 4194261 x").unwrap().len(), 4_194_304);
        assert_eq!(make("one span, operation name of 4194304 x").unwrap().len(), 4_194_347);
    }
}
