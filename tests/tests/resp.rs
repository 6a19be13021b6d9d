//! RESP: the examples of its specification, every cut, what breaks a rule, and what it costs.

use framer_protocols::resp::{self, Error as Failure, *};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::{EncodeError, Invalid, Rule, Violation};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

/// The examples of the specification of the protocol, of each type in turn.
#[test]
fn examples_of_the_specification() {
    let hello = [Bulk::new(b"hello").into(), Bulk::new(b"world").into()];
    let mixed: [Value<'_>; 5] = [
        Integer::new(1).into(),
        Integer::new(2).into(),
        Integer::new(3).into(),
        Integer::new(4).into(),
        Bulk::new(b"hello").into(),
    ];
    let numbers = [Integer::new(1).into(), Integer::new(2).into(), Integer::new(3).into()];
    let texts = [Simple::new(b"Hello").into(), Failure::new(b"World").into()];
    let nested = [Array::new(&numbers).into(), Array::new(&texts).into()];
    let nulls = [Bulk::new(b"hello").into(), NullBulk.into(), Bulk::new(b"world").into()];
    let pairs = [
        Simple::new(b"first").into(),
        Integer::new(1).into(),
        Simple::new(b"second").into(),
        Integer::new(2).into(),
    ];
    let values: [(Value<'_>, &str); 24] = [
        (Simple::new(b"OK").into(), "+OK\r\n"),
        (Failure::new(b"Error message").into(), "-Error message\r\n"),
        (Integer::new(0).into(), ":0\r\n"),
        (Integer::new(-1000).into(), ":-1000\r\n"),
        (Integer::new(i64::MIN).into(), ":-9223372036854775808\r\n"),
        (Bulk::new(b"hello").into(), "$5\r\nhello\r\n"),
        (Bulk::new(b"").into(), "$0\r\n\r\n"),
        (NullBulk.into(), "$-1\r\n"),
        (Array::new(&[]).into(), "*0\r\n"),
        (Array::new(&hello).into(), "*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n"),
        (Array::new(&mixed).into(), "*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n$5\r\nhello\r\n"),
        (NullArray.into(), "*-1\r\n"),
        (Array::new(&nested).into(), "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n"),
        (Array::new(&nulls).into(), "*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nworld\r\n"),
        (Null.into(), "_\r\n"),
        (Boolean::new(true).into(), "#t\r\n"),
        (Boolean::new(false).into(), "#f\r\n"),
        (Double::new("1.23").into(), ",1.23\r\n"),
        (
            BigNumber::new("-3492890328409238509324850943850").into(),
            "(-3492890328409238509324850943850\r\n",
        ),
        (BulkError::new(b"SYNTAX invalid syntax").into(), "!21\r\nSYNTAX invalid syntax\r\n"),
        (Verbatim::new("txt", b"Some string").into(), "=15\r\ntxt:Some string\r\n"),
        (Map::new(&pairs).into(), "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n"),
        (Set::new(&hello).into(), "~2\r\n$5\r\nhello\r\n$5\r\nworld\r\n"),
        (Push::new(&hello).into(), ">2\r\n$5\r\nhello\r\n$5\r\nworld\r\n"),
    ];
    for (value, wire) in values {
        assert_eq!(Value::decode(wire.as_bytes()), Ok(value), "{wire}");
        assert_eq!(encoded(value), wire.as_bytes());
    }
    let list = [Arg::new(b"mylist")];
    let llen = Command::new(Arg::new(b"LLEN"), &list);
    assert_eq!(encoded(llen), b"*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n");
}

/// What a server sees, answering each with OK.
fn served(pieces: &[&[u8]]) -> (Vec<String>, Vec<u8>) {
    let mut server = Connection::new(resp::Server::new(), Limits::default());
    let mut seen = Vec::new();
    for piece in pieces {
        server.receive(piece);
        loop {
            match server.poll() {
                Ok(Progress::Event((event, mut reply))) => {
                    seen.push(format!("{event:?}"));
                    reply.send(Simple::new(b"OK")).expect("it answers");
                }
                Ok(_) => break,
                Err(violation) => {
                    seen.push(format!("{violation:?}"));
                    return (seen, server.transmit().to_vec());
                }
            }
        }
    }
    if let Err(violation) = server.end_of_stream() {
        seen.push(violation.to_string());
    }
    (seen, server.transmit().to_vec())
}

/// What a client sees that has asked so often.
fn asked(count: usize, pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Connection::new(resp::Client::new(), Limits::default());
    for _ in 0..count {
        client.send(Command::new(Arg::new(b"GET"), &[Arg::new(b"k")])).expect("it may be asked");
    }
    let mut seen = Vec::new();
    for piece in pieces {
        client.receive(piece);
        loop {
            match client.poll() {
                Ok(Progress::Event((event, _))) => seen.push(format!("{event:?}")),
                Ok(_) => break,
                Err(violation) => {
                    seen.push(format!("{violation:?}"));
                    return seen;
                }
            }
        }
    }
    seen
}

#[test]
fn every_cut_is_the_same() {
    let input =
        b"*1\r\n$4\r\nPING\r\nPING inline\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n\
        *2\r\n$4\r\nQUIT\r\n$0\r\n\r\n";
    let (seen, written) = same_in_every_cut(input, served);
    assert_eq!((seen.len(), written.len()), (4, 20), "{seen:?}");
    let input = b"*2\r\n*2\r\n:1\r\n$-1\r\n%1\r\n+k\r\n*0\r\n>1\r\n+news\r\n,1.5\r\n$3\r\nabc\r\n";
    let seen = same_in_every_cut(input, |pieces| asked(3, pieces));
    assert_eq!(seen.len(), 4);
    for bad in
        [&b"*1\r\n$4\r\nPINGx\n"[..], b"*2\r\n$1\r\nx\r\n:1\r\n", b"*1\r\n$-1\r\n", b"PI\nNG\r\n"]
    {
        let (seen, _) = same_in_every_cut(bad, served);
        assert!(seen[0].contains("rule"), "{seen:?}");
    }
}

/// The rule that ends a session on these bytes of a client, and where.
fn server_violation(input: &[u8]) -> (Rule, u64, u64) {
    let mut server = Connection::new(resp::Server::new(), Limits::default());
    server.receive(input);
    match server.poll() {
        Err(Violation { rule, start, end, .. }) => (rule, start, end),
        Ok(_) => panic!("no violation of {}", input.escape_ascii()),
    }
}

fn client_violation(input: &[u8]) -> Rule {
    let mut client = Connection::new(resp::Client::new(), Limits::default());
    client.send(Command::new(Arg::new(b"GET"), &[Arg::new(b"k")])).expect("it may be asked");
    client.receive(input);
    match client.poll() {
        Err(violation) => violation.rule,
        Ok(_) => panic!("no violation of {}", input.escape_ascii()),
    }
}

/// What is pushed while a reply is due is not that reply.
#[test]
fn a_push_is_no_reply() {
    let mut client = Connection::new(resp::Client::new(), Limits::default());
    client.send(Command::new(Arg::new(b"GET"), &[Arg::new(b"k")])).expect("it may be asked");
    client.receive(b">1\r\n+news\r\n|1\r\n+a\r\n+b\r\n+value\r\n+more\r\n");
    use resp::client::Event;
    assert!(matches!(client.poll(), Ok(Progress::Event((Event::Push(_), _)))));
    assert!(matches!(client.poll(), Ok(Progress::Event((Event::Attribute(_), _)))));
    let Ok(Progress::Event((Event::Simple(simple), _))) = client.poll() else { panic!("no reply") };
    assert_eq!(simple.text, b"value");
    let violation = client.poll().map(|_| ()).expect_err("nothing was asked");
    assert_eq!(violation.rule, Rule::UnexpectedReply { state: "Open" });
}

/// Length bombs are judged by what is announced, before a byte of it has come.
#[test]
fn length_bombs() {
    let size = Rule::Range { low: 0, high: 16_777_216 };
    assert_eq!(server_violation(b"*1\r\n$16777217\r\n"), (size, 5, 13));
    assert_eq!(server_violation(b"*1\r\n$536870912"), (Rule::Number, 5, 14));
    let count = Rule::Range { low: 1, high: 1_048_576 };
    assert_eq!(server_violation(b"*1048577\r\n"), (count, 1, 8));
    assert_eq!(server_violation(b"*1000000000"), (Rule::Number, 1, 9));
    let max = Rule::TooLong { max: 67_108_864 };
    let several = b"*9\r\n$1\r\nx\r\n".to_vec();
    let argument = [b"$16777216\r\n".as_slice(), &vec![0; 16_777_216], b"\r\n"].concat();
    let mut server = Connection::new(resp::Server::new(), Limits::default());
    server.receive(&several);
    for _ in 0..3 {
        assert_eq!(server.receive(&argument), argument.len());
        assert!(matches!(server.poll(), Ok(Progress::More(_))));
    }
    // The fourth would be too much, as its length tells.
    server.receive(b"$16777216\r\n");
    assert_eq!(server.poll().map(|_| ()).map_err(|violation| violation.rule), Err(max));
}

#[test]
fn numbers_are_canonical() {
    for number in ["-2", "+5", " 5", "007", "5 ", "", "0x5", "-0"] {
        let input = format!("${number}\r\nhello\r\n");
        let rule = client_violation(input.as_bytes());
        let as_expected = match number {
            "5 " | "0x5" => rule == Rule::Literal("\r\n"),
            _ => rule == Rule::Number,
        };
        assert!(as_expected, "{number:?}: {rule:?}");
        let input = format!("*{number}\r\n:1\r\n");
        assert!(matches!(client_violation(input.as_bytes()), Rule::Number | Rule::Literal(_)));
    }
    for number in ["+5", "-0", "007", "9223372036854775808", "1.5", "--1", "-"] {
        let rule = client_violation(format!(":{number}\r\n").as_bytes());
        assert!(matches!(rule, Rule::Number | Rule::Literal(_)), "{number}: {rule:?}");
    }
}

#[test]
fn literals_are_matched() {
    assert_eq!(client_violation(b"$3\r\nabcd\r\n"), Rule::Literal("\r\n"));
    assert_eq!(client_violation(b"$3\n"), Rule::Literal("\r\n"));
    assert_eq!(client_violation(b"+O\nK\r\n"), Rule::BareDelimiter { byte: b'\n' });
    assert_eq!(client_violation(b"+O\rK\r\n"), Rule::BareDelimiter { byte: b'\r' });
    assert_eq!(client_violation(b"?\r\n"), Rule::Choice);
    assert_eq!(client_violation(b"#x\r\n"), Rule::Choice);
    assert_eq!(client_violation(b"=3\r\ntxt"), Rule::Range { low: 4, high: 16_777_216 });
    assert_eq!(client_violation(b"=5\r\ntxt;x\r\n"), Rule::Literal(":"));
}

/// No recursion on the stack but for the depth allowed, reading or writing.
#[test]
fn depth() {
    let deep = |count: usize| [b"*1\r\n".repeat(count), b":1\r\n".to_vec()].concat();
    assert_eq!(client_violation(&deep(100_000)), Rule::Depth { max: 32 });
    let seen = same_in_every_cut(&deep(33), |pieces| asked(1, pieces));
    assert!(seen[0].contains("Depth { max: 32 }"), "{seen:?}");
    let invalid = Value::decode(&deep(100_000)).expect_err("too deep");
    assert_eq!(
        invalid,
        Invalid { rule: Rule::Depth { max: 32 }, frame: "Value", start: 128, end: 128 }
    );
    let wire = deep(31);
    let value = Value::decode(&wire).expect("32 deep");
    assert_eq!(encoded(value), wire);
    let inner = [value];
    let error = Array::new(&inner).encode(&mut Vec::new());
    assert_eq!(error.map_err(|EncodeError { rule, .. }| rule), Ok(()));
    let outer = [Value::from(Array::new(&inner))];
    let error = Array::new(&outer).encode(&mut Vec::new());
    assert_eq!(error.map_err(|EncodeError { rule, .. }| rule), Err(Rule::Depth { max: 32 }));
}

/// An array of a million elements in pieces of any size is looked at once.
#[test]
fn no_element_is_looked_at_twice() {
    let mut wire = b"*1000000\r\n".to_vec();
    for _ in 0..1_000_000 {
        wire.extend_from_slice(b"+element\r\n");
    }
    let mut client = Connection::new(resp::Client::new(), Limits::default());
    client.send(Command::new(Arg::new(b"GET"), &[Arg::new(b"k")])).expect("it may be asked");
    for piece in wire.chunks(1460) {
        assert!(!matches!(client.poll(), Ok(Progress::Event(_))));
        client.receive(piece);
    }
    let Ok(Progress::Event((resp::client::Event::Array(array), _))) = client.poll() else {
        panic!("no array")
    };
    assert_eq!(array.items.len(), 1_000_000);
    let scanned = client.scanned();
    let whole = u64::try_from(wire.len()).expect("a length");
    assert!(scanned <= whole + whole / 10, "{scanned} of {whole}");
}

/// Once half of a value has come there is room for the rest, and no more.
#[test]
fn there_is_room_for_what_is_missing_of_a_value() {
    let mut client = Connection::new(Client::new(), Limits::default());
    client.send(Command::new(Arg::new(b"GET"), &[Arg::new(b"k")])).expect("it may be asked");
    let value = [&b"$300000\r\n"[..], &[b'x'; 300_000], b"\r\n"].concat();
    assert_eq!(client.receive(&value[..160_000]), 160_000);
    let Ok(Progress::More(need)) = client.poll() else { panic!("it is not there") };
    // What must stand behind it is asked for byte by byte.
    assert!((140_009..=140_011).contains(&need), "{need}");
    assert_eq!(client.spare().len(), need);
}

#[test]
fn what_cannot_be_written() {
    assert_eq!(refused(Simple::new(b"a\r\nb")), ("text", Rule::Ambiguous));
    assert_eq!(refused(Failure::new(b"a\nb")), ("text", Rule::BareDelimiter { byte: b'\n' }));
    let odd = [Value::from(Null)];
    assert_eq!(refused(Map::new(&odd)), ("items", Rule::Derived("items")));
    assert_eq!(refused(Push::new(&[])), ("count", Rule::Range { low: 1, high: 1_048_576 }));
    let line = Inline::new(b"*1");
    let error = Request::from(line).encode(&mut Vec::new()).map_err(|error| error.rule);
    assert_eq!(error, Err(Rule::Ambiguous));
}

/// A value without its bytes.
#[derive(Clone, Debug)]
enum Tree {
    Text(u8, Vec<u8>),
    Integer(i64),
    Bare(u8),
    List(u8, Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0..5_u8, prop::collection::vec(any::<u8>(), 0..20))
            .prop_map(|(kind, text)| Tree::Text(kind, text)),
        any::<i64>().prop_map(Tree::Integer),
        (0..5_u8).prop_map(Tree::Bare),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        (0..5_u8, prop::collection::vec(inner, 0..6))
            .prop_map(|(kind, items)| Tree::List(kind, items))
    })
}

