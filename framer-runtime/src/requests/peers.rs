//! What the other side has asked.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::collections::{BTreeMap, VecDeque};
use std::io;

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tower_service::Service;

use super::Answer;
use super::heard::{Heard, Passing};
use super::part::{Parts, Said};
use crate::error::Error;
use crate::machine::Machine;
use crate::tokio::Carry;
use crate::violation::Misuse;

/// How many messages that await no reply are with the service at once, before no more is read.
const UNASKED: usize = 64;

type Answering<M, E> = Pin<Box<dyn Future<Output = (u64, Result<Answer<M>, E>)> + Send>>;

/// Messages of the other side, from when they come until they are answered.
pub(super) struct Peers<M, T, V: Service<Heard<T>>> {
    service: V,
    /// How many may be with the service at once.
    max: usize,
    /// How many have come.
    count: u64,
    messages: BTreeMap<u64, Message<M>>,
    /// How many of them await no reply, as far as is known.
    unasked: usize,
    /// Those that the service is not ready for.
    calls: VecDeque<(u64, Heard<T>)>,
    answering: FuturesUnordered<Answering<M, V::Error>>,
    /// Where the rest of the one that is coming goes to.
    rest: Option<mpsc::Sender<(Option<T>, bool)>>,
    /// Those that are answered in the order in which they came.
    order: VecDeque<u64>,
    /// Those that may be answered now.
    ready: VecDeque<u64>,
    /// The one that is in the middle of several messages of its answer.
    speaking: Option<u64>,
}

struct Message<M> {
    /// All of it has come.
    complete: bool,
    /// It awaits a reply.
    asks: bool,
    ordered: bool,
    answer: Option<Parts<M>>,
}

