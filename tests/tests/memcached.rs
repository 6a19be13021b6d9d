//! memcached: sessions in every cut, values that look like commands, what breaks a rule, what neither side
//! may write.

use framer_protocols::memcached::client::Message as Asked;
use framer_protocols::memcached::server::Message as Told;
use framer_protocols::memcached::{self, *};
use framer_runtime::frame::Frame;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::{encoded, refused};
use framer_tests::seen::{connection, payload, seen};
use proptest::prelude::*;

/// What a server sees of pieces, answering nothing.
fn served(pieces: &[&[u8]]) -> Vec<String> {
    seen(&mut connection(memcached::Server::new()), "Data", pieces)
}

/// The names of events.
fn names(seen: &[String]) -> Vec<&str> {
    let name = |event| str::split(event, ['(', ' ']).next().unwrap_or_default();
    seen.iter().map(|event| name(event.as_str())).collect()
}

/// The violation that ends a server's session on these bytes, whatever comes before it.
fn broken(input: &[u8]) -> String {
    let mut seen = same_in_every_cut(input, served);
    seen.pop().expect("something comes of it")
}

#[test]
fn commands_of_every_sort() {
    let input = b"set tutorial 17 900 9\r\nmemcached\r\n\
        add new_key 0 900 10 noreply\r\nData value\r\n\
        cas k 0 -1 0 18446744073709551615\r\n\r\n\
        get a\r\ngets a b c\r\ngat 60 a\r\ngats 0 a b\r\n\
        delete k\r\ndelete k noreply\r\nincr n 1\r\ndecr n 18446744073709551615 noreply\r\n\
        touch k 100\r\nflush_all\r\nflush_all noreply\r\nflush_all 10\r\nflush_all -1 noreply\r\n\
        verbosity 1\r\nstats\r\nstats items 1\r\nversion\r\nquit\r\n";
    let seen = same_in_every_cut(input, served);
    let wanted = "Set Data DataEnd Add Data DataEnd Cas DataEnd Get Gets Gat Gats Delete Delete \
        Increase Decrease Touch FlushAll FlushQuietly FlushLater FlushLater Verbosity Statistics \
        Statistics Version Quit";
    assert_eq!(names(&seen).join(" "), wanted);
    assert_eq!(seen[1], payload("Data", b"memcached"));
    assert_eq!(seen[4], payload("Data", b"Data value"));
}

#[test]
fn a_value_is_no_command() {
    let value = b"x\r\nflush_all\r\nEND\r\nset a 0 0 1\r\n";
    let mut input = format!("set k 0 0 {}\r\n", value.len()).into_bytes();
    input.extend_from_slice(value);
    input.extend_from_slice(b"\r\nget k\r\n");
    let seen = same_in_every_cut(&input, served);
    assert_eq!(names(&seen), ["Set", "Data", "DataEnd", "Get"]);
    assert_eq!(seen[1], payload("Data", value));
}

#[test]
fn values_of_one_reply() {
    let input = b"VALUE a 1 5\r\nEND\r\n\r\nVALUE b 2 0 77\r\n\r\nEND\r\nSTORED\r\nEND\r\n";
    let seen = same_in_every_cut(input, |pieces| {
        let mut client = connection(memcached::Client::new());
        let keys = [Key::new(b"a"), Key::new(b"b"), Key::new(b"c")];
        client.send(Gets { keys: (&keys).into() }).expect("it may be asked");
        client.send(Set::new(b"k", 0, 0, 3, false)).expect("it may be asked at once");
        client.send(Asked::Data(b"abc")).expect("it was announced");
        client.send(Get { keys: (&keys).into() }).expect("it may be asked at once");
        assert_eq!(client.transmit(), b"gets a b c\r\nset k 0 0 3\r\nabc\r\nget a b c\r\n");
        let seen = seen(&mut client, "Data", pieces);
        assert_eq!(client.end_of_stream(), Ok(()));
        seen
    });
    let wanted = ["Value", "Data", "DataEnd", "Value", "DataEnd", "End", "Stored", "End"];
    assert_eq!(names(&seen), wanted);
    assert_eq!(seen[1], payload("Data", b"END\r\n"));
}

