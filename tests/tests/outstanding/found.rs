//! What was once taken, or held back, by the first of the states that were possible.

use framer_dsl::Sources;
use framer_interpret::{Description, Event, Frame, Message, StreamHalf, Value};
use framer_runtime::machine::{Machine as _, Progress};
use framer_runtime::protocol::Role;
use framer_runtime::violation::Misuse;
use framer_runtime::write::Out;

/// The server of a protocol of such states, and its client.
fn halves(pending: usize, states: &str) -> [StreamHalf; 2] {
    let text = format!(
        "delimiter LF = \"\\n\";
        enum Ask in until LF max 8 {{ A {{ \"a\" }}, B {{ \"b\" }} }}
        frame Tell in until LF max 8 {{ code: dec u8 [1] }}
        frame Mark in until LF max 8 {{ text: dec u8 [1] }}
        protocol Made over stream {{
            roles client, server;
            client speaks Ask;
            server speaks Tell by code;
            pending fifo max {pending};
            any state within 1 min else close {{}}
            {states}
        }}"
    );
    let loaded = Description::load(&Sources::new("made.frame", text.as_str()));
    let protocol = &loaded.expect("it compiles").protocols()[0];
    [Role::Second, Role::First].map(|role| protocol.stream_half(role).expect("it is over a stream"))
}

fn say(half: &mut StreamHalf, frame: Frame<'_>) -> Result<(), Misuse> {
    half.send(&Message::Frame(&frame), &mut Out::from(&mut Vec::new()))
}

fn tell(half: &mut StreamHalf, code: u64) -> Result<(), Misuse> {
    say(half, Frame::new("Tell").with("code", Value::Number(code)))
}

/// What a line is: whether it was refused, or `None` if it has to wait.
fn reads(half: &mut StreamHalf, line: &[u8]) -> Option<bool> {
    match half.receive(line).expect("it is taken or waits").progress {
        Progress::Event(Event::Frame { refused, .. }) => Some(refused),
        Progress::Owed => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_follows_what_ends_a_group_or_the_session_in_one_outcome() {
    for ends in ["sync awaits { _ => stay }", "awaits { _ => close }"] {
        let states = format!(
            "state One {{ client A => awaits {{ 1 => Two, _ => stay }}; client B => awaits {{ _ => stay }}; }}
            state Two {{ client A => awaits {{ _ => stay }}; client B => {ends}; }}"
        );
        let [mut server, mut client] = halves(4, &states);
        assert_eq!(say(&mut client, Frame::new("A")), Ok(()));
        assert_eq!(say(&mut client, Frame::new("B")), Ok(()));
        assert_eq!(say(&mut client, Frame::new("A")), Err(Misuse::Wait { frame: "A" }));
        assert_eq!([reads(&mut server, b"a\n"), reads(&mut server, b"b\n")], [Some(false); 2]);
        assert_eq!(reads(&mut server, b"a\n"), None, "{ends}");
    }
}

#[test]
fn what_awaits_a_reply_in_one_outcome_gets_it() {
    let [mut server, _] = halves(
        4,
        "state One { client A => awaits { 1 => Two, _ => stay }; client B => stay; }
        state Two { client A => awaits { _ => stay }; client B => awaits { _ => stay }; }",
    );
    assert_eq!([reads(&mut server, b"a\n"), reads(&mut server, b"b\n")], [Some(false); 2]);
    assert_eq!([tell(&mut server, 1), tell(&mut server, 1)], [Ok(()), Ok(())]);
}

#[test]
fn what_a_reply_has_left_no_place_for_is_refused() {
    let [mut server, _] = halves(
        4,
        "state One {
            client A => awaits { 1 => Two, _ => stay };
            client B => refuse awaits { _ => stay };
        }
        state Two { client A => awaits { _ => stay }; client B => awaits { _ => stay }; }",
    );
    assert_eq!([reads(&mut server, b"a\n"), reads(&mut server, b"b\n")], [Some(false); 2]);
    assert_eq!(tell(&mut server, 2), Ok(()));
    assert_eq!(reads(&mut server, b"b\n"), Some(true));
}

#[test]
fn nothing_follows_what_only_a_last_reply_ends() {
    let [mut server, _] = halves(
        4,
        "state One {
            client A => awaits { 1 => again, _ => close };
            client B => awaits { _ => stay };
        }",
    );
    assert_eq!([reads(&mut server, b"a\n"), reads(&mut server, b"b\n")], [Some(false), None]);
}

#[test]
fn what_a_request_made_due_comes_before_a_reply_that_makes_more_due() {
    let [mut server, mut client] = halves(
        4,
        "state One {
            client A => { client then Mark } awaits { _ => stay { client then Mark } };
            client B => close;
        }",
    );
    let mark = || Frame::new("Mark").with("text", Value::Number(7));
    assert_eq!(say(&mut client, Frame::new("A")), Ok(()));
    assert_eq!(reads(&mut server, b"a\n"), Some(false));
    assert_eq!(tell(&mut server, 1), Err(Misuse::Interrupts { frame: "Tell", due: "Mark" }));
    // A server that does not wait is understood once that has been said.
    assert_eq!(reads(&mut client, b"1\n"), None);
    assert_eq!(say(&mut client, mark()), Ok(()));
    assert_eq!(reads(&mut client, b"1\n"), Some(false));
    assert_eq!(reads(&mut server, b"7\n"), Some(false));
    assert_eq!(tell(&mut server, 1), Ok(()));
    assert_eq!([client.engine().receiving(), client.engine().sending()], ["Tell", "Mark"]);
    assert_eq!([server.engine().receiving(), server.engine().sending()], ["Mark", "Tell"]);
}

#[test]
fn what_a_reply_has_made_a_place_for_is_taken() {
    let [mut server, _] = halves(
        4,
        "state One { client A => awaits { 1 => Two, _ => stay }; }
        state Two { client A => awaits { _ => stay }; client B => awaits { _ => stay }; }",
    );
    assert_eq!([reads(&mut server, b"a\n"), reads(&mut server, b"a\n")], [Some(false); 2]);
    assert_eq!(reads(&mut server, b"b\n"), None);
    assert_eq!(tell(&mut server, 1), Ok(()));
    assert_eq!(reads(&mut server, b"b\n"), Some(false));
}
