//! Three ways to send a span, to be copied into a terminal.

use std::net::SocketAddr;

use super::html::Html;

pub(super) fn write(page: &mut Html, addresses: &[(String, SocketAddr)], host_header: &str) {
    let host = host(host_header);
    let port = |name: &str, default: u16| {
        addresses.iter().find(|(known, _)| known == name).map_or(default, |(_, address)| address.port())
    };
    let (http, compact) = (port("collector.otlp.http", 4318), port("agent.jaeger-compact", 6831));
    page.raw("<h2>Send a span</h2><p>With nothing but a shell:</p><pre>");
    page.text(&format!(
        "now=$(date +%s)000000000\n\
         curl http://{host}:{http}/v1/traces -H 'Content-Type: application/json' -d '{{\"resourceSpans\":[{{\"resource\":\
         {{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"hello\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{{\
         \"traceId\":\"'$(openssl rand -hex 16)'\",\"spanId\":\"'$(openssl rand -hex 8)'\",\"name\":\"first span\",\
         \"startTimeUnixNano\":\"'$now'\",\"endTimeUnixNano\":\"'$now'\"}}]}}]}}]}}'"
    ));
    page.raw("</pre><p>From a program with an OpenTelemetry SDK:</p><pre>");
    page.text(&format!(
        "export OTEL_SERVICE_NAME=hello OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n\
         export OTEL_EXPORTER_OTLP_ENDPOINT=http://{host}:{http}"
    ));
    page.raw("</pre><p>From a program with a Jaeger client:</p><pre>");
    page.text(&format!(
        "export JAEGER_SERVICE_NAME=hello JAEGER_SAMPLER_TYPE=const JAEGER_SAMPLER_PARAM=1\n\
         export JAEGER_AGENT_HOST={host} JAEGER_AGENT_PORT={compact}"
    ));
    page.raw("</pre>");
    if !addresses.is_empty() {
        page.raw("<p class=dim>Listening: ");
        for (place, (name, address)) in addresses.iter().enumerate() {
            page.raw(if place > 0 { ", " } else { "" }).text(name).raw(" ").show(address);
        }
        page.raw("</p>");
    }
}

/// The name by which the reader reaches this machine. What is no host name would be a trap in a shell.
fn host(header: &str) -> &str {
    let host = match header.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => header,
    };
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(good) { "localhost" } else { host }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_host_is_taken_from_the_request_where_it_is_one() {
        for (header, host) in [
            ("tracing.local:16686", "tracing.local"),
            ("[::1]:16686", "[::1]"),
            ("10.0.0.1", "10.0.0.1"),
            ("", "localhost"),
            ("a$(reboot):1", "localhost"),
        ] {
            assert_eq!(super::host(header), host);
        }
    }
}