#[test]
fn the_server_of_such_a_session() {
    let mut server = connection(memcached::Server::new());
    let asked = b"set k 0 0 3 noreply\r\nabc\r\nget k l\r\ntouch k 5\r\n";
    assert_eq!(seen(&mut server, "Data", &[asked]).len(), 5);
    // What wants no reply gets none.
    assert!(matches!(server.send(Value::new(b"k", 0, 3)), Ok(())));
    let early = server.send(End);
    assert!(matches!(early, Err(Misuse::Framing { expected: "Data", .. })), "{early:?}");
    let long = server.send(Told::Data(b"abcd"));
    assert!(matches!(long, Err(Misuse::Encode(_))), "{long:?}");
    server.send(Told::Data(b"abc")).expect("it was announced");
    server.send(End).expect("that is all");
    server.send(Touched).expect("it is due");
    let unasked = server.send(Stored);
    assert!(matches!(unasked, Err(Misuse::Unasked { .. })), "{unasked:?}");
    assert_eq!(server.transmit(), b"VALUE k 0 3\r\nabc\r\nEND\r\nTOUCHED\r\n");
}

#[test]
fn values_that_are_not_as_long_as_said() {
    let wanted =
        |start: usize| format!("Data: expected the bytes `\\r\\n` (bytes {start}..{})", start + 1);
    assert_eq!(broken(b"set k 0 0 3\r\nabcd\r\n"), wanted(16));
    assert_eq!(broken(b"set k 0 0 3\r\nab\r\n\r\n"), wanted(16));
    assert_eq!(broken(b"set k 0 0 3\r\nabc\n"), wanted(16));
    assert_eq!(broken(b"set k 0 0 3\r\nabc\r\rget k\r\n"), wanted(17));
    let mut client = connection(memcached::Client::new());
    client.send(Get { keys: (&[Key::new(b"a")]).into() }).expect("it may be asked");
    let seen = seen(&mut client, "Data", &[b"VALUE a 0 1\r\nabEND\r\n"]);
    assert_eq!(seen.last(), Some(&wanted(14)));
}

#[test]
fn what_is_not_understood_ends_the_session() {
    let size = "Set: value not in 0..=1073741824";
    assert_eq!(broken(b"set k 0 0 1073741825\r\nget k\r\n"), format!("{size} (bytes 10..20)"));
    for size in ["-1", "+1", "01", "0x1", "1 ", " 1", "1_0", "", "99999999999999999999"] {
        let line = format!("set k 0 0 {size}\r\nflush_all\r\n");
        let seen = same_in_every_cut(line.as_bytes(), served);
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert!(seen[0].contains(" (bytes "), "{seen:?}");
    }
    let key = "k".repeat(251);
    let space = |start: usize| format!("Key: expected ` ` (bytes {start}..{})", start + 1);
    assert_eq!(broken(format!("get {key}\r\n").as_bytes()), space(254));
    assert_eq!(broken(b"get a\0b\r\n"), space(5));
    assert_eq!(broken(b"delete a 0\r\n"), "Command: bytes behind the end (bytes 8..10)");
    assert!(broken(b"get\r\n").starts_with("Get: NoKey"));
    assert!(broken(b"get a  b\r\n").contains("fewer than 1 bytes of `key`"));
    assert!(broken(b"get a\nflush_all\r\n").contains("0x0a"));
    assert!(broken(b"get a\rflush_all\r\n").contains("0x0d"));
    let long = [&b"get "[..], &[b'x'; 70_000]].concat();
    assert!(served(&[&long])[0].contains("longer than 65536 bytes"));
    // Behind an unknown command may be a value: nothing is read before its answer, which is the end.
    let mut server = connection(memcached::Server::new());
    assert_eq!(seen(&mut server, "Data", &[b"ms k 9\r\nflush_all\r\n"]).len(), 1);
    server.send(Error::new(b"")).expect("it is due");
    assert_eq!(seen(&mut server, "Data", &[b""]), Vec::<String>::new());
    assert!(matches!(server.poll(), Ok(framer_runtime::machine::Progress::Closed)));
    assert_eq!(server.transmit(), b"ERROR\r\n");
}

