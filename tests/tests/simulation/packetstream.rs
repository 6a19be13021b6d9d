//! Both sides ask when they like, and are answered when the other likes, in any order.

use std::collections::BTreeSet;
use std::time::Duration;

use framer_protocols::packetstream::{Left, Record, Right, left, right};
use framer_runtime::testing::{Chance, Ended, Turn, seeds};
use framer_runtime::violation::Misuse;

use crate::{Run, SEEDS};

/// When a program gives up: the description leaves that to it.
const GIVES_UP: Duration = Duration::from_secs(600);

#[derive(Debug, Default)]
struct Side {
    asked: u64,
    waiting: BTreeSet<u64>,
    /// What it was asked and has not answered.
    asked_of: Vec<(u64, Option<u64>)>,
    answered: u64,
    ended: bool,
}

impl Side {
    fn hear(&mut self, record: Record<'_>) {
        assert!(!self.ended, "nothing comes behind the end");
        if record.kind.is_some() {
            assert_eq!(record.payload, &record.tag.to_be_bytes());
            return self.asked_of.push((record.tag, record.channel));
        }
        assert!(self.waiting.remove(&record.tag), "{} was answered twice", record.tag);
        assert_eq!(record.payload, &(!record.tag).to_be_bytes(), "{}", record.tag);
        self.answered += 1;
    }

    fn end(&mut self, _: Ended) {
        assert!(!std::mem::replace(&mut self.ended, true), "it ends once");
    }

    /// What it says when its time comes: an answer, or a question.
    fn speak(&mut self, chance: &mut Chance, send: impl FnOnce(Record<'_>) -> Result<(), Misuse>) {
        if self.ended {
            return;
        }
        if !self.asked_of.is_empty() && chance.below(2) == 0 {
            let place = chance.below(u64::try_from(self.asked_of.len()).expect("few"));
            let (tag, channel) = self.asked_of.remove(usize::try_from(place).expect("few"));
            let payload = (!tag).to_be_bytes();
            send(Record { tag, flags: 1, channel, kind: None, payload: &payload }).expect("asked");
        } else if self.asked < 40 {
            let tag = self.asked;
            let channel = Some(tag % 3).filter(|channel| *channel > 0);
            let payload = tag.to_be_bytes();
            send(Record { tag, flags: 0, channel, kind: Some(1), payload: &payload })
                .expect("it may");
            self.waiting.insert(tag);
            self.asked += 1;
        }
    }
}

/// How many questions were answered.
fn run(mut chance: Chance) -> u64 {
    let mut run = Run::new(&mut chance, Left::new(), Right::new());
    let (mut left, mut right) = (Side::default(), Side::default());
    run.pair.wake_at(Duration::ZERO);
    run.pair.wake_at(GIVES_UP);
    loop {
        let pair = &mut run.pair;
        let Some(turn) = pair.next() else { break };
        match turn {
            Turn::Left(left::Event::Record(record), _) => left.hear(record),
            Turn::Right(right::Event::Record(record), _) => right.hear(record),
            Turn::LeftEnded(ended) => left.end(ended),
            Turn::RightEnded(ended) => right.end(ended),
            Turn::Woken(GIVES_UP) => {
                pair.close_left();
                pair.close_right();
            }
            Turn::Woken(now) if run.jumps.contains(&now) => assert!(run.jumps(now)),
            Turn::Woken(now) => {
                if !pair.left().is_full() {
                    left.speak(&mut chance, |record| pair.left().send(record));
                }
                if !pair.right().is_full() {
                    right.speak(&mut chance, |record| pair.right().send(record));
                }
                if now < GIVES_UP - Duration::from_secs(60) {
                    pair.wake_at(now + Duration::from_millis(1 + chance.below(2000)));
                }
            }
        }
        run.bounded(8192, 256);
    }
    let pair = &run.pair;
    // Whoever still waits was told of the end, or has given up.
    for (side, ended) in [(&left, pair.ended().0), (&right, pair.ended().1)] {
        let told = side.waiting.is_empty() || ended.is_some() || pair.now() >= GIVES_UP;
        assert!(told, "{side:?}");
        assert_eq!(side.ended, ended.is_some());
    }
    left.answered + right.answered
}

#[test]
fn each_is_answered_once_or_told() {
    let (mut answered, mut all) = (0, 0);
    for seed in seeds(SEEDS) {
        answered += run(Chance::from(&seed));
        all += 1;
    }
    assert!(all < SEEDS || (20 * all..80 * all).contains(&answered), "{answered} of 80 x {all}");
}
