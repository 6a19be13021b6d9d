//! A mail client: delivers a file or the standard input to a server.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use framer_examples::deliver::{Delivery, deliver};
use framer_examples::login::Login;
use framer_examples::tls;
use framer_runtime::net::{Stream, Tls};
use tokio::io::AsyncRead;
use tokio::net::TcpStream;

/// Delivers a file or the standard input to a mail server.
///
/// Commands are pipelined and the message goes by BDAT where the server offers it, and under TLS
/// unless told otherwise.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The server, as HOST:PORT
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:25")]
    server: String,
    /// How the client calls itself
    #[arg(long, default_value = "localhost")]
    name: String,
    /// The sender; empty for a report of failure
    #[arg(long, value_name = "MAILBOX")]
    from: String,
    /// Logs in before sending
    #[arg(long, value_name = "USER:PASS")]
    auth: Option<Login>,
    /// Never uses STARTTLS
    #[arg(long, conflicts_with_all = ["require_tls", "tls_ca"])]
    no_tls: bool,
    /// Gives up where the server does not offer STARTTLS
    #[arg(long)]
    require_tls: bool,
    /// Trusts the certificates in this PEM file instead of the well-known authorities
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// Never uses BDAT
    #[arg(long)]
    no_chunking: bool,
    /// The message; the standard input if there is none
    #[arg(long, value_name = "FILE")]
    message: Option<PathBuf>,
    /// The recipients
    #[arg(required = true, value_name = "MAILBOX")]
    to: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (host, _) = arguments.server.rsplit_once(':').context("--server must be HOST:PORT")?;
    let config = match &arguments.tls_ca {
        Some(file) => tls::client_for(file)?,
        None => tls::client(),
    };
    let name = host.trim_matches(['[', ']']).to_owned();
    let delivery = Delivery {
        name: arguments.name,
        from: arguments.from,
        to: arguments.to,
        login: arguments.auth,
        tls: (!arguments.no_tls).then_some((Tls::client(config), name)),
        require_tls: arguments.require_tls,
        chunking: !arguments.no_chunking,
    };
    let message: Box<dyn AsyncRead + Unpin> = match &arguments.message {
        Some(file) => {
            let opened = tokio::fs::File::open(file).await;
            Box::new(opened.with_context(|| format!("cannot read {}", file.display()))?)
        }
        None => Box::new(tokio::io::stdin()),
    };
    let socket = TcpStream::connect(&arguments.server)
        .await
        .with_context(|| format!("cannot connect to {}", arguments.server))?;
    let said = deliver(Stream::try_from(socket)?, &delivery, message).await?;
    println!("{said}");
    Ok(())
}
