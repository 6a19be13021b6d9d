//! The simulated network: what it does to both roles, that it is the same again from the same seed,
//! and what both roles make of it.

use std::time::Duration;

use framer_runtime::connection::Limits;
use framer_runtime::testing::{
    Chance, DatagramPair, DatagramTurn, Ended, Faults, Pair, Turn, seeds,
};
use framer_runtime::violation::{Rule, Violation};
use proptest::collection::vec;
use proptest::prelude::*;

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    protocol Talk over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 100;
        state Open within 10 s else close { client Line => awaits { _ => stay }; }
    }
}

use talk::client::Event as Answer;
use talk::server::Event as Question;
use talk::{Client, Line, Server};

const SECOND: Duration = Duration::from_secs(1);

fn pair(chance: impl Into<Chance>, faults: Faults) -> Pair<Client, Server> {
    Pair::new(chance, Client::new(), Server::new()).faults(faults)
}

/// What came of a conversation of so many questions: when each answer came, how each side ended,
/// and the time.
#[derive(Debug, PartialEq)]
struct Outcome {
    answers: Vec<(u64, Duration)>,
    client: Option<Ended>,
    server: Option<Ended>,
    at: Duration,
}

/// The client asks so many questions at once, and closes once they are answered.
fn converse(mut pair: Pair<Client, Server>, questions: u64) -> Outcome {
    for number in 0..questions {
        pair.left().send(Line::new(&number.to_string())).expect("it may ask");
    }
    let mut answers = Vec::new();
    let (mut client, mut server) = (None, None);
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Left(Answer::Line(line), _) => {
                assert_eq!(client, None);
                let number = line.text.parse().expect("a number");
                answers.push((number, pair.now()));
                if answers.len() == usize::try_from(questions).expect("few") {
                    pair.close_left();
                }
            }
            Turn::Right(Question::Line(line), mut reply) => {
                assert_eq!(server, None);
                reply.send(line).expect("it answers");
            }
            Turn::LeftEnded(ended) => assert_eq!(client.replace(ended), None),
            Turn::RightEnded(ended) => assert_eq!(server.replace(ended), None),
            Turn::Woken(_) => panic!("nobody asked for it"),
        }
    }
    assert_eq!(pair.ended(), (client, server));
    Outcome { answers, client, server, at: pair.now() }
}

#[test]
fn nothing_happens_that_was_not_asked_for() {
    let outcome = converse(pair(0, Faults::none()), 3);
    let answers = vec![(0, Duration::ZERO), (1, Duration::ZERO), (2, Duration::ZERO)];
    let server = Some(Ended::Stream);
    assert_eq!(outcome, Outcome { answers, client: None, server, at: Duration::ZERO });
}

#[test]
fn a_seed_is_the_same_again_and_another_is_another() {
    let faults = Faults::none().delayed(Duration::ZERO..=SECOND).cut_into(1..=4).window(7);
    let run = |seed| converse(pair(seed, faults.clone()), 20);
    let outcomes: Vec<Outcome> = (0..20).map(run).collect();
    assert_eq!(outcomes, (0..20).map(run).collect::<Vec<_>>());
    assert!(outcomes.windows(2).all(|two| two[0].answers != two[1].answers));
    for outcome in outcomes {
        let numbers: Vec<u64> = outcome.answers.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>());
    }
}

/// The violation of a time limit that began with the last of so many bytes.
fn slow(at: u64) -> Option<Ended> {
    let rule = Rule::TimeLimit { millis: 10_000, state: "Open" };
    Some(Ended::Violation(Violation { rule, frame: "Open", start: at, end: at }))
}

