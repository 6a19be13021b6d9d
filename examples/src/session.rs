//! One session of the server.

mod message;

use std::pin::Pin;
use std::sync::Arc;

use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{self, Command, MailParameter, Reply, Server, Upgrade};
use framer_runtime::Error;
use framer_runtime::net::{self, Stream};
use framer_runtime::tokio::Connection;
use framer_runtime::violation::Rule;

use crate::login::{Challenge, Pending};
use crate::serve::Offer;
use crate::trace;
use message::Message;

/// How many recipients a message may have (RFC 5321 section 4.5.3.1.8).
const MAX_RECIPIENTS: u8 = 100;

type Socket = Connection<Stream, Server>;

/// A code and its text; several lines if it holds line feeds.
type Answer = (u16, String);

/// Runs a session to its end.
///
/// What lasts as long as the session stands in its future once, and what takes longer than to wait
/// for the next command is put in a box while it does: so a session that waits does not hold room
/// for it.
///
/// # Errors
/// What the client did wrong, or what its connection says.
pub(crate) fn run(
    stream: Stream,
    offer: Arc<Offer>,
    mut known: net::Session,
) -> impl Future<Output = Result<(), Error>> + Send {
    let mut conn = Connection::new(stream, Server::new());
    let mut session = Session::new(offer);
    async move {
        let ended = session.converse(&mut conn, &mut known).await.map_err(Box::new);
        Box::pin(session.close(&mut conn, ended)).await
    }
}

/// What comes of an event.
enum Heard<'e> {
    Answer(Answer),
    /// It belongs to the message, and an answer may come of it once a file has taken it.
    Message(Pin<Box<dyn Future<Output = Option<Answer>> + Send + 'e>>),
}

/// What the server knows of its client.
struct Session {
    offer: Arc<Offer>,
    trace: trace::Session,
    /// Whether it goes on under TLS.
    tls: bool,
    logged_in: bool,
    pending: Option<Box<Pending>>,
    recipients: u8,
    message: Option<Box<Message>>,
    /// The chunk that is coming in.
    chunk: Option<Chunk>,
}

/// A chunk on its way in.
#[derive(Clone, Copy)]
struct Chunk {
    last: bool,
    refused: bool,
}

impl Session {
    fn new(offer: Arc<Offer>) -> Session {
        Session {
            trace: offer.trace.session(),
            offer,
            tls: false,
            logged_in: false,
            pending: None,
            recipients: 0,
            message: None,
            chunk: None,
        }
    }

