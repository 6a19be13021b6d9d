//! DNS: the example of RFC 1035 for references, EDNS, every cut over TCP, what breaks a rule.

use std::time::Duration;

use framer_protocols::dns::tcp::server::Event as Received;
use framer_protocols::dns::udp::client::Event as Answered;
use framer_protocols::dns::udp::server::Event;
use framer_protocols::dns::*;
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::datagram::{Datagrams, Unanswered};
use framer_runtime::frame::{Decode, Frame};
use framer_runtime::machine::Progress;
use framer_runtime::protocol::Key;
use framer_runtime::read::Reader;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::dns::message;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

fn labels(name: &str) -> Vec<Label<'_>> {
    name.split('.')
        .filter(|text| !text.is_empty())
        .map(|text| Label::new(text.as_bytes()))
        .collect()
}

fn text(name: Name<'_>) -> String {
    let labels = name.labels.iter();
    labels.map(|label| String::from_utf8_lossy(label.text).into_owned() + ".").collect()
}

/// The bytes of RFC 1035, section 4.1.4, where the names stand at 20, 40, 64 and 92.
#[test]
fn the_example_of_the_standard() {
    let mut wire = vec![0; 93];
    wire[20..32].copy_from_slice(b"\x01F\x03ISI\x04ARPA\0");
    wire[40..46].copy_from_slice(b"\x03FOO\xc0\x14");
    wire[64..66].copy_from_slice(b"\xc0\x1a");
    let read = |at: usize| {
        let mut reader = Reader::new(&wire);
        reader.skip(at);
        Name::read(&mut reader).map(|name| (text(name), reader.position() - at))
    };
    assert_eq!(read(20), Ok(("F.ISI.ARPA.".to_owned(), 12)));
    assert_eq!(read(40), Ok(("FOO.F.ISI.ARPA.".to_owned(), 6)));
    assert_eq!(read(64), Ok(("ARPA.".to_owned(), 2)));
    assert_eq!(read(92), Ok((String::new(), 1)));
}

const QUERY: &[u8] = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\x01\
    \x03www\x07example\x03org\0\0\x01\0\x01\
    \0\0\x29\x04\xd0\0\0\x80\0\0\x0c\0\x0a\0\x08\x01\x02\x03\x04\x05\x06\x07\x08";

/// A query as dig sends it, with the cookie of RFC 7873.
#[test]
fn a_query_with_edns() {
    let query = Message::decode(QUERY).expect("a query");
    assert!(!query.response && query.recursion_desired && query.authentic);
    let question = query.questions.iter().next().expect("a question");
    assert_eq!((text(question.name), question.kind), ("www.example.org.".to_owned(), 1));
    let Some(Additional::Opt(opt)) = query.additionals.iter().next() else { panic!("no EDNS") };
    assert_eq!((opt.payload, opt.version, opt.dnssec_ok), (1232, 0, true));
    let setting = opt.options.iter().next().expect("a cookie");
    assert_eq!((setting.code, setting.value), (10, &[1, 2, 3, 4, 5, 6, 7, 8][..]));
    assert_eq!(encoded(query), QUERY);
}