#[test]
fn a_byte_a_second() {
    // What is no whole line within ten seconds is too slow.
    let faults = || Faults::none().cut_into(1..=1).apart(SECOND);
    let mut pair = Pair::new(0, Client::new(), Server::new()).faults_to_right(faults());
    pair.left().send(Line::new("eleven byte")).expect("it may ask");
    for _ in 0..2 {
        assert!(matches!(pair.next(), Some(Turn::LeftEnded(_) | Turn::RightEnded(_))));
        assert_eq!(pair.now(), SECOND * 10);
    }
    assert!(pair.next().is_none());
    assert_eq!(pair.ended(), (slow(0), slow(0)));
    // Ten bytes are there in time.
    let outcome = converse(self::pair(0, faults()), 1);
    assert_eq!(outcome.answers, [(0, SECOND * 2)]);
}

#[test]
fn streams_end_close_and_fall_silent() {
    // "0\n1\n" one way, and so the other.
    let end = |have| {
        let rule = Rule::EndOfStream { have };
        Some(Ended::Violation(Violation { rule, frame: "Line", start: 2, end: 2 + have }))
    };
    let questions = |faults| {
        let pair = Pair::new(0, Client::new(), Server::new()).faults_to_right(faults);
        converse(pair, 2)
    };
    let outcome = questions(Faults::none().closed_after(3));
    assert_eq!((outcome.answers.len(), outcome.client, outcome.server), (1, end(0), end(1)));
    let outcome = questions(Faults::none().closed_after(2));
    assert_eq!(
        (outcome.answers.len(), outcome.client, outcome.server),
        (1, end(0), Some(Ended::Stream))
    );
    // A loss comes behind the last byte that is not lost; what is under way then is lost as well.
    let reset = Some(Ended::Reset);
    let outcome = questions(Faults::none().reset_after(4));
    assert_eq!((outcome.answers.len(), outcome.client, outcome.server), (2, None, reset));
    let late = Faults::none().delayed(SECOND..=SECOND);
    let pair = Pair::new(0, Client::new(), Server::new());
    let pair = pair.faults_to_left(late.clone()).faults_to_right(late.reset_after(4));
    let outcome = converse(pair, 2);
    assert_eq!((outcome.answers.len(), outcome.client, outcome.server), (0, reset, reset));
    let outcome = questions(Faults::none().silent_after(2));
    assert_eq!((outcome.answers.len(), outcome.client, outcome.server), (1, slow(2), slow(2)));
    assert_eq!(outcome.at, SECOND * 10);
    // Nothing at all, from the beginning.
    let outcome = questions(Faults::none().closed_after(0));
    assert_eq!((outcome.answers.len(), outcome.server), (0, Some(Ended::Stream)));
}

/// Who has ended its stream is still answered, where the other side is told to go on.
#[test]
fn half_open() {
    for stays in [false, true] {
        let faults = Faults::none().closed_after(4);
        let mut pair = Pair::new(0, Client::new(), Server::new()).faults_to_right(faults);
        if stays {
            pair = pair.half_open();
        }
        pair.left().send(Line::new("a")).expect("it may ask");
        pair.left().send(Line::new("b")).expect("it may ask");
        let mut happened = Vec::new();
        while let Some(turn) = pair.next() {
            match turn {
                // It answers later, and the second question first waits for that.
                Turn::Right(Question::Line(line), _) => {
                    happened.push(format!("asked {}", line.text));
                }
                Turn::RightEnded(ended) => {
                    happened.push(format!("{ended:?}"));
                    pair.wake_at(SECOND);
                }
                Turn::Woken(_) => {
                    for answer in ["A", "B"] {
                        pair.right().send(Line::new(answer)).expect("it answers");
                    }
                    pair.close_right();
                }
                Turn::Left(Answer::Line(line), _) => happened.push(format!("told {}", line.text)),
                Turn::LeftEnded(_) => happened.push("over".to_owned()),
            }
        }
        let wanted: &[&str] = match stays {
            true => &["asked a", "asked b", "Stream", "told A", "told B", "over"],
            false => &["asked a", "asked b", "Stream", "over"],
        };
        assert_eq!(happened, wanted);
    }
}

