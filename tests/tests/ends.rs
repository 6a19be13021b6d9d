//! The end of the stream at every byte, in either direction and of every kind, of protocols whose
//! sides wait for each other: nobody is left waiting, nothing is answered twice, and nothing that
//! was cut is taken as whole.

use std::collections::BTreeSet;
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_protocols::tinyproto::{
    Accepted, Answer, Client, Hello, Ready, Server, Size, client, server,
};
use framer_runtime::testing::{Ended, Faults, Pair, Turn};
use framer_runtime::violation::{Rule, Violation};
use framer_tests::frames::encoded;

/// What is done to one direction behind a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Closed,
    Reset,
}

fn faults(kind: Kind, bytes: u64, pieces: usize) -> Faults {
    let faults = Faults::none().cut_into(pieces..=pieces);
    match kind {
        Kind::Closed => faults.closed_after(bytes),
        Kind::Reset => faults.reset_after(bytes),
    }
}

/// Runs it with each end behind each of so many bytes of each direction.
fn at_every_byte(to_left: u64, to_right: u64, run: impl Fn(Faults, Faults, Cut)) -> usize {
    let mut count = 0;
    for kind in [Kind::Closed, Kind::Reset] {
        for pieces in [1, 3, usize::MAX] {
            let whole = || Faults::none().cut_into(pieces..=pieces);
            for bytes in 0..to_left {
                let cut = Cut { kind, of_left: true, bytes };
                run(faults(kind, bytes, pieces), whole(), cut);
            }
            for bytes in 0..to_right {
                let cut = Cut { kind, of_left: false, bytes };
                run(whole(), faults(kind, bytes, pieces), cut);
            }
            count += usize::try_from(to_left + to_right).expect("few");
        }
    }
    count
}

/// Where what end is.
#[derive(Clone, Copy, Debug)]
struct Cut {
    kind: Kind,
    /// Of what the left side reads.
    of_left: bool,
    bytes: u64,
}

/// One side of packetstream: what it has asked and not been told of, and what it has read.
#[derive(Debug, Default)]
struct Asking {
    waiting: BTreeSet<u64>,
    answered: usize,
    failed: usize,
    read: u64,
    ended: Option<Ended>,
}

impl Asking {
    /// What it says to a record.
    fn hear<'r>(&mut self, record: Record<'r>) -> Option<Record<'r>> {
        assert_eq!(self.ended, None, "nothing comes behind the end");
        self.read += u64::try_from(encoded(record).len()).expect("short");
        if record.kind.is_some() {
            return Some(Record { kind: None, flags: 1, ..record });
        }
        assert!(self.waiting.remove(&record.tag), "{} was answered twice", record.tag);
        assert_eq!(record.payload, payload(record.tag));
        self.answered += 1;
        None
    }

    /// Whoever waits is told.
    fn end(&mut self, ended: Ended) {
        assert_eq!(self.ended.replace(ended), None, "it ends once");
        self.failed += self.waiting.len();
        self.waiting.clear();
    }
}

fn payload(tag: u64) -> &'static [u8] {
    b"a payload".get(..usize::try_from(tag % 9).expect("small")).expect("so many")
}

const QUESTIONS: u64 = 8;

fn question(tag: u64) -> Record<'static> {
    let channel = tag.is_multiple_of(2).then_some(tag * 100 + 1);
    Record { tag, flags: 0, channel, kind: Some(tag + 1), payload: payload(tag) }
}

/// Both sides ask at once, and leave when they were answered: what each of them came to.
fn packetstream(to_left: Faults, to_right: Faults) -> (Asking, Asking) {
    let mut pair =
        Pair::new(0, Left::new(), Right::new()).faults_to_left(to_left).faults_to_right(to_right);
    let (mut left, mut right) = (Asking::default(), Asking::default());
    for tag in 0..QUESTIONS {
        pair.left().send(question(tag)).expect("it may ask");
        pair.right().send(question(tag)).expect("it may ask");
        left.waiting.insert(tag);
        right.waiting.insert(tag);
    }
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Left(left::Event::Record(record), mut reply) => {
                if let Some(answer) = left.hear(record) {
                    reply.send(answer).expect("it was asked");
                }
            }
            Turn::Right(right::Event::Record(record), mut reply) => {
                if let Some(answer) = right.hear(record) {
                    reply.send(answer).expect("it was asked");
                }
            }
            Turn::LeftEnded(ended) => left.end(ended),
            Turn::RightEnded(ended) => right.end(ended),
            Turn::Woken(_) => panic!("nobody asked for it"),
        }
        let done = usize::try_from(QUESTIONS).expect("few");
        if left.answered == done && right.answered == done {
            pair.close_left();
        }
    }
    assert!(pair.now() < Duration::from_millis(1), "nobody waits for a time limit");
    (left, right)
}

