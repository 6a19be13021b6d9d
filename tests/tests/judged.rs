//! What a session tells of what is outstanding, and what becomes of payloads that are nothing.

use framer_protocols::smtp::{self, Ehlo, Reply};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::machine::{Described, Machine as _, Progress};
use framer_runtime::protocol::Role;
use framer_runtime::session::Session;
use framer_runtime::violation::Misuse;

/// A client announces a body, and what it says next may be changed by the answer.
macro_rules! talk {
    ($(#[$doc:meta])* $name:ident { $($rules:tt)* }) => {
        $(#[$doc])*
        mod $name {
            framer_runtime::framer! {
                frame Ask { size: u8 }
                frame Body(size: u64) { stream data: bytes [size] }
                frame Tell { code: u8 }
                frame Word { text: u8 }
                protocol Talk over stream {
                    roles client, server;
                    client speaks Ask;
                    server speaks Tell by code;
                    pending fifo max 4;
                    $($rules)*
                }
            }
        }
    };
}

talk! {
    /// The end of a body leads nowhere.
    plain {
        state Open within 1 min else close {
            client Ask => { client then Body(size) }
                awaits { 1 => { client speaks Word }, _ => stay };
            client Word => close;
        }
    }
}

talk! {
    /// It leads to another state.
    leading {
        state Open within 1 min else close {
            client Ask => { client then Body(size) }
                awaits { 1 => { client speaks Word }, _ => stay };
            client Body => Behind;
            client Word => close;
        }
        state Behind within 1 min else close {
            client Ask => awaits { _ => Open };
            client Word => close;
        }
    }
}

talk! {
    /// It is remembered.
    noting {
        var whole: bool = false;
        state Open within 1 min else close {
            client Ask => { client then Body(size) }
                awaits { 1 => { client speaks Word }, _ => stay };
            client Body => { whole = true };
            client Word if whole => close;
            client Word => stay;
        }
    }
}

/// Both sides count.
mod counting {
    framer_runtime::framer! {
        frame Ask { size: u8 }
        frame Tell { code: u8 }
        protocol Talk over stream {
            roles client, server;
            client speaks Ask;
            server speaks Tell by code;
            pending fifo max 4;
            var left: u8 in ..=9 = 3;
            state Open within 1 min else close {
                client Ask => { left -= 1 } awaits { 1 => stay { upgrade Tls }, _ => stay };
            }
        }
    }
}

/// What a server may say at once to who announces an empty body.
macro_rules! at_once {
    ($protocol:ident) => {{
        let mut server = Connection::new($protocol::talk::Server::new(), Limits::default());
        server.receive(&[0]);
        let first = server.poll().map(|came| matches!(came, Progress::Event(_)));
        assert_eq!(first, Ok(true));
        let said = server.send($protocol::talk::Tell { code: 1 });
        // Its end is told in any case.
        let second = server.poll().map(|came| matches!(came, Progress::Event(_)));
        assert_eq!(second, Ok(true));
        if said.is_err() {
            server.send($protocol::talk::Tell { code: 1 }).expect("nothing is due any more");
        }
        assert_eq!(server.machine().engine().receiving(), "Word");
        said
    }};
}

/// An empty payload that leads nowhere is over with what announces it.
#[test]
fn nothing_is_interrupted_unless_its_end_does_something() {
    let interrupts = Err(Misuse::Interrupts { frame: "Tell", due: "Body" });
    assert_eq!(at_once!(plain), Ok(()));
    assert_eq!(at_once!(leading), interrupts);
    assert_eq!(at_once!(noting), interrupts);
}

/// Whose reply is due, whether this side is to say it, and whether it waits for one.
fn outstanding<M: Described>(side: &Connection<M>) -> (Option<&'static str>, bool, bool) {
    let session = side.machine().engine().session();
    (session.awaited(), session.owes(), session.waits())
}

#[test]
fn each_side_knows_who_is_to_answer() {
    let mut client = Connection::new(smtp::Client::new(), Limits::default());
    let mut server = Connection::new(smtp::Server::new(), Limits::default());
    let nothing = (None, false, false);
    assert_eq!((outstanding(&client), outstanding(&server)), (nothing, nothing));
    server.send(Reply::new(220, "here")).expect("the greeting");
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    client.send(Ehlo::new("a")).expect("behind the greeting");
    server.receive(client.transmit());
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    assert_eq!(outstanding(&client), (Some("Ehlo"), false, true));
    assert_eq!(outstanding(&server), (Some("Ehlo"), true, false));
    let asked = |side: &Session| side.exchanges().map(|(role, _)| role).collect::<Vec<_>>();
    assert_eq!(asked(server.machine().engine().session()), [Role::First]);
    let sent = server.transmit().len();
    server.transmitted(sent);
    server.send(Reply::new(250, "welcome")).expect("an answer");
    assert_eq!(asked(server.machine().engine().session()), []);
    assert_eq!(outstanding(&server), nothing);
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert_eq!(outstanding(&client), nothing);
}

#[test]
fn a_variable_is_what_was_last_said_of_it() {
    let mut server = Connection::new(noting::talk::Server::new(), Limits::default());
    server.receive(&[0]);
    let whole =
        |server: &Connection<noting::talk::Server>| server.machine().engine().session().variable(1);
    for known in [false, true] {
        assert!(matches!(server.poll(), Ok(Progress::Event(_))));
        assert_eq!(whole(&server), known);
    }
}

/// Nothing from before an upgrade is known behind it.
#[test]
fn numbers_begin_anew_behind_an_upgrade() {
    use counting::talk::{self, Ask, Tell};
    let mut server = Connection::new(talk::Server::new(), Limits::default());
    let mut client = Connection::new(talk::Client::new(), Limits::default());
    for (code, left) in [(0, 2), (1, 3)] {
        client.send(Ask::new(9)).expect("it may ask");
        server.receive(client.transmit());
        let asked = client.transmit().len();
        client.transmitted(asked);
        assert!(matches!(server.poll(), Ok(Progress::Event(_))));
        server.send(Tell::new(code)).expect("an answer");
        client.receive(server.transmit());
        let told = server.transmit().len();
        server.transmitted(told);
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
        let number = |session: &Session| session.number(0);
        assert_eq!(number(client.machine().engine().session()), left);
        assert_eq!(number(server.machine().engine().session()), left);
    }
}
/// Some are answered in their order, and others by their number.
mod mixed {
    framer_runtime::framer! {
        enum Ask { Enter { b"e" }, Find { b"f", id: u8 }, Leave { b"l", id: u8 } }
        enum Tell { Entered { b"e" }, Found { b"f", id: u8 }, Left { b"l", id: u8 } }
        protocol Talk over stream {
            roles client, server;
            client speaks Ask;
            server speaks Tell;
            pending by id max 8;
            state Outside within 1 min else close { client Enter => Inside awaits { Entered => stay }; }
            state Inside within 1 min else close {
                client Enter => awaits { Entered => stay };
                client Find => awaits { Found => stay };
                client Leave => awaits { Left => Outside };
            }
        }
    }
}

/// What a server makes of so many messages that came, until it has to wait.
fn heard(server: &mut Connection<mixed::talk::Server>) -> usize {
    let mut count = 0;
    while matches!(server.poll(), Ok(Progress::Event(_))) {
        count += 1;
    }
    count
}

/// Where what came in order leads is known before it is answered, and what was said there is answered at any time.
#[test]
fn what_is_asked_where_only_one_reply_leads_is_answered_before_it() {
    use mixed::talk::{Client, Enter, Find, Found, Server};
    let mut client = Connection::new(Client::new(), Limits::default());
    let mut server = Connection::new(Server::new(), Limits::default());
    client.send(Enter).expect("at first");
    client.send(Find::new(7)).expect("inside in any case");
    server.receive(client.transmit());
    assert_eq!(heard(&mut server), 2);
    server.send(Found::new(7)).expect("before the other answer");
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert_eq!(outstanding(&client), (Some("Enter"), false, true));
}

/// The reply of one that leads elsewhere may come before those in order.
#[test]
fn what_leads_elsewhere_waits_for_what_is_answered_in_order() {
    use mixed::talk::{Client, Enter, Entered, Leave, Server};
    let mut client = Connection::new(Client::new(), Limits::default());
    let mut server = Connection::new(Server::new(), Limits::default());
    client.send(Enter).expect("at first");
    assert_eq!(client.send(Leave::new(7)), Err(Misuse::Wait { frame: "Leave" }));
    server.receive(client.transmit());
    server.receive(b"l\x07");
    assert_eq!(heard(&mut server), 1);
    server.send(Entered).expect("an answer");
    assert_eq!(heard(&mut server), 1);
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert_eq!(client.send(Leave::new(7)), Ok(()));
}

/// What held back all that follows does so no longer, whatever else is outstanding.
#[test]
fn nothing_is_held_back_where_what_leads_elsewhere_was_answered() {
    use mixed::talk::{Client, Enter, Entered, Find, Found, Leave, Left, Server};
    let mut client = Connection::new(Client::new(), Limits::default());
    let mut server = Connection::new(Server::new(), Limits::default());
    client.send(Enter).expect("at first");
    server.receive(client.transmit());
    assert_eq!(heard(&mut server), 1);
    server.send(Entered).expect("an answer");
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    let told = server.transmit().len();
    server.transmitted(told);
    let asked = client.transmit().len();
    client.transmitted(asked);
    client.send(Find::new(7)).expect("inside");
    client.send(Leave::new(8)).expect("behind what may be answered at any time");
    assert_eq!(client.send(Enter), Err(Misuse::Wait { frame: "Enter" }));
    server.receive(client.transmit());
    assert_eq!(heard(&mut server), 2);
    server.send(Left::new(8)).expect("before the other answer");
    client.receive(server.transmit());
    assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    assert_eq!(client.send(Enter), Ok(()));
    server.send(Found::new(7)).expect("though it is outside");
}

/// A server may go elsewhere by itself, with what was asked before.
mod elsewhere {
    framer_runtime::framer! {
        enum Ask { Question { b"q" }, First { b"1" }, Second { b"2" } }
        enum Tell { Answer { b"a" }, Moved { b"m" } }
        protocol Talk over stream {
            roles client, server;
            client speaks Ask;
            server speaks Tell;
            pending fifo max 1;
            state Open within 1 min else close {
                client Question => sync awaits { _ => Early };
                server Moved => Away;
            }
            state Away within 1 min else close { client Question => sync awaits { _ => Late }; }
            state Early within 1 min else close { client First => close; }
            state Late within 1 min else close { client Second => close; }
        }
    }
}

/// What is outstanding is answered where the session is by then.
#[test]
fn an_answer_leads_where_the_rule_of_the_state_by_then_says() {
    use elsewhere::talk::{Answer, Client, First, Moved, Question, Second, Server};
    let mut client = Connection::new(Client::new(), Limits::default());
    let mut server = Connection::new(Server::new(), Limits::default());
    client.send(Question).expect("at first");
    server.send(Moved).expect("it crosses that");
    server.receive(client.transmit());
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    server.send(Answer).expect("as it was asked");
    client.receive(server.transmit());
    for _ in 0..2 {
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
    }
    let refused = Misuse::OutOfSequence { frame: "First", state: "Late" };
    assert_eq!(client.send(First), Err(refused));
    assert_eq!(client.send(Second), Ok(()));
}

/// What is announced is not said before it is asked for.
macro_rules! asked_for {
    ($(#[$doc:meta])* $name:ident: $($body:tt)*) => {
        $(#[$doc])*
        mod $name {
            framer_runtime::framer! {
                delimiter LF = "\n";
                frame Ask { size: u8 }
                frame Tell { code: u8 }
                $($body)*
                protocol Talk over stream {
                    roles client, server;
                    client speaks Ask;
                    server speaks Tell by code;
                    pending fifo max 4;
                    state Open within 1 min else close {
                        client Ask => sync { client then Body } awaits { _ => stay };
                    }
                }
            }
        }
    };
}

asked_for! {
    /// It ends with a dot.
    dotted:
    frame Body { stream data: bytes via Dots }
    transform Dots { at start, after LF { "." <=> ".."; end ".\n"; } }
}

asked_for! {
    /// It ends with the connection.
    endless:
    frame Body { stream data: bytes to end }
}

/// Asserts that a body waits for what asks for it.
macro_rules! waits {
    ($protocol:ident) => {{
        use $protocol::talk::{Ask, Client, Server, Tell, client::Message};
        let mut client = Connection::new(Client::new(), Limits::default());
        let mut server = Connection::new(Server::new(), Limits::default());
        client.send(Ask::new(1)).expect("at first");
        let early = client.send(Message::Body(&b"a\n"[..]));
        assert_eq!(early, Err(Misuse::Wait { frame: "Body" }));
        assert_eq!(client.transmit(), [1]);
        server.receive(client.transmit());
        assert!(matches!(server.poll(), Ok(Progress::Event(_))));
        server.send(Tell::new(2)).expect("an answer");
        client.receive(server.transmit());
        assert!(matches!(client.poll(), Ok(Progress::Event(_))));
        assert_eq!(client.send(Message::Body(&b"a\n"[..])), Ok(()));
        assert_eq!(client.transmit(), b"\x01a\n");
    }};
}

#[test]
fn what_comes_in_pieces_waits_to_be_asked_for() {
    waits!(dotted);
    waits!(endless);
}

/// All that a server says is one payload, once it was asked.
mod all {
    framer_runtime::framer! {
        frame Ask { size: u8 }
        frame Body { stream data: bytes to end }
        protocol Talk over stream {
            roles client, server;
            client speaks Ask;
            server speaks Body;
            state Start within 1 min else close { client Ask => Open; }
            state Open within 1 min else close { client Ask => stay; server Body => stay; }
        }
    }
}

#[test]
fn what_comes_in_pieces_has_its_place() {
    use all::talk::{Server, server::Message};
    let mut server = Connection::new(Server::new(), Limits::default());
    let early = server.send(Message::Body(&b"all"[..]));
    assert_eq!(early, Err(Misuse::OutOfSequence { frame: "Body", state: "Start" }));
    server.receive(&[1]);
    assert!(matches!(server.poll(), Ok(Progress::Event(_))));
    assert_eq!(server.send(Message::Body(&b"all"[..])), Ok(()));
    assert_eq!(server.transmit(), b"all");
}
