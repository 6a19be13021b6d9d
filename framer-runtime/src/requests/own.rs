//! What this side has asked.

use core::task::{Context, Poll};
use std::boxed::Box;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::vec::Vec;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::client::{Asked, Failed};
use super::heard::{Heard, Passing};
use super::part::{Parts, Said};
use crate::machine::Machine;
use crate::session::Session;
use crate::tokio::Carry;
use crate::violation::Misuse;

/// Numbers that no outstanding request has.
pub(super) type Ids = Box<dyn FnMut() -> u64 + Send>;

/// How often a number is asked for that is not in use, before the smallest is taken.
const TRIES: usize = 64;

/// How many further numbers lapse before one that did is given again.
const LATE: usize = 1024;

/// Requests of this side, from when they are said until they are answered.
pub(super) struct Own<M, T> {
    ids: Option<Ids>,
    /// Numbers that were given and are free again.
    free: BTreeSet<u64>,
    /// Numbers whose replies did not come in time, the oldest first: they may still come.
    late: VecDeque<u64>,
    /// The largest that was given.
    given: u64,
    /// By the number that each was given.
    waiting: BTreeMap<u64, Waiting<T>>,
    /// Which of them an exchange of the session belongs to.
    exchanges: BTreeMap<u64, u64>,
    /// What is being said.
    saying: Option<(u64, Parts<M>)>,
}

/// A request that waits for its answer.
struct Waiting<T> {
    to: To<T>,
    /// How many replies are outstanding.
    exchanges: usize,
    /// All of it was said.
    said: bool,
    /// Given back with the last reply.
    _place: OwnedSemaphorePermit,
}

/// Where an answer goes.
enum To<T> {
    /// Nothing of it has come.
    First(oneshot::Sender<Result<Heard<T>, Failed>>),
    /// Further parts.
    Rest(mpsc::Sender<(Option<T>, bool)>),
    /// To nobody: all of it has come, or nobody wants it.
    Nobody,
}

