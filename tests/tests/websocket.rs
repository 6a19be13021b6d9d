//! WebSocket: the examples of RFC 6455 in every cut, what its rules forbid, and how it closes.

use framer_protocols::websocket::{self, ClientFrame, Opcode, ServerFrame};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

/// What a server sees of these bytes.
fn served(pieces: &[&[u8]]) -> Vec<String> {
    let mut server = Connection::new(websocket::Server::new(), Limits::default());
    let mut seen = Vec::new();
    let mut data = Vec::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            use websocket::server::Event;
            match server.poll() {
                Ok(Progress::Event((event, _))) => match event {
                    Event::ClientFrame(frame) => {
                        let last = if frame.fin { "last " } else { "" };
                        seen.push(format!("{last}{:?} of {}", frame.opcode, frame.size));
                    }
                    Event::ClientPayload(part) => part.append_to(&mut data),
                    Event::ClientPayloadEnd => {
                        seen.push(std::mem::take(&mut data).escape_ascii().to_string());
                    }
                },
                Ok(Progress::Closed) => {
                    seen.push("closed".to_owned());
                    return seen;
                }
                Ok(_) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return seen;
                }
            }
        }
    }
    seen
}

/// What a client sees of these bytes.
fn received(pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Connection::new(websocket::Client::new(), Limits::default());
    let mut seen = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    for piece in pieces {
        client.receive(piece);
        loop {
            use websocket::client::Event;
            match client.poll() {
                Ok(Progress::Event((event, _))) => match event {
                    Event::ServerFrame(frame) => {
                        let last = if frame.fin { "last " } else { "" };
                        seen.push(format!("{last}{:?} of {}", frame.opcode, frame.size));
                    }
                    Event::ServerPayload(part) => data.extend_from_slice(part),
                    Event::ServerPayloadEnd => {
                        seen.push(std::mem::take(&mut data).escape_ascii().to_string());
                    }
                },
                Ok(_) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return seen;
                }
            }
        }
    }
    seen
}

/// RFC 6455, section 5.7.
#[test]
fn examples_of_the_specification() {
    let masked =
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let seen = same_in_every_cut(masked, served);
    assert_eq!(seen, ["last Text of 5", "Hello", "last Pong of 5", "Hello"]);
    let plain = b"\x81\x05Hello\x01\x03Hel\x89\x05Hello\x80\x02lo";
    let seen = same_in_every_cut(plain, received);
    let expected = [
        "last Text of 5",
        "Hello",
        "Text of 3",
        "Hel",
        "last Ping of 5",
        "Hello",
        "last Continuation of 2",
        "lo",
    ];
    assert_eq!(seen, expected);
    let long = [&b"\x82\x7e\x01\x00"[..], &[b'x'; 256]].concat();
    assert_eq!(received(&[&long]), ["last Binary of 256".to_owned(), "x".repeat(256)]);
    let longer = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &[b'x'; 65_536]].concat();
    let pieces: Vec<&[u8]> = longer.chunks(10_000).collect();
    assert_eq!(received(&pieces), ["last Binary of 65536".to_owned(), "x".repeat(65_536)]);
}