/// A text directly behind a word is not read as the word and the text.
#[test]
fn a_word_is_not_written_into_a_longer_one() {
    let mut out = Vec::new();
    for text in [&b"pbr"[..], b"9", b"-", b"_"] {
        let refused = Error::new(text).encode(&mut out).expect_err("it would be another word");
        assert_eq!((refused.frame, refused.rule), ("Error", Rule::Ambiguous));
    }
    assert_eq!(out, b"");
    Error::new(b" no such command").encode(&mut out).expect("a blank stands between");
    assert_eq!(out, b"ERROR no such command");
}

/// What was announced costs nothing until it comes.
#[test]
fn a_large_value_is_not_kept() {
    let mut server = connection(memcached::Server::new());
    let mut events = seen(&mut server, "Data", &[b"set k 0 0 1073741824\r\n"]).len();
    for _ in 0..1000 {
        events += seen(&mut server, "Data", &[&[b'x'; 1000]]).len();
    }
    assert_eq!((events, server.peak_bytes().0), (1001, 1024));
    server.end_of_stream().expect_err("more was announced");
}

#[test]
fn replies_that_answer_nothing() {
    let told = |asks: &[Asked<'_>], input: &[u8]| {
        let mut client = connection(memcached::Client::new());
        asks.iter().for_each(|ask| client.send(*ask).expect("it may be asked"));
        seen(&mut client, "Data", &[input])
    };
    let unasked = "reply out of turn in state Open";
    assert!(told(&[], b"STORED\r\n")[0].contains(unasked));
    assert!(told(&[], b"VALUE a 0 1\r\n")[0].contains(unasked));
    let quiet = Increase::new(b"n", 1, true);
    assert!(told(&[Asked::Command(quiet.into())], b"7\r\n")[0].contains(unasked));
    // The server goes, and says why.
    assert_eq!(names(&told(&[], b"SERVER_ERROR too many\r\nSTORED\r\n")), ["ServerError"]);
    // An answer to something else is the end.
    let get = Version;
    assert_eq!(names(&told(&[Asked::Command(get.into())], b"STORED\r\nSTORED\r\n")), ["Stored"]);
}

#[test]
fn what_cannot_be_written() {
    let key = |key| refused(Delete::new(key, false));
    assert_eq!(key(b"a b"), ("key", Rule::Class { class: "key" }));
    assert_eq!(key(b"a\r\nflush_all"), ("key", Rule::Class { class: "key" }));
    assert_eq!(key(b""), ("key", Rule::TooShort { class: "key", min: 1 }));
    assert_eq!(key(&[b'k'; 251]).0, "key");
    assert_eq!(refused(Get { keys: [].as_slice().into() }).1, Rule::Require("NoKey"));
    let value = Value::new(b"k", 0, 1_073_741_825);
    assert_eq!(refused(value), ("size", Rule::Range { low: 0, high: 1_073_741_824 }));
    assert_eq!(refused(Command::from(Unknown::new(b"get a"))), ("", Rule::Ambiguous));
    assert_eq!(refused(ServerError::new(b"a\nb")).0, "text");
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![0x21..=0x7e_u8, 0x80..=0xff_u8], 1..=250)
}