/// Who says no more hears what it is told, to the end.
#[test]
fn finished() {
    let mut pair = pair(0, Faults::none().delayed(SECOND..=SECOND)).half_open();
    pair.left().send(Line::new("a")).expect("it may ask");
    pair.left().send(Line::new("b")).expect("it may ask");
    pair.finish_left();
    let mut happened = Vec::new();
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Right(Question::Line(line), mut reply) => {
                happened.push(format!("asked {}", line.text));
                reply.send(line).expect("it answers");
            }
            Turn::Left(Answer::Line(line), _) => happened.push(format!("told {}", line.text)),
            Turn::RightEnded(ended) => {
                happened.push(format!("right: {ended:?}"));
                pair.finish_right();
            }
            Turn::LeftEnded(ended) => happened.push(format!("left: {ended:?}")),
            Turn::Woken(_) => panic!("nobody asked for it"),
        }
    }
    let wanted = ["asked a", "asked b", "right: Stream", "told a", "told b", "left: Stream"];
    assert_eq!(happened, wanted);
}

/// What nobody has said comes where it was put, whatever is cut there.
#[test]
fn inserted() {
    for (after, wanted) in [
        (0, ["evil", "a", "b"]),
        (1, ["aevil", "", "b"]),
        (2, ["a", "evil", "b"]),
        (4, ["a", "b", "evil"]),
    ] {
        for pieces in [1..=1, 2..=5, usize::MAX..=usize::MAX] {
            let faults = Faults::none().cut_into(pieces).inserted_after(after, *b"evil\n");
            let mut pair = Pair::new(0, Client::new(), Server::new()).faults_to_right(faults);
            pair.left().send(Line::new("a")).expect("it may ask");
            pair.left().send(Line::new("b")).expect("it may ask");
            let mut asked = Vec::new();
            for _ in wanted {
                let Some(Turn::Right(Question::Line(line), _)) = pair.next() else { panic!() };
                asked.push(line.text.to_owned());
            }
            assert_eq!(asked, wanted);
        }
    }
}

/// Who does not read makes the other side wait, and holds no more than its limit.
#[test]
fn a_window_and_limits() {
    let limits = Limits { input_bytes: 1024, output_bytes: 1024, output_low_bytes: 512 };
    let mut pair = pair(0, Faults::none().window(100)).limits(limits, limits);
    let (mut asked, mut answered) = (0_u32, 0_u32);
    let line = "x".repeat(70);
    loop {
        while asked < answered + 90 && pair.left().send(Line::new(&line)).is_ok() {
            asked += 1;
        }
        match pair.next() {
            Some(Turn::Right(Question::Line(line), mut reply)) => reply.send(line).expect("room"),
            Some(Turn::Left(..)) => answered += 1,
            other => panic!("{other:?}"),
        }
        if answered == 10_000 {
            break;
        }
    }
    for (input, output) in [pair.left().peak_bytes(), pair.right().peak_bytes()] {
        assert!(input <= 1024 && output <= 4 * 1024, "{input} {output}");
    }
}

/// A million questions, each asked when one was answered, on a small stack and in the memory of a
/// few.
#[test]
fn a_million_questions() {
    const AT_ONCE: u32 = 20;
    let run = || {
        let mut pair = pair(0, Faults::none()).until(SECOND);
        for number in 0..AT_ONCE {
            pair.left().send(Line::new(&number.to_string())).expect("it may ask");
        }
        let mut answered = 0_u32;
        while let Some(turn) = pair.next() {
            match turn {
                Turn::Right(Question::Line(line), mut reply) => {
                    reply.send(line).expect("an answer");
                }
                Turn::Left(Answer::Line(line), mut reply) => {
                    assert_eq!(line.text.parse(), Ok(answered));
                    answered += 1;
                    let next = answered + AT_ONCE - 1;
                    if next < 1_000_000 {
                        reply.send(Line::new(&next.to_string())).expect("it may ask");
                    }
                }
                ended => panic!("{ended:?}"),
            }
        }
        let held = [pair.left().peak_bytes(), pair.right().peak_bytes()];
        (answered, held, pair.left().scanned())
    };
    let thread = std::thread::Builder::new().stack_size(64 * 1024).spawn(run).expect("a thread");
    let (answered, held, scanned) = thread.join().expect("it does not panic");
    assert_eq!((answered, scanned), (1_000_000, 6_888_890));
    for (input, output) in held {
        assert!(input <= 1024 && output <= 320, "{input} {output}");
    }
}

