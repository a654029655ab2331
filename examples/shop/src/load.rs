//! Customers: so many orders a second, each over a connection of its own.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Orders under way at most; more customers stay at home.
const MOST: usize = 200;

pub(crate) async fn orders(frontend: SocketAddr, a_second: f64, stop: CancellationToken) -> anyhow::Result<()> {
    let mut clock = tokio::time::interval(Duration::from_secs_f64(1.0 / a_second));
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = clock.tick() => {}
        }
        while under_way.try_join_next().is_some() {}
        if under_way.len() < MOST {
            under_way.spawn(order(frontend));
        }
    }
    under_way.join_all().await;
    Ok(())
}

async fn order(frontend: SocketAddr) {
    let customer = fastrand::u16(1..1000);
    let request = format!("GET /order?customer={customer} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    let answer = async {
        let mut stream = TcpStream::connect(frontend).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 << 10).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match answer.await {
        Ok(answer) if answer.starts_with(b"HTTP/1.1 200 ") => {}
        Ok(answer) => tracing::warn!(customer, answer = %String::from_utf8_lossy(&answer), "an order was refused"),
        Err(error) => tracing::warn!(customer, %error, "an order failed"),
    }
}
