//! Listening, for the small servers.

use std::fmt::Display;
use std::future::Future;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use framer_runtime::Error;
use framer_runtime::net::{
    Address, Counts, Ended, Live, Observe, Schemes, Server, Session, Stream,
};
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
    serve(name, server, move |stream, _| session(stream)).await
}

/// The same for a server that listens already.
///
/// # Errors
/// What the system says of signals.
pub async fn serve<S>(
    name: &'static str,
    server: Server,
    session: impl Fn(Stream, Session) -> S + Send + Sync + 'static,
) -> std::io::Result<()>
where
    S: Future<Output = Result<(), Error>> + Send + 'static,
{
    announce(name, &server);
    stop_on_signals(server.live(), GRACE)?;
    server.observed(Tell::of(name)).serve(session).await;
    Ok(())
}

/// Prints where a server listens.
pub fn announce(name: &str, server: &Server) {
    for url in server.urls() {
        let url = url.trim_start_matches("tcp://");
        // Who has closed the standard output has read enough.
        let _ = writeln!(std::io::stdout(), "{name}: listening on {url}");
    }
}

/// Stops a server on SIGTERM or SIGINT; its sessions have so long to end, or until the next of them.
///
/// # Errors
/// What the system says of signals.
pub fn stop_on_signals(live: Live, grace: Duration) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        // Told twice, they end at once.
        for grace in [grace, Duration::ZERO] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            live.stop(grace);
        }
    });
    Ok(())
}

/// Tells on the standard error of what goes wrong.
pub struct Tell {
    name: &'static str,
}

impl Tell {
    /// In the name of this program.
    #[must_use]
    pub const fn of(name: &'static str) -> Tell {
        Tell { name }
    }

    fn tell(&self, what: &dyn Display) {
        // Who has closed the standard error does not want to know.
        let _ = writeln!(std::io::stderr(), "{}: {what}", self.name);
    }
}

impl Observe for Tell {
    fn not_accepted(&self, _: &Address, error: &std::io::Error) {
        self.tell(&error);
    }

    fn ended(&self, session: &Counts, how: &Ended) {
        if let Ended::Failed(error) = how {
            self.tell(&format_args!("{}: {error}", session.peer));
        }
    }
}