    #[allow(clippy::manual_async_fn, reason = "what lasts as long stands in the future once")]
    fn converse<'s>(
        &'s mut self,
        conn: &'s mut Socket,
        known: &'s mut net::Session,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async move {
            let greeting = (220, format!("{} ESMTP framer", self.offer.name));
            Box::pin(self.say(conn, greeting)).await?;
            loop {
                self.trace.switches(conn.machine());
                let next = tokio::select! {
                    biased;
                    // In the middle of a message the client is heard out.
                    () = known.stopping(), if self.message.is_none() => None,
                    next = conn.next() => Some(next?),
                };
                let Some(next) = next else {
                    return Box::pin(self.stop(conn)).await;
                };
                let Some((event, mut reply)) = next else { return Ok(()) };
                if let Event::Upgrade(Upgrade::Tls) = event {
                    Box::pin(self.secure(conn)).await?;
                    continue;
                }
                let answer = match self.hear(event) {
                    Heard::Answer(answer) => Some(answer),
                    Heard::Message(stored) => stored.await,
                };
                if let Some((code, text)) = answer {
                    self.trace.server(code, &text);
                    reply.send(Reply::new(code, text.as_str()))?;
                }
            }
        }
    }

    /// What comes of an event.
    fn hear<'e>(&'e mut self, event: Event<'e>) -> Heard<'e> {
        self.trace.client(&event);
        match event {
            Event::Content(_)
            | Event::ContentEnd
            | Event::Data(_)
            | Event::Bdat(_)
            | Event::Refused(Command::Bdat(_))
            | Event::Chunk(_)
            | Event::ChunkEnd => Heard::Message(Box::pin(self.store(event))),
            command => Heard::Answer(self.command(command)),
        }
    }

    /// What a message comes to on its way to a file.
    async fn store(&mut self, event: Event<'_>) -> Option<Answer> {
        match event {
            Event::Content(part) | Event::Chunk(part) => self.part(part).await,
            Event::Bdat(bdat) => self.begin_chunk(bdat, false).await,
            Event::Refused(Command::Bdat(bdat)) => self.begin_chunk(bdat, true).await,
            Event::ContentEnd => return Some(self.accept().await),
            Event::ChunkEnd => return Some(self.end_chunk().await),
            Event::Data(_) => return Some(self.data().await),
            command => return Some(self.command(command)),
        }
        None
    }

    /// The server stops.
    async fn stop(&self, conn: &mut Socket) -> Result<(), Error> {
        self.say(conn, (421, "4.3.2 shutting down".to_owned())).await?;
        conn.flush().await
    }

    /// The last word before the connection is closed (RFC 5321 section 3.8), where one may be said:
    /// not between STARTTLS and TLS.
    async fn close(&self, conn: &mut Socket, ended: Result<(), Box<Error>>) -> Result<(), Error> {
        let Err(error) = ended else { return Ok(()) };
        if let Error::Violation(violation) = &*error {
            let code = match violation.rule {
                Rule::TimeLimit { .. } => "4.4.2",
                _ => "5.5.2",
            };
            let text = format!("{code} {violation}");
            if conn.send(Reply::new(421, text.as_str())).await.is_ok() {
                self.trace.server(421, &text);
            }
            conn.flush().await?;
        }
        Err(*error)
    }

    async fn say(&self, conn: &mut Socket, (code, text): Answer) -> Result<(), Error> {
        self.trace.server(code, &text);
        conn.send(Reply::new(code, text.as_str())).await
    }

    /// Goes on under TLS, as with a new client (RFC 3207 section 4.2).
    async fn secure(&mut self, conn: &mut Socket) -> Result<(), Error> {
        self.trace.client(&Event::Upgrade(Upgrade::Tls));
        self.logged_in = false;
        self.recipients = 0;
        if let Some(tls) = &self.offer.tls {
            conn.upgrade(async |stream| tls.accept(stream).await).await?;
            self.tls = true;
        }
        Ok(())
    }

    /// The answers that need no file.
    fn command(&mut self, event: Event<'_>) -> Answer {
        let (code, text) = match event {
            Event::Ehlo(_) => {
                self.reset();
                return (250, self.capabilities());
            }
            Event::Helo(_) => {
                self.reset();
                return (250, self.offer.name.clone());
            }
            Event::Mail(mail) => self.mail(&mail),
            Event::Rcpt(_) if self.recipients == MAX_RECIPIENTS => {
                (452, "4.5.3 too many recipients")
            }
            Event::Rcpt(_) => {
                self.recipients += 1;
                (250, "2.1.5 recipient accepted")
            }
            Event::Rset(_) => {
                self.reset();
                (250, "2.0.0 forgotten")
            }
            Event::StartTls(_) => (220, "2.0.0 go ahead"),
            Event::Auth(auth) => return self.auth(&auth),
            Event::AuthResponse(line) => return self.auth_response(line.response),
            Event::AuthCancel(_) => {
                self.pending = None;
                (501, "5.7.0 given up")
            }
            Event::Noop(_) => (250, "2.0.0 nothing done"),
            Event::Quit(_) => (221, "2.0.0 goodbye"),
            Event::Vrfy(_) => (252, "2.5.0 send it and see"),
            Event::Expn(_) => (502, "5.5.1 there are no lists"),
            Event::Help(_) => (214, "2.0.0 RFC 5321"),
            Event::Refused(_) => (503, "5.5.1 not now"),
            Event::Malformed(violation) => return (501, format!("5.5.4 {violation}")),
            _ => (500, "5.5.1 no such command"),
        };
        (code, text.to_owned())
    }

    fn capabilities(&self) -> String {
        let mut text = format!(
            "{}\nPIPELINING\nSIZE {}\n8BITMIME\nSMTPUTF8\nCHUNKING\nENHANCEDSTATUSCODES",
            self.offer.name, self.offer.max_message_bytes
        );
        if self.offer.tls.is_some() && !self.tls {
            text.push_str("\nSTARTTLS");
        }
        if self.offer.login.is_some() && (self.tls || self.offer.login_in_plain) {
            text.push_str("\nAUTH PLAIN LOGIN");
        }
        text
    }

    fn mail(&mut self, mail: &smtp::Mail<'_>) -> (u16, &'static str) {
        if self.offer.login.is_some() && !self.logged_in {
            return (530, "5.7.0 log in first");
        }
        for parameter in mail.parameters {
            match parameter {
                MailParameter::SizeParameter(size)
                    if size.octets > self.offer.max_message_bytes =>
                {
                    return (552, "5.3.4 longer than this server takes");
                }
                MailParameter::BodyParameter(body) if body.body == smtp::BodyType::BinaryMime => {
                    return (504, "5.5.4 lines only");
                }
                MailParameter::Parameter(_) => return (555, "5.5.4 no such parameter"),
                _ => {}
            }
        }
        self.reset();
        (250, "2.1.0 sender accepted")
    }

    fn auth(&mut self, auth: &smtp::Auth<'_>) -> Answer {
        let initial = auth.initial.map(|initial| initial.text);
        let begun = self.offer.login.as_ref().filter(|_| !self.logged_in);
        match begun.map(|login| Pending::begin(auth.mechanism, initial, login)) {
            None => (503, "5.5.1 not now".to_owned()),
            Some(None) => (504, "5.5.4 no such mechanism".to_owned()),
            Some(Some(challenge)) => self.challenge(challenge),
        }
    }

    fn auth_response(&mut self, response: &str) -> Answer {
        match (self.pending.take(), &self.offer.login) {
            (Some(pending), Some(login)) => self.challenge(pending.answer(response, login)),
            _ => (503, "5.5.1 not now".to_owned()),
        }
    }

    fn challenge(&mut self, challenge: Challenge) -> Answer {
        let (code, text) = match challenge {
            Challenge::Ask(text, pending) => {
                self.pending = Some(Box::new(pending));
                (334, text)
            }
            Challenge::Granted => {
                self.logged_in = true;
                (235, "2.7.0 welcome")
            }
            Challenge::Denied => (535, "5.7.8 wrong name or password"),
            Challenge::Nonsense => (501, "5.5.2 not a response of this mechanism"),
        };
        (code, text.to_owned())
    }

    /// Forgets the transaction.
    fn reset(&mut self) {
        self.recipients = 0;
        self.message = None;
    }
}