/// Gives `then` the value of a tree.
fn with<R>(tree: &Tree, then: &mut dyn FnMut(Value<'_>) -> R) -> R {
    match tree {
        Tree::Text(kind, text) => {
            let plain: Vec<u8> =
                text.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
            then(match kind {
                0 => Simple::new(&plain).into(),
                1 => Failure::new(&plain).into(),
                2 => Bulk::new(text).into(),
                3 => BulkError::new(text).into(),
                _ => Verbatim::new("txt", text).into(),
            })
        }
        Tree::Integer(value) => then(Integer::new(*value).into()),
        Tree::Bare(kind) => then(match kind {
            0 => Null.into(),
            1 => NullBulk.into(),
            2 => NullArray.into(),
            3 => Boolean::new(true).into(),
            _ => Double::new("-inf").into(),
        }),
        Tree::List(kind, items) => {
            let wires: Vec<Vec<u8>> =
                items.iter().map(|item| with(item, &mut |value| encoded(value))).collect();
            let values: Vec<Value<'_>> =
                wires.iter().map(|wire| Value::decode(wire).expect("it was written")).collect();
            let even = values.len() & !1;
            then(match kind {
                0 => Array::new(&values).into(),
                1 => Set::new(&values).into(),
                2 => Map::new(&values[..even]).into(),
                3 if !values.is_empty() => Push::new(&values).into(),
                _ => Attribute::new(&values[..even]).into(),
            })
        }
    }
}

proptest! {
    #[test]
    fn every_value_comes_back(tree in tree()) {
        with(&tree, &mut |value| {
            let wire = encoded(value);
            assert_eq!(Value::decode(&wire), Ok(value));
            assert_eq!(value.owned().expect("it can be written").view(), value);
        });
    }

    #[test]
    fn what_is_read_is_written_the_same(
        tree in tree(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut wire = with(&tree, &mut |value| encoded(value));
        for (place, byte) in changes {
            let place = place.index(wire.len());
            wire[place] = byte;
        }
        if let Ok(value) = Value::decode(&wire) {
            prop_assert_eq!(encoded(value), wire.clone());
        }
        // Whatever it is, it is the same in pieces.
        let whole = asked(1, &[&wire]);
        let bytes: Vec<&[u8]> = wire.chunks(1).collect();
        prop_assert_eq!(asked(1, &bytes), whole);
    }
}