impl<M: Machine, T: Send + 'static> Own<M, T> {
    pub(super) fn new(ids: Option<Ids>) -> Own<M, T> {
        Own {
            ids,
            free: BTreeSet::new(),
            late: VecDeque::new(),
            given: 0,
            waiting: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            saying: None,
        }
    }

    /// Whether somebody waits for an answer still, and is told when it is over.
    pub(super) fn poll_waited_for(&mut self, context: &mut Context<'_>) -> bool {
        self.waiting.values_mut().any(|waiting| match &mut waiting.to {
            To::First(to) => to.poll_closed(context).is_pending(),
            To::Rest(to) => !to.is_closed(),
            To::Nobody => false,
        })
    }

    /// Whether a request of several messages is being said.
    pub(super) fn speaks(&self) -> bool {
        self.saying.as_ref().is_some_and(|(_, parts)| parts.begun())
    }

    /// Whether another request may be taken up.
    pub(super) fn may_begin(&self) -> bool {
        self.saying.is_none()
    }

    /// Takes up a request, if somebody still waits for its answer.
    pub(super) fn begin(&mut self, asked: Asked<M, T>) {
        if asked.answer.is_closed() {
            return;
        }
        let id = self.free();
        let Asked { parts, answer, place } = asked;
        let waiting = Waiting { to: To::First(answer), exchanges: 0, said: false, _place: place };
        self.waiting.insert(id, waiting);
        self.saying = Some((id, parts));
    }

    /// A number that no request here has.
    fn free(&mut self) -> u64 {
        let waiting = &self.waiting;
        let is_free = |id: &u64| !waiting.contains_key(id);
        let given = match &mut self.ids {
            Some(ids) => core::iter::repeat_with(ids).take(TRIES).find(is_free),
            None => self.free.pop_first(),
        };
        given.unwrap_or_else(|| {
            let next = self.given.saturating_add(1)..;
            self.given = next.into_iter().find(is_free).unwrap_or(u64::MAX);
            self.given
        })
    }

    /// A request is over, and its number is free.
    fn remove(&mut self, id: u64) -> Option<Waiting<T>> {
        if self.ids.is_none() {
            self.free.insert(id);
        }
        self.waiting.remove(&id)
    }

    /// Says what is being asked, as far as it goes; whether anything was said or given up.
    ///
    /// # Errors
    /// Why what was begun cannot be said to its end. Who asked it is told so.
    pub(super) fn poll_say<C: Carry<Machine = M>>(
        &mut self,
        context: &mut Context<'_>,
        carrier: &mut C,
        passing: &mut Passing<T>,
        others: bool,
    ) -> Result<bool, Misuse> {
        let Some((id, parts)) = &mut self.saying else { return Ok(false) };
        let id = *id;
        if !parts.begun() && self.waiting.get(&id).is_none_or(Waiting::is_cancelled) {
            self.saying = None;
            self.remove(id);
            return Ok(true);
        }
        let before = carrier.session().progress();
        let said = match parts.poll_say(context, id, carrier, others) {
            // Its answer has come, and does not ask for the rest.
            Poll::Ready(Ok(Said::NotDue))
                if self.waiting.get(&id).is_some_and(Waiting::is_answered) =>
            {
                Said::All
            }
            Poll::Pending | Poll::Ready(Ok(Said::NotYet | Said::NotDue)) => return Ok(false),
            Poll::Ready(Err(misuse)) => {
                let begun = parts.begun();
                self.saying = None;
                if let Some(waiting) = self.remove(id) {
                    waiting.fail(Failed::Misuse(misuse));
                }
                return if begun { Err(misuse) } else { Ok(true) };
            }
            Poll::Ready(Ok(said)) => said,
        };
        let session = carrier.session();
        if let Some(waiting) = self.waiting.get_mut(&id) {
            let new = session.numbers(session.local()).rev();
            for (number, _) in new.take_while(|(number, _)| *number > before) {
                self.exchanges.insert(number, id);
                waiting.exchanges = waiting.exchanges.saturating_add(1);
            }
        }
        if matches!(said, Said::All) {
            self.saying = None;
            if let Some(waiting) = self.waiting.get_mut(&id) {
                waiting.said = true;
            }
            self.finish(id, passing);
        }
        Ok(true)
    }

    /// Which request an exchange of the session belongs to; it is over with the `last` reply.
    pub(super) fn answered(&mut self, number: u64, last: bool) -> Option<u64> {
        let id = *self.exchanges.get(&number)?;
        if last {
            self.exchanges.remove(&number);
            if let Some(waiting) = self.waiting.get_mut(&id) {
                waiting.exchanges = waiting.exchanges.saturating_sub(1);
            }
        }
        Some(id)
    }

    /// A part of an answer has come; it may not be all of it.
    pub(super) fn pass(&mut self, id: u64, part: T, goes_on: bool, passing: &mut Passing<T>) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        let last = !goes_on && waiting.is_over();
        waiting.pass(Some(part), last, passing);
        if last {
            self.remove(id);
        }
    }

    /// Nothing more belongs to this reply: the answer is over, if nothing else is due of it.
    pub(super) fn finish(&mut self, id: u64, passing: &mut Passing<T>) {
        let Some(waiting) = self.waiting.get_mut(&id).filter(|waiting| waiting.is_over()) else {
            return;
        };
        waiting.pass(None, true, passing);
        self.remove(id);
    }

    /// What the session has done with and nothing answers: replies that were not to come after all.
    pub(super) fn settle(&mut self, session: &Session, passing: &mut Passing<T>) {
        let oldest = session.numbers(session.local()).next().map(|(number, _)| number);
        while let Some((&number, _)) = self.exchanges.first_key_value()
            && oldest.is_none_or(|oldest| number < oldest)
        {
            if let Some(id) = self.answered(number, true) {
                self.finish(id, passing);
            }
        }
    }

    /// Those that the session has given up waiting for.
    pub(super) fn lapse(&mut self, session: &Session) {
        let outstanding = |number: &u64| {
            session.numbers(session.local()).any(|(outstanding, _)| outstanding == *number)
        };
        let over: Vec<u64> =
            self.exchanges.keys().filter(|number| !outstanding(number)).copied().collect();
        for number in over {
            let Some(id) = self.exchanges.remove(&number) else { continue };
            self.exchanges.retain(|_, other| *other != id);
            let Some(waiting) = self.waiting.remove(&id) else { continue };
            waiting.fail(Failed::TimedOut);
            if self.ids.is_none() {
                self.late.push_back(id);
            }
            if self.late.len() > LATE {
                self.free.extend(self.late.pop_front());
            }
        }
    }

    /// All that wait are told so.
    pub(super) fn fail(&mut self, failed: Failed) {
        self.saying = None;
        self.exchanges.clear();
        while let Some((_, waiting)) = self.waiting.pop_first() {
            waiting.fail(failed);
        }
    }
}

impl<T: Send + 'static> Waiting<T> {
    fn is_cancelled(&self) -> bool {
        matches!(&self.to, To::First(to) if to.is_closed())
    }

    /// Whether all of it was said, and all of it answered.
    fn is_over(&self) -> bool {
        self.said && self.exchanges == 0
    }

    /// Whether something has answered it, and nothing else does unless it is said.
    fn is_answered(&self) -> bool {
        self.exchanges == 0 && !matches!(self.to, To::First(_))
    }

    fn pass(&mut self, part: Option<T>, last: bool, passing: &mut Passing<T>) {
        self.to = match core::mem::replace(&mut self.to, To::Nobody) {
            To::First(to) => {
                let (heard, rest) = Heard::begun(part, last);
                // Who has cancelled it does not want it.
                let _ = to.send(Ok(heard));
                rest.map_or(To::Nobody, To::Rest)
            }
            To::Rest(to) => {
                passing.pass(&to, part, last);
                To::Rest(to)
            }
            To::Nobody => To::Nobody,
        };
    }

    fn fail(self, failed: Failed) {
        // Who has the first part is told by the end of the others.
        if let To::First(to) = self.to {
            let _ = to.send(Err(failed));
        }
    }
}
