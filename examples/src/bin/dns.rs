//! A name server for one zone, over UDP and TCP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use framer_examples::dns::{Zone, serve_datagrams, serve_stream};
use framer_examples::listen::serve;
use framer_runtime::net::{Schemes, Server};
use tokio::net::UdpSocket;

/// Serves a zone file.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to listen, for both; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The zone file; an example of one if there is none
    #[arg(long, value_name = "FILE")]
    zone: Option<PathBuf>,
}

/// How many free ports are tried.
const TRIES: u32 = 20;

/// A socket for datagrams and a server of streams, of the same address. A port that is free for one may
/// be taken for the other.
async fn bind(address: SocketAddr) -> std::io::Result<(UdpSocket, Server)> {
    let mut tries = if address.port() == 0 { TRIES } else { 1 };
    loop {
        let socket = UdpSocket::bind(address).await?;
        let url = format!("tcp://{}", socket.local_addr()?);
        match Server::bind(&Schemes::default(), [url]).await {
            Ok(server) => return Ok((socket, server)),
            Err(error) if tries == 1 => return Err(error),
            Err(_) => tries -= 1,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let zone = match &options.zone {
        None => Zone::example()?,
        Some(file) => {
            let text = std::fs::read_to_string(file)?;
            Zone::read(&text).with_context(|| file.display().to_string())?
        }
    };
    let zone = Arc::new(zone);
    let (socket, server) = bind(options.listen).await?;
    let datagrams = Arc::clone(&zone);
    tokio::spawn(async move { serve_datagrams(socket, &datagrams).await });
    serve("dns", server, move |stream, _| {
        let zone = Arc::clone(&zone);
        async move { serve_stream(stream, &zone).await }
    })
    .await?;
    Ok(())
}
