//! Listening, for the small servers.

use std::future::Future;
use std::net::SocketAddr;

use clap::Parser;
use framer_runtime::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};

/// The arguments of a small server.
#[derive(Clone, Copy, Debug, Parser)]
#[command(version)]
pub struct Listen {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR")]
    pub listen: SocketAddr,
}

/// Serves each client on `address` as a task of its own, until SIGTERM or SIGINT.
///
/// # Errors
/// What the socket says.
pub async fn listen<S>(
    name: &str,
    address: SocketAddr,
    serve: impl Fn(TcpStream) -> S,
) -> std::io::Result<()>
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    accept(name, TcpListener::bind(address).await?, serve).await
}

/// The same on a socket that listens already.
///
/// # Errors
/// What the socket says.
pub async fn accept<S>(
    name: &str,
    listener: TcpListener,
    serve: impl Fn(TcpStream) -> S,
) -> std::io::Result<()>
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    println!("{name}: listening on {}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    loop {
        let (socket, peer) = tokio::select! {
            accepted = listener.accept() => accepted?,
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        };
        // Replies are written in batches: there is nothing to wait for.
        socket.set_nodelay(true)?;
        let session = serve(socket);
        let name = name.to_owned();
        tokio::spawn(async move {
            if let Err(error) = session.await {
                eprintln!("{name}: {peer}: {error}");
            }
        });
    }
}