#[test]
fn packetstream_at_every_byte() {
    let done = usize::try_from(QUESTIONS).expect("few");
    let (left, right) = packetstream(Faults::none(), Faults::none());
    assert_eq!((left.answered, right.answered), (done, done));
    assert_eq!((left.ended, right.ended), (None, Some(Ended::Stream)));
    let count = at_every_byte(left.read, right.read, |to_left, to_right, cut| {
        let (left, right) = packetstream(to_left, to_right);
        for side in [&left, &right] {
            assert!(side.waiting.is_empty(), "{cut:?}: {side:?}");
            assert!(side.ended.is_some(), "{cut:?}: {side:?}");
            assert_eq!(side.answered + side.failed, done, "{cut:?}");
        }
        let (of, other) = if cut.of_left { (&left, &right) } else { (&right, &left) };
        check_end(cut, of.read, of.failed > 0, of.ended);
        // The other side is told by the end of this one.
        let told = matches!(other.ended, Some(Ended::Reset)) == (cut.kind == Kind::Reset);
        assert!(told, "{cut:?}: {other:?}");
    });
    assert!(count > 1000, "{count}");
}

/// Of a stream that was closed it is said how much of a frame was there, and never that it was
/// whole.
fn check_end(cut: Cut, read: u64, waited: bool, ended: Option<Ended>) {
    assert!(read <= cut.bytes, "{cut:?}: {read}");
    let have = cut.bytes - read;
    match (cut.kind, ended) {
        (Kind::Reset, Some(Ended::Reset)) => {}
        (Kind::Closed, Some(Ended::Violation(Violation { rule, start, end, .. }))) => {
            assert_eq!(
                (rule, start, end),
                (Rule::EndOfStream { have }, read, cut.bytes),
                "{cut:?}"
            );
            assert!(waited || have > 0, "{cut:?}");
        }
        (Kind::Closed, Some(Ended::Stream)) => assert!(have == 0 && !waited, "{cut:?}"),
        (_, other) => panic!("{cut:?}: {other:?}"),
    }
}

/// One side of tinyproto: messages that it has announced, and how many of them were accepted; what
/// it was sent.
#[derive(Debug, Default)]
struct Sending {
    announced: usize,
    accepted: usize,
    failed: usize,
    coming: Option<(usize, Vec<u8>)>,
    messages: Vec<Vec<u8>>,
    read: u64,
    ended: Option<Ended>,
}

impl Sending {
    fn read(&mut self, bytes: usize) {
        assert_eq!(self.ended, None, "nothing comes behind the end");
        self.read += u64::try_from(bytes).expect("few");
    }

    /// A size came, and is accepted.
    fn size(&mut self, size: u32) {
        self.read(4);
        let size = usize::try_from(size).expect("small");
        self.coming = Some((size, Vec::new()));
        if size == 0 {
            self.whole();
        }
    }

    fn part(&mut self, part: &[u8]) {
        self.read(part.len());
        self.coming.as_mut().expect("it was announced").1.extend(part);
    }

    /// All of a message has come.
    fn whole(&mut self) {
        let (size, message) = self.coming.take().expect("it was announced");
        assert_eq!(message.len(), size, "a message that was cut is none");
        self.messages.push(message);
    }

    fn end(&mut self, ended: Ended) {
        assert_eq!(self.ended.replace(ended), None, "it ends once");
        self.failed += self.announced - self.accepted;
    }
}

const MESSAGES: [&[u8]; 4] = [b"hello", b"", b"0123456789012345678901234567890", b"\xff\0"];