#[test]
fn every_record() {
    let (owner, other) = (labels("example.org"), labels("ns.example.org"));
    let (mail, service) = (labels("mail.example.org"), labels("sip.example.org"));
    let name = Name::new(&owner);
    let texts = [Text::new(b"v=spf1"), Text::new(b"-all")];
    let data: [Data<'_>; 11] = [
        A::new(0x7f00_0001).into(),
        Ns::new(Name::new(&other)).into(),
        Cname::new(Name::new(&other)).into(),
        Soa::new(Name::new(&other), Name::new(&mail), 1, 2, 3, 4, 5).into(),
        Ptr::new(Name::new(&other)).into(),
        Mx::new(10, Name::new(&mail)).into(),
        Txt { texts: (&texts).into() }.into(),
        Aaaa::new(&[1; 16]).into(),
        Srv::new(1, 2, 5060, PlainName::new(&service)).into(),
        Caa::new(true, 0, "issue", b"ca.example.net").into(),
        Other::new(99, b"\xc0\x0c").into(),
    ];
    let records = data.map(|data| Record::new(name, Class::Internet, 300, data));
    let answer = Message { response: true, answers: (&records).into(), ..message(7, false, &[]) };
    let wire = encoded(answer);
    let read = Message::decode(&wire).expect("what was written");
    assert!(read.answers.iter().eq(records));
    assert_eq!(encoded(read), wire);
    // The owner stands there once, behind the header; the target of SRV as a whole.
    let count = |part: &[u8]| wire.windows(part.len()).filter(|bytes| *bytes == part).count();
    assert_eq!(count(b"\x07example\x03org\0"), 2);
    assert_eq!(count(b"\x03sip\x07example\x03org\0"), 1);
    assert_eq!(count(b"\x02ns\xc0\x0c"), 1);
    assert_eq!(data.map(|data| data.number()), [1, 2, 5, 6, 12, 15, 16, 28, 33, 257, 99]);
    assert_eq!(refused(Txt::default()), ("", Rule::Require("NoText")));
    // What has a type of its own is none of the others.
    let wrong = Record::new(name, Class::Internet, 300, Other::new(1, b"1234"));
    assert_eq!(refused(wrong), ("kind", Rule::Ambiguous));
    // A record of the root that would be read as what a peer can do.
    let root = Record::new(Name::new(&[]), Class::Internet, 300, Other::new(41, b""));
    let additionals = [Additional::Record(root)];
    let answer = Message { additionals: (&additionals).into(), ..message(7, false, &[]) };
    assert_eq!(refused(answer), ("", Rule::Ambiguous));
}

#[test]
fn names_have_limits() {
    let long = "x".repeat(63);
    let four = [long.as_str(); 3].join(".");
    let fits = format!("{four}.{}", "y".repeat(61));
    assert_eq!(encoded(Name::new(&labels(&fits))).len(), 255);
    let beyond = format!("{four}.{}", "y".repeat(62));
    assert_eq!(refused(Name::new(&labels(&beyond))), ("", Rule::TooLong { max: 255 }));
    assert_eq!(refused(Name::new(&labels(&"z".repeat(64)))).0, "size");
    assert_eq!(refused(Name::new(&[Label::new(b"")])).0, "size");
    let mut wire = encoded(Name::new(&labels(&fits)));
    assert_eq!(Name::decode(&wire).map(|name| name.labels.len()), Ok(4));
    wire[192] = 62;
    wire.insert(193, b'y');
    assert_eq!(Name::decode(&wire).map_err(|wrong| wrong.rule), Err(Rule::TooLong { max: 255 }));
    // 128 labels of one letter.
    let many = [&[1, b'a'].repeat(128)[..], &[0]].concat();
    assert_eq!(Name::decode(&many).map_err(|wrong| wrong.rule), Err(Rule::Count { max: 127 }));
    // What is referred to counts: 253 bytes behind two of a label.
    let mut wire = message_of(&[&encoded(Name::new(&labels(&fits)))[..], b"\x01a\xc0\x0c"]);
    assert_eq!(Message::decode(&wire).map_err(|wrong| wrong.rule), Err(Rule::TooLong { max: 255 }));
    wire = message_of(&[&encoded(Name::new(&labels(&four)))[..], b"\x01a\xc0\x0c"]);
    assert!(Message::decode(&wire).is_ok());
    // Other sorts of labels than these two are none (RFC 6891, section 5).
    for sort in [0x40, 0x80] {
        let wire = [sort, b'a', 0];
        let wrong = Name::decode(&wire).expect_err("no label");
        assert_eq!((wrong.start, wrong.rule), (0, Rule::Range { low: 0, high: 0 }));
    }
}

/// A message that asks for these names.
fn message_of(names: &[&[u8]]) -> Vec<u8> {
    let count = u16::try_from(names.len()).expect("a count").to_be_bytes();
    let mut wire = [&[0, 1, 0, 0][..], &count, &[0; 6]].concat();
    for name in names {
        wire.extend_from_slice(name);
        wire.extend([0, 1, 0, 1]);
    }
    wire
}

