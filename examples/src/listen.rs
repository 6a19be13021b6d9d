//! Listening, for the small servers.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use framer_runtime::Error;
use framer_runtime::net::{Counts, Ended, Observe, Schemes, Server, Stream};
use tokio::signal::unix::{SignalKind, signal};

/// How long sessions may go on once the server is to stop.
const GRACE: Duration = Duration::from_secs(1);

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
    name: &'static str,
    address: SocketAddr,
    session: impl Fn(Stream) -> S + Send + Sync + 'static,
) -> std::io::Result<()>
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    let server = Server::bind(&Schemes::default(), [format!("tcp://{address}")]).await?;
    serve(name, server, session).await
}

/// The same for a server that listens already.
///
/// # Errors
/// What the system says of signals.
pub async fn serve<S>(
    name: &'static str,
    server: Server,
    session: impl Fn(Stream) -> S + Send + Sync + 'static,
) -> std::io::Result<()>
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    for url in server.urls() {
        println!("{name}: listening on {}", url.trim_start_matches("tcp://"));
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let live = server.live();
    let serving = server.observed(Tell { name }).serve(move |stream, _| session(stream));
    tokio::pin!(serving);
    tokio::select! {
        _ = &mut serving => return Ok(()),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    live.stop(GRACE);
    serving.await;
    Ok(())
}

/// Tells of what goes wrong.
struct Tell {
    name: &'static str,
}

impl Observe for Tell {
    fn ended(&self, session: &Counts, how: &Ended) {
        if let Ended::Failed(error) = how {
            eprintln!("{}: {}: {error}", self.name, session.peer);
        }
    }
}
