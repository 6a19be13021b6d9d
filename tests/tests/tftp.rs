//! TFTP: the packets of RFC 1350 and RFC 2347, and sessions over datagrams.

use std::time::Duration;

use framer_protocols::tftp::{self, *};
use framer_runtime::datagram::Datagrams;
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::machine::{Described, Progress};
use framer_runtime::violation::{EncodeError, Misuse, Rule, Violation};
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

/// RFC 1350, section 5 and appendix; the options of RFC 2347 and 2348.
#[test]
fn packets_of_the_standards() {
    let plain = ReadRequest::new("rfc1350.txt", "octet");
    assert_eq!(encoded(plain), b"\0\x01rfc1350.txt\0octet\0");
    let settings = [Setting::new("blksize", "1428"), Setting::new("tsize", "0")];
    let request =
        WriteRequest { file: "boot/kernel", mode: "NetASCII", options: List::from(&settings) };
    let wire = b"\0\x02boot/kernel\0NetASCII\0blksize\x001428\0tsize\x000\0";
    assert_eq!(encoded(request), wire);
    let Ok(ClientPacket::WriteRequest(read)) = ClientPacket::decode(wire) else {
        panic!("no request")
    };
    assert!(read.options.iter().eq(settings));
    assert_eq!(encoded(Data::new(1, b"\0\xff")), b"\0\x03\0\x01\0\xff");
    assert_eq!(encoded(Data::new(0xffff, b"")), b"\0\x03\xff\xff");
    assert_eq!(encoded(Ack::new(7)), b"\0\x04\0\x07");
    let failure = Failure::new(Reason::FileNotFound, b"File not found");
    assert_eq!(encoded(failure), b"\0\x05\0\x01File not found\0");
    assert_eq!(
        Failure::decode(b"\0\x05\x01\0?\0"),
        Ok(Failure::new(Reason::OtherReason(256), b"?"))
    );
    assert_eq!(
        encoded(OptionsAck { options: List::from(&settings[..1]) }),
        b"\0\x06blksize\x001428\0"
    );
}

#[test]
fn what_cannot_be_written() {
    let injected = ReadRequest::new("passwd\0octet", "octet");
    assert_eq!(refused(injected).0, "file");
    let long = "x".repeat(300);
    assert_eq!(refused(ReadRequest::new(&long, "octet")), ("file", Rule::TooLong { max: 256 }));
    let many = vec![Setting::new("a", "b"); 17];
    assert_eq!(refused(OptionsAck { options: List::from(&many) }).0, "options");
}

/// What comes of a datagram.
fn heard<M: Described>(session: &mut Datagrams<M>, datagram: &[u8]) -> Result<bool, Violation> {
    session.receive(datagram).map(|progress| matches!(progress, Progress::Event(_)))
}

/// Anyone can send a datagram: it changes nothing for those behind it.
#[test]
fn a_bad_datagram_is_told_and_dropped() {
    let mut server = Datagrams::new(tftp::Server::new(), 1024);
    let mut position = 0;
    let mut dropped = |datagram: &[u8]| {
        let violation = heard(&mut server, datagram).expect_err("it breaks a rule");
        let at = (violation.start - position, violation.end - position);
        position += u64::try_from(datagram.len()).expect("a length");
        (violation.rule, at)
    };
    assert_eq!(dropped(b"\0").0, Rule::Choice);
    assert_eq!(dropped(b"\0\x09\0\0").0, Rule::Choice);
    assert_eq!(dropped(b"\0\x01name\0octet"), (Rule::Truncated, (12, 12)));
    assert_eq!(dropped(b"\0\x01name\0octet\0size"), (Rule::Truncated, (17, 17)));
    assert_eq!(dropped(b"\0\x01n\xffme\0octet\0").1, (3, 4));
    assert_eq!(dropped(b"\0\x05\0\0caf\xe9"), (Rule::Truncated, (8, 8)));
    // Behind the last field of a packet is nothing.
    assert_eq!(dropped(b"\0\x04\0\x01\0"), (Rule::Trailing, (4, 5)));
    assert_eq!(server.machine().state(), tftp::State::Start);
    // Nothing has been asked for yet.
    assert!(heard(&mut server, b"\0\x04\0\x01").is_err());
    assert!(heard(&mut server, b"").is_err());
    assert_eq!(heard(&mut server, b"\0\x01name\0octet\0"), Ok(true));
    assert_eq!(server.machine().state(), tftp::State::Reading);
    assert!(heard(&mut server, b"\0\x03\0\x01stored?").is_err());
    assert_eq!(heard(&mut server, b"\0\x04\0\x01"), Ok(true));
    let mut client = Datagrams::new(tftp::Client::new(), 1024);
    assert!(heard(&mut client, b"\0\x03\0\x01unasked").is_err());
}

#[test]
fn each_message_is_a_datagram() {
    let mut client = Datagrams::new(tftp::Client::new(), 100);
    client.send(WriteRequest::new("name", "octet")).expect("at the start");
    client.send(Data::new(1, &[b'x'; 100])).expect("below the limit");
    let full = client.send(Data::new(2, b"")).expect_err("a hundred bytes wait");
    assert_eq!(full, Misuse::Full { max: 100 });
    assert_eq!(client.transmit(), Some(&b"\0\x02name\0octet\0"[..]));
    client.transmitted();
    assert_eq!(client.transmit().map(<[u8]>::len), Some(104));
    client.transmitted();
    assert_eq!(client.transmit(), None);
    client.transmitted();
    client.send(Data::new(2, b"")).expect("nothing waits");
}

