//! A resolver that asks again, and a server, over datagrams that are lost, doubled and late.

use std::collections::BTreeMap;
use std::time::Duration;

use framer_protocols::dns::udp::client::Event as Told;
use framer_protocols::dns::udp::server::Event;
use framer_protocols::dns::{Class, Label, Message, Name, Question, udp};
use framer_runtime::testing::{Chance, DatagramPair, DatagramTurn, Faults, seeds};
use framer_runtime::violation::{Misuse, Rule};

use crate::{SEEDS, any_jump, any_time};

const NAMES: u16 = 50;
const TRIES: u32 = 4;

/// Asks for the name of a number, or answers it.
fn message<R>(id: u16, response: bool, send: impl FnOnce(Message<'_>) -> R) -> R {
    let text = format!("host{id}");
    let labels = [Label::new(text.as_bytes()), Label::new(b"example")];
    let questions = [Question::new(Name::new(&labels), 1, Class::Internet)];
    send(framer_tests::dns::message(id, response, &questions))
}

/// The name that a message is about.
fn host(message: &Message<'_>) -> String {
    let first = message.questions.iter().next().expect("a question");
    let labels = first.name.labels.iter();
    let labels: Vec<_> = labels.map(|label| String::from_utf8_lossy(label.text)).collect();
    labels.join(".")
}

/// How many names were told, and how many were given up.
fn run(mut chance: Chance) -> (usize, usize) {
    let (to_client, to_server) = (Faults::any(&mut chance), Faults::any(&mut chance));
    let chance_of_jumps = chance.split();
    let mut pair = DatagramPair::new(chance, udp::Client::new(), udp::Server::new())
        .faults_to_left(to_client)
        .faults_to_right(to_server);
    let mut jumping = chance_of_jumps;
    let jumps = if jumping.one_in(3) { 1 + jumping.below(3) } else { 0 };
    (0..jumps).for_each(|_| pair.wake_at(any_time(&mut jumping)));
    let (mut tries, mut told, mut given_up) = (BTreeMap::new(), BTreeMap::new(), 0);
    for id in 0..NAMES {
        message(id, false, |query| pair.left().send(query)).expect("it may ask");
        tries.insert(id, 1);
    }
    while let Some(turn) = pair.next() {
        match turn {
            DatagramTurn::Left(Told::Message(answer), _) => {
                let (id, host) = (answer.id, host(&answer));
                assert_eq!(host, format!("host{id}.example"), "no answer is another's");
                assert_eq!(told.insert(id, host), None, "it is told once");
            }
            DatagramTurn::Right(Event::Message(query), mut reply) => {
                assert_eq!(host(&query), format!("host{}.example", query.id));
                message(query.id, true, |answer| reply.send(answer)).expect("it was asked");
            }
            DatagramTurn::LeftUnanswered(request) => {
                let id = (0..NAMES).find(|id| request.key == u64::from(*id).into()).expect("asked");
                let tried = tries.get_mut(&id).expect("it was asked");
                if *tried == TRIES {
                    given_up += 1;
                } else {
                    *tried += 1;
                    message(id, false, |query| pair.left().send(query)).expect("it is free");
                }
            }
            // What comes twice, or too late, is told and dropped.
            DatagramTurn::LeftRefused(violation) => {
                assert_eq!(violation.rule, Rule::UnexpectedReply { state: "Open" });
            }
            DatagramTurn::RightRefused(violation) => {
                assert!(matches!(violation.rule, Rule::KeyInUse { .. }), "{violation}");
            }
            DatagramTurn::Woken(_) => match jumping.below(2) {
                0 => pair.jump_left(any_jump(&mut jumping)),
                _ => pair.jump_right(any_jump(&mut jumping)),
            },
            other => panic!("{other:?}"),
        }
    }
    // A clock that is set back begins to count anew.
    let most = Duration::from_secs(30 + 8) * TRIES;
    assert!(pair.now() <= most, "{:?}", pair.now());
    let early = message(0, true, |answer| pair.right().send(answer));
    assert!(matches!(early, Err(Misuse::Unasked { .. })), "nothing is outstanding: {early:?}");
    assert_eq!(told.len() + given_up, usize::from(NAMES), "each is told or given up");
    (told.len(), given_up)
}

#[test]
fn each_name_is_told_or_given_up() {
    let (mut told, mut given_up, mut all) = (0, 0, 0);
    for seed in seeds(SEEDS) {
        let came = run(Chance::from(&seed));
        (told, given_up, all) = (told + came.0, given_up + came.1, all + 1);
    }
    assert!(all < SEEDS || (given_up > 0 && told > 40 * given_up), "{told} {given_up}");
}
