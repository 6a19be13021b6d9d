//! A client that says all it has to say and ends its stream, and a store that answers when it has
//! the time: each question is answered, though nothing more can be asked.

use std::collections::VecDeque;
use std::time::Duration;

use framer_protocols::resp::client::Event as Told;
use framer_protocols::resp::server::Event;
use framer_protocols::resp::{Arg, Bulk, Client, Command, Server};
use framer_runtime::testing::{Chance, Ended, Faults, Pair, Turn, seeds};

use crate::SEEDS;

/// When a program gives up: the description leaves that to it.
const GIVES_UP: Duration = Duration::from_secs(600);

/// What comes of it.
#[derive(Debug, Default)]
struct Came {
    answered: u64,
    client: Option<Ended>,
    server: Option<Ended>,
}

/// Asks so many questions over this network.
fn run(mut chance: Chance, questions: u64, faults: impl Fn(&mut Chance) -> Faults) -> Came {
    let (to_left, to_right) = (faults(&mut chance), faults(&mut chance));
    let mut pair = Pair::new(chance.split(), Client::new(), Server::new())
        .faults_to_left(to_left)
        .faults_to_right(to_right)
        .half_open();
    for number in 0..questions {
        let number = number.to_string();
        let args = [Arg::new(number.as_bytes())];
        pair.left().send(Command::new(Arg::new(b"GET"), &args)).expect("it may ask");
    }
    pair.finish_left();
    let (mut came, mut asked) = (Came::default(), VecDeque::new());
    pair.wake_at(Duration::ZERO);
    pair.wake_at(GIVES_UP);
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Right(Event::Command(command), _) => {
                assert_eq!(came.server, None, "nothing comes behind the end");
                asked.extend(command.args.iter().map(|arg| arg.data.to_vec()));
            }
            Turn::Left(Told::Bulk(bulk), _) => {
                assert_eq!(bulk.data, came.answered.to_string().as_bytes(), "in order, once");
                assert_eq!(came.client, None, "nothing comes behind the end");
                came.answered += 1;
            }
            Turn::LeftEnded(ended) => assert_eq!(came.client.replace(ended), None),
            Turn::RightEnded(ended) => assert_eq!(came.server.replace(ended), None),
            Turn::Woken(GIVES_UP) => {
                pair.close_left();
                pair.close_right();
            }
            Turn::Woken(now) => {
                let count = usize::try_from(chance.below(4)).expect("small").min(asked.len());
                for answer in asked.drain(..count) {
                    pair.right().send(Bulk::new(&answer)).expect("it was asked");
                }
                if came.server.is_some() && asked.is_empty() {
                    pair.close_right();
                } else if now < GIVES_UP {
                    pair.wake_at(now + Duration::from_millis(1 + chance.below(2000)));
                }
            }
            other => panic!("{other:?}"),
        }
    }
    let told = came.answered == questions || came.client.is_some() || pair.now() >= GIVES_UP;
    assert!(told, "somebody waits: {came:?} of {questions}");
    came
}

#[test]
fn who_has_finished_is_answered_to_the_end() {
    for seed in seeds(SEEDS) {
        let mut chance = Chance::from(&seed);
        let questions = chance.below(40);
        let came = run(chance.split(), questions, |chance| {
            let slow = Faults::none().delayed(Duration::ZERO..=Duration::from_secs(1));
            slow.cut_into(1..=5).window(1 + usize::from(chance.below(2) == 1) * 50)
        });
        assert_eq!(came.answered, questions, "nothing is lost");
        let both = (Some(Ended::Stream), Some(Ended::Stream));
        assert_eq!((came.client, came.server), both, "each is told that nothing more comes");
        // Whatever happens, who waits is told, or gives up.
        run(chance, questions, Faults::any);
    }
}
