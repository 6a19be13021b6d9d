//! What specifications require and no other test is about, with the exact bytes; the tables are in
//! `requirements`.

use framer_protocols::http1::Request;
use framer_protocols::mqtt::{
    self, ClientPacket, ClientPacket5, Connect, Disconnect, PingReq, Publish, ServerPacket,
};
use framer_protocols::smtp::{self, Command, Mailbox, Path, Reply};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::served::Served;

/// The rule that bytes break as a frame.
fn broken<F: Frame>(bytes: &[u8]) -> Option<Rule> {
    F::decode(bytes).err().map(|invalid| invalid.rule)
}

fn range(low: u64, high: u64) -> Option<Rule> {
    Some(Rule::Range { low, high })
}

#[test]
fn words_of_smtp_have_any_case() {
    for wire in [&b"MAIL FROM:<a@b> SIZE=7\r\n"[..], b"mAiL fRoM:<a@b> sIzE=7\r\n"] {
        let Ok(Command::Mail(mail)) = Command::decode(wire) else { panic!("{wire:?}") };
        assert_eq!(mail.parameters.len(), 1);
    }
    // What is within an address is not a word.
    let of = |wire| Path::decode(wire).map(|path| path.mailbox);
    assert_ne!(of(b"<a@b>"), of(b"<A@b>"));
}

