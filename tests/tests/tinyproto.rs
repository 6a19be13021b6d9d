//! tinyproto: what the original sent and answered, and the faults it has.

use framer_protocols::tinyproto::{
    self, Accepted, Answer, Client, Full, Hello, Ready, Rejected, Server, Size, client, server,
};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

fn hex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("a digit")).expect("a byte");
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// `aa*3+bb` as bytes.
fn unpacked(text: &str) -> Vec<u8> {
    let runs = text.split('+').map(|run| run.split_once('*').unwrap_or((run, "1")));
    runs.flat_map(|(bytes, count)| hex(bytes).repeat(count.parse().expect("a number"))).collect()
}

fn numbers(text: &str) -> Vec<usize> {
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let runs = text.split(',').map(|run| run.split_once('*').unwrap_or((run, "1")));
    runs.flat_map(|(value, count)| vec![number(value); number(count)]).collect()
}

/// A server that accepts what comes: the messages, what it answered, and what broke a rule.
fn accepting(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>, Option<Rule>) {
    let mut conn = Connection::new(Server::new(), Limits::default());
    conn.send(Hello::from(Ready)).expect("hello");
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for piece in pieces {
        let mut left = *piece;
        loop {
            left = &left[conn.receive(left)..];
            let (event, mut reply) = match conn.poll() {
                Ok(Progress::Event(turn)) => turn,
                Ok(_) if left.is_empty() => break,
                Ok(_) => continue,
                Err(violation) => {
                    return (messages, conn.transmit().to_vec(), Some(violation.rule));
                }
            };
            match event {
                server::Event::Size(_) => {
                    messages.push(Vec::new());
                    reply.send(Answer::from(Accepted)).expect("an answer");
                }
                server::Event::Payload(part) => {
                    messages.last_mut().expect("it was announced").extend(part);
                }
                _ => {}
            }
        }
    }
    let ended = conn.end_of_stream().err().map(|violation| violation.rule);
    (messages, conn.transmit().to_vec(), ended)
}

/// A message without a byte waits for its answer as the others do, and is over with it.
#[test]
fn an_empty_message() {
    let mut client = Connection::new(Client::new(), Limits::default());
    client.send(Hello::from(Ready)).expect("hello");
    client.receive(b"\xff");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(Size::new(0)).expect("nothing is announced");
    assert_eq!(client.transmit(), b"\xff\0\0\0\0");
    let error = client.send(Size::new(1));
    assert!(matches!(error, Err(Misuse::Wait { .. })), "{error:?}");
    client.receive(b"\xff");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(Size::new(1)).expect("another");
    client.receive(b"\xff");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(client::Message::Payload(b"x")).expect("its byte");
    assert_eq!(client.transmit(), b"\xff\0\0\0\0\0\0\0\x01x");
}

#[test]
fn what_the_original_sent() {
    let mut count = 0;
    for line in include_str!("../vectors/tinyproto.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        let stream = unpacked(words[0]);
        let mut left = stream.as_slice();
        let pieces = numbers(words[1]).into_iter().map(|size| {
            let (piece, rest) = left.split_at(size);
            left = rest;
            piece
        });
        let pieces: Vec<&[u8]> = pieces.collect();
        let (messages, answers, ended) = accepting(&pieces);
        assert_eq!((answers, ended), (hex(words[2]), None), "{line}");
        // Sent by a client of ours, it is the same.
        let mut sender = Connection::new(Client::new(), Limits::default());
        sender.send(Hello::from(Ready)).expect("hello");
        sender.receive(b"\xff");
        assert!(matches!(sender.poll(), Ok(Progress::Event((client::Event::Ready(_), _)))));
        let mut sent = sender.transmit().to_vec();
        sender.transmitted(1);
        for message in &messages {
            sender.send(Size::new(u32::try_from(message.len()).expect("a size"))).expect("a size");
            sender.receive(b"\xff");
            assert!(matches!(sender.poll(), Ok(Progress::Event((client::Event::Accepted(_), _)))));
            if !message.is_empty() {
                sender.send(client::Message::Payload(message)).expect("it was accepted");
            }
            sent.extend(sender.transmit());
            let written = sender.transmit().len();
            sender.transmitted(written);
        }
        assert_eq!(sent, stream);
        count += 1;
    }
    assert_eq!(count, 97);
}

/// A pair that has said hello.
fn open() -> (Connection<Client>, Connection<Server>) {
    let mut client = Connection::new(Client::new(), Limits::default());
    let mut server = Connection::new(Server::new(), Limits::default());
    client.send(Hello::from(Ready)).expect("hello");
    server.send(Hello::from(Ready)).expect("hello");
    client.receive(b"\xff");
    server.receive(b"\xff");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    client.transmitted(1);
    server.transmitted(1);
    (client, server)
}

