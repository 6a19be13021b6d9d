//! What neither side of IMAP may write, and that what it writes is read as it was.

use framer_protocols::imap::client::Message as Asked;
use framer_protocols::imap::server::Message;
use framer_protocols::imap::*;
use framer_runtime::frame::Frame;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::frames::{encoded, refused};
use framer_tests::imap::{
    args, at_once, client, other, part, plain, server, told_other, told_part, waiting, written,
};
use proptest::prelude::*;

#[test]
fn what_cannot_be_written() {
    let command = |frame: Command<'static>| refused(frame);
    assert_eq!(command(Search::new("a", plain("TEXT {3}")).into()).1, Rule::Ambiguous);
    assert_eq!(command(Search::new("a", args(b"x\r\nb", None)).into()).1, Rule::Ambiguous);
    assert_eq!(command(Search::new("a", plain("x\0")).into()).1, Rule::Require("Nul"));
    assert_eq!(command(Search::new("a~", args(b"x~", waiting(3))).into()).1, Rule::Ambiguous);
    assert_eq!(command(Unknown::new("a", plain("login me secret")).into()).1, Rule::Ambiguous);
    assert_eq!(command(Noop::new("a b").into()).0, "tag");
    assert_eq!(command(Noop::new("0123456789abcdef").into()).0, "tag");
    assert_eq!(command(Noop::new("").into()).0, "tag");
    assert_eq!(
        refused(Response::from(Untagged::new(told_other(b"OK x", None)))).1,
        Rule::Ambiguous
    );
    let mut client = client(true);
    client.send(Append::new("a", args(b"x ", at_once(3)))).expect("it may be asked");
    assert!(matches!(client.send(Asked::Literal(b"four")), Err(Misuse::Encode(_))));
    let mut server = server(true);
    assert!(server.send(Message::Literal(b"x")).is_err());
    server.send(Untagged::new(told_other(b"1 FETCH (A ", waiting(1)))).expect("it may tell");
    assert!(server.send(other("2 EXISTS")).is_err());
    server.send(Message::Literal(b"x")).expect("it was announced");
    server.send(told_part(b")", None)).expect("it goes on");
    assert_eq!(written(&mut server), "* 1 FETCH (A {1}\r\nx)\r\n");
}

proptest! {
    #[test]
    fn every_line_comes_back(
        tag in "[a-zA-Z0-9.#$&]{1,15}",
        text in proptest::collection::vec(1_u8..=255, 0..40),
        literal in proptest::option::of((any::<bool>(), 0..=u64::MAX >> 1, any::<bool>())),
        kind in 0_usize..6,
    ) {
        let literal = literal.map(|(binary, size, now)| Announced::new(binary, size, now));
        let arguments = args(&text, literal);
        let tag = tag.as_str();
        let mut out = Vec::new();
        let same = match kind {
            0 => write(Command::from(Fetch::new(tag, arguments)), &mut out),
            1 => write(Command::from(Unknown::new(tag, arguments)), &mut out),
            2 => write(part(&text, literal), &mut out),
            3 => write(Response::from(Untagged::new(told_other(&text, literal))), &mut out),
            4 => write(Response::from(Tagged::new(tag, No::new(&text))), &mut out),
            _ => write(told_part(&text, literal), &mut out),
        };
        prop_assert_eq!(same, Ok(()));
    }

    /// Whatever a line holds, what follows its literal is where it says.
    #[test]
    fn lines_are_read_as_they_are_written(line in "[a-c{}0-9+~\"]{0,24}") {
        let wire = format!("a SEARCH {line}\r\n");
        if let Ok(Command::Search(search)) = Command::decode(wire.as_bytes()) {
            // The size of a literal may be read with zeros before it, and is written without.
            let mut threes = line.as_bytes().windows(3);
            let zeros = threes.any(|three| three.starts_with(b"{0") && three[2].is_ascii_digit());
            prop_assert!(zeros || encoded(Command::from(search)).len() == wire.len());
            let text = search.arguments.text;
            prop_assert!(line.as_bytes().starts_with(text));
            prop_assert_eq!(search.arguments.literal.is_none(), text.len() == line.len());
        }
    }
}

/// What is written is read as it was, or not written.
fn write<'o, F>(frame: F, out: &'o mut Vec<u8>) -> Result<(), String>
where
    F: Frame + for<'a> framer_runtime::frame::Decode<View<'a>: std::fmt::Debug> + std::fmt::Debug,
{
    let shown = format!("{frame:?}");
    if frame.encode(out).is_err() {
        return Ok(());
    }
    match F::decode(out) {
        Ok(read) if format!("{read:?}") == shown => Ok(()),
        Ok(read) => Err(format!("{shown} was read as {read:?}")),
        Err(invalid) => Err(format!("{shown}: {invalid:?}")),
    }
}
