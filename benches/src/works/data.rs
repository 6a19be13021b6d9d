//! W3: a message of 1 MiB after DATA, of which 5% of the lines begin with a dot, into one buffer.

use std::cell::{LazyCell, RefCell};
use std::rc::Rc;

use framer_interpret::{Description, Event as Interpreted};
use framer_protocols::smtp::server::Event;
use framer_protocols::smtp::{Reply, Server};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Machine, Progress};
use framer_runtime::write::Out;
use memchr::{memchr, memmem};
use smtp_proto::request::receiver::DataReceiver;

use super::interpreted::{description, said, server};
use super::reads::{Buffer, READ_BYTES};
use crate::harness::{Case, Group, Kind, Tally};
use crate::inputs;

/// The work and its cases.
pub(crate) fn group(_: usize) -> Group<'static> {
    let input: &'static [u8] = inputs::message(1 << 20).leak();
    let smtp = LazyCell::new(|| description("smtp.frame"));
    Group {
        work: "W3",
        title: "SMTP DATA of 1 MiB, 5% of the lines stuffed; ns a message",
        bytes: input.len(),
        goal: None,
        cases: vec![
            Case::new("framer", Kind::Ours, move || ours(input)),
            Case::new("framer, in memory", Kind::Ours, move || in_memory(input)),
            Case::new("framer, interpreted", Kind::Interpreted, move || interpreted(*smtp, input)),
            Case::new("smtp-proto DataReceiver", Kind::Peer, move || receiver(input)),
            Case::new("mailin, line by line", Kind::Peer, move || by_mailin(input)),
            Case::new("line by line", Kind::Limit, move || by_lines(input)),
            Case::new("runs up to CR LF dot", Kind::Limit, move || by_runs(input)),
            Case::new("the copy alone", Kind::Floor, move || copied(input)),
        ],
    }
}

fn seen(message: &[u8]) -> Tally {
    let mut tally = Tally::default();
    tally.see(message);
    tally.see(&message[message.len() / 2..]);
    tally.frame();
    tally
}

/// What a client says before a message, and how it is answered.
const BEFORE: [(&str, u16); 4] = [
    ("EHLO here\r\n", 250),
    ("MAIL FROM:<a@b.org>\r\n", 250),
    ("RCPT TO:<c@d.org>\r\n", 250),
    ("DATA\r\n", 354),
];

/// A session that has greeted its client.
pub(crate) fn greeted() -> Connection<Server> {
    let mut session = Connection::new(Server::new(), Limits::default());
    session.send(Reply::new(220, "ready")).expect("a greeting");
    let written = session.transmit().len();
    session.transmitted(written);
    session
}

/// A session that awaits a message.
pub(crate) fn session() -> Connection<Server> {
    let mut session = greeted();
    for (line, code) in BEFORE {
        session.receive(line.as_bytes());
        let Ok(Progress::Event((_, mut sender))) = session.poll() else { panic!("{line}") };
        sender.send(Reply::new(code, "so")).expect("an answer");
    }
    session
}

// By its name in profiles.
#[inline(never)]
fn ours(input: &[u8]) -> Tally {
    let mut message = Vec::with_capacity(input.len());
    each_part(session(), input, READ_BYTES, |part| message.extend_from_slice(part));
    seen(&message)
}

/// A message of which nothing is kept, in reads of so many bytes.
pub(crate) fn streamed(session: Connection<Server>, input: &[u8], read_bytes: usize) -> Tally {
    let mut tally = Tally::default();
    let mut bytes = 0;
    each_part(session, input, read_bytes, |part| bytes += part.len() as u64);
    tally.number(bytes);
    tally.frame();
    tally
}

/// Gives every part of the message to `consume`.
#[inline]
fn each_part(
    mut session: Connection<Server>,
    input: &[u8],
    read_bytes: usize,
    mut consume: impl FnMut(&[u8]),
) {
    let mut rest = input;
    loop {
        match session.poll().expect("the input is right") {
            Progress::Event((Event::Content(part), _)) => consume(part),
            Progress::Event((Event::ContentEnd, _)) => return,
            Progress::Event((other, _)) => panic!("{other:?}"),
            _ => {
                let spare = session.spare();
                let count = spare.len().min(read_bytes).min(rest.len());
                spare[..count].copy_from_slice(&rest[..count]);
                rest = &rest[count..];
                session.filled(count);
            }
        }
    }
}

/// What has been read lies in memory already, as for the peers and the limit: no connection copies
/// it.
// By its name in profiles.
#[inline(never)]
fn in_memory(input: &[u8]) -> Tally {
    let mut machine = awaiting();
    let mut message = Vec::with_capacity(input.len());
    let (mut done, mut have) = (0, READ_BYTES);
    loop {
        let step = machine.receive(&input[done..have]).expect("the input is right");
        done += step.taken;
        match step.progress {
            Progress::Event(Event::Content(part)) => message.extend_from_slice(part),
            Progress::Event(Event::ContentEnd) => return seen(&message),
            Progress::Event(other) => panic!("{other:?}"),
            _ => have = input.len().min(have + READ_BYTES),
        }
    }
}