proptest! {
    #[test]
    fn every_command_comes_back(
        kind in 0..19_u8,
        key in key(),
        more in prop::collection::vec(key(), 0..9),
        flags: u32,
        expires in -999_999_999_999_999_999..=999_999_999_999_999_999_i64,
        size in 0..=1_073_741_824_u32,
        number: u64,
        noreply: bool,
    ) {
        let keys: Vec<Key<'_>> = [&key].into_iter().chain(&more).map(|key| Key::new(key)).collect();
        let command: Command<'_> = match kind {
            0 => Set::new(&key, flags, expires, size, noreply).into(),
            1 => Add::new(&key, flags, expires, size, noreply).into(),
            2 => Replace::new(&key, flags, expires, size, noreply).into(),
            3 => Append::new(&key, flags, expires, size, noreply).into(),
            4 => Prepend::new(&key, flags, expires, size, noreply).into(),
            5 => Cas::new(&key, flags, expires, size, number, noreply).into(),
            6 => Get { keys: (&keys).into() }.into(),
            7 => Gets { keys: (&keys).into() }.into(),
            8 => Gat { expires, keys: (&keys).into() }.into(),
            9 => Gats { expires, keys: (&keys).into() }.into(),
            10 => Delete::new(&key, noreply).into(),
            11 => Increase::new(&key, number, noreply).into(),
            12 => Decrease::new(&key, number, noreply).into(),
            13 => Touch::new(&key, expires, noreply).into(),
            14 => FlushLater::new(expires, noreply).into(),
            15 => Verbosity::new(flags, noreply).into(),
            16 => Statistics { of: noreply.then(|| StatisticsOf::new(&key)) }.into(),
            17 => Unknown::new(b"gete").into(),
            _ => [FlushAll.into(), FlushQuietly.into(), Version.into(), Quit.into()][flags as usize % 4],
        };
        let wire = encoded(command);
        prop_assert_eq!(Command::decode(&wire), Ok(command));
    }

    #[test]
    fn every_reply_comes_back(
        kind in 0..15_u8,
        key in key(),
        flags: u32,
        size in 0..=1_073_741_824_u32,
        number: u64,
        unique: bool,
        text in "[ -~]{0,200}",
    ) {
        let text = text.as_bytes();
        let reply: Reply<'_> = match kind {
            0 => {
                let unique = unique.then(|| Unique::new(number));
                Value { key: &key, flags, size, unique }.into()
            }
            1 => End.into(),
            2 => Stored.into(),
            3 => NotStored.into(),
            4 => Exists.into(),
            5 => NotFound.into(),
            6 => Deleted.into(),
            7 => Touched.into(),
            8 => Okay.into(),
            9 => Reset.into(),
            10 => VersionIs::new(text).into(),
            11 => Statistic::new(&key, text).into(),
            12 => ClientError::new(text).into(),
            13 => ServerError::new(text).into(),
            _ => Number::new(number).into(),
        };
        let wire = encoded(reply);
        prop_assert_eq!(Reply::decode(&wire), Ok(reply));
    }

    /// What is read is written the same.
    #[test]
    fn every_line_comes_back(line in "(set|get|gats|incr|flush_all|stats) [ a0-9-]{0,20}( noreply)?") {
        let wire = line + "\r\n";
        if let Ok(command) = Command::decode(wire.as_bytes()) {
            prop_assert_eq!(encoded(command), wire.as_bytes());
        }
    }

    #[test]
    fn a_value_comes_as_it_went(value: Vec<u8>, cut: prop::sample::Index) {
        let mut client = connection(memcached::Client::new());
        let size = u32::try_from(value.len()).expect("a short one");
        client.send(Set::new(b"k", 0, 0, size, true)).expect("it may be asked");
        if size > 0 {
            client.send(Asked::Data(&value)).expect("it was announced");
        }
        let wire = client.transmit().to_vec();
        let (first, second) = wire.split_at(cut.index(wire.len()));
        let seen = served(&[first, second]);
        prop_assert_eq!(seen.len(), if size > 0 { 3 } else { 2 });
        if size > 0 {
            prop_assert_eq!(&seen[1], &payload("Data", &value));
        }
    }
}
