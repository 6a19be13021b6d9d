//! A server of mailboxes in memory.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use framer_protocols::imap::server::{Event, Message};
use framer_protocols::imap::{
    self, Announced, Arguments, Bad, Continue, Data, Done, No, Other, Outcome, Ready, ResponsePart,
    Tagged, Untagged,
};
use framer_runtime::Error;
use framer_runtime::net::{Stream, Tls};
use framer_runtime::tokio::Connection;
use tokio::net::{TcpListener, TcpStream};

use super::mailbox::{Mailbox, Mailboxes, Part};
use super::words::{Word, Words, text};

type Served = Connection<Stream, imap::Server>;

/// What everyone sees.
pub(super) type Store = Arc<Mutex<Mailboxes>>;

/// What is told and what a command came to.
struct Answer {
    told: Vec<Vec<Part>>,
    outcome: Outcome<'static>,
}

/// What follows what a client has said.
enum Next {
    Nothing,
    Ask(&'static [u8]),
    Answer,
    Refuse,
    Upgrade,
}

/// A session.
struct Session {
    store: Store,
    /// The mailbox that is open.
    open: Option<String>,
    tag: String,
    verb: &'static str,
    words: Words,
    literal: Vec<u8>,
}

/// What a line that ends so asks for.
fn due(literal: Option<Announced>) -> Next {
    match literal {
        None => Next::Answer,
        Some(literal) if literal.now => Next::Nothing,
        Some(_) => Next::Ask(b"go on"),
    }
}

fn done(text: &'static [u8]) -> Outcome<'static> {
    Done::new(text).into()
}

fn no(text: &'static [u8]) -> Outcome<'static> {
    No::new(text).into()
}

fn line(text: impl Into<String>) -> Vec<Part> {
    vec![Part::Text(text.into())]
}

impl Session {
    /// A command begins.
    fn begin(&mut self, tag: &str, verb: &'static str, arguments: Option<Arguments<'_>>) -> Next {
        (self.tag, self.verb) = (tag.to_owned(), verb);
        self.words.take();
        let arguments = arguments.unwrap_or(Arguments::new(b""));
        self.words.line(arguments.text);
        due(arguments.literal)
    }

    fn hear(&mut self, event: Event<'_>) -> Next {
        match event {
            Event::Capability(of) => self.begin(of.tag, "CAPABILITY", None),
            Event::Noop(of) => self.begin(of.tag, "NOOP", None),
            Event::Check(of) => self.begin(of.tag, "CHECK", None),
            Event::Logout(of) => self.begin(of.tag, "LOGOUT", None),
            Event::StartTls(of) => self.begin(of.tag, "STARTTLS", None),
            Event::Close(of) => self.begin(of.tag, "CLOSE", None),
            Event::Unselect(of) => self.begin(of.tag, "UNSELECT", None),
            Event::Expunge(of) => self.begin(of.tag, "EXPUNGE", None),
            Event::Login(of) => self.begin(of.tag, "LOGIN", Some(of.arguments)),
            Event::Select(of) => self.begin(of.tag, "SELECT", Some(of.arguments)),
            Event::Examine(of) => self.begin(of.tag, "SELECT", Some(of.arguments)),
            Event::Create(of) => self.begin(of.tag, "CREATE", Some(of.arguments)),
            Event::List(of) => self.begin(of.tag, "LIST", Some(of.arguments)),
            Event::Append(of) => self.begin(of.tag, "APPEND", Some(of.arguments)),
            Event::Search(of) => self.begin(of.tag, "SEARCH", Some(of.arguments)),
            Event::Fetch(of) => self.begin(of.tag, "FETCH", Some(of.arguments)),
            Event::Store(of) => self.begin(of.tag, "STORE", Some(of.arguments)),
            Event::Uid(of) => self.begin(of.tag, "UID", Some(of.arguments)),
            Event::Unknown(of) => self.begin(of.tag, "?", Some(of.arguments)),
            Event::Idle(of) => {
                self.begin(of.tag, "IDLE", None);
                Next::Ask(b"idling")
            }
            Event::Authenticate(of) => {
                self.begin(of.tag, "AUTHENTICATE", None);
                match of.initial {
                    Some(initial) => self.respond(initial.text),
                    None => Next::Ask(b""),
                }
            }
            Event::AuthResponse(of) => self.respond(of.response),
            Event::AuthCancel(_) => self.respond(""),
            Event::IdleLine(_) => Next::Answer,
            Event::Literal(part) => {
                self.literal.extend_from_slice(part);
                Next::Nothing
            }
            Event::LiteralEnd => {
                self.words.literal(std::mem::take(&mut self.literal));
                Next::Nothing
            }
            Event::CommandPart(of) => {
                self.words.line(of.text);
                due(of.literal)
            }
            Event::Upgrade(_) => Next::Upgrade,
            Event::Refused(imap::Command::Search(of)) => {
                self.tag = of.tag.to_owned();
                Next::Refuse
            }
            other => panic!("no client here says {other:?}"),
        }
    }

    /// The one response of PLAIN.
    fn respond(&mut self, response: &str) -> Next {
        self.words.literal(BASE64_STANDARD.decode(response).unwrap_or_default());
        Next::Answer
    }

    fn answer(&mut self) -> Answer {
        let words = self.words.take();
        let mut store = self.store.lock().expect("nobody has panicked");
        let plain = |outcome| Answer { told: Vec::new(), outcome };
        let mut rest = words.as_slice();
        let uid = self.verb == "UID";
        let verb = if uid {
            rest = words.get(1..).unwrap_or_default();
            text(words.first()).to_ascii_uppercase()
        } else {
            self.verb.to_owned()
        };
        match verb.as_str() {
            "CAPABILITY" => {
                let all = "CAPABILITY IMAP4rev1 LITERAL+ SASL-IR STARTTLS AUTH=PLAIN IDLE UIDPLUS";
                Answer { told: vec![line(all)], outcome: done(b"told") }
            }
            "LOGIN" if (text(rest.first()), text(rest.get(1))) == user() => plain(done(b"in")),
            "AUTHENTICATE" if text(rest.first()) == "\0some one\0two \"words\"" => {
                plain(done(b"in"))
            }
            "LOGIN" | "AUTHENTICATE" => plain(no(b"[AUTHENTICATIONFAILED] no")),
            "SELECT" => match store.get(&text(rest.first())) {
                Some(mailbox) => {
                    self.open = Some(text(rest.first()));
                    let told = ["FLAGS (\\Seen \\Deleted)".to_owned(), exists(mailbox)];
                    let told = told.into_iter().map(line).collect();
                    Answer { told, outcome: done(b"[READ-WRITE] open") }
                }
                None => plain(no(b"[NONEXISTENT] no such mailbox")),
            },
            "CREATE" => {
                store.entry(text(rest.first())).or_default();
                plain(done(b"made"))
            }
            "LIST" => {
                let told = store.keys().map(|name| line(format!("LIST () \"/\" \"{name}\"")));
                Answer { told: told.collect(), outcome: done(b"listed") }
            }
            "APPEND" => append(&mut store, rest),
            "CLOSE" | "UNSELECT" => {
                self.open = None;
                plain(done(b"closed"))
            }
            "IDLE" => plain(done(b"no longer idle")),
            "NOOP" | "CHECK" | "STARTTLS" | "LOGOUT" => plain(done(b"done")),
            verb => match self.open.as_ref().and_then(|name| store.get_mut(name)) {
                Some(mailbox) => in_mailbox(mailbox, verb, rest, uid),
                None => plain(Bad::new(b"not understood").into()),
            },
        }
    }
}

fn user() -> (String, String) {
    ("some one".to_owned(), "two \"words\"".to_owned())
}

fn exists(mailbox: &Mailbox) -> String {
    format!("{} EXISTS", mailbox.len())
}

/// `APPEND mailbox (flags) "date" literal`: the last word is the message.
fn append(store: &mut Mailboxes, words: &[Word]) -> Answer {
    let flags = words.iter().map(|word| text(Some(word))).filter(|flag| flag.starts_with('\\'));
    let outcome = match (store.get_mut(&text(words.first())), words.last()) {
        (Some(mailbox), Some(Word::Text(message))) => {
            mailbox.append(flags.collect(), message.clone());
            done(b"stored")
        }
        _ => no(b"[TRYCREATE] no such mailbox"),
    };
    Answer { told: Vec::new(), outcome }
}

fn in_mailbox(mailbox: &mut Mailbox, verb: &str, words: &[Word], uid: bool) -> Answer {
    let wanted = text(words.first());
    let items = words.get(1..).unwrap_or_default();
    let told = match verb {
        "FETCH" => {
            let places = mailbox.places(&wanted, uid).into_iter();
            places.map(|place| mailbox.fetch(place, items, uid)).collect()
        }
        "STORE" => {
            let places = mailbox.places(&wanted, uid);
            let (how, flags) = (text(items.first()), items.get(1..).unwrap_or_default());
            places.iter().for_each(|place| mailbox.store(*place, &how, flags));
            let told = [Word::Text(b"FLAGS".to_vec())];
            places.iter().map(|place| mailbox.fetch(*place, &told, uid)).collect()
        }
        "SEARCH" => {
            let wanted = match words.last() {
                Some(Word::Text(text)) if text != b"ALL" => text.as_slice(),
                _ => b"",
            };
            vec![line(format!("SEARCH {}", mailbox.search(wanted, uid).join(" ")))]
        }
        "EXPUNGE" => {
            let gone = std::iter::from_fn(|| mailbox.expunge());
            gone.map(|place| line(format!("{place} EXPUNGE"))).collect()
        }
        _ => return Answer { told: Vec::new(), outcome: Bad::new(b"not understood").into() },
    };
    Answer { told, outcome: done(b"done") }
}

/// A response, with its literals.
async fn tell(connection: &mut Served, parts: &[Part]) -> Result<(), Error> {
    let mut first = true;
    let mut text = String::new();
    for part in parts.iter().chain([&Part::Text(String::new())]) {
        match part {
            Part::Text(more) => text.push_str(more),
            Part::Literal(bytes) => {
                let size = u64::try_from(bytes.len()).expect("a length");
                say(connection, first, &text, Some(Announced::new(false, size, false))).await?;
                for part in bytes.chunks(8192) {
                    connection.send(Message::Literal(part)).await?;
                    connection.flush().await?;
                }
                (first, text) = (false, String::new());
            }
        }
    }
    say(connection, first, &text, None).await
}

async fn say(
    connection: &mut Served,
    first: bool,
    text: &str,
    literal: Option<Announced>,
) -> Result<(), Error> {
    let text = text.as_bytes();
    match first {
        true => connection.send(Untagged::new(Data::from(Other { text, literal }))).await,
        false => connection.send(ResponsePart { text, literal }).await,
    }
}

async fn serve(socket: TcpStream, store: Store, tls: Tls) -> Result<(), Error> {
    let mut connection = Connection::new(Stream::try_from(socket)?, imap::Server::new());
    let (tag, words) = (String::new(), Words::default());
    let mut session = Session { store, open: None, tag, verb: "", words, literal: Vec::new() };
    connection.send(Untagged::new(Ready::new(b"here"))).await?;
    while let Some((event, _)) = connection.next().await? {
        match session.hear(event) {
            Next::Nothing => {}
            Next::Ask(text) => {
                connection.send(Continue::new(text)).await?;
                if session.verb == "IDLE" {
                    tell(&mut connection, &line("7 EXISTS")).await?;
                }
            }
            Next::Refuse => connection.send(Tagged::new(&session.tag, no(b"not here"))).await?,
            Next::Answer => {
                let Answer { told, outcome } = session.answer();
                if session.verb == "LOGOUT" {
                    connection.send(Untagged::new(imap::Bye::new(b"see you"))).await?;
                }
                for parts in told {
                    tell(&mut connection, &parts).await?;
                }
                connection.send(Tagged::new(&session.tag, outcome)).await?;
            }
            Next::Upgrade => {
                connection.upgrade(async |stream| tls.accept(stream).await).await?;
            }
        }
    }
    Ok(())
}

/// A server on a port of its own, as long as the runtime runs.
pub(super) async fn listen(store: Store, tls: Tls) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (store, tls) = (Arc::clone(&store), tls.clone());
            // A client may go as it likes.
            tokio::spawn(async move { drop(serve(socket, store, tls).await) });
        }
    });
    address
}
