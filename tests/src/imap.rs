//! Both sides of IMAP, as tests want them.

use framer_protocols::imap::server::Event;
use framer_protocols::imap::{self, *};
use framer_runtime::connection::Connection;
use framer_runtime::machine::{Machine, Progress};

use crate::seen::{connection, seen};

/// What a server says first.
pub const GREETING: &str = "* OK [CAPABILITY IMAP4rev2] Service Ready\r\n";

/// What stands behind a command.
#[must_use]
pub fn args(text: &[u8], literal: Option<Announced>) -> Arguments<'_> {
    Arguments { text, literal }
}

/// The same without a literal.
#[must_use]
pub fn plain(text: &str) -> Arguments<'_> {
    Arguments::new(text.as_bytes())
}

/// What follows a literal of a command.
#[must_use]
pub fn part(text: &[u8], literal: Option<Announced>) -> CommandPart<'_> {
    CommandPart { text, literal }
}

/// What follows a literal of a response.
#[must_use]
pub fn told_part(text: &[u8], literal: Option<Announced>) -> ResponsePart<'_> {
    ResponsePart { text, literal }
}

/// Any response.
#[must_use]
pub fn told_other(text: &[u8], literal: Option<Announced>) -> Other<'_> {
    Other { text, literal }
}

/// A literal that the client waits with.
#[must_use]
pub fn waiting(size: u64) -> Option<Announced> {
    Some(Announced::new(false, size, false))
}

/// A literal that it does not wait with.
#[must_use]
pub fn at_once(size: u64) -> Option<Announced> {
    Some(Announced::new(false, size, true))
}

/// An answer that all is well.
#[must_use]
pub fn done<'a>(tag: &'a str, text: &'a str) -> Tagged<'a> {
    Tagged::new(tag, imap::Done::new(text.as_bytes()))
}

/// Any response without a literal.
#[must_use]
pub fn other(text: &str) -> Untagged<'_> {
    Untagged::new(told_other(text.as_bytes(), None))
}

/// A client that was greeted, and has logged in if it says so.
///
/// # Panics
/// If it does not understand the greeting.
#[must_use]
pub fn client(logged_in: bool) -> Connection<imap::Client> {
    let mut client = connection(imap::Client::new());
    let greeting = if logged_in { "* PREAUTH hello\r\n" } else { GREETING };
    assert_eq!(seen(&mut client, "Literal", &[greeting.as_bytes()]).len(), 1);
    client
}

/// A server that has greeted.
///
/// # Panics
/// If it may not greet.
#[must_use]
pub fn server(logged_in: bool) -> Connection<imap::Server> {
    let mut server = connection(imap::Server::new());
    let data = match logged_in {
        true => Data::from(PreAuth::new(b"hello")),
        false => Ready::new(b"[CAPABILITY IMAP4rev2] Service Ready").into(),
    };
    server.send(Untagged::new(data)).expect("it speaks first");
    let greeted = server.transmit().len();
    server.transmitted(greeted);
    server
}

/// What a side has written since it was last asked.
pub fn written<M: Machine>(side: &mut Connection<M>) -> String {
    let text = String::from_utf8_lossy(side.transmit()).into_owned();
    side.transmitted(text.len());
    text
}

/// A server that asks for every literal and finishes every command: what it sees, and what it writes.
///
/// # Panics
/// If it may not say that.
pub fn serve(server: &mut Connection<imap::Server>, pieces: &[&[u8]]) -> (Vec<String>, String) {
    let mut told: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut tag = String::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            let (mut go_on, mut finished) = (false, false);
            match server.poll() {
                Ok(Progress::Event((event, mut reply))) => {
                    let mut literal = None;
                    match event {
                        Event::Literal(part) => {
                            let part = String::from_utf8_lossy(part);
                            match told.last_mut().filter(|last| last.starts_with("Literal:")) {
                                Some(last) => last.push_str(&part),
                                None => told.push(format!("Literal:{part}")),
                            }
                            continue;
                        }
                        Event::Login(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::Append(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::Search(of) => {
                            (tag, literal) = (of.tag.to_owned(), of.arguments.literal);
                        }
                        Event::CommandPart(of) => literal = of.literal,
                        Event::Noop(of) => tag = of.tag.to_owned(),
                        Event::Idle(of) => tag = of.tag.to_owned(),
                        Event::Authenticate(of) => tag = of.tag.to_owned(),
                        Event::Logout(of) => tag = of.tag.to_owned(),
                        _ => {}
                    }
                    match event {
                        Event::Idle(_) | Event::Authenticate(_) => go_on = true,
                        Event::LiteralEnd => {}
                        _ => finished = literal.is_none(),
                    }
                    go_on |= literal.is_some_and(|literal| !literal.now);
                    told.push(format!("{event:?}"));
                    if go_on {
                        reply.send(Continue::new(b"go on")).expect("it is due");
                    } else if finished {
                        reply.send(done(&tag, "completed")).expect("it is due");
                    }
                    out.push_str(&written(server));
                }
                Ok(_) => break,
                Err(violation) => {
                    told.push(violation.to_string());
                    return (told, out);
                }
            }
        }
    }
    (told, out)
}
