//! A name server for one zone, over UDP and TCP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use framer_examples::dns::{self, Zone};
use framer_examples::listen::serve;
use framer_runtime::net::{Schemes, Server};

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

/// How many peers are served at once, over each.
const PEERS: usize = 65_536;

/// How many free ports are tried.
const TRIES: u32 = 20;

/// Listens for both at the same address. A port that is free for one may be taken for the other.
async fn bind(address: SocketAddr) -> std::io::Result<Server> {
    let schemes = Schemes::default();
    let mut tries = if address.port() == 0 { TRIES } else { 1 };
    loop {
        // Whoever is answered is done with, and anyone can write another's address on a query.
        let udp = schemes.listen(&format!("udp://{address}?idle=1&sessions={PEERS}")).await?;
        let port = udp.local().socket().map_or(0, |socket| socket.port());
        let address = SocketAddr::new(address.ip(), port);
        match schemes.listen(&format!("tcp://{address}")).await {
            Ok(tcp) => return Ok(Server::on(vec![tcp, udp]).max_sessions(PEERS)),
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
    let server = bind(options.listen).await?;
    serve("dns", server, move |stream, _| {
        let zone = Arc::clone(&zone);
        async move { dns::serve(stream, &zone).await }
    })
    .await?;
    Ok(())
}
