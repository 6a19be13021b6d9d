//! What an interpreted machine refuses, where the types of a compiled one leave nothing to refuse.

use framer_dsl::Sources;
use framer_interpret::{Description, Frame, Message, Value};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::protocol::Role;
use framer_runtime::violation::Misuse;

const STORE: &str = r#"
    delimiter LF = "\n";
    frame Put in until LF max 64 { word "PUT", " ", size: dec u32 [1..=9] }
    frame Answer in until LF max 64 { code: dec u16 [3] }
    frame Body(size: u64) { stream data: bytes [size] }
    protocol Store over stream {
        roles client, server;
        client speaks Put;
        server speaks Answer;
        pending fifo max 16;
        state Open { client Put => { client then Body(size) } awaits { _ => stay }; }
    }
"#;

#[test]
fn frames_have_no_parts_and_what_has_a_length_ends_by_itself() {
    let description = Description::load(&Sources::new("store.frame", STORE)).expect("it compiles");
    let client = description.protocols()[0].stream_half(Role::First).expect("it is over a stream");
    let mut client = Connection::new(client, Limits::default());
    let misuse = Err(Misuse::OutOfSequence { frame: "?", state: "Open" });
    assert_eq!(client.send(Message::Data { frame: "Put", data: b"PUT 1\n" }), misuse);
    assert_eq!(client.send(Message::End { frame: "Put" }), misuse);
    assert_eq!(client.transmit(), b"");

    let put = Frame::new("Put").with("size", Value::Number(3));
    assert_eq!(client.send(&put), Ok(()));
    assert_eq!(client.send(Message::End { frame: "Body" }), misuse);
    assert_eq!(client.send(Message::Data { frame: "Body", data: b"abc" }), Ok(()));
    assert_eq!(client.transmit(), b"PUT 3\nabc");
}
