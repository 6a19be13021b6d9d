//! Clocks that jump: on, where a machine has slept, and back, where somebody has set it. Whoever
//! waits is told by its own clock, and no later than a whole limit behind the jump.

use std::time::Duration;

use framer_runtime::datagram::Datagrams;
use framer_runtime::protocol::Key;
use framer_runtime::testing::{DatagramPair, DatagramTurn, Ended, Jump, Pair, Turn};
use framer_runtime::violation::{Rule, Violation};

framer_runtime::framer! {
    delimiter LF = "\n";
    frame Line in until LF max 80 { text: utf8 to end }
    protocol Talk over stream {
        roles client, server;
        client speaks Line;
        server speaks Line;
        pending fifo max 4;
        state Open within 10 s else close { client Line => awaits { _ => stay }; }
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
            pending by id max 16 within 10 s;
            state Open { client Ask => awaits { _ => stay }; }
        }
    }
}
use datagrams::echo;

/// What the clock shows at the beginning.
const BEGAN: Duration = Duration::from_secs(100);

/// When it jumps.
const JUMPS: Duration = Duration::from_secs(4);

/// A client that nobody answers: when it is told, in seconds. Its server, which would wait no
/// longer, has the same clock.
fn over_a_stream(jump: Jump) -> u64 {
    let mut pair = Pair::new(0, talk::Client::new(), talk::Server::new());
    pair.left().send(talk::Line::new("?")).expect("it may ask");
    pair.jump_left(Jump::On(BEGAN));
    pair.wake_at(JUMPS);
    loop {
        match pair.next() {
            Some(Turn::Woken(_)) => {
                pair.jump_left(jump);
                pair.jump_right(jump);
            }
            Some(Turn::LeftEnded(Ended::Violation(Violation { rule, .. }))) => {
                assert_eq!(rule, Rule::TimeLimit { millis: 10_000, state: "Open" });
                return pair.now().as_secs();
            }
            Some(Turn::Right(..) | Turn::RightEnded(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The same over datagrams.
fn over_datagrams(jump: Jump) -> u64 {
    let mut pair = DatagramPair::new(0, echo::Client::new(), echo::Server::new());
    pair.left().send(echo::Ask::new(7)).expect("it may ask");
    pair.jump_left(Jump::On(BEGAN));
    pair.wake_at(JUMPS);
    loop {
        match pair.next() {
            Some(DatagramTurn::Woken(_)) => pair.jump_left(jump),
            Some(DatagramTurn::LeftUnanswered(_)) => return pair.now().as_secs(),
            Some(DatagramTurn::Right(..)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn who_waits_is_told_by_its_own_clock() {
    let seconds = Duration::from_secs;
    for (jump, told) in [
        (Jump::On(Duration::ZERO), 10),
        (Jump::On(seconds(5)), 5),
        // It is past already.
        (Jump::On(seconds(100_000)), 4),
        (Jump::Back(seconds(3)), 13),
        (Jump::Back(seconds(4)), 14),
        // It shows less than when it began to wait, and begins anew.
        (Jump::Back(seconds(50)), 14),
        (Jump::Back(seconds(100_000)), 14),
    ] {
        assert_eq!(over_a_stream(jump), told, "{jump:?}");
        assert_eq!(over_datagrams(jump), told, "{jump:?}");
    }
}

/// Who never asks which requests were not answered is told of as many as may be outstanding: the last ones.
#[test]
fn what_was_not_answered_is_kept_in_bounds() {
    let mut client = Datagrams::new(echo::Client::new(), 4096);
    let mut now = BEGAN;
    for ids in [0..16, 16..32] {
        client.handle_time(now).expect("nothing is outstanding");
        for id in ids {
            client.send(echo::Ask::new(id)).expect("it may ask");
        }
        client.handle_time(now).expect("they are seen");
        now += Duration::from_secs(10);
        client.handle_time(now).expect("the session goes on");
    }
    let told = std::iter::from_fn(|| client.unanswered()).map(|unanswered| unanswered.key);
    let last = (16..32).map(|number| Key::Number { within: 0, number });
    assert!(told.eq(last));
}