#[test]
fn codes_of_replies() {
    assert_eq!(broken::<Reply<'_>>(b"200 a\r\n"), None);
    assert_eq!(broken::<Reply<'_>>(b"599\r\n"), None);
    assert_eq!(broken::<Reply<'_>>(b"199 a\r\n"), range(200, 599));
    assert_eq!(broken::<Reply<'_>>(b"600 a\r\n"), range(200, 599));
    assert_eq!(broken::<Reply<'_>>(b"25 a\r\n"), Some(Rule::Number));
    assert_eq!(broken::<Reply<'_>>(b"250-a\r\n250 b\r\n"), None);
    assert_eq!(broken::<Reply<'_>>(b"250-a\r\n251 b\r\n"), Some(Rule::Shared("code")));
}

#[test]
fn lengths_of_smtp() {
    let mailbox = |local: usize, domain: usize| {
        broken::<Mailbox<'_>>(format!("{}@{}", "a".repeat(local), "b".repeat(domain)).as_bytes())
    };
    assert_eq!(mailbox(64, 255), None);
    assert_eq!(mailbox(65, 255), Some(Rule::Trailing));
    assert_eq!(mailbox(64, 256), Some(Rule::Trailing));
}

#[test]
fn a_rejected_client_can_only_quit() {
    let mut client = Connection::new(smtp::Client::new(), Limits::default());
    client.receive(b"554 no\r\n");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    let state = "Rejected";
    let refused = client.send(smtp::Data);
    assert_eq!(refused, Err(Misuse::OutOfSequence { frame: "Data", state }));
    client.send(smtp::Quit).expect("it may leave");
    assert_eq!(client.transmit(), b"QUIT\r\n");
}

/// What a server that is told this refuses.
fn refused(wire: &[u8]) -> Vec<String> {
    let mut served = Served::new();
    served.feed(wire).expect("nothing that ends the session");
    served.events.into_iter().filter(|event| event.starts_with("Refused")).collect()
}

#[test]
fn no_data_behind_chunks() {
    let begin = "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";
    let refused = refused(format!("{begin}BDAT 2\r\nhiDATA\r\n").as_bytes());
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("Data"), "{refused:?}");
}

#[test]
fn no_auth_inside_a_transaction() {
    let refused = refused(b"EHLO me\r\nMAIL FROM:<a@b>\r\nAUTH PLAIN\r\n");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("Auth"), "{refused:?}");
}

#[test]
fn the_first_line_of_a_request() {
    let line = |line: &str| broken::<Request<'_>>(format!("{line}\r\nHost: a\r\n\r\n").as_bytes());
    assert_eq!(line("GET / HTTP/1.1"), None);
    for wrong in
        ["GET  / HTTP/1.1", "GET /a b HTTP/1.1", "GET / http/1.1", "GET /", " GET / HTTP/1.1"]
    {
        assert!(line(wrong).is_some(), "{wrong}");
    }
    assert_eq!(line("GET / HTTP/1.2"), range(0, 1));
    assert_eq!(line("GET / HTTP/1.10"), Some(Rule::Trailing));
    assert_eq!(line("GET / HTTP/2.0"), Some(Rule::Literal(" HTTP/1.")));
}

#[test]
fn no_blanks_before_the_first_field() {
    for blank in [" ", "\t", " Content-Length: 9\r\n"] {
        let head = format!("GET / HTTP/1.1\r\n{blank}Host: a\r\n\r\n");
        let rule = broken::<Request<'_>>(head.as_bytes());
        assert!(matches!(rule, Some(Rule::TooShort { .. })), "{blank:?}: {rule:?}");
    }
}

#[test]
fn what_connect_says() {
    // Of a name, a version, flags, a time, and the name of the client.
    let connect = |name: &[u8], level: u8, flags: u8, behind: &[u8]| {
        let body = [&b"\0\x04"[..], name, &[level, flags, 0, 10, 0, 2], b"me", behind].concat();
        let length = u8::try_from(body.len()).expect("it is short");
        broken::<Connect<'_>>(&[&[0x10, length][..], &body].concat())
    };
    assert_eq!(connect(b"MQTT", 4, 0x02, b""), None);
    assert!(connect(b"MQTX", 4, 0x02, b"").is_some());
    assert_eq!(connect(b"MQTT", 3, 0x02, b""), range(4, 5));
    assert_eq!(connect(b"MQTT", 6, 0x02, b""), range(4, 5));
    assert_eq!(connect(b"MQTT", 4, 0x03, b""), range(0, 0));
    let will = Some(Rule::Require("WillFlagsWithoutWill"));
    assert_eq!(connect(b"MQTT", 4, 0x0a, b""), will);
    assert_eq!(connect(b"MQTT", 4, 0x22, b""), will);
    assert_eq!(connect(b"MQTT", 4, 0x0e, b"\0\x01w\0\x01p"), None);
    assert_eq!(connect(b"MQTT", 4, 0x1e, b"\0\x01w\0\x01p"), range(0, 2));
    let password = Some(Rule::Require("PasswordWithoutUser"));
    assert_eq!(connect(b"MQTT", 4, 0x42, b"\0\x01p"), password);
    assert_eq!(connect(b"MQTT", 4, 0xc2, b"\0\x01u\0\x01p"), None);
}

#[test]
fn codes_of_mqtt() {
    assert_eq!(broken::<ServerPacket<'_>>(b"\x20\x02\0\x05"), None);
    assert_eq!(broken::<ServerPacket<'_>>(b"\x20\x02\0\x06"), range(0, 5));
    assert_eq!(broken::<ClientPacket<'_>>(b"\x82\x06\0\x01\0\x01t\x01"), None);
    assert_eq!(broken::<ClientPacket<'_>>(b"\x82\x06\0\x01\0\x01t\x05"), range(0, 0));
    let filter = Some(Rule::Require("NoFilter"));
    assert_eq!(broken::<ClientPacket<'_>>(b"\xa2\x02\0\x01"), filter);
    // At most once there is no number: what stands in its place is of the payload.
    let publish = Publish::decode(b"\x30\x05\0\x01t\0\x07").map(|of| (of.id, of.payload));
    assert_eq!(publish, Ok((None, &b"\0\x07"[..])));
    // Property 1, and property 4, which there is none of.
    assert_eq!(broken::<ClientPacket5<'_>>(b"\x30\x06\0\x01t\x02\x01\0"), None);
    assert_eq!(broken::<ClientPacket5<'_>>(b"\x30\x06\0\x01t\x02\x04\0"), Some(Rule::Choice));
}

#[test]
fn nothing_follows_disconnect() {
    let mut client = Connection::new(mqtt::Client::new(), Limits::default());
    let connect = Connect::decode(b"\x10\x0e\0\x04MQTT\x04\x02\0\x0a\0\x02me").expect("it is well");
    client.send(connect).expect("the first packet");
    client.receive(b"\x20\x02\0\0");
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(Disconnect).expect("it may leave");
    assert_eq!(client.send(PingReq), Err(Misuse::Closed));
    let mut server = Connection::new(mqtt::Server::new(), Limits::default());
    server.receive(b"\x10\x0e\0\x04MQTT\x04\x02\0\x0a\0\x02me");
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    server.send(mqtt::ConnAck::new(false, 0)).expect("it is taken");
    server.receive(b"\xe0\0\xc0\0");
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    assert!(matches!(server.poll(), Ok(Progress::Closed)));
}
