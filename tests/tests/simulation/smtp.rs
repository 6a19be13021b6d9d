//! A client that sends messages under TLS, and a server that stores them.

use std::collections::VecDeque;

use framer_protocols::smtp::client::{Event as Told, Message};
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{
    Client, Command, Data, DottedLocal, Ehlo, Mail, Mailbox, NullPath, Path, Quit, Rcpt, Reply,
    Server, StartTls,
};
use framer_runtime::connection::Sender;
use framer_runtime::testing::{Chance, Ended, Turn, seeds};

use crate::{SEEDS, bounded, pair};

const MESSAGES: usize = 4;

/// A message of its own, with lines that begin with dots.
fn body(number: usize) -> String {
    format!("message {number}\r\n") + &"..hidden\r\n.\r\n.a\r\n".repeat(number * number * 10)
}

#[derive(Debug, Default)]
struct Sending {
    /// What it has said and not been told of.
    waiting: VecDeque<String>,
    commands: usize,
    secure: bool,
    next: usize,
    accepted: Vec<usize>,
}

impl Sending {
    fn say<'m>(
        &mut self,
        to: &mut Sender<'_, Client>,
        name: &str,
        command: impl Into<Command<'m>>,
    ) {
        to.send(command.into()).expect("it may be said");
        self.waiting.push_back(format!("{name} {}", self.commands));
        self.commands += 1;
    }

    /// What it says to a reply.
    fn told(&mut self, code: u16, text: &str, mut to: Sender<'_, Client>) {
        let Some(asked) = self.waiting.pop_front() else {
            assert_eq!((code, text), (220, "ready"));
            return self.say(&mut to, "EHLO", Ehlo::new("me"));
        };
        assert_eq!(text, asked, "it is the reply to what was said first");
        match (asked.split(' ').next().unwrap_or_default(), code) {
            ("EHLO", 250) if !self.secure => self.say(&mut to, "STARTTLS", StartTls),
            ("EHLO", 250) => self.message(&mut to),
            ("STARTTLS", 220) | ("MAIL" | "RCPT", 250) | ("QUIT", 221) => {}
            ("DATA", 354) => {
                let body = body(self.next);
                for part in body.as_bytes().chunks(97) {
                    to.send(Message::Content(part)).expect("it is due");
                }
                to.send(Message::ContentEnd).expect("it is due");
                self.waiting.push_back(format!("CONTENT {}", self.commands));
                self.commands += 1;
            }
            ("CONTENT", 250) => {
                self.accepted.push(self.next);
                self.next += 1;
                self.message(&mut to);
            }
            other => panic!("{other:?}"),
        }
    }

    /// The next message, or the end.
    fn message(&mut self, to: &mut Sender<'_, Client>) {
        if self.next == MESSAGES {
            return self.say(to, "QUIT", Quit);
        }
        self.say(to, "MAIL", Mail::new(NullPath));
        self.say(to, "RCPT", Rcpt::new(Path::new(Mailbox::new(DottedLocal::new("bob")))));
        self.say(to, "DATA", Data);
    }
}

#[derive(Debug, Default)]
struct Storing {
    commands: usize,
    secure: bool,
    body: Vec<u8>,
    stored: Vec<Vec<u8>>,
}

impl Storing {
    /// What it says to a command, whose number is part of the answer.
    fn hear(&mut self, event: Event<'_>, mut reply: Sender<'_, Server>) {
        let (code, name, offers) = match event {
            Event::Ehlo(_) => (250, "EHLO", "\nSTARTTLS"),
            Event::StartTls(_) => (220, "STARTTLS", ""),
            Event::Content(part) => return self.body.extend(part),
            Event::Mail(_) => {
                assert!(self.secure, "no command comes through a layer that is not there");
                (250, "MAIL", "")
            }
            Event::Rcpt(_) => (250, "RCPT", ""),
            Event::Data(_) => (354, "DATA", ""),
            Event::ContentEnd => {
                self.stored.push(std::mem::take(&mut self.body));
                (250, "CONTENT", "")
            }
            Event::Quit(_) => (221, "QUIT", ""),
            other => panic!("{other:?}"),
        };
        let text = format!("{name} {}{offers}", self.commands);
        self.commands += 1;
        reply.send(Reply::new(code, text.as_str())).expect("it was asked");
    }
}

/// Whether all went well.
fn run(mut chance: Chance) -> bool {
    let mut pair = pair(&mut chance, Client::new(), Server::new());
    let (mut sending, mut storing) = (Sending::default(), Storing::default());
    pair.right().send(Reply::new(220, "ready")).expect("a greeting");
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Left(Told::Reply(reply), to) => {
                let text = reply.lines.iter().next().map_or("", |line| line.text);
                sending.told(reply.code, text, to);
            }
            Turn::Left(Told::Upgrade(_), _) => {
                // Nothing that came before it is left.
                pair.left().upgraded().expect("it was told");
                sending.secure = true;
                pair.left().send(Command::from(Ehlo::new("me"))).expect("it begins anew");
                sending.waiting.push_back(format!("EHLO {}", sending.commands));
                sending.commands += 1;
            }
            Turn::Right(Event::Upgrade(_), _) => {
                pair.right().upgraded().expect("it was told");
                storing.secure = true;
            }
            Turn::Right(event, reply) => storing.hear(event, reply),
            Turn::LeftEnded(_) | Turn::RightEnded(_) => {}
            Turn::Woken(_) => panic!("nobody asked for it"),
        }
        // The input's limit is twice the longest reply, but memory follows what came.
        bounded(&mut pair, 4096, 32 * 1024);
    }
    let (client, server) = pair.ended();
    assert!(client.is_some() && server.is_some(), "somebody waits: {client:?} {server:?}");
    // What was accepted is stored, all is stored once and as it was; one may be stored of which
    // nobody was told.
    let bodies: Vec<Vec<u8>> = (0..storing.stored.len()).map(|n| body(n).into_bytes()).collect();
    assert_eq!(storing.stored, bodies);
    let accepted = sending.accepted.len();
    assert!((accepted..=accepted + 1).contains(&storing.stored.len()), "{accepted}");
    let done = accepted == MESSAGES && client == Some(Ended::Closed);
    assert!(!done || sending.waiting.is_empty(), "{:?}", sending.waiting);
    done
}

#[test]
fn what_is_accepted_is_stored_once() {
    let (mut done, mut all) = (0, 0);
    for seed in seeds(SEEDS) {
        done += u64::from(run(Chance::from(&seed)));
        all += 1;
    }
    assert!(all < SEEDS || (all / 4..all).contains(&done), "{done} of {all} went well");
}