fn size(message: &[u8]) -> Size {
    Size::new(u32::try_from(message.len()).expect("short"))
}

/// The client sends messages, and the server sends each back.
fn tinyproto(to_left: Faults, to_right: Faults) -> (Sending, Sending) {
    let pair = Pair::new(0, Client::new(), Server::new());
    let mut pair = pair.faults_to_left(to_left).faults_to_right(to_right);
    let (mut asks, mut echoes) = (Sending::default(), Sending::default());
    pair.left().send(Hello::from(Ready)).expect("hello");
    pair.right().send(Hello::from(Ready)).expect("hello");
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Left(event, mut reply) => match event {
                client::Event::Ready(_) => {
                    asks.read(1);
                    asks.announced += 1;
                    reply.send(size(MESSAGES[0])).expect("the first");
                }
                client::Event::Accepted(_) => {
                    asks.read(1);
                    let message = MESSAGES[asks.accepted];
                    asks.accepted += 1;
                    if !message.is_empty() {
                        reply.send(client::Message::Payload(message)).expect("it was accepted");
                    }
                }
                client::Event::Size(size) => {
                    asks.size(size.bytes);
                    reply.send(Answer::from(Accepted)).expect("it is taken");
                }
                client::Event::Payload(part) => asks.part(part),
                client::Event::PayloadEnd if asks.coming.is_some() => asks.whole(),
                client::Event::PayloadEnd => {}
                other => panic!("{other:?}"),
            },
            Turn::Right(event, mut reply) => match event {
                server::Event::Ready(_) => echoes.read(1),
                server::Event::Accepted(_) => {
                    echoes.read(1);
                    let message = &echoes.messages[echoes.accepted];
                    echoes.accepted += 1;
                    if !message.is_empty() {
                        reply.send(server::Message::Payload(message)).expect("it was accepted");
                    }
                }
                server::Event::Size(size) => {
                    echoes.size(size.bytes);
                    reply.send(Answer::from(Accepted)).expect("it is taken");
                }
                server::Event::Payload(part) => echoes.part(part),
                server::Event::PayloadEnd if echoes.coming.is_some() => echoes.whole(),
                server::Event::PayloadEnd => {}
                other => panic!("{other:?}"),
            },
            Turn::LeftEnded(ended) => asks.end(ended),
            Turn::RightEnded(ended) => echoes.end(ended),
            Turn::Woken(_) => panic!("nobody asked for it"),
        }
        // A message that has come back makes room for the next.
        if echoes.ended.is_none() && echoes.announced < echoes.messages.len() {
            let next = size(&echoes.messages[echoes.announced]);
            if pair.right().send(next).is_ok() {
                echoes.announced += 1;
            }
        }
        if asks.ended.is_none() && asks.messages.len() == asks.announced && asks.announced > 0 {
            match MESSAGES.get(asks.announced) {
                Some(message) if pair.left().send(size(message)).is_ok() => asks.announced += 1,
                Some(_) => {}
                None => pair.close_left(),
            }
        }
    }
    assert!(pair.now() < Duration::from_millis(1), "nobody waits for a time limit");
    (asks, echoes)
}

#[test]
fn tinyproto_at_every_byte() {
    let (asks, echoes) = tinyproto(Faults::none(), Faults::none());
    assert_eq!(
        (&asks.messages[..], &echoes.messages[..]),
        (&MESSAGES.map(<[u8]>::to_vec)[..], &MESSAGES.map(<[u8]>::to_vec)[..])
    );
    assert_eq!((asks.ended, echoes.ended), (None, Some(Ended::Stream)));
    let count = at_every_byte(asks.read, echoes.read, |to_left, to_right, cut| {
        let (asks, echoes) = tinyproto(to_left, to_right);
        for side in [&asks, &echoes] {
            assert!(side.ended.is_some(), "{cut:?}: {side:?}");
            assert_eq!(side.accepted + side.failed, side.announced, "{cut:?}");
            let whole = side.messages.iter().zip(MESSAGES).all(|(came, sent)| came == sent);
            assert!(whole, "{cut:?}: {side:?}");
        }
    });
    assert!(count > 500, "{count}");
}
