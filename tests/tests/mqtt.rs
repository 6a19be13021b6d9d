//! MQTT: the examples of both standards, every cut, what breaks a rule, and what belongs to what.

use framer_protocols::mqtt::{self, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::machine::Progress;
use framer_runtime::protocol::Key;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

fn connect() -> Connect<'static> {
    Connect::new(4, false, 0, true, 10, Text::new("me"))
}

/// 3.1.1: figures 3.2 to 3.6, 3.11, 3.23, 3.26, 3.31 and tables 2.1 and 2.2; 5.0: sections 3.2 and
/// 3.8.4.
#[test]
fn examples_of_the_standards() {
    let whole = Connect {
        user: Some(Text::new("user")),
        password: Some(Binary::new(b"pass")),
        will: Some(Will::new(Text::new("w"), Binary::new(b"gone"))),
        will_quality: 1,
        ..connect()
    };
    let wire = b"\x10\x23\0\x04MQTT\x04\xce\0\x0a\0\x02me\0\x01w\0\x04gone\0\x04user\0\x04pass";
    assert_eq!((encoded(whole), Connect::decode(wire)), (wire.to_vec(), Ok(whole)));
    let publish = Publish {
        dup: false,
        quality: 1,
        retain: false,
        topic: Text::new("a/b"),
        id: Some(10),
        payload: b"",
    };
    assert_eq!(encoded(publish), b"\x32\x07\0\x03a/b\0\x0a");
    let filters = [Filter::new(Text::new("a/b"), 1), Filter::new(Text::new("c/d"), 2)];
    let subscribe = Subscribe { id: 10, filters: (&filters).into() };
    let wire = b"\x82\x0e\0\x0a\0\x03a/b\x01\0\x03c/d\x02";
    assert_eq!((encoded(subscribe), Subscribe::decode(wire)), (wire.to_vec(), Ok(subscribe)));
    let codes = [Granted::AtMostOnce, Granted::ExactlyOnce, Granted::Refused];
    let granted = SubAck { id: 10, codes: (&codes).into() };
    assert_eq!(encoded(granted), b"\x90\x05\0\x0a\x00\x02\x80");
    let texts = [Text::new("a/b"), Text::new("c/d")];
    let unsubscribe = Unsubscribe { id: 10, filters: (&texts).into() };
    assert_eq!(encoded(unsubscribe), b"\xa2\x0c\0\x0a\0\x03a/b\0\x03c/d");
    for (packet, wire) in [
        (ClientPacket::from(PubAck::new(1)), &b"\x40\x02\0\x01"[..]),
        (PubRec::new(1).into(), b"\x50\x02\0\x01"),
        (PubRel::new(1).into(), b"\x62\x02\0\x01"),
        (PubComp::new(1).into(), b"\x70\x02\0\x01"),
        (PingReq.into(), b"\xc0\x00"),
        (Disconnect.into(), b"\xe0\x00"),
    ] {
        assert_eq!((encoded(packet), ClientPacket::decode(wire)), (wire.to_vec(), Ok(packet)));
    }
    assert_eq!(encoded(ConnAck::new(true, 0)), b"\x20\x02\x01\x00");
    assert_eq!(encoded(UnsubAck::new(10)), b"\xb0\x02\0\x0a");
    assert_eq!(encoded(PingResp), b"\xd0\x00");
    // 5.0.
    let items =
        [ReceiveMaximum::new(20).into(), UserProperty::new(Text::new("k"), Text::new("v")).into()];
    let properties = Properties { items: (&items).into() };
    let ack = ConnAck5::new(false, 0, properties);
    let wire = b"\x20\x0d\0\0\x0a\x21\0\x14\x26\0\x01k\0\x01v";
    assert_eq!((encoded(ack), ServerPacket5::decode(wire)), (wire.to_vec(), Ok(ack.into())));
    // The outcome is left out where all is well, and its properties where there are none.
    for (packet, wire) in [
        (PubAck5 { id: 1, outcome: None }, &b"\x40\x02\0\x01"[..]),
        (
            PubAck5 { id: 1, outcome: Some(Outcome { code: 16, properties: None }) },
            b"\x40\x03\0\x01\x10",
        ),
        (
            PubAck5 {
                id: 1,
                outcome: Some(Outcome { code: 16, properties: Some(Properties::default()) }),
            },
            b"\x40\x04\0\x01\x10\0",
        ),
    ] {
        assert_eq!((encoded(packet), PubAck5::decode(wire)), (wire.to_vec(), Ok(packet)));
    }
    assert_eq!(encoded(Disconnect5::default()), b"\xe0\0");
    let filter = Filter5::new(Text::new("a"), 2, true, true, 1);
    assert_eq!(encoded(filter), b"\0\x01a\x2d");
}

