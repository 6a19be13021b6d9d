//! A mail server, and what it offers.

use std::sync::Arc;

use framer_runtime::net::{Server, Stopped, Tls};

use crate::listen::Tell;
use crate::login::Login;
use crate::maildir::Maildir;
use crate::session;
use crate::trace::Trace;

/// What a mail server offers.
#[derive(Clone)]
pub struct Offer {
    /// How it calls itself.
    pub name: String,
    /// Where it keeps messages.
    pub maildir: Maildir,
    /// For STARTTLS, if it has a certificate.
    pub tls: Option<Tls>,
    /// The longest message it takes, in bytes.
    pub max_message_bytes: u64,
    /// Who may send mail; anyone if `None`.
    pub login: Option<Login>,
    /// Whether passwords may come over a connection without TLS.
    pub login_in_plain: bool,
    /// Whether to tell of every frame.
    pub trace: Trace,
}

/// Takes mail until `server` is told to stop; then sessions finish the message they are in the middle
/// of, and no other.
pub async fn serve(server: Server, offer: Offer) -> Stopped {
    let offer = Arc::new(offer);
    let session = move |stream, known| session::run(stream, Arc::clone(&offer), known);
    server.observed(Tell::of("smtpd")).serve(session).await
}
