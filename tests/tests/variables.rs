//! Variables that hold numbers: in guards, in arms, in conditions of effects, and at their limits.

use framer_dsl::Sources;
use framer_interpret::Description;
use framer_runtime::connection::Connection;
use framer_runtime::machine::{Described, Machine as _};
use framer_runtime::protocol::Role;
use framer_runtime::violation::{Misuse, Rule, Violation};
use framer_tests::conversation::Line;
use framer_tests::cuts::same_in_every_cut;
use framer_tests::seen::{connection, seen};
use framer_tests::twin::{Changes, Twin};

framer_runtime::framer!("counted.frame");

use counted::client::Message;
use counted::{Answer, Client, Declared, Done, Dry, Mail, Part, Pass, Room, Server, Take};

fn state<M: Described>(side: &Connection<M>) -> &'static str {
    side.machine().engine().session().state_name()
}

/// A number by its place in the description.
fn number<M: Described>(side: &Connection<M>, place: u8) -> u64 {
    side.machine().engine().session().number(place)
}

const WRONG: u8 = 0;
const BROKEN: u8 = 1;
const LIMIT: u8 = 2;
const LEFT: u8 = 3;
const FEW: u8 = 4;

/// The time limit of its own, and that of any state.
#[test]
fn any_state_has_a_time_limit() {
    let limit = |client: &Connection<Client>| client.machine().engine().session().time_limit();
    assert_eq!(limit(&connection(Client::new())), Some(60_000));
    let client = ready(1);
    assert_eq!((state(&client), limit(&client)), ("Ready", Some(120_000)));
}

/// A client that has said who asks, with room for so many octets.
fn ready(octets: u64) -> Connection<Client> {
    let mut client = connection(Client::new());
    client.send(Pass::new("please")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[format!("200 {octets}\n").as_bytes()]).len(), 1);
    client
}

/// There is room for so many octets.
fn room(octets: u64) -> Answer {
    Answer { code: 200, room: Some(Room::new(octets)) }
}

fn out_of(frame: &'static str, variable: &'static str, high: u64) -> Misuse {
    Misuse::Variable { frame, variable, low: 0, high }
}

#[test]
fn an_arm_looks_at_what_replies_have_counted() {
    let mut client = connection(Client::new());
    for (wrong, state_then) in [(1, "Start"), (2, "Start")] {
        client.send(Pass::new("a")).expect("it may be asked");
        // The reply may make room, which what follows is about.
        assert_eq!(client.send(Pass::new("b")), Err(Misuse::Wait { frame: "Pass" }));
        assert_eq!(seen(&mut client, "", &[b"500\n"]).len(), 1);
        assert_eq!((number(&client, WRONG), state(&client)), (wrong, state_then));
    }
    // Only 500 closes.
    client.send(Pass::new("a")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[b"501\n"]).len(), 1);
    assert_eq!(number(&client, WRONG), 3);
    client.send(Pass::new("a")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[b"500\n"]).len(), 1);
    assert!(client.machine().engine().session().closed());
}

#[test]
fn a_server_is_told_what_its_reply_would_break() {
    let mut server = connection(Server::new());
    for wrong in 1..=9 {
        assert_eq!(seen(&mut server, "", &[b"PASS a\n"]).len(), 1);
        server.send(Answer::new(501)).expect("it answers");
        assert_eq!(number(&server, WRONG), wrong);
    }
    assert_eq!(seen(&mut server, "", &[b"PASS a\n"]).len(), 1);
    assert_eq!(server.send(Answer::new(501)), Err(out_of("Answer", "wrong", 9)));
    // Nothing was written, and another answer is right.
    let written = server.transmit().to_vec();
    assert_eq!(written, b"501\n".repeat(9));
    server.send(room(7)).expect("it answers");
    assert_eq!((number(&server, WRONG), number(&server, LIMIT)), (0, 7));
}

