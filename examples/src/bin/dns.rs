//! A name server for one zone, over UDP and TCP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use framer_examples::dns::{Zone, serve_datagrams, serve_stream};
use framer_examples::listen::listen;
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
    let socket = UdpSocket::bind(options.listen).await?;
    let address = socket.local_addr()?;
    let datagrams = Arc::clone(&zone);
    tokio::spawn(async move { serve_datagrams(socket, &datagrams).await });
    listen("dns", address, |socket| {
        let zone = Arc::clone(&zone);
        async move { serve_stream(socket, &zone).await }
    })
    .await?;
    Ok(())
}
