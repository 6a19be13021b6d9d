//! One side of a pair.

use core::fmt;
use core::time::Duration;

use super::Ended;
use crate::connection::{Connection, Limits, Sender};
use crate::machine::{Machine, Progress};
use crate::testing::chance::Chance;
use crate::testing::faults::End;
use crate::testing::pipe::Pipe;
use crate::violation::Misuse;

/// One side.
pub(super) struct Half<M> {
    connection: Connection<M>,
    stage: Stage,
    ended: Option<Ended>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It reads and writes.
    Open,
    /// It has ended or was closed by its program: it writes what is left, then closes.
    Closing,
    /// It reads no more, and writes until it is closed.
    Deaf,
    /// It has closed its stream.
    Closed,
}

impl<M: Machine> Half<M> {
    /// At the beginning of a session.
    pub(super) fn new(machine: M) -> Half<M> {
        Half::with_limits(machine, Limits::default())
    }

    /// The same with limits of its own.
    pub(super) fn with_limits(machine: M, limits: Limits) -> Half<M> {
        Half { connection: Connection::new(machine, limits), stage: Stage::Open, ended: None }
    }

    /// To say something, or to look at it.
    pub(super) fn connection(&mut self) -> &mut Connection<M> {
        &mut self.connection
    }

    /// Why nothing more comes to it.
    pub(super) const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Goes on with another protocol.
    pub(super) fn continue_with<N: Machine>(self, machine: N) -> Result<Half<N>, Misuse> {
        let Half { connection, stage, ended } = self;
        Ok(Half { connection: connection.continue_with(machine)?, stage, ended })
    }

    /// `Some(None)` if there is an event, and the end where there is that.
    pub(super) fn look(
        &mut self,
        from: &Pipe,
        now: Duration,
        half_open: bool,
    ) -> Option<Option<Ended>> {
        if self.stage != Stage::Open {
            return None;
        }
        let ended = match self.connection.ready() {
            // An event must find room for its answer.
            Ok(Progress::Event(())) => return (!self.connection.is_full()).then_some(None),
            Ok(Progress::Closed) => Ended::Closed,
            Ok(progress) => match (from.ended(now)?, progress) {
                (End::Reset, _) => Ended::Reset,
                // What has come waits for an answer, which may come yet.
                (_, Progress::Owed) => return None,
                _ => match self.connection.end_of_stream() {
                    Ok(()) => Ended::Stream,
                    Err(violation) => Ended::Violation(violation),
                },
            },
            Err(violation) => Ended::Violation(violation),
        };
        let deaf = half_open && ended == Ended::Stream;
        (self.stage, self.ended) = (if deaf { Stage::Deaf } else { Stage::Closing }, Some(ended));
        Some(Some(ended))
    }

    /// The event that is there, or the rule that it breaks.
    pub(super) fn event(&mut self) -> Result<(M::Event<'_>, Sender<'_, M>), Ended> {
        let ended = match self.connection.poll() {
            Ok(Progress::Event(turn)) => return Ok(turn),
            Ok(_) => Ended::Closed,
            Err(violation) => Ended::Violation(violation),
        };
        (self.stage, self.ended) = (Stage::Closing, Some(ended));
        Err(ended)
    }

    /// It reads no more.
    pub(super) fn close(&mut self) {
        if self.stage != Stage::Closed {
            self.stage = Stage::Closing;
        }
    }

    /// Writes what waits, and closes behind it; whether there was anything to do.
    pub(super) fn write(
        &mut self,
        to: &mut Pipe,
        now: Duration,
        chance: &mut Chance,
        told: impl FnOnce(&[u8]),
    ) -> bool {
        let pending = self.connection.transmit();
        if !pending.is_empty() && self.stage != Stage::Closed {
            if !to.has_room() {
                return false;
            }
            let taken = to.write(now, pending, chance);
            told(pending.get(..taken).unwrap_or_default());
            self.connection.transmitted(taken);
            return true;
        }
        if self.stage == Stage::Closing {
            to.close(now, chance);
            self.stage = Stage::Closed;
            return true;
        }
        false
    }

    /// Takes a piece that has arrived; whether there was one.
    pub(super) fn read(&mut self, from: &mut Pipe, now: Duration) -> bool {
        let Some(piece) = from.arrived(now) else { return false };
        let taken = match self.stage {
            Stage::Open => self.connection.receive(piece),
            // Who does not read any more keeps nobody waiting.
            Stage::Closing | Stage::Deaf | Stage::Closed => piece.len(),
        };
        from.read(taken);
        taken > 0
    }

    /// It is so late: whether that is an end of which to tell.
    pub(super) fn tick(&mut self, now: Duration) -> bool {
        self.stage == Stage::Open && self.connection.handle_time(now).is_err()
    }

    /// When it is to be told the time at the latest.
    pub(super) fn next_time(&self) -> Option<Duration> {
        self.connection.next_time().filter(|_| self.stage == Stage::Open)
    }
}

impl<M: fmt::Debug> fmt::Debug for Half<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Half")
            .field("connection", &self.connection)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
