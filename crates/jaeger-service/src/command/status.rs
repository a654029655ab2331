//! `status`: asks the admin server of a running process whether it is ready.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::settings::HostPort;
use crate::tls::ClientConfig;

const PATIENCE: Duration = Duration::from_secs(5);
/// The health page is a hundred bytes; whatever answers more is not ours.
const MAX_ANSWER: u64 = 64 << 10;

pub(super) fn run(address: &str, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    match ask(address) {
        Ok((200, body)) => {
            writeln!(out, "{body}")?;
            Ok(0)
        }
        Ok((code, body)) => {
            writeln!(err, "not ready: {address} answered {code} {body}")?;
            Ok(1)
        }
        Err(reason) => {
            writeln!(
                err,
                "--status.http.host-port={address}: {reason}; is the process running, and is this its --admin.http.host-port?"
            )?;
            Ok(1)
        }
    }
}

fn ask(address: &str) -> Result<(u16, String), String> {
    let (address, tls) = match address.strip_prefix("https://") {
        Some(address) => (address, true),
        None => (address.trim_start_matches("http://"), false),
    };
    let address = address.trim_end_matches('/');
    let mut target = HostPort::parse(address)?;
    if target.host.is_empty() {
        target.host = "127.0.0.1".to_owned();
    }
    request(&target, tls).map_err(|e| e.to_string())
}

fn request(target: &HostPort, tls: bool) -> io::Result<(u16, String)> {
    let mut last = io::Error::other("the name has no address");
    for address in target.resolve()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return if tls { converse(greet(stream, target)?, target) } else { converse(stream, target) };
            }
            Err(e) => last = e,
        }
    }
    Err(last)
}

/// Its certificate is not looked at: the process is one's own, and is told nothing.
fn greet(stream: TcpStream, target: &HostPort) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(target.host.clone()).map_err(io::Error::other)?;
    let config = ClientConfig::of_anybody().map_err(io::Error::other)?;
    let connection = ClientConnection::new(config.rustls(), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

fn converse(mut stream: impl Read + Write, target: &HostPort) -> io::Result<(u16, String)> {
    let request = format!("GET / HTTP/1.0\r\nHost: {target}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let code = answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim();
    Ok((code, body.to_owned()))
}
