//! A mail sink: takes every message and stores it in a maildir.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use framer_examples::listen::{announce, stop_on_signals};
use framer_examples::login::Login;
use framer_examples::maildir::Maildir;
use framer_examples::serve::{Offer, serve};
use framer_examples::trace::Trace;
use framer_examples::{demo, tls};
use framer_runtime::net::{Schemes, Server, Tls};

/// How long sessions may go on once the server is to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A mail sink: takes every message and stores it in a maildir.
///
/// A message is answered with 250 once its file is durable. SIGTERM and SIGINT let sessions
/// finish the message they are in the middle of.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525")]
    listen: SocketAddr,
    /// Where messages are stored
    #[arg(long, value_name = "DIR", required_unless_present = "demo")]
    maildir: Option<PathBuf>,
    /// How the server calls itself
    #[arg(long, default_value = "localhost")]
    name: String,
    /// Offers STARTTLS with a new certificate that nobody has signed
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_self_signed: bool,
    /// Offers STARTTLS with this certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The longest message taken, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    max_message: u64,
    /// How many sessions go on at once; further clients wait
    #[arg(long, value_name = "COUNT", default_value_t = 1024)]
    max_sessions: usize,
    /// Takes mail of this user only; offered without TLS only when listening on the loopback
    #[arg(long, value_name = "USER:PASS")]
    auth: Option<Login>,
    /// Tells of every frame and every switch of state
    #[arg(long)]
    trace: bool,
    /// Delivers three messages to a server of its own and shows what becomes of them
    #[arg(long)]
    demo: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.demo {
        return demo::run().await;
    }
    let config = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(cert), Some(key)) => Some(tls::server(cert, key)?),
        _ if arguments.tls_self_signed => Some(tls::self_signed(&arguments.name)?.0),
        _ => None,
    };
    let url = format!("tcp://{}", arguments.listen);
    let server = Server::bind(&Schemes::default(), [&url]).await;
    let server = server.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let server = server.max_sessions(arguments.max_sessions);
    let maildir = Maildir::open(arguments.maildir.unwrap_or_default()).context("--maildir")?;
    let offer = Offer {
        name: arguments.name,
        maildir,
        tls: config.map(Tls::server),
        max_message_bytes: arguments.max_message,
        login: arguments.auth,
        login_in_plain: arguments.listen.ip().is_loopback(),
        trace: if arguments.trace { Trace::on() } else { Trace::default() },
    };
    announce("smtpd", &server);
    stop_on_signals(server.live(), GRACE)?;
    let stopped = serve(server, offer).await;
    if stopped.cut_off > 0 {
        eprintln!("smtpd: {} sessions cut off after {} s", stopped.cut_off, GRACE.as_secs());
    }
    Ok(())
}
