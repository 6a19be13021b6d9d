//! Both roles of a protocol over simulated datagrams.

use core::time::Duration;
use std::collections::BTreeSet;
use std::vec::Vec;

use super::chance::Chance;
use super::faults::Faults;
use super::transcript::Said;
use super::watch::{Jump, Watch};
use crate::datagram::{Datagrams, Sender, Unanswered};
use crate::machine::{Described, Machine, Progress};
use crate::violation::Violation;

/// How many bytes of datagrams may wait to be sent on each side.
const OUTPUT_BYTES: usize = 64 * 1024;

/// Both roles of a protocol over datagrams, connected by a network that does to them what
/// [`Faults`] say, on a clock of their own. It is for datagrams what [`Pair`](super::Pair) is for
/// streams.
///
/// ```
/// framer_runtime::framer! {
///     frame Ask { id: u16, text: utf8 to end }
///     frame Told { id: u16, text: utf8 to end }
///     protocol Echo over datagram {
///         roles client, server;
///         client speaks Ask;
///         server speaks Told;
///         pending by id max 16 within 5 s;
///         state Open { client Ask => awaits { _ => stay }; }
///     }
/// }
/// use echo::{Ask, Client, Server, Told};
/// use framer_runtime::testing::{DatagramPair, DatagramTurn, Faults, seeds};
///
/// for seed in seeds(20) {
///     let lossy = Faults::none().losing_one_in(3).doubling_one_in(5);
///     let mut pair = DatagramPair::new(&seed, Client::new(), Server::new()).faults(lossy);
///     for id in 0..10 {
///         pair.left().send(Ask::new(id, "?")).expect("it may ask");
///     }
///     // Each is answered, or told to be unanswered.
///     let mut told = 0;
///     while let Some(turn) = pair.next() {
///         match turn {
///             DatagramTurn::Right(echo::server::Event::Ask(ask), mut reply) => {
///                 // One that comes twice may have been answered.
///                 let _ = reply.send(Told::new(ask.id, ask.text));
///             }
///             DatagramTurn::Left(echo::client::Event::Told(_), _) => told += 1,
///             DatagramTurn::LeftUnanswered(_) => told += 1,
///             _ => {}
///         }
///     }
///     assert_eq!(told, 10);
/// }
/// ```
#[derive(Debug)]
pub struct DatagramPair<A, B> {
    left: Half<A>,
    right: Half<B>,
    chance: Chance,
    now: Duration,
    until: Duration,
    wakes: BTreeSet<Duration>,
    said: Said,
}

/// What happens on either side.
#[derive(Debug)]
#[non_exhaustive]
pub enum DatagramTurn<'p, A: Machine, B: Machine> {
    /// An event of the left side, with what answers it.
    Left(A::Event<'p>, Sender<'p, A>),
    /// An event of the right side, with what answers it.
    Right(B::Event<'p>, Sender<'p, B>),
    /// A datagram that came to the left side has to wait for an answer of it, and is dropped; or
    /// its session is over.
    LeftDropped,
    /// The same of the right side.
    RightDropped,
    /// A datagram that came to the left side broke a rule, and is dropped.
    LeftRefused(Violation),
    /// A datagram that came to the right side broke a rule, and is dropped.
    RightRefused(Violation),
    /// A request of the left side was not answered in time.
    LeftUnanswered(Unanswered),
    /// A request of the right side was not answered in time.
    RightUnanswered(Unanswered),
    /// The time of the left side is over: nothing more comes to it.
    LeftEnded(Violation),
    /// The time of the right side is over: nothing more comes to it.
    RightEnded(Violation),
    /// This time, of [`DatagramPair::wake_at`], has come.
    Woken(Duration),
}

/// One side, and what is under way to it.
#[derive(Debug)]
struct Half<M> {
    session: Datagrams<M>,
    faults: Faults,
    /// When each arrives.
    under_way: Vec<(Duration, Vec<u8>)>,
    /// The last that came, which its event borrows.
    datagram: Vec<u8>,
    /// Why it has ended, until that is told.
    over: Option<Violation>,
    ended: bool,
    watch: Watch,
}

/// What [`DatagramPair::next`] has found.
enum Due {
    Left,
    Right,
    LeftUnanswered(Unanswered),
    RightUnanswered(Unanswered),
    LeftEnded(Violation),
    RightEnded(Violation),
    Woken(Duration),
}

impl<A: Described, B: Described> DatagramPair<A, B> {
    /// Both at the beginning of a session, over a network without faults.
    pub fn new(chance: impl Into<Chance>, left: A, right: B) -> DatagramPair<A, B> {
        DatagramPair {
            left: Half::new(left),
            right: Half::new(right),
            chance: chance.into(),
            now: Duration::ZERO,
            until: Duration::from_secs(24 * 60 * 60),
            wakes: BTreeSet::new(),
            said: Said::default(),
        }
    }

    /// The same with faults in both directions.
    #[must_use]
    pub fn faults(self, faults: Faults) -> DatagramPair<A, B> {
        self.faults_to_left(faults.clone()).faults_to_right(faults)
    }

    /// The same with faults in what the right side says.
    #[must_use]
    pub fn faults_to_left(mut self, faults: Faults) -> DatagramPair<A, B> {
        self.left.faults = faults;
        self
    }

    /// The same with faults in what the left side says.
    #[must_use]
    pub fn faults_to_right(mut self, faults: Faults) -> DatagramPair<A, B> {
        self.right.faults = faults;
        self
    }

    /// The same, which stops at this time: a day without it.
    #[must_use]
    pub fn until(mut self, time: Duration) -> DatagramPair<A, B> {
        self.until = time;
        self
    }

