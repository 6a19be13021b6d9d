//! A client that asks for what it has set, far ahead, and a store.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use framer_protocols::resp::client::Event as Told;
use framer_protocols::resp::server::Event;
use framer_protocols::resp::{Arg, Bulk, Client, Command, NullBulk, Server, Simple};
use framer_runtime::testing::{Chance, Turn, seeds};

use crate::{Run, SEEDS};

const QUESTIONS: u64 = 200;

/// When a program gives up: the description leaves that to it.
const GIVES_UP: Duration = Duration::from_secs(600);

/// A key is asked for before it is set, and behind that.
fn command(number: u64) -> (&'static [u8], String, String) {
    let key = format!("key{}", number / 3);
    let value = "v".repeat(usize::try_from(number % 50).expect("small")) + &key;
    (if number % 3 == 1 { b"SET" } else { b"GET" }, key, value)
}

/// What a question is to be answered with.
fn answer(number: u64) -> Option<String> {
    match number % 3 {
        0 => None,
        1 => Some("OK".to_owned()),
        _ => Some(command(number - 1).2),
    }
}

/// Whether all went well.
fn run(mut chance: Chance) -> bool {
    let mut run = Run::new(&mut chance, Client::new(), Server::new());
    let mut asked = 0;
    let mut waiting = VecDeque::new();
    let mut store = BTreeMap::new();
    run.pair.wake_at(GIVES_UP);
    loop {
        let pair = &mut run.pair;
        let ahead = usize::try_from(chance.below(50)).expect("small");
        while pair.ended().0.is_none()
            && asked < QUESTIONS
            && waiting.len() < ahead
            && !pair.left().is_full()
        {
            let (name, key, value) = command(asked);
            let args = [Arg::new(key.as_bytes()), Arg::new(value.as_bytes())];
            let args = if name == b"SET" { &args[..] } else { &args[..1] };
            pair.left().send(Command::new(Arg::new(name), args)).expect("it may ask");
            waiting.push_back(asked);
            asked += 1;
        }
        let Some(turn) = pair.next() else { break };
        match turn {
            Turn::Left(event, _) => {
                let number = waiting.pop_front().expect("nothing comes that nobody asked for");
                let told = match event {
                    Told::Simple(simple) => Some(simple.text),
                    Told::Bulk(bulk) => Some(bulk.data),
                    Told::NullBulk(_) => None,
                    other => panic!("{other:?}"),
                };
                assert_eq!(told, answer(number).as_ref().map(String::as_bytes), "{number}");
                if number == QUESTIONS - 1 {
                    pair.close_left();
                }
            }
            Turn::Right(Event::Command(command), mut reply) => {
                let mut args = command.args.iter().map(|arg| arg.data.to_vec());
                let key = args.next().expect("a key");
                let answered = match (args.next(), store.get(&key)) {
                    (Some(value), _) => {
                        assert_eq!(store.insert(key, value), None, "it is set once");
                        reply.send(Simple::new(b"OK"))
                    }
                    (None, Some(value)) => reply.send(Bulk::new(value)),
                    (None, None) => reply.send(NullBulk),
                };
                answered.expect("it was asked");
            }
            Turn::Right(other, _) => panic!("{other:?}"),
            Turn::Woken(GIVES_UP) => {
                pair.close_left();
                pair.close_right();
            }
            Turn::Woken(now) => assert!(run.jumps(now)),
            Turn::LeftEnded(_) | Turn::RightEnded(_) => {}
        }
        run.bounded(8192, 256);
    }
    let done = asked == QUESTIONS && waiting.is_empty();
    let told = done || run.pair.ended().0.is_some() || run.pair.now() >= GIVES_UP;
    assert!(told, "{} wait", waiting.len());
    done
}

#[test]
fn each_is_told_what_it_asked_for() {
    let (mut done, mut all) = (0, 0);
    for seed in seeds(SEEDS) {
        done += u64::from(run(Chance::from(&seed)));
        all += 1;
    }
    assert!(all < SEEDS || (all / 4..all).contains(&done), "{done} of {all} went well");
}