/// What a server sees, answering what must be answered.
fn served(pieces: &[&[u8]]) -> Vec<String> {
    let mut server = Connection::new(mqtt::Server::new(), Limits::default());
    let mut seen = Vec::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            let (event, mut reply) = match server.poll() {
                Ok(Progress::Event(turn)) => turn,
                Ok(Progress::Closed) => {
                    seen.push("closed".to_owned());
                    return seen;
                }
                Ok(_) => break,
                Err(violation) => {
                    seen.push(violation.to_string());
                    return seen;
                }
            };
            seen.push(format!("{event:?}"));
            let done = match event {
                mqtt::server::Event::Connect(connect) if connect.level == 5 => {
                    reply.send(ConnAck5::new(false, 0, Properties::default()))
                }
                mqtt::server::Event::Connect(_) => reply.send(ConnAck::new(false, 0)),
                mqtt::server::Event::Subscribe(subscribe) => reply
                    .send(SubAck { id: subscribe.id, codes: List::from(&[Granted::AtMostOnce]) }),
                mqtt::server::Event::PubRel5(release) => reply.send(PubComp5::new(release.id)),
                mqtt::server::Event::PingReq(_) => reply.send(PingResp),
                _ => Ok(()),
            };
            done.expect("it may be said");
        }
    }
    seen
}

#[test]
fn every_cut_is_the_same() {
    let mut input = encoded(connect());
    let filters = [Filter::new(Text::new("#"), 0)];
    input.extend(encoded(Subscribe { id: 9, filters: (&filters).into() }));
    let publish = Publish {
        dup: true,
        quality: 2,
        retain: true,
        topic: Text::new("t\u{e4}"),
        id: Some(0x0102),
        payload: &[0xff; 200],
    };
    input.extend(encoded(publish));
    input.extend(encoded(PingReq));
    input.extend(encoded(Disconnect));
    let seen = same_in_every_cut(&input, served);
    assert_eq!((seen.len(), seen[5].as_str()), (6, "closed"));
    let properties = Properties::default();
    let mut input = encoded(Connect { level: 5, properties: Some(properties), ..connect() });
    let publish = Publish5 {
        dup: false,
        quality: 0,
        retain: false,
        topic: Text::new("t"),
        id: None,
        properties,
        payload: b"x",
    };
    input.extend(encoded(publish));
    input.extend(encoded(PubRel5::new(3)));
    input.extend(encoded(Disconnect5::default()));
    assert_eq!(same_in_every_cut(&input, served).len(), 5);
    for bad in [
        &b"\x10\x80\x80\x80\x80\x01"[..],
        b"\x10\x80\x00",
        b"\x12\x00",
        b"\x10\x03\0\x04M",
        b"\xc0\x00",
    ] {
        let seen = same_in_every_cut(bad, served);
        assert_eq!(seen.len(), 1, "{seen:?}");
    }
}