#[test]
fn references_lead_backwards() {
    let rule = |names: &[&[u8]]| {
        let wrong = Message::decode(&message_of(names)).expect_err("it breaks a rule");
        (wrong.rule, wrong.start)
    };
    let to = |offset, before| Rule::Reference { offset, before };
    assert_eq!(rule(&[b"\xc0\x0c"]), (to(12, 12), 12));
    assert_eq!(rule(&[b"\x01a\xc0\x0c"]), (to(12, 12), 14));
    assert_eq!(rule(&[b"\xc0\x12", b"\0"]), (to(18, 12), 12));
    assert_eq!(rule(&[b"\xff\xff"]), (to(0x3fff, 12), 12));
    // Two that lead to each other.
    assert_eq!(rule(&[b"\xc0\x12", b"\xc0\x0c"]), (to(18, 12), 12));
    // Half of one.
    assert_eq!(
        Message::decode(b"\0\x01\0\0\0\x01\0\0\0\0\0\0\xc0").map_err(|w| w.rule),
        Err(Rule::Truncated)
    );
}

/// A message full of references, each to the one before: every name stops at its limit.
#[test]
fn a_message_full_of_references() {
    let mut names: Vec<Vec<u8>> = vec![b"\0".to_vec()];
    let mut place = 12;
    for number in 1..2000_usize {
        let before = u16::try_from(place).expect("below 16 KiB");
        place += if number == 1 { 5 } else { 6 };
        names.push((0xc000 | before).to_be_bytes().to_vec());
        if place > 0x3fff {
            break;
        }
    }
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    assert!(Message::decode(&message_of(&names[..128])).is_ok());
    let wrong = Message::decode(&message_of(&names)).expect_err("a chain of 2,000");
    assert_eq!(wrong.rule, Rule::Count { max: 127 });
    // Names of 255 bytes, as many as fit.
    let long =
        [[&[63][..], &[b'x'; 63]].concat().repeat(3), vec![61], vec![b'y'; 61], vec![0]].concat();
    let mut names = vec![&long[..]];
    names.extend(std::iter::repeat_n(&b"\xc0\x0c"[..], 10_000));
    let wire = message_of(&names);
    let read = Message::decode(&wire).expect("ten thousand names");
    assert_eq!(
        read.questions.iter().map(|question| question.name.labels.len()).sum::<usize>(),
        40_004
    );
    assert_eq!(encoded(read), wire);
}

#[test]
fn a_repeated_query_is_answered_once_at_a_time() {
    let mut server = Datagrams::new(udp::Server::new(), 64 * 1024);
    let mut client = Datagrams::new(udp::Client::new(), 64 * 1024);
    let name = labels("example.org");
    let questions = [Question::new(Name::new(&name), 1, Class::Internet)];
    let query = message(7, false, &questions);
    client.send(query).expect("a query");
    let wire = client.transmit().expect("a datagram").to_vec();
    client.transmitted();
    assert_eq!(client.send(query), Err(Misuse::KeyInUse { key: Key::from(7) }));
    assert!(matches!(server.receive(&wire), Ok(Progress::Event((Event::Message(_), _)))));
    // The client says it again before the answer: that answers both.
    let wrong = server.receive(&wire).map(|_| ()).expect_err("it is outstanding");
    assert_eq!(wrong.rule, Rule::KeyInUse { key: Key::from(7), state: "Open" });
    server.send(Message { response: true, ..query }).expect("the answer");
    let answer = server.transmit().expect("a datagram").to_vec();
    // And again behind it: it is answered again.
    assert!(matches!(server.receive(&wire), Ok(Progress::Event(_))));
    let Ok(Progress::Event((Answered::Message(read), _))) = client.receive(&answer) else {
        panic!("no answer")
    };
    assert_eq!((read.id, read.response), (7, true));
    // The second answer, and one that nobody asked for, are told and dropped.
    for stray in [answer, encoded(Message { id: 8, response: true, ..query })] {
        let wrong = client.receive(&stray).map(|_| ()).expect_err("asked for nothing");
        assert_eq!(wrong.rule, Rule::UnexpectedReply { state: "Open" });
    }
    // A question is no answer, and an answer no question.
    assert!(client.receive(&wire).is_err());
    assert!(server.receive(&encoded(Message { response: true, ..query })).is_err());
    client.send(query).expect("the number is free again");
}

