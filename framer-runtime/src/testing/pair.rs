//! Both roles of a protocol over a simulated stream.

mod half;

use core::time::Duration;
use std::collections::BTreeSet;

use super::chance::Chance;
use super::faults::{End, Faults};
use super::pipe::Pipe;
use super::transcript::Said;
use super::watch::Jump;
use crate::connection::{Connection, Limits, Sender};
use crate::machine::Machine;
use crate::violation::{Misuse, Violation};
use half::Half;

/// Both roles of a protocol, connected by a network that does to them what [`Faults`] say, on a
/// clock of their own.
///
/// [`next`](Pair::next) gives what happens next on either side, and the test answers it as its
/// program would. Nothing waits: where nothing happens, time goes on to when something does.
///
/// A side that has ended, whatever the reason, says what is left to be said and closes its stream,
/// as programs do; with [`half_open`](Pair::half_open) one whose peer has ended its stream goes on
/// until [`close_left`](Pair::close_left).
///
/// When a test fails, it tells what both sides said, and when.
///
/// ```
/// framer_runtime::framer! {
///     delimiter LF = "\n";
///     frame Line in until LF max 80 { text: utf8 to end }
///     protocol Echo over stream {
///         roles client, server;
///         client speaks Line;
///         server speaks Line;
///         pending fifo max 4;
///         state Open { client Line => awaits { _ => stay }; }
///     }
/// }
/// use echo::{Client, Line, Server};
/// use framer_runtime::testing::{Ended, Faults, Pair, Turn, seeds};
/// use std::time::Duration;
///
/// for seed in seeds(20) {
///     let slow = Faults::none().delayed(Duration::ZERO..=Duration::from_secs(1)).cut_into(1..=3);
///     let mut pair = Pair::new(&seed, Client::new(), Server::new()).faults(slow);
///     pair.left().send(Line::new("hello")).expect("it may ask");
///     let (mut answers, mut told) = (0, 0);
///     while let Some(turn) = pair.next() {
///         match turn {
///             Turn::Right(echo::server::Event::Line(line), mut reply) => {
///                 reply.send(line).expect("it answers a line");
///             }
///             Turn::Left(echo::client::Event::Line(line), _) => {
///                 assert_eq!(line.text, "hello");
///                 answers += 1;
///                 pair.close_left();
///             }
///             Turn::RightEnded(ended) => {
///                 assert_eq!(ended, Ended::Stream);
///                 told += 1;
///             }
///             Turn::LeftEnded(_) | Turn::Woken(_) => {}
///         }
///     }
///     assert_eq!((answers, told), (1, 1));
/// }
/// ```
#[derive(Debug)]
pub struct Pair<A, B> {
    left: Half<A>,
    right: Half<B>,
    to_left: Pipe,
    to_right: Pipe,
    chance: Chance,
    now: Duration,
    until: Duration,
    wakes: BTreeSet<Duration>,
    half_open: bool,
    said: Said,
}

/// What happens on either side.
#[derive(Debug)]
pub enum Turn<'p, A: Machine, B: Machine> {
    /// An event of the left side, with what answers it.
    Left(A::Event<'p>, Sender<'p, A>),
    /// An event of the right side, with what answers it.
    Right(B::Event<'p>, Sender<'p, B>),
    /// Nothing more comes to the left side.
    LeftEnded(Ended),
    /// Nothing more comes to the right side.
    RightEnded(Ended),
    /// This time, of [`Pair::wake_at`], has come.
    Woken(Duration),
}

/// Why nothing more comes to a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side has ended its stream, where it might.
    Stream,
    /// The session is over by the rules of the protocol.
    Closed,
    /// The connection was lost.
    Reset,
    /// The other side broke a rule, was too slow, or ended its stream where it might not.
    Violation(Violation),
}

/// What [`Pair::next`] has found.
enum Due {
    Left,
    Right,
    LeftEnded(Ended),
    RightEnded(Ended),
    Woken(Duration),
}

impl<A: Machine, B: Machine> Pair<A, B> {
    /// Both at the beginning of a session, over a network without faults.
    pub fn new(chance: impl Into<Chance>, left: A, right: B) -> Pair<A, B> {
        Pair {
            left: Half::new(left),
            right: Half::new(right),
            to_left: Pipe::new(Faults::none()),
            to_right: Pipe::new(Faults::none()),
            chance: chance.into(),
            now: Duration::ZERO,
            until: Duration::from_secs(24 * 60 * 60),
            wakes: BTreeSet::new(),
            half_open: false,
            said: Said::default(),
        }
    }

    /// The same with faults in both directions.
    #[must_use]
    pub fn faults(self, faults: Faults) -> Pair<A, B> {
        self.faults_to_left(faults.clone()).faults_to_right(faults)
    }

    /// The same with faults in what the right side says.
    #[must_use]
    pub fn faults_to_left(mut self, faults: Faults) -> Pair<A, B> {
        self.to_left = Pipe::new(faults);
        self
    }

    /// The same with faults in what the left side says.
    #[must_use]
    pub fn faults_to_right(mut self, faults: Faults) -> Pair<A, B> {
        self.to_right = Pipe::new(faults);
        self
    }

    /// The same with connections that hold no more than this, at the beginning of a session.
    #[must_use]
    pub fn limits(mut self, left: Limits, right: Limits) -> Pair<A, B>
    where
        A: Clone,
        B: Clone,
    {
        self.left = Half::with_limits(self.left.connection().machine().clone(), left);
        self.right = Half::with_limits(self.right.connection().machine().clone(), right);
        self
    }

    /// The same where a side whose peer has ended its stream still says something, until it is
    /// closed.
    #[must_use]
    pub fn half_open(mut self) -> Pair<A, B> {
        self.half_open = true;
        self
    }