/// The rule that ends a session on these bytes behind a first packet, and where they break it.
fn violation(input: &[u8]) -> (Rule, u64, u64) {
    let first = encoded(connect());
    let mut server = Connection::new(mqtt::Server::new(), Limits::default());
    server.receive(&first);
    let Ok(Progress::Event((_, mut reply))) = server.poll() else { panic!("no first packet") };
    reply.send(ConnAck::new(false, 0)).expect("it is taken");
    server.receive(input);
    let len = u64::try_from(first.len()).expect("a length");
    match server.poll() {
        Err(Violation { rule, start, end, .. }) => (rule, start - len, end - len),
        Ok(_) => panic!("no violation of {}", input.escape_ascii()),
    }
}

#[test]
fn broken_rules() {
    let range = |low, high| Rule::Range { low, high };
    assert_eq!(violation(b"\x30\x80\x80\x80\x80\x01"), (Rule::Number, 1, 5));
    assert_eq!(violation(b"\x30\x80\x00"), (Rule::Number, 1, 3));
    assert_eq!(violation(b"\x30\x81\x80\x80\x08"), (range(0, 16_777_216), 1, 5));
    assert_eq!(violation(b"\x36\x03\0\x01t"), (range(0, 2), 0, 1));
    assert_eq!(violation(b"\x38\x03\0\x01t"), (Rule::Require("DupWithoutAnswer"), 1, 2));
    assert_eq!(violation(b"\x32\x05\0\x01t\0\0"), (range(1, 65_535), 5, 7));
    assert_eq!(violation(b"\x30\x03\0\x02t"), (Rule::Truncated, 4, 5));
    assert_eq!(violation(b"\x30\x03\0\x01\xff"), (Rule::Utf8, 4, 5));
    assert_eq!(violation(b"\x82\x02\0\x01"), (Rule::Require("NoFilter"), 4, 4));
    assert_eq!(violation(b"\x82\x06\0\x01\0\x01t\x03"), (range(0, 2), 7, 8));
    assert_eq!(violation(b"\x80\x06\0\x01\0\x01t\x00").0, Rule::Choice);
    assert_eq!(violation(b"\xf0\x00").0, Rule::Choice);
    let reserved = SubAck::decode(b"\x90\x03\0\x01\x03").map_err(|invalid| invalid.rule);
    assert_eq!(reserved.map(|granted| granted.id), Err(Rule::Choice));
    assert_eq!(violation(b"\x20\x02\0\0").0, Rule::Choice);
    let state = "Open";
    assert_eq!(violation(&encoded(connect())).0, Rule::OutOfSequence { state });
    assert_eq!(violation(b"\x40\x02\0\x01").0, Rule::UnexpectedReply { state });
    let early = b"\x30\x03\0\x01t";
    let mut server = Connection::new(mqtt::Server::new(), Limits::default());
    server.receive(early);
    let rule = Rule::OutOfSequence { state: "Start" };
    assert_eq!(server.poll().map(|_| ()).map_err(|violation| violation.rule), Err(rule));
}

#[test]
fn what_cannot_be_written() {
    assert_eq!(
        refused(Connect { will_quality: 1, ..connect() }),
        ("", Rule::Require("WillFlagsWithoutWill"))
    );
    let properties = Some(Properties::default());
    assert_eq!(refused(Connect { properties, ..connect() }), ("properties", Rule::Condition));
    assert_eq!(
        refused(Subscribe { id: 1, filters: List::default() }),
        ("", Rule::Require("NoFilter"))
    );
    let long = "x".repeat(65_536);
    assert_eq!(refused(Text::new(&long)), ("length", Rule::Range { low: 0, high: 65_535 }));
    assert_eq!(refused(PubAck::new(0)), ("id", Rule::Range { low: 1, high: 65_535 }));
}

