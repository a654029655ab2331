//! TLS of all listeners of a process, by the listener's name in the ports file.

use std::collections::BTreeMap;

use super::server::Acceptor;
use super::{HTTP_1, HTTP_2};
use crate::ports::{self, Port};
use crate::settings::{Problem, Settings};

const GRPC: &[&[u8]] = &[HTTP_2];
const HTTP: &[&[u8]] = &[HTTP_2, HTTP_1];

/// Listeners whose flags begin otherwise than their names, and what they speak.
const ALL: [(Port, &str, &[&[u8]]); 9] = [
    (ports::COLLECTOR_GRPC, "collector.grpc", GRPC),
    (ports::COLLECTOR_HTTP, "collector.http", HTTP),
    (ports::COLLECTOR_OTLP_GRPC, "collector.otlp.grpc", GRPC),
    (ports::COLLECTOR_OTLP_HTTP, "collector.otlp.http", HTTP),
    (ports::COLLECTOR_ZIPKIN, "collector.zipkin", HTTP),
    (ports::QUERY_HTTP, "query.http", HTTP),
    (ports::QUERY_GRPC, "query.grpc", GRPC),
    (ports::REMOTE_STORAGE, "grpc", GRPC),
    (ports::ADMIN, "admin.http", HTTP),
];

/// TLS of each listener of this component that has it on.
///
/// # Errors
/// Everything that is wrong with the flags and the files that they name.
pub fn listeners(settings: &Settings) -> Result<BTreeMap<&'static str, Acceptor>, Vec<Problem>> {
    let (mut on, mut problems) = (BTreeMap::new(), Vec::new());
    for (port, prefix, protocols) in ALL {
        if settings.table().get(port.flag).is_none() {
            continue;
        }
        match Acceptor::from_settings(settings, prefix, protocols) {
            Ok(None) => {}
            Ok(Some(acceptor)) => {
                on.insert(port.name, acceptor);
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(one_port_with_tls(settings, &on));
    if problems.is_empty() { Ok(on) } else { Err(problems) }
}

/// As in Go: under TLS, HTTP and gRPC of query have a port each.
fn one_port_with_tls(settings: &Settings, on: &BTreeMap<&'static str, Acceptor>) -> Option<Problem> {
    let (http, grpc) = (ports::QUERY_HTTP, ports::QUERY_GRPC);
    let port = |port: Port| settings.host_port(port.flag).ok().map(|address| address.port);
    let same = port(grpc).is_some_and(|number| number != 0 && Some(number) == port(http));
    let tls = on.contains_key(http.name) || on.contains_key(grpc.name);
    (same && tls).then(|| {
        let reason = format!("the port of --{}, which two listeners with TLS cannot share", http.flag);
        settings.problem(grpc.flag, &reason, "give each a port of its own")
    })
}