    /// The same, which stops at this time: a day without it.
    #[must_use]
    pub fn until(mut self, time: Duration) -> Pair<A, B> {
        self.until = time;
        self
    }

    /// The time that has passed.
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// The left side, to say something, or to look at it.
    pub fn left(&mut self) -> &mut Connection<A> {
        self.left.connection()
    }

    /// The right side, to say something, or to look at it.
    pub fn right(&mut self) -> &mut Connection<B> {
        self.right.connection()
    }

    /// Why nothing more comes to each side; `None` for one that goes on.
    pub const fn ended(&self) -> (Option<Ended>, Option<Ended>) {
        (self.left.ended(), self.right.ended())
    }

    /// The left side reads no more, says what is left to be said, and ends its stream.
    pub fn close_left(&mut self) {
        self.left.close();
    }

    /// The right side reads no more, says what is left to be said, and ends its stream.
    pub fn close_right(&mut self) {
        self.right.close();
    }

    /// The left side says what is left to be said and ends its stream, and reads on.
    pub fn finish_left(&mut self) {
        self.left.finish();
    }

    /// The right side says what is left to be said and ends its stream, and reads on.
    pub fn finish_right(&mut self) {
        self.right.finish();
    }

    /// The clock of the left side jumps.
    pub fn jump_left(&mut self, jump: Jump) {
        self.left.jump(self.now, jump);
    }

    /// The clock of the right side jumps.
    pub fn jump_right(&mut self, jump: Jump) {
        self.right.jump(self.now, jump);
    }

    /// Gives [`Turn::Woken`] at this time.
    pub fn wake_at(&mut self, time: Duration) {
        self.wakes.insert(time.max(self.now));
    }

    /// Goes on with another protocol on the left side, behind an upgrade to it.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade.
    pub fn continue_left<N: Machine>(self, machine: N) -> Result<Pair<N, B>, Misuse> {
        let Pair { left, right, to_left, to_right, chance, now, until, wakes, half_open, said } =
            self;
        let left = left.continue_with(machine)?;
        Ok(Pair { left, right, to_left, to_right, chance, now, until, wakes, half_open, said })
    }

    /// Goes on with another protocol on the right side, behind an upgrade to it.
    ///
    /// # Errors
    /// [`Misuse::NotUpgraded`], if no event has told of an upgrade.
    pub fn continue_right<N: Machine>(self, machine: N) -> Result<Pair<A, N>, Misuse> {
        let Pair { left, right, to_left, to_right, chance, now, until, wakes, half_open, said } =
            self;
        let right = right.continue_with(machine)?;
        Ok(Pair { left, right, to_left, to_right, chance, now, until, wakes, half_open, said })
    }

    /// What happens next; `None` if nothing does, however long one waits.
    #[allow(clippy::should_implement_trait, reason = "an event borrows the pair")]
    pub fn next(&mut self) -> Option<Turn<'_, A, B>> {
        let due = loop {
            if let Some(due) = self.look() {
                break due;
            }
            if !self.carry() && !self.pass_time() {
                return None;
            }
        };
        Some(match due {
            Due::Left => match self.left.event() {
                Ok((event, sender)) => Turn::Left(event, sender),
                Err(ended) => Turn::LeftEnded(ended),
            },
            Due::Right => match self.right.event() {
                Ok((event, sender)) => Turn::Right(event, sender),
                Err(ended) => Turn::RightEnded(ended),
            },
            Due::LeftEnded(ended) => Turn::LeftEnded(ended),
            Due::RightEnded(ended) => Turn::RightEnded(ended),
            Due::Woken(time) => Turn::Woken(time),
        })
    }

    /// What is there already.
    fn look(&mut self) -> Option<Due> {
        if self.wakes.first().is_some_and(|wake| *wake <= self.now) {
            return self.wakes.pop_first().map(Due::Woken);
        }
        let right_first = self.chance.below(2) == 1;
        for right in [right_first, !right_first] {
            let due = if right {
                let looked = self.right.look(&self.to_right, self.now, self.half_open);
                looked.map(|looked| looked.map_or(Due::Right, Due::RightEnded))
            } else {
                let looked = self.left.look(&self.to_left, self.now, self.half_open);
                looked.map(|looked| looked.map_or(Due::Left, Due::LeftEnded))
            };
            if due.is_some() {
                return due;
            }
        }
        None
    }

    /// Lets what was said go on its way, and a piece arrive; whether there was any.
    fn carry(&mut self) -> bool {
        let Pair { left, right, to_left, to_right, chance, now, said, .. } = self;
        // A connection that is lost is so for both.
        if [&*to_left, &*to_right].iter().any(|pipe| pipe.ended(*now) == Some(End::Reset)) {
            to_left.reset(*now);
            to_right.reset(*now);
        }
        left.write(to_right, *now, chance, |bytes| said.left(*now, bytes))
            || right.write(to_left, *now, chance, |bytes| said.right(*now, bytes))
            || left.read(to_left, *now)
            || right.read(to_right, *now)
    }

    /// Goes on to when something happens; whether anything does.
    fn pass_time(&mut self) -> bool {
        let ticked = [self.left.tick(self.now), self.right.tick(self.now)];
        if ticked.contains(&true) {
            return true;
        }
        let next = [
            self.to_left.next(self.now),
            self.to_right.next(self.now),
            self.left.next_time(),
            self.right.next_time(),
            self.wakes.first().copied(),
        ];
        let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= self.until) else {
            return false;
        };
        // A time that is past already comes to nothing at once.
        self.now = next.max(self.now.saturating_add(Duration::from_nanos(1)));
        self.left.tick(self.now);
        self.right.tick(self.now);
        true
    }
}
