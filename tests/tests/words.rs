//! Payloads that wait for a word of the other side, replies that a text pairs and that lead elsewhere.

use framer_runtime::connection::Connection;
use framer_runtime::machine::{Described, Progress};
use framer_runtime::protocol::Key;
use framer_runtime::violation::{Misuse, Rule};
use framer_tests::cuts::same_in_every_cut;
use framer_tests::seen::{connection, payload, seen};

// As in HTTP: a body may wait to be asked for, and several are asked at once.
framer_runtime::framer! {
    delimiter LF = "\n";
    class letter = 'a'..='z';
    frame Ask in until LF max 64 { name: ascii run letter [1..=8], size: Size?, wait: flag "?" }
    frame Size { " ", bytes: dec u32 [1..=9] }
    enum Tell in until LF max 64 { Go { "go" }, Told { "told ", name: ascii run letter [1..=8] } }
    frame Body(size: u64) { stream data: bytes [size], "." }

    protocol Bodies over stream {
        roles client, server;
        client speaks Ask;
        server speaks Tell;
        pending fifo max 4;
        state Open {
            client Ask => {
                client then Body(size.bytes) after Go if wait;
                client then Body(size.bytes) if some(size) && !wait
            } awaits { Told => stay };
            client Body => stay;
        }
    }
}

// Replies are paired by a text, and some lead elsewhere.
framer_runtime::framer! {
    delimiter LF = "\n";
    class letter = 'a'..='z';
    enum Ask in until LF max 64 {
        each { id: ascii run letter [1..=15], " " },
        Look { "look" }, Open { "open" }, Shut { "shut" }, Take { "take" }, Leave { "leave" },
    }
    enum Tell in until LF max 64 { More { "+" }, Note { "*" }, _ Done { id: bytes run letter [1..=15], " ", well: flag "yes" | "no" } }
    frame Grip in until LF max 8 { "grip" }

    protocol Doors over stream {
        roles client, server;
        client speaks Ask;
        server speaks Tell;
        pending by id max 3;
        state Outside {
            client Open => awaits { Done if well => Inside, Done => stay };
            client Take => refuse awaits { Done => stay };
        }
        state Inside {
            client Take => awaits { More => again { client then Grip }, Done => stay };
            client Shut => Outside awaits { Done if well => stay, Done => Inside };
        }
        any state {
            client Look => awaits { Done => stay };
            client Open, Shut => refuse awaits { Done => stay };
            client Grip => stay;
            client Leave => awaits { Done => close };
            server Note => stay;
        }
    }
}

fn state<M: Described>(side: &Connection<M>) -> &'static str {
    side.machine().engine().session().state_name()
}

#[test]
fn a_body_waits_to_be_asked_for() {
    use bodies::client::Message;
    use bodies::{Ask, Size};

    let ask = |name, bytes: Option<u32>, wait| Ask { name, size: bytes.map(Size::new), wait };
    let mut client = connection(bodies::Client::new());
    client.send(ask("a", Some(2), false)).expect("it may be asked");
    client.send(Message::Body(b"xy")).expect("it does not wait");
    client.send(ask("b", Some(3), true)).expect("it may follow");
    for message in [Message::Body(b"xyz"), Message::Ask(ask("c", None, false))] {
        assert!(matches!(client.send(message), Err(Misuse::Wait { .. } | Misuse::Framing { .. })));
    }
    assert_eq!(client.transmit(), b"a 2\nxy.b 3?\n");
    // An answer to what came before changes nothing.
    assert_eq!(seen(&mut client, "", &[b"told a\n"]).len(), 1);
    assert!(matches!(client.send(Message::Body(b"xyz")), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "", &[b"go\n"]).len(), 1);
    client.send(Message::Body(b"xyz")).expect("it was asked for");
    client.send(ask("c", Some(0), true)).expect("it may follow");
    assert!(client.send(ask("d", None, false)).is_err());
    assert_eq!(seen(&mut client, "", &[b"go\ntold b\n"]).len(), 2);
    client.send(ask("d", None, false)).expect("nothing of it is left");
    assert!(client.transmit().ends_with(b"c 0?\n.d\n"));
    // Answered instead, it is not due any more.
    client.send(ask("e", Some(9), true)).expect("it may follow");
    assert_eq!(seen(&mut client, "", &[b"told c\ntold d\ntold e\n"]).len(), 3);
    client.send(ask("f", None, false)).expect("it may follow");
    // Nothing waits for the word, and no other is due.
    assert!(seen(&mut client, "", &[b"go\n"])[0].contains("out of turn"));
}