#[test]
fn a_client_says_hello() {
    let mut client = Connection::new(websocket::Client::new(), Limits::default());
    client.send(ClientFrame::new(true, Opcode::Text, 5, 0x37fa_213d)).expect("a frame");
    for byte in b"Hello" {
        client.send(websocket::client::Message::ClientPayload(&[*byte])).expect("a byte");
    }
    assert_eq!(client.transmit(), b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    client.send(ClientFrame::new(true, Opcode::Ping, 0, 1)).expect("an empty one");
    let error = client.send(ClientFrame::new(true, Opcode::Continuation, 0, 1));
    assert!(matches!(error, Err(Misuse::OutOfSequence { frame: "ClientFrame", .. })), "{error:?}");
    let long = ClientFrame::new(true, Opcode::Close, 126, 1);
    assert_eq!(refused(long), ("", Rule::Require("Control")));
}

/// What breaks a rule of a frame, or comes out of turn, and which bytes it is.
#[test]
fn what_the_specification_forbids() {
    let key = b"\0\0\0\0";
    let fails = |wire: &[u8], text: &str| {
        let seen = same_in_every_cut(wire, served);
        let last = seen.last().expect("a violation");
        assert!(last.contains(text), "{last}");
    };
    // A ping of 126 bytes, and one in parts (section 5.5).
    fails(&[&b"\x89\xfe\x00\x7e"[..], key, &[0; 126]].concat(), "Control");
    fails(&[&b"\x09\x80"[..], key].concat(), "Control");
    // Not the shortest length, and one with the highest bit (section 5.2).
    fails(b"\x82\xfe\x00\x05\0\0\0\0hello", "a number");
    fails(b"\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", "a number");
    fails(b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", "value not in");
    // Reserved bits and opcodes.
    fails(&[&b"\xc1\x80"[..], key].concat(), "value not in");
    fails(&[&b"\x83\x80"[..], key].concat(), "alternative");
    fails(&[&b"\x8b\x80"[..], key].concat(), "alternative");
    // No key from a client (section 5.1), and one from a server.
    fails(b"\x81\x05Hello", "value not in");
    let seen = same_in_every_cut(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", received);
    assert!(seen[0].contains("value not in"), "{seen:?}");
    // Parts out of turn (section 5.4).
    fails(&[&b"\x80\x80"[..], key].concat(), "ClientFrame: not expected in state");
    let twice = [&b"\x01\x80"[..], key, b"\x81\x80", key].concat();
    fails(&twice, "ClientFrame: not expected in state");
    let parts = [
        &b"\x01\x80"[..],
        key,
        b"\x00\x80",
        key,
        b"\x89\x80",
        key,
        b"\x80\x80",
        key,
        b"\x82\x80",
        key,
    ];
    let seen = same_in_every_cut(&parts.concat(), served);
    let kinds: Vec<&str> = seen.iter().step_by(2).map(String::as_str).collect();
    let expected = [
        "Text of 0",
        "Continuation of 0",
        "last Ping of 0",
        "last Continuation of 0",
        "last Binary of 0",
    ];
    assert_eq!(kinds, expected);
    // Nothing comes behind a close.
    let behind = [&b"\x88\x80"[..], key, b"\x81\x80", key].concat();
    fails(&behind, "ClientFrame: not expected in state");
}

#[test]
fn both_close_and_what_crosses_is_read() {
    let mut server = Connection::new(websocket::Server::new(), Limits::default());
    server.send(ServerFrame::new(true, Opcode::Close, 2)).expect("a close");
    server.send(websocket::server::Message::ServerPayload(b"\x03\xe8")).expect("why");
    let error = server.send(ServerFrame::new(true, Opcode::Text, 2));
    assert!(matches!(error, Err(Misuse::OutOfSequence { .. })), "{error:?}");
    assert_eq!(server.transmit(), b"\x88\x02\x03\xe8");
    // What the client said before it knew.
    let key = b"\0\0\0\0";
    server.receive(&[&b"\x81\x82"[..], key, b"hi", b"\x88\x82", key, b"\x03\xe8"].concat());
    let mut events = 0;
    while let Progress::Event(_) = server.poll().expect("as it should be") {
        events += 1;
    }
    assert_eq!(events, 6);
    assert!(matches!(server.poll(), Ok(Progress::Closed)));
    assert_eq!(server.end_of_stream(), Ok(()));
}

/// The close of the other side may come between one's own and why.
#[test]
fn both_close_at_once_and_both_say_why() {
    let mut server = Connection::new(websocket::Server::new(), Limits::default());
    server.send(ServerFrame::new(true, Opcode::Close, 2)).expect("a close");
    server.receive(b"\x88\x82\0\0\0\0\x03\xe8");
    for _ in 0..3 {
        assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    }
    assert!(matches!(server.poll(), Ok(Progress::More(_))));
    server.send(websocket::server::Message::ServerPayload(b"\x03\xe9")).expect("why");
    assert_eq!(server.transmit(), b"\x88\x02\x03\xe9");
    assert!(matches!(server.poll(), Ok(Progress::Closed)));

    let mut client = Connection::new(websocket::Client::new(), Limits::default());
    client.send(ClientFrame::new(true, Opcode::Close, 2, 0)).expect("a close");
    client.receive(b"\x88\x02\x03\xe8");
    for _ in 0..3 {
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    }
    client.send(websocket::client::Message::ClientPayload(b"\x03\xe9")).expect("why");
    assert_eq!(client.transmit(), b"\x88\x82\0\0\0\0\x03\xe9");
    assert!(matches!(client.poll(), Ok(Progress::Closed)));
}

#[test]
fn memory_follows_what_came() {
    let mut client = Connection::new(websocket::Client::new(), Limits::default());
    client.receive(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff");
    for _ in 0..1000 {
        client.receive(&[7; 1024]);
        while let Ok(Progress::Event(_)) = client.poll() {}
    }
    assert!(client.peak_bytes().0 <= 4096, "{:?}", client.peak_bytes());
    assert!(client.end_of_stream().is_err());
}

fn opcode() -> impl Strategy<Value = Opcode> {
    prop_oneof![
        Just(Opcode::Continuation),
        Just(Opcode::Text),
        Just(Opcode::Binary),
        Just(Opcode::Close),
        Just(Opcode::Ping),
        Just(Opcode::Pong)
    ]
}

proptest! {
    #[test]
    fn frames_round_trip(fin: bool, opcode in opcode(), size in prop_oneof![0..=130_u64, 65_530..=65_540_u64, any::<u64>()], key: u32) {
        let frame = ClientFrame::new(fin, opcode, size, key);
        let mut out = Vec::new();
        if frame.encode(&mut out).is_ok() {
            prop_assert_eq!(ClientFrame::decode(&out), Ok(frame));
        }
        let frame = ServerFrame::new(fin, opcode, size);
        out.clear();
        if frame.encode(&mut out).is_ok() {
            prop_assert_eq!(ServerFrame::decode(&out), Ok(frame));
        }
    }

    #[test]
    fn what_is_read_is_written(bytes in prop::collection::vec(any::<u8>(), 2..15)) {
        for len in 2..=bytes.len() {
            if let Ok(frame) = ClientFrame::decode(&bytes[..len]) {
                prop_assert_eq!(encoded(frame), &bytes[..len]);
            }
            if let Ok(frame) = ServerFrame::decode(&bytes[..len]) {
                prop_assert_eq!(encoded(frame), &bytes[..len]);
            }
        }
    }
}
