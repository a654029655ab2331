//! The listeners of the service. gRPC has a port of its own, or none: it is answered on the port of HTTP in any case.

use std::io;

use jaeger_service::accept::Listener;
use jaeger_service::listen::Bound;
use jaeger_service::ports::{QUERY_GRPC, QUERY_HTTP};
use jaeger_service::settings::Settings;

/// The listeners.
#[derive(Debug)]
pub struct Sockets {
    /// The HTTP API and the page.
    pub http: Listener,
    /// gRPC, where it has a port of its own.
    pub grpc: Option<Listener>,
}

impl Sockets {
    /// Whether gRPC is to have a port of its own: it is given the same as HTTP where people want one port.
    #[must_use]
    pub fn grpc_apart(settings: &Settings) -> bool {
        let port = |flag| settings.host_port(flag).map(|address| address.port);
        match (port(QUERY_GRPC.flag), port(QUERY_HTTP.flag)) {
            (Ok(grpc), Ok(http)) => grpc == 0 || grpc != http,
            // Whoever binds it says what is wrong.
            _ => true,
        }
    }

    /// Takes them of what is bound.
    ///
    /// # Errors
    /// Where there is none for HTTP.
    pub fn take(bound: &mut Bound) -> io::Result<Self> {
        let grpc = bound.address(QUERY_GRPC.name).map(|_| bound.take(QUERY_GRPC.name)).transpose()?;
        Ok(Self { http: bound.take(QUERY_HTTP.name)?, grpc })
    }
}

#[cfg(test)]
mod tests {
    use jaeger_service::settings::Component;

    use super::*;

    #[test]
    fn one_port_serves_both_where_both_are_given_the_same() {
        for (http, grpc, apart) in [(":16686", ":16685", true), (":16686", "0.0.0.0:16686", false), (":0", ":0", true)]
        {
            let flags = [(QUERY_HTTP.flag, http), (QUERY_GRPC.flag, grpc)];
            assert_eq!(Sockets::grpc_apart(&Settings::for_test(Component::Query, &flags)), apart, "{http} {grpc}");
        }
    }
}