#[test]
fn what_is_not_answered_is_forgotten() {
    let mut client = Datagrams::new(udp::Client::new(), 64 * 1024);
    let seconds = Duration::from_secs;
    assert_eq!(client.next_time(), None);
    client.handle_time(seconds(100)).expect("no limit");
    client.send(message(1, false, &[])).expect("a query");
    assert_eq!(client.next_time(), Some(seconds(105)));
    client.handle_time(seconds(102)).expect("no limit");
    client.send(message(2, false, &[])).expect("a query");
    client.handle_time(seconds(103)).expect("no limit");
    assert_eq!(client.next_time(), Some(seconds(107)));
    client.handle_time(seconds(107)).expect("no limit");
    let lost = |id: u64| Unanswered { frame: "Message", key: Key::from(id) };
    assert_eq!((client.unanswered(), client.unanswered()), (Some(lost(1)), None));
    let late = encoded(Message { response: true, ..message(1, false, &[]) });
    let wrong = client.receive(&late).map(|_| ()).expect_err("it is too late");
    assert_eq!(wrong.rule, Rule::UnexpectedReply { state: "Open" });
    let timely = encoded(Message { response: true, ..message(2, false, &[]) });
    assert!(matches!(client.receive(&timely), Ok(Progress::Event(_))));
    assert_eq!(client.next_time(), None);
    client.send(message(1, false, &[])).expect("the number is free again");
    // What a server does not answer is forgotten as well.
    let mut server = Datagrams::new(udp::Server::new(), 64 * 1024);
    let query = encoded(message(1, false, &[]));
    assert!(matches!(server.receive(&query), Ok(Progress::Event(_))));
    server.handle_time(seconds(1)).expect("no limit");
    server.handle_time(seconds(6)).expect("no limit");
    assert_eq!(server.unanswered(), None);
    let answer = Message { response: true, ..message(1, false, &[]) };
    assert!(matches!(server.send(answer), Err(Misuse::Unasked { .. })));
    assert!(matches!(server.receive(&query), Ok(Progress::Event(_))));
}