mod datagrams {
    framer_runtime::framer! {
        frame Ask { id: u16 }
        frame Told { id: u16 }
        protocol Echo over datagram {
            roles client, server;
            client speaks Ask;
            server speaks Told;
            pending by id max 256 within 5 s;
            state Open { client Ask => awaits { _ => stay }; }
        }
    }
}
use datagrams::echo;

/// How many of 200 requests were answered, not answered in time, came twice, and were answered in
/// another order.
fn lossy(chance: impl Into<Chance>, faults: Faults) -> [usize; 4] {
    let mut pair =
        DatagramPair::new(chance, echo::Client::new(), echo::Server::new()).faults(faults);
    for id in 0..200 {
        pair.left().send(echo::Ask::new(id)).expect("it may ask");
    }
    let (mut told, mut unanswered, mut refused, mut crossed) = (Vec::new(), 0, 0, 0);
    while let Some(turn) = pair.next() {
        match turn {
            DatagramTurn::Right(echo::server::Event::Ask(ask), mut reply) => {
                reply.send(echo::Told::new(ask.id)).expect("it was asked");
            }
            DatagramTurn::Left(echo::client::Event::Told(answer), _) => {
                assert!(!told.contains(&answer.id), "{} was answered twice", answer.id);
                crossed += usize::from(told.last().is_some_and(|last| *last > answer.id));
                told.push(answer.id);
            }
            DatagramTurn::LeftUnanswered(_) => unanswered += 1,
            DatagramTurn::LeftRefused(_) => refused += 1,
            // It was answered already: asked anew, it is answered again, to nobody.
            other => panic!("{other:?}"),
        }
    }
    assert!(pair.now() <= SECOND * 6, "{:?}", pair.now());
    [told.len(), unanswered, refused, crossed]
}

#[test]
fn datagrams_are_lost_doubled_and_out_of_order() {
    assert_eq!(lossy(0, Faults::none()), [200, 0, 0, 0]);
    for seed in seeds(20) {
        let [told, unanswered, refused, crossed] = lossy(&seed, Faults::none().losing_one_in(4));
        assert_eq!((told + unanswered, refused, crossed), (200, 0, 0));
        assert!((60..=160).contains(&told), "{told}");
        let [told, unanswered, refused, _] = lossy(&seed, Faults::none().doubling_one_in(4));
        assert_eq!((told, unanswered), (200, 0));
        assert!((60..=250).contains(&refused), "{refused}");
        let late = Faults::none().delayed(Duration::ZERO..=SECOND);
        let [told, unanswered, refused, crossed] = lossy(&seed, late);
        assert_eq!((told, unanswered, refused), (200, 0, 0));
        assert!(crossed > 50, "{crossed}");
    }
}

proptest! {
    /// Numbers that a property test makes up are chance, too; behind them there is no trouble.
    #[test]
    fn chance_that_is_made_up(numbers in vec(any::<u64>(), 0..200)) {
        let faults = Faults::none().delayed(Duration::ZERO..=SECOND).cut_into(1..=100);
        let outcome = converse(pair(numbers, faults), 20);
        prop_assert_eq!(outcome.answers.len(), 20);
        prop_assert_eq!((outcome.client, outcome.server), (None, Some(Ended::Stream)));
    }
}