/// A number is in use by the one who gave it, until it is answered.
#[test]
fn numbers_belong_to_a_side() {
    let mut client = Connection::new(mqtt::Client::new(), Limits::default());
    let topic = Text::new("t");
    let publish =
        |quality, id| Publish { dup: false, quality, retain: false, topic, id, payload: b"" };
    client.send(connect()).expect("the first packet");
    // What follows need not wait.
    client.send(publish(1, Some(7))).expect("a message");
    assert_eq!(client.send(publish(2, Some(7))), Err(Misuse::KeyInUse { key: Key::from(7) }));
    client.send(publish(0, None)).expect("no number, no answer");
    client.receive(&encoded(ConnAck::new(false, 0)));
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    // The server's own 7 is another.
    client.receive(&encoded(publish(2, Some(7))));
    let Ok(Progress::Event((mqtt::client::Event::Publish(_), mut reply))) = client.poll() else {
        panic!("no message")
    };
    reply.send(PubRec::new(7)).expect("an answer");
    client.receive(&encoded(PubAck::new(7)));
    assert!(matches!(client.poll(), Ok(Progress::Event((mqtt::client::Event::PubAck(_), _)))));
    client.send(publish(2, Some(7))).expect("7 is free");
    client.receive(&encoded(PubAck::new(7)));
    let rule = Rule::UnexpectedReply { state: "Open" };
    assert_eq!(client.poll().map(|_| ()).map_err(|violation| violation.rule), Err(rule));
}

#[test]
fn who_is_not_taken_is_let_go() {
    for (level, ack) in [
        (4, encoded(ConnAck::new(false, 5))),
        (5, encoded(ConnAck5::new(false, 135, Properties::default()))),
    ] {
        let mut client = Connection::new(mqtt::Client::new(), Limits::default());
        let properties = (level == 5).then(Properties::default);
        client.send(Connect { level, properties, ..connect() }).expect("the first packet");
        client.receive(&ack);
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
        assert!(matches!(client.poll(), Ok(Progress::Closed)));
    }
}

fn property<'a>(number: u8, value: u16, text: Text<'a>, data: &'a [u8]) -> Property<'a> {
    let (bit, some) = ((value & 1).to_be_bytes()[1], value | 1);
    match number {
        0 => PayloadFormat::new(bit).into(),
        1 => MessageExpiry::new(value.into()).into(),
        2 => ContentType::new(text).into(),
        3 => ResponseTopic::new(text).into(),
        4 => CorrelationData::new(Binary::new(data)).into(),
        5 => SubscriptionIdentifier::new(some.into()).into(),
        6 => SessionExpiry::new(value.into()).into(),
        7 => AssignedClient::new(text).into(),
        8 => ServerKeepAlive::new(value).into(),
        9 => AuthenticationMethod::new(text).into(),
        10 => AuthenticationData::new(Binary::new(data)).into(),
        11 => RequestProblemInformation::new(bit).into(),
        12 => WillDelay::new(value.into()).into(),
        13 => RequestResponseInformation::new(bit).into(),
        14 => ResponseInformation::new(text).into(),
        15 => ServerReference::new(text).into(),
        16 => Reason::new(text).into(),
        17 => ReceiveMaximum::new(some).into(),
        18 => TopicAliasMaximum::new(value).into(),
        19 => TopicAlias::new(some).into(),
        20 => MaximumQuality::new(bit).into(),
        21 => RetainAvailable::new(bit).into(),
        22 => UserProperty::new(text, text).into(),
        23 => MaximumPacketSize::new(some.into()).into(),
        24 => WildcardAvailable::new(bit).into(),
        25 => SubscriptionIdentifierAvailable::new(bit).into(),
        _ => SharedAvailable::new(bit).into(),
    }
}

