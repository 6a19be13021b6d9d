//! What a description imports is as if it stood there.

use std::path::Path;

use framer_dsl::diagnostic::render;
use framer_dsl::source::Source;
use framer_dsl::{Sources, analyze};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::frame::Frame;
use framer_runtime::machine::Progress;
use framer_runtime::violation::Rule;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::frames::encoded;
use framer_tests::imports::by_path::asks;
use framer_tests::imports::by_path::asks::{Ask, Done, Exception, Failed, Netstring};
use framer_tests::imports::{built, inline};

/// What a client is told, one by one.
fn told(pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Connection::new(asks::Client::new(), Limits::default());
    for _ in 0..2 {
        client.send(Ask::new("store", 2)).expect("a request");
    }
    let mut seen = Vec::new();
    for piece in pieces {
        assert_eq!(client.receive(piece), piece.len());
        while let Progress::Event((event, _)) = client.poll().expect("what a server may say") {
            seen.push(format!("{event:?}"));
        }
    }
    seen
}

#[test]
fn what_is_imported_is_spoken() {
    let done = asks::Tell::from(Done::new(Netstring::new(b"\n:")));
    let failed = asks::Tell::from(Failed::new(Exception::ServerDeviceBusy));
    let wire = [encoded(done), encoded(failed)].concat();
    assert_eq!(wire, b"+2:\n:,-\x06");
    let seen = same_in_every_cut(&wire, told);
    let expected = [
        "Done(Done { data: Netstring { data: [10, 58] } })",
        "Failed(Failed { why: ServerDeviceBusy })",
    ];
    assert_eq!(seen, expected);

    let mut server = Connection::new(asks::Server::new(), Limits::default());
    assert_eq!(server.receive(b"store:2\n"), 8);
    let Ok(Progress::Event((event, _))) = server.poll() else { panic!("a request") };
    let asks::server::Event::Ask(ask) = event;
    assert_eq!((ask.to, ask.count), ("store", 2));
    server.send(done).expect("its answer");
    assert_eq!(server.transmit(), b"+2:\n:,");
}

/// What an item needs comes with it, whatever it is.
#[test]
fn everything_bundled_can_be_imported_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let entries = std::fs::read_dir(&folder).expect("the bundled descriptions");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut imported = 0;
    for path in paths.filter(|path| path.extension().is_some_and(|of| of == "frame")) {
        let whole = Sources::open(&path).expect("a text");
        let ir = analyze(&whole).expect("a right description");
        let names = ir.types.iter().map(|of| &of.name);
        let names = names.chain(ir.delimiters.iter().map(|of| &of.name));
        let names = names.chain(ir.classes.iter().map(|of| &of.name));
        let names = names.chain(ir.transforms.iter().map(|of| &of.name));
        for name in names.chain(ir.checksums.iter().map(|of| &of.name)) {
            let text = format!("import \"own.frame\" {{ {name} }};");
            let sources = Sources::load(Source::new("root.frame", text), |_| {
                Ok(whole.root().text().to_owned())
            });
            if let Err(found) = analyze(&sources) {
                panic!("{}\n{}", path.display(), render(&sources, &found, false));
            }
            imported += 1;
        }
    }
    assert!(imported > 400, "{imported}");
}

#[test]
fn each_way_in_gives_the_same() {
    let by_path = encoded(asks::CobsR::new(b"a\0b"));
    let built = encoded(built::asks::CobsR::new(b"a\0b"));
    assert_eq!(by_path, b"\x02ab\0");
    assert_eq!(built, by_path);
    assert_eq!(asks::PROTOCOL.kinds, built::asks::PROTOCOL.kinds);
    assert_eq!(encoded(inline::Slip::new(b"\xc0")), b"\xdb\xdc\xc0");
    let sealed = encoded(inline::Sealed::new(b"abcd"));
    assert_eq!(sealed, b"\x07\x76abcd");
    let invalid = inline::Sealed::decode(b"\x07\x75abcd").expect_err("the sum is another");
    assert_eq!(invalid.rule, Rule::Derived("sum"));
}