#[test]
fn a_number_of_the_frame_is_compared() {
    let mut client = ready(10);
    assert_eq!((number(&client, LIMIT), number(&client, LEFT)), (10, 0));
    let declared = |octets| Mail { declared: Some(Declared::new(octets)) };
    let refused = Misuse::OutOfSequence { frame: "Mail", state: "Ready" };
    assert_eq!(client.send(declared(11)), Err(refused));
    client.send(declared(10)).expect("there is room for it");
    assert_eq!((number(&client, LEFT), state(&client)), (10, "Ready"));
    assert_eq!(seen(&mut client, "", &[b"200\n"]).len(), 1);
    assert_eq!(state(&client), "Open");
    // What is missing is not compared.
    let mut client = ready(10);
    client.send(Mail { declared: None }).expect("it declares nothing");
    // Without room there is no rule for it.
    let mut client = ready(0);
    assert_eq!(client.send(Mail { declared: None }), Err(refused));
}

#[test]
fn a_foreign_client_declares_too_much() {
    let wire = b"PASS a\nMAIL SIZE=11\nMAIL SIZE=9999999999999999999\nMAIL SIZE=10\n";
    let told = same_in_every_cut(wire, |pieces| {
        let mut server = connection(Server::new());
        let mut told = seen(&mut server, "", pieces);
        server.send(room(10)).expect("it answers");
        for _ in 0..3 {
            told.extend(seen(&mut server, "", &[b""]));
            server.send(Answer::new(200)).expect("it answers");
        }
        (told, state(&server))
    });
    let (told, at) = told;
    assert_eq!(at, "Open");
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[1].starts_with("Refused") && told[2].starts_with("Refused"), "{told:?}");
    assert!(told[3].starts_with("Mail"), "{told:?}");
}

#[test]
fn what_is_left_is_counted_down() {
    let mut client = ready(10);
    client.send(Mail { declared: None }).expect("there is room");
    assert_eq!(seen(&mut client, "", &[b"200\n"]).len(), 1);
    // Nothing is done yet.
    let early = Misuse::OutOfSequence { frame: "Done", state: "Open" };
    assert_eq!(client.send(Done), Err(early));
    // Parts may follow each other at once.
    for (size, left) in [(4, 6), (0, 6), (6, 0)] {
        client.send(Part::new(size)).expect("there is room for it");
        if size > 0 {
            client.send(Message::Body(&b"abcdef"[..size as usize])).expect("it is due");
        }
        assert_eq!(number(&client, LEFT), left);
    }
    assert_eq!(client.send(Part::new(1)), Err(out_of("Part", "left", u64::MAX)));
    assert_eq!(number(&client, LEFT), 0);
    client.send(Done).expect("something is");
    assert!(client.transmit().ends_with(b"PART 4\nabcdPART 0\nPART 6\nabcdefDONE\n"));
}

#[test]
fn a_foreign_client_goes_beyond_what_is_left() {
    let wire = b"PASS a\nMAIL\nPART 9\n123456789PART 2\nxy";
    let (told, ended) = same_in_every_cut(wire, |pieces| {
        let mut server = connection(Server::new());
        let mut told = seen(&mut server, "Body", pieces);
        for answer in [room(10), Answer::new(200)] {
            server.send(answer).expect("it answers");
            told.extend(seen(&mut server, "Body", &[b""]));
        }
        (told, server.poll().err())
    });
    let rule = Rule::Variable { variable: "left", low: 0, high: u64::MAX };
    assert_eq!(ended, Some(Violation { rule, frame: "Part", start: 28, end: 35 }));
    // The violation is told again whenever the server looks.
    assert_eq!(told.len(), 7, "{told:?}");
    assert_eq!(told[6], "Part: takes `left` out of 0..=18446744073709551615 (bytes 28..35)");
}

