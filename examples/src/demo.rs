//! Three messages from a client to a server in one process, told frame by frame.

use std::time::Duration;

use anyhow::Context;
use framer_runtime::net::{Schemes, Server, Stream, Tls};
use tokio::net::TcpStream;

use crate::deliver::{Delivery, deliver};
use crate::maildir::Maildir;
use crate::serve::{Offer, serve};
use crate::tls;
use crate::trace::Trace;

/// How long the last session may take to end.
const GRACE: Duration = Duration::from_secs(30);

/// The messages: what is shown, its text, whether by STARTTLS, whether by BDAT.
const MESSAGES: [(&str, &str, bool, bool); 3] = [
    ("under TLS", "Subject: one\n\nThis came through STARTTLS.\n", true, false),
    ("in a chunk", "Subject: two\n\nThis came by BDAT.\n", false, true),
    ("with dots", "Subject: three\n\n.\n..and a line\n.hidden\n", false, false),
];

/// Starts a server on a free port of the loopback, delivers three messages and shows what it
/// stored.
///
/// # Errors
/// Whatever goes wrong; a message that is not stored as it was sent does.
pub async fn run() -> anyhow::Result<()> {
    let directory = std::env::temp_dir().join(format!("smtpd-demo-{}", std::process::id()));
    let shown = show(&directory).await;
    std::fs::remove_dir_all(&directory).context("the demo's maildir")?;
    shown
}

async fn show(directory: &std::path::Path) -> anyhow::Result<()> {
    let (acceptor, cert) = tls::self_signed("localhost")?;
    let server = Server::bind(&Schemes::default(), ["tcp://127.0.0.1:0"]).await?;
    let address = server.urls().next().unwrap_or_default().trim_start_matches("tcp://").to_owned();
    let offer = Offer {
        name: "mail.example.org".to_owned(),
        maildir: Maildir::open(directory)?,
        tls: Some(Tls::server(acceptor)),
        max_message_bytes: 1 << 20,
        login: None,
        login_in_plain: false,
        trace: Trace::on(),
    };
    println!("listening on {address}");
    let live = server.live();
    let serving = tokio::spawn(serve(server, offer));
    for (what, text, secure, chunking) in MESSAGES {
        println!("\n== a message {what}");
        let tls = Tls::client(tls::client_with([cert.clone()])?);
        let delivery = Delivery {
            name: "client.example.org".to_owned(),
            from: "alice@example.org".to_owned(),
            to: vec!["bob@example.org".to_owned()],
            login: None,
            tls: secure.then(|| (tls, "localhost".to_owned())),
            require_tls: secure,
            chunking,
        };
        let socket = Stream::try_from(TcpStream::connect(&address).await?)?;
        deliver(socket, &delivery, text.as_bytes()).await?;
    }
    live.stop(GRACE);
    serving.await?;
    compare(directory)
}

/// Shows the stored files, each of which must be one of the messages.
fn compare(directory: &std::path::Path) -> anyhow::Result<()> {
    println!("\n== stored in {}", directory.join("new").display());
    let mut files = std::fs::read_dir(directory.join("new"))?
        .map(|entry| Ok((entry?.path(), ())))
        .collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    anyhow::ensure!(files.len() == MESSAGES.len(), "{} files are stored", files.len());
    for ((file, ()), (what, text, ..)) in files.iter().zip(MESSAGES) {
        let stored = std::fs::read_to_string(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!("\n-- {name}, {} bytes\n{stored}", stored.len());
        anyhow::ensure!(stored == text, "the message {what} was not stored as it was sent");
    }
    Ok(())
}