#[test]
fn what_cannot_be_read_is_answered() {
    let mut server = Datagrams::new(tftp::Server::new(), 1024);
    assert!(heard(&mut server, b"\0\x01name\0octet").is_err());
    server.send(Failure::new(Reason::IllegalOperation, b"")).expect("it may be said");
    assert_eq!(server.transmit(), Some(&b"\0\x05\0\x04\0"[..]));
}

framer_runtime::framer! {
    frame Text { text: utf8 to end }
    protocol Chat over datagram {
        roles left, right;
        left speaks Text;
        right speaks Text;
        pending fifo max 1;
        state Open { left Text => stay; right Text => stay; }
    }
}

/// A datagram of no bytes is one, and takes room.
#[test]
fn empty_datagrams() {
    let mut left = Datagrams::new(chat::Left::new(), 100);
    let sent = (0..100).take_while(|_| left.send(chat::Text::new("")).is_ok()).count();
    assert!((1..100).contains(&sent), "{sent}");
    let mut right = Datagrams::new(chat::Right::new(), 100);
    assert_eq!(left.transmit(), Some(&b""[..]));
    assert_eq!(heard(&mut right, b""), Ok(true));
}

/// UDP over IPv4 carries 65,507 bytes (RFC 768, RFC 791).
#[test]
fn the_longest_datagram() {
    let mut client = Datagrams::new(tftp::Client::new(), usize::MAX);
    client.send(WriteRequest::new("name", "octet")).expect("at the start");
    let data = vec![b'x'; 65_504];
    client.send(Data::new(1, &data[1..])).expect("it fits");
    let (frame, rule) = ("ClientPacket", Rule::TooLong { max: 65_507 });
    let wanted = Misuse::Encode(EncodeError { frame, field: "", rule });
    assert_eq!(client.send(Data::new(1, &data)), Err(wanted));
    let lengths = std::iter::from_fn(|| {
        let len = client.transmit()?.len();
        client.transmitted();
        Some(len)
    });
    assert_eq!(lengths.collect::<Vec<_>>(), [13, 65_507]);
    let mut server = Datagrams::new(tftp::Server::new(), 1024);
    assert_eq!(heard(&mut server, b"\0\x02name\0octet\0"), Ok(true));
    let packet = [&b"\0\x03\0\x01"[..], &data].concat();
    let violation = heard(&mut server, &packet).expect_err("it is too long");
    assert_eq!(violation.rule, Rule::TooLong { max: 65_507 });
    assert_eq!(heard(&mut server, &packet[..65_507]), Ok(true));
}

#[test]
fn a_transfer_that_stands_still_ends() {
    let mut server = Datagrams::new(tftp::Server::new(), 1024);
    assert_eq!(server.next_time(), Some(Duration::from_secs(60)));
    assert_eq!(heard(&mut server, b"\0\x01name\0octet\0"), Ok(true));
    server.handle_time(Duration::from_secs(1)).expect("it has just begun");
    assert_eq!(server.next_time(), Some(Duration::from_secs(61)));
    // What is no packet of it is no progress, however long.
    assert!(heard(&mut server, &[9; 10_000]).is_err());
    let over = server.handle_time(Duration::from_secs(61)).expect_err("a minute is over");
    assert!(matches!(over.rule, Rule::TimeLimit { .. }), "{over}");
}

fn packet<'a>(number: u8, block: u16, name: &'a str, settings: &'a [Setting<'a>]) -> Vec<u8> {
    let options = List::from(settings);
    match number {
        0 => encoded(ReadRequest { file: name, mode: "octet", options }),
        1 => encoded(WriteRequest { file: name, mode: "netascii", options }),
        2 => encoded(Data::new(block, name.as_bytes())),
        3 => encoded(Ack::new(block)),
        4 => encoded(Failure::new(Reason::Undefined, name.as_bytes())),
        _ => encoded(OptionsAck { options }),
    }
}

proptest! {
    #[test]
    fn every_packet_comes_back(
        number in 0..6_u8,
        block: u16,
        name in "[ -~]{0,40}",
        settings in prop::collection::vec(("[a-z]{1,8}", "[0-9]{1,8}"), 0..4),
    ) {
        let settings: Vec<Setting<'_>> =
            settings.iter().map(|(name, value)| Setting::new(name, value)).collect();
        let wire = packet(number, block, &name, &settings);
        let client = ClientPacket::decode(&wire).ok().map(encoded);
        let server = ServerPacket::decode(&wire).ok().map(encoded);
        prop_assert_eq!(client.or(server), Some(wire));
    }

    #[test]
    fn what_is_read_is_written_the_same(
        operation in 0..8_u8,
        rest in prop::collection::vec(prop_oneof![Just(0), any::<u8>(), b'a'..=b'z'], 0..24),
    ) {
        let wire = [&[0, operation], &rest[..]].concat();
        if let Ok(read) = ClientPacket::decode(&wire) {
            prop_assert_eq!(encoded(read), wire.clone());
        }
        if let Ok(read) = ServerPacket::decode(&wire) {
            prop_assert_eq!(encoded(read), wire);
        }
    }
}