/// The same as [`session`], without a connection.
fn awaiting() -> Server {
    let mut machine = Server::new();
    let mut said = Vec::new();
    let mut say = |machine: &mut Server, code, text| {
        let reply = Reply::new(code, text).into();
        machine.send(&reply, &mut Out::from(&mut said)).expect("an answer");
    };
    say(&mut machine, 220, "ready");
    for (line, code) in BEFORE {
        let step = machine.receive(line.as_bytes()).expect("the line is right");
        assert!(matches!(step.progress, Progress::Event(_)), "{line}");
        say(&mut machine, code, "so");
    }
    machine
}

fn interpreted(smtp: &'static Description, input: &[u8]) -> Tally {
    let say = |line: &'static [u8]| said(smtp, "Reply", line);
    let mut session = server(smtp, Limits::default());
    session.send(&say(b"220 ready\r\n")).expect("a greeting");
    for (line, code) in BEFORE {
        session.receive(line.as_bytes());
        let Ok(Progress::Event((_, mut sender))) = session.poll() else { panic!("{line}") };
        let answer: &[u8] = if code == 250 { b"250 so\r\n" } else { b"354 so\r\n" };
        sender.send(&say(answer)).expect("an answer");
    }
    let mut message = Vec::with_capacity(input.len());
    let mut rest = input;
    loop {
        match session.poll().expect("the input is right") {
            Progress::Event((Interpreted::Data { data, .. }, _)) => data.append_to(&mut message),
            Progress::Event((Interpreted::End { .. }, _)) => return seen(&message),
            Progress::Event((other, _)) => panic!("{other:?}"),
            _ => rest = &rest[session.receive(&rest[..rest.len().min(READ_BYTES)])..],
        }
    }
}

/// Where mailin puts what it is told.
struct Received(Rc<RefCell<Vec<u8>>>);

impl mailin::Handler for Received {
    fn data(&mut self, part: &[u8]) -> std::io::Result<()> {
        self.0.borrow_mut().extend_from_slice(part);
        Ok(())
    }
}

/// Its sessions want whole lines.
fn by_mailin(input: &[u8]) -> Tally {
    let message = Rc::new(RefCell::new(Vec::with_capacity(input.len())));
    let remote = std::net::Ipv4Addr::LOCALHOST.into();
    let mut session =
        mailin::SessionBuilder::new("here").build(remote, Received(Rc::clone(&message)));
    for (line, code) in BEFORE {
        assert_eq!(session.process(line.as_bytes()).code, code, "{line}");
    }
    let mut buffer = Buffer::new(input, READ_BYTES);
    let mut done = 0;
    while let Some(read) = buffer.read(done) {
        done = 0;
        while let Some(len) = memchr(b'\n', &read[done..]) {
            let line = &read[done..done + len + 1];
            done += line.len();
            if session.process(line).code == 250 {
                return seen(&message.borrow());
            }
        }
    }
    panic!("the input is whole")
}

fn receiver(input: &[u8]) -> Tally {
    let mut receiver = DataReceiver::new();
    let mut message = Vec::with_capacity(input.len());
    for read in input.chunks(READ_BYTES) {
        if receiver.ingest(&mut read.iter(), &mut message) {
            return seen(&message);
        }
    }
    panic!("the input is whole")
}

/// A message of which nothing is kept longer than a read.
pub(crate) fn receiver_streamed(input: &[u8]) -> Tally {
    let mut receiver = DataReceiver::new();
    let mut part = Vec::with_capacity(2 * READ_BYTES);
    let mut tally = Tally::default();
    let mut bytes = 0;
    let ended = input.chunks(READ_BYTES).any(|read| {
        let ended = receiver.ingest(&mut read.iter(), &mut part);
        bytes += part.len() as u64;
        part.clear();
        ended
    });
    assert!(ended, "the input is whole");
    tally.number(bytes);
    tally.frame();
    tally
}

fn by_lines(input: &[u8]) -> Tally {
    let mut message = Vec::with_capacity(input.len());
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b".") {
            Some(b"\r\n") => return seen(&message),
            Some(rest) => message.extend_from_slice(rest),
            None => message.extend_from_slice(line),
        }
    }
    panic!("the input is whole")
}

fn by_runs(input: &[u8]) -> Tally {
    let finder = memmem::Finder::new("\r\n.");
    let mut message = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some(at) = finder.find(rest) {
        let (run, behind) = rest.split_at(at + 2);
        message.extend_from_slice(run);
        rest = &behind[1..];
        if rest.starts_with(b"\r\n") {
            return seen(&message);
        }
    }
    panic!("the input is whole")
}

fn copied(input: &[u8]) -> Tally {
    let mut message = Vec::with_capacity(input.len());
    for read in input.chunks(READ_BYTES) {
        message.extend_from_slice(read);
    }
    seen(&message)
}