#[test]
fn a_message_waits_until_it_is_accepted() {
    let (mut client, mut server) = open();
    client.send(Size::new(3)).expect("a size");
    let early = client.send(client::Message::Payload(b"abc"));
    assert_eq!(early, Err(Misuse::Wait { frame: "Payload" }));
    // A peer that does not wait is read only once it is answered.
    server.receive(b"\0\0\0\x03abc");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Size(_), _)))));
    assert!(matches!(server.poll(), Ok(Progress::Owed)));
    let other = server.send(Size::new(1));
    assert!(matches!(other, Err(Misuse::Framing { .. })), "{other:?}");
    server.send(Answer::from(Accepted)).expect("an answer");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Payload(b"abc"), _)))));
    client.receive(b"\xff");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(client::Message::Payload(b"abc")).expect("now it may");
}

/// Who has accepted a message announces none before it has come: its bytes would be read as the
/// answer.
#[test]
fn no_message_in_the_middle_of_another() {
    let (mut client, mut server) = open();
    client.send(Size::new(2)).expect("a size");
    server.receive(b"\0\0\0\x02");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Size(_), _)))));
    server.send(Answer::from(Accepted)).expect("an answer");
    let early = server.send(Size::new(1));
    assert_eq!(early, Err(Misuse::OutOfSequence { frame: "Size", state: "Open" }));
    server.receive(b"\xff\xff");
    assert!(matches!(server.poll(), Ok(Progress::Event((server::Event::Payload(_), _)))));
    while let Ok(Progress::Event(_)) = server.poll() {}
    server.send(Size::new(1)).expect("now it may");
}

/// Both announce a message at once: neither reads the size of the other as anything else.
#[test]
fn crossing_sizes_end_the_connection() {
    for size in [5, 0x0102_0304, 0xf0ff_ffff_u32] {
        let (mut client, mut server) = open();
        client.send(Size::new(size)).expect("a size");
        server.send(Size::new(size)).expect("a size");
        client.receive(server.transmit());
        server.receive(client.transmit());
        let seen = client
            .poll()
            .map(|progress| matches!(progress, Progress::Event((client::Event::Rejected(_), _))));
        let other = server
            .poll()
            .map(|progress| matches!(progress, Progress::Event((server::Event::Rejected(_), _))));
        if size == 5 {
            // Its first byte is that of a refusal, behind which nothing is read.
            assert_eq!((seen, other), (Ok(true), Ok(true)));
            assert!(matches!(client.poll(), Ok(Progress::Closed)));
            assert!(matches!(server.poll(), Ok(Progress::Closed)));
        } else {
            assert_eq!(seen.map_err(|violation| violation.rule), Err(Rule::Choice));
            assert_eq!(other.map_err(|violation| violation.rule), Err(Rule::Choice));
        }
    }
}

#[test]
fn what_breaks_a_rule() {
    let stream = b"\xff\0\0\0\x02ab\0\0\0\0\0\0\0\x01c";
    let (messages, answers, ended) = same_in_every_cut(stream, accepting);
    assert_eq!(messages, [&b"ab"[..], b"", b"c"]);
    assert_eq!((answers, ended), (b"\xff\xff\xff\xff".to_vec(), None));
    // The end of the stream inside a message is no message.
    for cut in [2, 5, 6, 8, 15] {
        assert!(matches!(accepting(&[&stream[..cut]]).2, Some(Rule::EndOfStream { .. })), "{cut}");
    }
    let range = Rule::Range { low: 0, high: 0xf0ff_ffff };
    assert_eq!(same_in_every_cut(b"\xff\xf1\0\0\0", accepting).2, Some(range));
    assert_eq!(same_in_every_cut(b"\0", accepting).2, Some(Rule::Choice));
    assert_eq!(refused(Size::new(0xf100_0000)).0, "bytes");
    let (mut client, _) = open();
    client.send(Size::new(1)).expect("a size");
    client.receive(b"\0");
    assert!(matches!(client.poll(), Ok(Progress::Event((client::Event::Rejected(_), _)))));
    assert!(matches!(client.send(Size::new(1)), Err(Misuse::Closed)));
    let mut client = Connection::new(Client::new(), Limits::default());
    client.send(Hello::from(Ready)).expect("hello");
    client.receive(b"\xfe");
    assert!(matches!(client.poll(), Ok(Progress::Event((client::Event::Full(_), _)))));
    assert!(matches!(client.poll(), Ok(Progress::Closed)));
}

proptest! {
    #[test]
    fn every_frame_comes_back(bytes in 0..=0xf0ff_ffff_u32, wire: [u8; 4]) {
        let written = encoded(Size::new(bytes));
        prop_assert_eq!(Size::decode(&written), Ok(Size::new(bytes)));
        if let Ok(size) = Size::decode(&wire) {
            prop_assert_eq!(encoded(size), wire);
        }
        for hello in [Hello::from(Ready), Hello::from(Full), Hello::from(tinyproto::Conflict)] {
            let written = encoded(hello);
            prop_assert_eq!(Hello::decode(&written), Ok(hello));
        }
        for answer in [Answer::from(Accepted), Answer::from(Rejected)] {
            let written = encoded(answer);
            prop_assert_eq!(Answer::decode(&written), Ok(answer));
        }
    }
}