proptest! {
    #[test]
    fn every_frame_comes_back(
        numbers in prop::collection::vec((0..27_u8, any::<u16>()), 0..6),
        text in "\\PC{0,40}",
        data in prop::collection::vec(any::<u8>(), 0..300),
        id in 1..=u16::MAX,
        quality in 0..3_u8,
        code: u8,
        flag: bool,
    ) {
        let text = Text::new(&text);
        let items: Vec<Property<'_>> =
            numbers.iter().map(|(number, value)| property(*number, *value, text, &data)).collect();
        let properties = Properties { items: (&items).into() };
        let outcome = flag.then_some(Outcome { code, properties: (code > 99).then_some(properties) });
        let topic = text;
        let given = (quality > 0).then_some(id);
        let dup = flag && quality > 0;
        let texts = [text, Text::new("")];
        let filters = [Filter::new(text, quality)];
        let filters5 = [Filter5::new(text, quality, flag, !flag, quality)];
        let codes = [code; 3];
        let will = flag.then(|| Will::new(text, Binary::new(&data)));
        let connects = [4_u8, 5].map(|level| Connect {
            level,
            will_retain: will.is_some(),
            will_quality: if will.is_some() { quality } else { 0 },
            clean: flag,
            keep_alive: id,
            properties: (level == 5).then_some(properties),
            client: text,
            will_properties: will.filter(|_| level == 5).map(|_| properties),
            will,
            user: (flag || level == 4).then_some(text),
            password: flag.then_some(Binary::new(&data)),
        });
        for connect in connects {
            let wire = encoded(connect);
            prop_assert_eq!(Connect::decode(&wire), Ok(connect));
        }
        let from_client: [ClientPacket<'_>; 8] = [
            Publish { dup, quality, retain: flag, topic, id: given, payload: &data }.into(),
            PubAck::new(id).into(),
            PubRec::new(id).into(),
            PubRel::new(id).into(),
            PubComp::new(id).into(),
            Subscribe { id, filters: (&filters).into() }.into(),
            Unsubscribe { id, filters: (&texts).into() }.into(),
            PingReq.into(),
        ];
        for packet in from_client {
            let wire = encoded(packet);
            prop_assert_eq!(ClientPacket::decode(&wire), Ok(packet));
            let owned = packet.owned().expect("it can be written");
            prop_assert_eq!(owned.view(), packet);
        }
        let from_server: [ServerPacket5<'_>; 10] = [
            ConnAck5::new(flag, code, properties).into(),
            Publish5 { dup, quality, retain: flag, topic, id: given, properties, payload: &data }.into(),
            PubAck5 { id, outcome }.into(),
            PubRec5 { id, outcome }.into(),
            PubRel5 { id, outcome }.into(),
            PubComp5 { id, outcome }.into(),
            SubAck5 { id, properties, codes: (&codes).into() }.into(),
            UnsubAck5 { id, properties, codes: (&codes).into() }.into(),
            Disconnect5 { outcome }.into(),
            Auth5 { outcome }.into(),
        ];
        for packet in from_server {
            let wire = encoded(packet);
            prop_assert_eq!(ServerPacket5::decode(&wire), Ok(packet));
        }
        for packet in [
            ClientPacket5::from(Subscribe5 { id, properties, filters: (&filters5).into() }),
            Unsubscribe5 { id, properties, filters: (&texts).into() }.into(),
            PingReq5.into(),
        ] {
            let wire = encoded(packet);
            prop_assert_eq!(ClientPacket5::decode(&wire), Ok(packet));
        }
    }

    #[test]
    fn what_is_read_is_written_the_same(
        kind in 1..16_u8,
        flags in prop_oneof![Just(0_u8), Just(2), 0..16_u8],
        body in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..20),
    ) {
        let mut wire = vec![kind << 4 | flags, u8::try_from(body.len()).expect("a length")];
        wire.extend(&body);
        if let Ok(packet) = ClientPacket::decode(&wire) {
            prop_assert_eq!(encoded(packet), wire.clone());
        }
        if let Ok(packet) = ServerPacket::decode(&wire) {
            prop_assert_eq!(encoded(packet), wire.clone());
        }
        if let Ok(packet) = ClientPacket5::decode(&wire) {
            prop_assert_eq!(encoded(packet), wire.clone());
        }
        if let Ok(packet) = ServerPacket5::decode(&wire) {
            prop_assert_eq!(encoded(packet), wire);
        }
    }
}
