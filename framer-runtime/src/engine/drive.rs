//! What a connection asks of an engine.

use core::time::Duration;

use super::{Engine, Found, wide};
use crate::machine::{Drive, Failed, Upgrade, violation_of};
use crate::progress::{Progress, Received};
use crate::protocol::Unread;
use crate::violation::{Rule, Violation};

/// A streamed payload is progress with each so many bytes.
const PROGRESS_BYTES: u64 = 4096;

impl<const PENDING: usize, const OPEN: usize> Drive for Engine<PENDING, OPEN> {
    fn ready(&mut self, input: &[u8]) -> Result<Received<()>, Violation> {
        let found = self.find(input).map_err(|Failed| violation_of(self))?;
        Ok(match found {
            Found::More { .. } | Found::Owed | Found::Closed => found.no_event(),
            _ => Received { taken: 0, progress: Progress::Event(()) },
        })
    }

    fn end_of_stream(&mut self, unread: usize) -> Result<(), Violation> {
        if let Some(violation) = self.inbound.finder.failed() {
            return Err(violation);
        }
        if self.session.closed() {
            return Ok(());
        }
        let due = self.partial(unread).or_else(|| self.session.waits().then(|| self.receiving()));
        match due {
            Some(frame) => {
                let rule = Rule::EndOfStream { have: wide(unread) };
                let Failed = self.fail(rule, frame, 0, unread);
                Err(violation_of(self))
            }
            None => Ok(()),
        }
    }

    fn violation(&self) -> Option<Violation> {
        self.inbound.finder.failed()
    }

    fn scanned(&self) -> u64 {
        self.inbound.finder.scanned()
    }

    fn missing(&self, unread: usize) -> usize {
        self.inbound.finder.missing(unread)
    }

    fn upgrade(&self) -> Upgrade {
        match self.session.upgrade() {
            None => Upgrade::No,
            Some(_) if !self.session.upgrade_announced() => Upgrade::Due,
            Some(_) => Upgrade::Announced { carry: self.session.unread() == Unread::Carry },
        }
    }

    fn upgraded(&mut self) {
        self.session.upgraded();
    }

    fn progress(&self) -> u64 {
        self.session.progress().wrapping_add(self.streamed / PROGRESS_BYTES)
    }

    fn time_limit(&self) -> Option<Duration> {
        self.session.time_limit().map(Duration::from_millis)
    }

    fn time_limit_passed(&mut self) -> Option<Violation> {
        let (state, millis) = (self.session.state_name(), self.session.time_limit()?);
        self.session.expired();
        let rule = Rule::TimeLimit { millis, state };
        if !self.session.closed() {
            return None;
        }
        let Failed = self.fail(rule, state, 0, 0);
        self.violation()
    }
}
