//! Spans by process, then by scope, each in order of first appearance.

use std::collections::HashMap;

use jaeger_model::{ProcessView, SpanView, Value, hash_bytes};

use super::convert::scope;

/// The spans of one process.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    pub(super) process: Option<ProcessView<'a>>,
    pub(super) scopes: Vec<Scope<'a>>,
}

/// The spans of one process and one scope.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) spans: Vec<SpanView<'a>>,
}

pub(super) fn group<'a>(spans: impl IntoIterator<Item = SpanView<'a>>) -> Vec<Resource<'a>> {
    let mut resources: Vec<Resource<'a>> = Vec::new();
    let mut by_process: HashMap<u64, usize> = HashMap::new();
    let mut by_scope: HashMap<(usize, &str, &str), usize> = HashMap::new();
    let mut last: Option<usize> = None;
    for span in spans {
        let process = span.process();
        let same = |at: usize| resources.get(at).is_some_and(|resource| resource.process == process);
        let at = match last.filter(|at| same(*at)) {
            Some(at) => at,
            None => {
                // Two processes of one hash stand one behind the other.
                let mut hash = process.map_or(0, hash_of);
                loop {
                    match by_process.get(&hash) {
                        Some(at) if same(*at) => break *at,
                        Some(_) => hash = hash.wrapping_add(1),
                        None => {
                            by_process.insert(hash, resources.len());
                            break resources.len();
                        }
                    }
                }
            }
        };
        last = Some(at);
        if at == resources.len() {
            resources.push(Resource { process, scopes: Vec::new() });
        }
        let Some(resource) = resources.get_mut(at) else { continue };
        let (name, version) = scope(span);
        let place = *by_scope.entry((at, name, version)).or_insert(resource.scopes.len());
        match resource.scopes.get_mut(place) {
            Some(scope) => scope.spans.push(span),
            None => resource.scopes.push(Scope { name, version, spans: vec![span] }),
        }
    }
    resources
}

fn hash_of(process: ProcessView<'_>) -> u64 {
    let mut hash = hash_bytes(1, process.service().as_bytes());
    for tag in process.tags() {
        hash = hash_bytes(hash, tag.key.as_bytes());
        hash = match tag.value {
            Value::Str(text) => hash_bytes(hash, text.as_bytes()),
            Value::Bytes(bytes) => hash_bytes(hash, bytes),
            Value::Bool(value) => hash_bytes(hash, &[u8::from(value)]),
            Value::I64(number) => hash_bytes(hash, &number.to_le_bytes()),
            Value::F64(number) => hash_bytes(hash, &number.to_bits().to_le_bytes()),
        };
    }
    hash
}