#[test]
fn a_server_asks_for_a_body() {
    use bodies::{Go, Told};

    let wire = b"a 2?\nxy.b 0?\n.c 3?\nd\n";
    let (told, misuses) = same_in_every_cut(wire, |pieces| {
        let mut server = connection(bodies::Server::new());
        let mut misuses = vec![server.send(Go)];
        let mut told = seen(&mut server, "Body", pieces);
        misuses.push(server.send(Go));
        misuses.push(server.send(Go));
        told.extend(seen(&mut server, "Body", &[b""]));
        misuses.push(server.send(Go));
        told.extend(seen(&mut server, "Body", &[b""]));
        for name in ["a", "b"] {
            misuses.push(server.send(Told::new(name)));
        }
        // What waits is still due, and what stands behind it is not read before.
        assert!(seen(&mut server, "Body", &[b""]).is_empty());
        misuses.push(server.send(Told::new("c")));
        told.extend(seen(&mut server, "Body", &[b""]));
        misuses.push(server.send(Told::new("d")));
        assert_eq!(server.end_of_stream(), Ok(()));
        (told, misuses)
    });
    let refused: Vec<bool> = misuses.iter().map(Result::is_err).collect();
    assert_eq!(refused, [true, false, true, false, false, false, false, false]);
    assert_eq!(told.len(), 7, "{told:?}");
    assert_eq!((&told[1], &told[2]), (&payload("Body", b"xy"), &"BodyEnd".to_owned()));
    assert!(told[6].contains("\"d\""), "{told:?}");
}

#[test]
fn a_stream_that_ends_while_a_body_waits() {
    let mut server = connection(bodies::Server::new());
    assert_eq!(seen(&mut server, "Body", &[b"a 2?\n"]).len(), 1);
    let ended = server.end_of_stream().map_err(|violation| (violation.rule, violation.frame));
    assert_eq!(ended, Err((Rule::EndOfStream { have: 0 }, "Body")));
}

#[test]
fn a_reply_by_a_text_leads_elsewhere() {
    use doors::{Done, Grip, Leave, Look, More, Open, Shut, Take};

    let mut client = connection(doors::Client::new());
    client.send(Look::new("a")).expect("it may be asked");
    client.send(Open::new("b")).expect("it may follow");
    assert!(matches!(client.send(Look::new("c")), Err(Misuse::Wait { .. })));
    // The older one may be answered first, or last.
    assert_eq!(seen(&mut client, "", &[b"*\na yes\n"]).len(), 2);
    assert!(matches!(client.send(Look::new("c")), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "", &[b"b yes\n"]).len(), 1);
    assert_eq!(state(&client), "Inside");
    client.send(Look::new("c")).expect("it may be asked");
    client.send(Shut::new("d")).expect("it may follow");
    assert_eq!(seen(&mut client, "", &[b"d yes\nc no\n"]).len(), 2);
    assert_eq!(state(&client), "Outside");
    assert!(matches!(client.send(Take::new("e")), Err(Misuse::OutOfSequence { .. })));
    client.send(Open::new("e")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[b"e yes\n"]).len(), 1);
    client.send(Shut::new("f")).expect("it may be asked");
    assert_eq!(seen(&mut client, "", &[b"f no\n"]).len(), 1);
    assert_eq!(state(&client), "Inside");

    for id in ["a", "b"] {
        client.send(Look::new(id)).expect("it may be asked");
    }
    assert_eq!(client.send(Look::new("a")), Err(Misuse::KeyInUse { key: Key::text("a") }));
    client.send(Take::new("c")).expect("it may be asked");
    assert!(matches!(client.send(Look::new("d")), Err(Misuse::Wait { .. })));
    // Without a key it is for what holds back all that would follow.
    assert_eq!(seen(&mut client, "", &[b"+\nb yes\n"]).len(), 2);
    client.send(Grip).expect("it is due");
    assert!(matches!(client.send(Grip), Err(Misuse::Wait { .. })));
    assert_eq!(seen(&mut client, "", &[b"+\nc yes\n"]).len(), 2);
    client.send(Grip).expect("it is due still");
    client.send(Leave::new("longestofthekey")).expect("it may be asked");
    let told = seen(&mut client, "", &[b"longestofthekex yes\n"]);
    assert!(told[0].contains("out of turn"), "{told:?}");

    let mut server = connection(doors::Server::new());
    let told = seen(&mut server, "", &[b"a look\nb open\nc take\nd look\n"]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(matches!(server.send(More), Err(Misuse::Unasked { .. })));
    server.send(Done::new(b"b", true)).expect("it is due");
    let told = seen(&mut server, "", &[b""]);
    assert!(told.len() == 1 && told[0].starts_with("Take"), "{told:?}");
    server.send(More).expect("it is due");
    assert!(seen(&mut server, "", &[b""])[0].contains("grip"), "no grip");
}

#[test]
fn too_many_texts_are_outstanding() {
    use doors::Look;

    let mut client = connection(doors::Client::new());
    for id in ["a", "b", "c"] {
        client.send(Look::new(id)).expect("it may be asked");
    }
    assert_eq!(client.send(Look::new("d")), Err(Misuse::Pending { max: 3 }));
    let mut server = connection(doors::Server::new());
    let told = seen(&mut server, "", &[b"a look\na look\n"]);
    assert!(told[1].contains("`a`") || told[1].contains(" a "), "{told:?}");
    assert!(matches!(server.poll(), Err(violation) if violation.rule == Rule::KeyInUse {
        key: Key::text(b"a"),
        state: "Outside",
    }));
    assert!(!matches!(client.poll(), Ok(Progress::Event(_))));
}