impl<M, T, V> Peers<M, T, V>
where
    M: Machine + 'static,
    T: Send + 'static,
    V: Service<Heard<T>, Response = Answer<M>>,
    V::Error: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    V::Future: Send + 'static,
{
    /// As many as `pending` may await replies.
    pub(super) fn new(service: V, pending: usize) -> Self {
        Peers {
            service,
            max: pending.saturating_add(UNASKED),
            count: 0,
            messages: BTreeMap::new(),
            unasked: 0,
            calls: VecDeque::new(),
            answering: FuturesUnordered::new(),
            rest: None,
            order: VecDeque::new(),
            ready: VecDeque::new(),
            speaking: None,
        }
    }

    /// Whether all that has come is answered.
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Whether no further message is taken for now.
    pub(super) fn is_full(&self) -> bool {
        let many = self.unasked >= UNASKED || self.messages.len() >= self.max;
        !self.calls.is_empty() || many
    }

    /// A message begins; it may not be all of it.
    pub(super) fn begin(&mut self, part: T, goes_on: bool) -> u64 {
        self.count = self.count.saturating_add(1);
        let message = Message { complete: false, asks: false, ordered: false, answer: None };
        self.messages.insert(self.count, message);
        self.unasked = self.unasked.saturating_add(1);
        let (heard, rest) = Heard::begun(Some(part), !goes_on);
        self.rest = rest;
        self.calls.push_back((self.count, heard));
        self.count
    }

    /// A further part of the message that is coming.
    pub(super) fn pass(&mut self, part: T, goes_on: bool, passing: &mut Passing<T>) {
        if let Some(rest) = &self.rest {
            passing.pass(rest, Some(part), !goes_on);
        }
    }

    /// It awaits a reply, and whether those come in order.
    pub(super) fn asks(&mut self, id: u64, ordered: bool) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        if !message.asks {
            self.unasked = self.unasked.saturating_sub(1);
        }
        (message.asks, message.ordered) = (true, message.ordered | ordered);
    }

    /// All of it has come.
    pub(super) fn complete(&mut self, id: u64) {
        self.rest = None;
        let Some(message) = self.messages.get_mut(&id) else { return };
        message.complete = true;
        if message.ordered {
            self.order.push_back(id);
        } else if message.answer.is_some() {
            self.ready.push_back(id);
        }
    }

    /// No more of it comes: that was its end, if the stream ended `well`.
    pub(super) fn ended(&mut self, id: u64, well: bool, passing: &mut Passing<T>) {
        if let Some(rest) = self.rest.as_ref().filter(|_| well) {
            passing.pass(rest, None, true);
        }
        self.complete(id);
    }

    /// Whether an answer of several messages is being said.
    pub(super) fn speaks(&self) -> bool {
        self.speaking.is_some()
    }

    /// Lets the service go on; whether it did.
    ///
    /// # Errors
    /// What it says.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        let mut moved = false;
        while !self.calls.is_empty() {
            let Poll::Ready(ready) = self.service.poll_ready(context) else { break };
            ready.map_err(failed)?;
            let Some((id, heard)) = self.calls.pop_front() else { break };
            let answer = self.service.call(heard);
            self.answering.push(Box::pin(async move { (id, answer.await) }));
            moved = true;
        }
        while let Poll::Ready(Some((id, answer))) = Pin::new(&mut self.answering).poll_next(context)
        {
            let answer = answer.map_err(failed)?;
            moved = true;
            let Some(message) = self.messages.get_mut(&id) else { continue };
            message.answer = Some(answer.parts);
            if message.complete && !message.ordered {
                self.ready.push_back(id);
            }
        }
        Ok(moved)
    }

    /// Says the answers whose turn it is, as far as it goes; whether anything was said.
    ///
    /// # Errors
    /// Why one cannot be said; [`Misuse::Owed`], where one says nothing that is due.
    pub(super) fn poll_say<C: Carry<Machine = M>>(
        &mut self,
        context: &mut Context<'_>,
        carrier: &mut C,
        others: bool,
    ) -> Result<bool, Misuse> {
        let mut moved = false;
        while let Some(&id) = self.order.front() {
            let (said, over) = self.say(id, context, carrier, others)?;
            moved |= said;
            if !over {
                break;
            }
            self.order.pop_front();
        }
        for _ in 0..self.ready.len() {
            if carrier.is_full() {
                break;
            }
            let Some(id) = self.ready.pop_front() else { break };
            let (said, over) = self.say(id, context, carrier, others)?;
            moved |= said;
            if !over {
                self.ready.push_back(id);
            }
        }
        Ok(moved)
    }

    /// Says an answer as far as it goes: whether anything was said, and whether that was all.
    fn say<C: Carry<Machine = M>>(
        &mut self,
        id: u64,
        context: &mut Context<'_>,
        carrier: &mut C,
        others: bool,
    ) -> Result<(bool, bool), Misuse> {
        let others = others || self.speaking.is_some_and(|speaking| speaking != id);
        let Some(message) = self.messages.get_mut(&id) else { return Ok((false, true)) };
        let Some(parts) = &mut message.answer else { return Ok((false, false)) };
        let mut moved = false;
        loop {
            match parts.poll_say(context, 0, carrier, others) {
                Poll::Ready(Ok(Said::One)) => (moved, self.speaking) = (true, Some(id)),
                Poll::Ready(Ok(Said::All)) if parts.begun() || !message.asks || C::DATAGRAMS => {
                    break;
                }
                Poll::Ready(Ok(Said::All)) => return Err(Misuse::Owed),
                // Who asked has forgotten it.
                Poll::Ready(Err(Misuse::Unasked { .. })) if C::DATAGRAMS => break,
                Poll::Ready(Err(misuse)) => return Err(misuse),
                Poll::Pending | Poll::Ready(Ok(Said::NotYet | Said::NotDue)) => {
                    return Ok((moved, false));
                }
            }
        }
        if !message.asks {
            self.unasked = self.unasked.saturating_sub(1);
        }
        self.messages.remove(&id);
        self.speaking = self.speaking.filter(|speaking| *speaking != id);
        Ok((true, true))
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Io(io::Error::other(error))
}
