//! A proxy on loopback that passes everything on and notes the first line of each request.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The longest line that is looked for.
const LONGEST: usize = 4096;

/// The proxy; it ends with the test's runtime.
pub struct Recorder {
    address: SocketAddr,
    lines: Arc<Mutex<BTreeSet<String>>>,
}

impl Recorder {
    pub async fn before(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let recorder = Self { address: listener.local_addr()?, lines: Arc::default() };
        let lines = Arc::clone(&recorder.lines);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, Arc::clone(&lines)));
            }
        });
        Ok(recorder)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Method and path of every request so far, without what stands behind `?`.
    pub fn requests(&self) -> BTreeSet<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| line.split('?').next().unwrap_or(line).to_owned()).collect()
    }
}

async fn pass(client: TcpStream, server: SocketAddr, lines: Arc<Mutex<BTreeSet<String>>>) -> Result<()> {
    let server = TcpStream::connect(server).await?;
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let (mut bytes, mut tail) = (vec![0; 64 << 10], Vec::new());
    loop {
        let length = from_client.read(&mut bytes).await?;
        if length == 0 {
            return Ok(());
        }
        tail.extend_from_slice(&bytes[..length]);
        note(&tail, &lines);
        // A line may end in what comes next.
        tail.drain(..tail.len().saturating_sub(LONGEST));
        to_server.write_all(&bytes[..length]).await?;
    }
}

fn note(bytes: &[u8], lines: &Mutex<BTreeSet<String>>) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    for head in text.split(" HTTP/1.1\r\n").take(text.matches(" HTTP/1.1\r\n").count()) {
        let line = head.rsplit('\n').next().unwrap_or(head);
        // A body without a line's end may stand before.
        let method =
            ["GET /", "PUT /", "POST /", "HEAD /", "DELETE /"].into_iter().filter_map(|word| line.rfind(word)).max();
        lines.extend(method.and_then(|at| line.get(at..)).map(str::to_owned));
    }
}
