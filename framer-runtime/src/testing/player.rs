//! One role as a test plays it, whatever carries the bytes.

use core::fmt::Debug;
use core::panic::Location;
use std::format;
use std::string::{String, ToString as _};
use std::vec::Vec;

use super::transcript::{Transcript, shown};
use crate::input::Input;
use crate::machine::{Drive as _, Machine, Progress, Upgrade, violation_of};
use crate::violation::{Misuse, Violation};
use crate::write::Out;

/// How much of what the other side says may lie there unread, in bytes.
const MAX_UNREAD_BYTES: usize = 16 * 1024 * 1024;

/// The machine of one role, and what was said with it.
#[derive(Debug)]
pub(super) struct Player<M> {
    machine: M,
    input: Input,
    /// How many bytes of the other side are done with.
    seen: u64,
    /// How many bytes this side has said.
    said: u64,
    transcript: Transcript,
}

impl<M: Machine> Player<M> {
    pub(super) fn new(machine: M) -> Player<M> {
        const { assert!(!M::DATAGRAMS, "a protocol over datagrams") };
        let limit = machine.input_bound().saturating_mul(2).max(MAX_UNREAD_BYTES);
        Player {
            machine,
            input: Input::new(limit),
            seen: 0,
            said: 0,
            transcript: Transcript::default(),
        }
    }

    pub(super) const fn machine(&self) -> &M {
        &self.machine
    }

    /// The bytes of a message, which is taken as said.
    pub(super) fn encode(&mut self, message: &M::Message<'_>) -> Result<Vec<u8>, Misuse> {
        let mut bytes = Vec::new();
        self.machine.send(message, &mut Out::from(&mut bytes))?;
        Ok(bytes)
    }

    /// These bytes are said.
    pub(super) fn say(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.transcript.note("says", self.said, bytes, None);
            self.said = self.said.saturating_add(wide(bytes.len()));
        }
    }

    /// Room to read into; empty when the other side has said too much at once.
    pub(super) fn spare(&mut self) -> &mut [u8] {
        self.input.grant(self.machine.input_bound().saturating_mul(2));
        self.input.spare()
    }

    /// So many bytes of it were read into.
    pub(super) fn filled(&mut self, count: usize) {
        self.input.filled(count);
    }

    /// What was read and not looked at.
    pub(super) fn unread(&self) -> &[u8] {
        self.input.unread()
    }

    /// So many of those are taken as bytes, past the machine.
    pub(super) fn take(&mut self, count: usize) {
        let bytes = self.input.unread().get(..count).unwrap_or_default();
        self.transcript.note("sees", self.seen, bytes, None);
        self.done_with(count);
    }

    fn done_with(&mut self, count: usize) {
        self.input.consume(count);
        self.seen = self.seen.saturating_add(wide(count));
    }

    /// Whether there is an event; what came instead, where there will be none.
    pub(super) fn ready(&mut self) -> Result<bool, String> {
        let looked = self.machine.engine_mut().ready(self.input.unread());
        let looked = looked.map_err(|violation| violation.to_string())?;
        self.done_with(looked.taken);
        match looked.progress {
            Progress::Event(()) => Ok(true),
            Progress::More(_) => Ok(false),
            Progress::Owed => Err("what came waits for a reply of this peer".to_string()),
            Progress::Closed => Err("the session is over".to_string()),
        }
    }

    /// What `take` makes of the event that is there; what came, where it makes nothing of it.
    pub(super) fn see<T>(
        &mut self,
        take: impl FnOnce(M::Event<'_>) -> Option<T>,
    ) -> Result<T, String>
    where
        for<'e> M::Event<'e>: Debug,
    {
        let (count, seen) = {
            let received = self.machine.receive(self.input.unread());
            let Ok(received) = received else {
                return Err(violation_of(self.machine.engine()).to_string());
            };
            let Progress::Event(event) = received.progress else {
                return Err("no event".to_string());
            };
            let came = format!("{event:?}");
            let bytes = self.input.unread().get(..received.taken).unwrap_or_default();
            self.transcript.note("sees", self.seen, bytes, Some(&event));
            (received.taken, take(event).ok_or(came))
        };
        self.done_with(count);
        seen
    }

    /// The other side's bytes have ended: what the session makes of that.
    pub(super) fn end(&mut self) -> Result<(), Violation> {
        self.machine.engine_mut().end_of_stream(self.input.len())
    }

    /// The stream has been handed to another layer.
    pub(super) fn upgraded(&mut self) -> Result<(), Misuse> {
        let announced = Upgrade::Announced { carry: false };
        if self.machine.engine().upgrade() != announced || !self.input.is_empty() {
            return Err(Misuse::NotUpgraded);
        }
        self.machine.engine_mut().upgraded();
        Ok(())
    }

    /// The same conversation with another machine.
    pub(super) fn with<N: Machine>(self, machine: N) -> Player<N> {
        const { assert!(!N::DATAGRAMS, "a protocol over datagrams") };
        let Player { input, seen, said, transcript, .. } = self;
        Player { machine, input, seen, said, transcript }
    }

    /// Tells what was expected, what came, and the conversation so far.
    #[track_caller]
    pub(super) fn fail(&self, at: &Location<'_>, expected: &str, came: &str) -> ! {
        let mut unread = String::new();
        if !self.input.is_empty() {
            let start = self.seen.to_string();
            let bytes = self.input.unread();
            let some = bytes.get(..200).unwrap_or(bytes);
            unread = format!("\nnot looked at, from byte {start}: {}", shown(some));
        }
        panic!(
            "at {at}\nexpected {expected}\nbut came {came}\nthe conversation so far:{}{unread}",
            self.transcript
        );
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