    /// The time that has passed.
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// The left side, to say something, or to look at it.
    pub fn left(&mut self) -> &mut Datagrams<A> {
        &mut self.left.session
    }

    /// The right side, to say something, or to look at it.
    pub fn right(&mut self) -> &mut Datagrams<B> {
        &mut self.right.session
    }

    /// The clock of the left side jumps.
    pub fn jump_left(&mut self, jump: Jump) {
        self.left.jump(self.now, jump);
    }

    /// The clock of the right side jumps.
    pub fn jump_right(&mut self, jump: Jump) {
        self.right.jump(self.now, jump);
    }

    /// Gives [`DatagramTurn::Woken`] at this time.
    pub fn wake_at(&mut self, time: Duration) {
        self.wakes.insert(time.max(self.now));
    }

    /// What happens next; `None` if nothing does, however long one waits.
    #[allow(clippy::should_implement_trait, reason = "an event borrows the pair")]
    pub fn next(&mut self) -> Option<DatagramTurn<'_, A, B>> {
        let due = loop {
            self.carry();
            match self.look() {
                Some(due) => break due,
                None if self.pass_time() => {}
                None => return None,
            }
        };
        Some(match due {
            Due::Left => match self.left.session.receive(&self.left.datagram) {
                Ok(Progress::Event((event, sender))) => DatagramTurn::Left(event, sender),
                Ok(_) => DatagramTurn::LeftDropped,
                Err(violation) => DatagramTurn::LeftRefused(violation),
            },
            Due::Right => match self.right.session.receive(&self.right.datagram) {
                Ok(Progress::Event((event, sender))) => DatagramTurn::Right(event, sender),
                Ok(_) => DatagramTurn::RightDropped,
                Err(violation) => DatagramTurn::RightRefused(violation),
            },
            Due::LeftUnanswered(request) => DatagramTurn::LeftUnanswered(request),
            Due::RightUnanswered(request) => DatagramTurn::RightUnanswered(request),
            Due::LeftEnded(violation) => DatagramTurn::LeftEnded(violation),
            Due::RightEnded(violation) => DatagramTurn::RightEnded(violation),
            Due::Woken(time) => DatagramTurn::Woken(time),
        })
    }

    /// What is there already.
    fn look(&mut self) -> Option<Due> {
        if self.wakes.first().is_some_and(|wake| *wake <= self.now) {
            return self.wakes.pop_first().map(Due::Woken);
        }
        let (left, right) = (&mut self.left, &mut self.right);
        if let Some(violation) = left.over.take() {
            return Some(Due::LeftEnded(violation));
        }
        if let Some(violation) = right.over.take() {
            return Some(Due::RightEnded(violation));
        }
        if let Some(request) = left.session.unanswered() {
            return Some(Due::LeftUnanswered(request));
        }
        if let Some(request) = right.session.unanswered() {
            return Some(Due::RightUnanswered(request));
        }
        if left.arrive(self.now) {
            return Some(Due::Left);
        }
        right.arrive(self.now).then_some(Due::Right)
    }

    /// Lets what was said go on its way.
    fn carry(&mut self) {
        let DatagramPair { left, right, chance, now, said, .. } = self;
        while let Some(datagram) = left.session.transmit() {
            said.left(*now, datagram);
            right.send(datagram, *now, chance);
            left.session.transmitted();
        }
        while let Some(datagram) = right.session.transmit() {
            said.right(*now, datagram);
            left.send(datagram, *now, chance);
            right.session.transmitted();
        }
    }

    /// Goes on to when something happens; whether anything does.
    fn pass_time(&mut self) -> bool {
        if self.left.tick(self.now) || self.right.tick(self.now) {
            return true;
        }
        let wake = self.wakes.first().copied();
        let next = [self.left.next_time(), self.right.next_time(), wake];
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

impl<M: Described> Half<M> {
    fn new(machine: M) -> Half<M> {
        Half {
            session: Datagrams::new(machine, OUTPUT_BYTES),
            faults: Faults::none(),
            under_way: Vec::new(),
            datagram: Vec::new(),
            over: None,
            ended: false,
            watch: Watch::default(),
        }
    }

    /// Sends a datagram to this side.
    fn send(&mut self, datagram: &[u8], now: Duration, chance: &mut Chance) {
        if chance.one_in(self.faults.lost) {
            return;
        }
        let copies = if chance.one_in(self.faults.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            let arrives = now.saturating_add(chance.time(&self.faults.delay));
            self.under_way.push((arrives, datagram.to_vec()));
        }
    }

    /// Whether one has arrived, which is looked at now.
    fn arrive(&mut self, now: Duration) -> bool {
        let first = self.under_way.iter().enumerate().min_by_key(|(place, (at, _))| (*at, *place));
        let Some((place, _)) = first.filter(|(_, (at, _))| *at <= now) else { return false };
        (_, self.datagram) = self.under_way.remove(place);
        !self.ended
    }

    /// Its clock jumps, and it looks at it.
    fn jump(&mut self, now: Duration, jump: Jump) {
        self.watch.jump(now, jump);
        self.tick(now);
    }

    /// It is so late: whether that is an end of which to tell.
    fn tick(&mut self, now: Duration) -> bool {
        if !self.ended
            && let Err(violation) = self.session.handle_time(self.watch.shows(now))
        {
            (self.ended, self.over) = (true, Some(violation));
        }
        self.over.is_some()
    }

    fn next_time(&self) -> Option<Duration> {
        let own = self.session.next_time().filter(|_| !self.ended);
        let own = own.map(|shown| self.watch.when(shown));
        self.under_way.iter().map(|(at, _)| *at).chain(own).min()
    }
}