/// Two queries over TCP in every cut, answered in the other order.
#[test]
fn every_cut_over_tcp() {
    let query = Message::decode(QUERY).expect("a query");
    let (first, second) = (Framed::new(query), Framed::new(Message { id: 9, ..query }));
    let wire = [encoded(first), encoded(second)].concat();
    for cut in 0..=wire.len() {
        let mut server = Connection::new(tcp::Server::new(), Limits::default());
        let mut ids = Vec::new();
        for part in [&wire[..cut], &wire[cut..]] {
            assert_eq!(server.receive(part), part.len());
            while let Progress::Event((Received::Framed(framed), _)) =
                server.poll().expect("what was written")
            {
                ids.push(framed.message.id);
            }
        }
        assert_eq!(ids, [0x1234, 9]);
        for message in [Message { id: 9, ..query }, query] {
            server.send(Framed::new(Message { response: true, ..message })).expect("an answer");
        }
        let mut client = Connection::new(tcp::Client::new(), Limits::default());
        client.send(first).expect("a query");
        client.send(second).expect("a query");
        let answers = server.transmit().to_vec();
        let cut = cut.min(answers.len());
        let mut answered = 0;
        for part in [&answers[..cut], &answers[cut..]] {
            assert_eq!(client.receive(part), part.len());
            while let Progress::Event(_) = client.poll().expect("what was written") {
                answered += 1;
            }
        }
        assert_eq!(answered, 2);
    }
    // A question is no answer, and an answer no question.
    let mut client = Connection::new(tcp::Client::new(), Limits::default());
    client.send(first).expect("a query");
    client.receive(&encoded(first));
    let wrong = client.poll().map(|_| ()).expect_err("no answer");
    assert_eq!(wrong.rule, Rule::UnexpectedReply { state: "Open" });
    let mut server = Connection::new(tcp::Server::new(), Limits::default());
    server.receive(&encoded(Framed::new(Message { response: true, ..query })));
    let wrong = server.poll().map(|_| ()).expect_err("no question");
    assert_eq!(wrong.rule, Rule::UnexpectedReply { state: "Open" });
    // Of a stream, one query under a number at a time.
    let mut server = Connection::new(tcp::Server::new(), Limits::default());
    let twice = [encoded(first), encoded(first)].concat();
    server.receive(&twice);
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    let wrong = server.poll().map(|_| ()).expect_err("it is outstanding");
    assert_eq!(wrong.rule, Rule::KeyInUse { key: Key::from(0x1234), state: "Open" });
    // What is longer than its length says, and shorter.
    for (length, rule) in [(QUERY.len() - 1, Rule::Truncated), (QUERY.len() + 1, Rule::Trailing)] {
        let mut server = Connection::new(tcp::Server::new(), Limits::default());
        server.receive(
            &[&u16::try_from(length).expect("short").to_be_bytes()[..], QUERY, b"x"].concat(),
        );
        assert_eq!(server.poll().map(|_| ()).expect_err("it is wrong").rule, rule);
    }
    let texts = vec![Text::new(&[b'x'; 200]); 330];
    let record = Record::new(Name::new(&[]), Class::Internet, 0, Txt { texts: (&texts).into() });
    assert_eq!(refused(record).0, "size");
}

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "bb", "Example", "org"]), 0..5)
        .prop_map(|labels| labels.join("."))
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        id: u16,
        names in prop::collection::vec((name(), name(), 0..11_u8, any::<u32>()), 0..12),
    ) {
        let names: Vec<_> = names
            .iter()
            .map(|(owner, other, kind, number)| (labels(owner), labels(other), *kind, *number))
            .collect();
        let text = [Text::new(b"text")];
        let records: Vec<Record<'_>> = names
            .iter()
            .map(|(owner, other, kind, number)| {
                let (owner, other) = (Name::new(owner), Name::new(other));
                let data: Data<'_> = match kind {
                    0 => A::new(*number).into(),
                    1 => Ns::new(other).into(),
                    2 => Cname::new(other).into(),
                    3 => Soa::new(other, owner, *number, 2, 3, 4, 5).into(),
                    4 => Ptr::new(other).into(),
                    5 => Mx::new(7, other).into(),
                    6 => Txt { texts: (&text).into() }.into(),
                    7 => Aaaa::new(&[9; 16]).into(),
                    8 => Srv::new(1, 2, 3, PlainName::new(other.labels)).into(),
                    9 => Caa::new(false, 0, "iodef", b"value").into(),
                    _ => Other::new(1000, b"anything").into(),
                };
                Record::new(owner, Class::Internet, *number, data)
            })
            .collect();
        let (answers, rest) = records.split_at(records.len() / 2);
        let additionals: Vec<Additional<'_>> = rest.iter().copied().map(Additional::from).collect();
        let message = Message {
            response: true,
            answers: answers.into(),
            authorities: answers.into(),
            additionals: (&additionals).into(),
            ..message(id, false, &[])
        };
        let wire = encoded(message);
        let read = Message::decode(&wire).expect("what was written");
        prop_assert_eq!(read, message);
        prop_assert_eq!(encoded(read), wire);
    }

    /// Whatever comes is refused, or written so that it is read as the same.
    #[test]
    fn bytes_of_all_sorts(
        counts in prop::collection::vec(0..3_u8, 4),
        body in prop::collection::vec(
            prop_oneof![
                3 => Just(0_u8),
                2 => 1..8_u8,
                1 => Just(0xc0_u8),
                1 => Just(12_u8),
                1 => any::<u8>(),
            ],
            0..80,
        ),
    ) {
        let mut wire = vec![0, 1, 0x80, 0];
        wire.extend(counts.iter().flat_map(|count| [0, *count]));
        wire.extend(&body);
        if let Ok(read) = Message::decode(&wire) {
            let again = encoded(read);
            let read_again = Message::decode(&again).expect("what was written");
            prop_assert_eq!(read_again, read);
            prop_assert_eq!(encoded(read_again), again);
        }
    }
}