#[test]
fn a_variable_decides_what_follows() {
    let mut client = ready(10);
    client.send(Dry::new(true)).expect("it may be said");
    let shut = Misuse::OutOfSequence { frame: "Mail", state: "Ready" };
    assert_eq!(client.send(Mail { declared: None }), Err(shut));
    client.send(Dry::new(false)).expect("it may be said");
    client.send(Mail { declared: None }).expect("they come again");
    assert_eq!(seen(&mut client, "", &[b"200\n"]).len(), 1);
    client.send(Part::new(3)).expect("there is room");
    let due = Misuse::Framing { frame: "Done", expected: "Body" };
    assert_eq!(client.send(Done), Err(due));
}

#[test]
fn what_is_taken_and_given_back_need_not_wait() {
    let mut client = ready(10);
    for left in [2, 1, 0] {
        client.send(Take).expect("there is one");
        assert_eq!(number(&client, FEW), left);
    }
    assert_eq!(client.send(Take), Err(out_of("Take", "few", 3)));
    assert_eq!(seen(&mut client, "", &[b"200\n"]).len(), 1);
    client.send(Take).expect("one was given back");
    assert_eq!(client.send(Take), Err(out_of("Take", "few", 3)));
    // A peer that asks for more breaks the rule, whatever it has heard.
    let mut server = connection(Server::new());
    assert_eq!(seen(&mut server, "", &[b"PASS a\n"]).len(), 1);
    server.send(room(1)).expect("it answers");
    let told = seen(&mut server, "", &[b"TAKE\n".repeat(4).as_slice()]);
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[3], "Take: takes `few` out of 0..=3 (bytes 22..27)");
}

#[test]
fn what_cannot_be_read_is_counted() {
    let mut server = connection(Server::new());
    let told = seen(&mut server, "", &[b"x\ny\nz\n"]);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(number(&server, BROKEN), 2);
    assert_eq!(told[2], "malformed: takes `broken` out of 0..=2 (bytes 4..6)");
}

/// How a line is cut.
type Split<'s> = &'s dyn for<'l> Fn(usize, &'l [u8]) -> Vec<&'l [u8]>;

/// Both engines over the same bytes, in every cut, and changed.
#[test]
fn both_engines_count_alike() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = Sources::open(root.join("counted.frame")).expect("it is there");
    let description = Description::load(&sources).expect("it compiles");
    let protocol = &description.protocols()[0];
    let client = |text: &str| Line::Client(text.as_bytes().to_vec());
    let server = |text: &str| Line::Server(text.as_bytes().to_vec());
    let lines = [
        client("PASS a\n"),
        server("500\n"),
        client("PASS b\n"),
        server("200 10\n"),
        client("TAKE\nTAKE\nMAIL SIZE=11\nDRY+\nDRY-\nTAKE\n"),
        server("200\n200\n500\n200\n"),
        client("MAIL SIZE=10\n"),
        server("200\n"),
        client("PART 4\nabcdPART 0\nPART 5\nabcde?\nDONE\n"),
        server("200\n200\n200\n200\n"),
        client("MAIL\n"),
        server("200\n"),
        client("PART 11\n"),
    ];
    let run = |lines: &[Line], pieces: Split<'_>| {
        let half = |role| protocol.stream_half(role).expect("it is over a stream");
        let halves = [Role::First, Role::Second].map(half);
        let ran = Twin::new(protocol, halves, (Client::new(), Server::new())).run(lines, pieces);
        ran.seen
    };
    let whole = run(&lines, &|_, bytes| vec![bytes]);
    assert!(whole.iter().any(|seen| seen.contains("Variable { variable: \"left\"")), "{whole:#?}");
    run(&lines, &|_, bytes| bytes.chunks(1).collect());
    for seed in 0..400 {
        let mut source = Changes::of(seed);
        let changed = source.lines(&lines);
        let source = std::cell::RefCell::new(source);
        run(&changed, &|_, bytes| source.borrow_mut().pieces(bytes));
    }
}
