//! The server: accepts connections until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use framer_runtime::tls::MaybeTls;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::login::Login;
use crate::maildir::Maildir;
use crate::session;
use crate::trace::Trace;

/// How long sessions may go on once the server is to stop.
const GRACE: Duration = Duration::from_secs(30);

/// What a mail server offers.
#[derive(Clone)]
pub struct Offer {
    /// How it calls itself.
    pub name: String,
    /// Where it keeps messages.
    pub maildir: Maildir,
    /// For STARTTLS, if it has a certificate.
    pub acceptor: Option<TlsAcceptor>,
    /// The longest message it takes, in bytes.
    pub max_message_bytes: u64,
    /// Who may send mail; anyone if `None`.
    pub login: Option<Login>,
    /// Whether passwords may come over a connection without TLS.
    pub login_in_plain: bool,
    /// Whether to tell of every frame.
    pub trace: Trace,
}

/// Serves `listener` until `stop` turns true or its sender is gone; then sessions finish the
/// message they are in the middle of, and no other.
///
/// # Errors
/// What the listener says.
pub async fn serve(
    listener: TcpListener,
    offer: Offer,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let offer = Arc::new(offer);
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            // The peer has gone already, or the process has no file descriptor to spare.
            Err(error) => {
                eprintln!("smtpd: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Replies are written in batches: there is nothing to wait for.
        socket.set_nodelay(true)?;
        let (offer, stop) = (Arc::clone(&offer), stop.clone());
        sessions.spawn(async move {
            if let Err(error) = session::run(MaybeTls::plain(socket), &offer, stop).await {
                eprintln!("smtpd: {peer}: {error}");
            }
        });
        while sessions.try_join_next().is_some() {}
    }
    drop(listener);
    let rest = async { while sessions.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        eprintln!("smtpd: sessions cut off after {} s", GRACE.as_secs());
    }
    Ok(())
}
