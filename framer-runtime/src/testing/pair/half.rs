//! One side of a pair.

use core::fmt;
use core::time::Duration;

use super::Ended;
use crate::connection::{Connection, Limits, Sender};
use crate::machine::{Machine, Progress};
use crate::testing::chance::Chance;
use crate::testing::faults::End;
use crate::testing::pipe::Pipe;
use crate::testing::watch::{Jump, Watch};
use crate::violation::Misuse;

/// One side.
pub(super) struct Half<M> {
    connection: Connection<M>,
    stage: Stage,
    ended: Option<Ended>,
    watch: Watch,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It reads and writes.
    Open,
    /// It reads, writes what is left, then ends its stream.
    Finishing,
    /// It has ended its stream, and reads.
    Listening,
    /// It has ended or was closed by its program: it writes what is left, then closes.
    Closing,
    /// It reads no more, and writes until it is closed.
    Deaf,
    /// It has closed its stream.
    Closed,
}

impl Stage {
    /// It reads no more.
    const fn closed(self) -> Stage {
        match self {
            Stage::Listening | Stage::Closed => Stage::Closed,
            Stage::Open | Stage::Finishing | Stage::Closing | Stage::Deaf => Stage::Closing,
        }
    }
}

impl<M: Machine> Half<M> {
    /// At the beginning of a session.
    pub(super) fn new(machine: M) -> Half<M> {
        Half::with_limits(machine, Limits::default())
    }

    /// The same with limits of its own.
    pub(super) fn with_limits(machine: M, limits: Limits) -> Half<M> {
        let connection = Connection::new(machine, limits);
        Half { connection, stage: Stage::Open, ended: None, watch: Watch::default() }
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
        let Half { connection, stage, ended, watch } = self;
        Ok(Half { connection: connection.continue_with(machine)?, stage, ended, watch })
    }

    /// `Some(None)` if there is an event, and the end where there is that.
    pub(super) fn look(
        &mut self,
        from: &Pipe,
        now: Duration,
        half_open: bool,
    ) -> Option<Option<Ended>> {
        if !self.reads() {
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
        let deaf = half_open && ended == Ended::Stream && self.stage == Stage::Open;
        (self.stage, self.ended) =
            (if deaf { Stage::Deaf } else { self.stage.closed() }, Some(ended));
        Some(Some(ended))
    }

    /// The event that is there, or the rule that it breaks.
    pub(super) fn event(&mut self) -> Result<(M::Event<'_>, Sender<'_, M>), Ended> {
        let ended = match self.connection.poll() {
            Ok(Progress::Event(turn)) => return Ok(turn),
            Ok(_) => Ended::Closed,
            Err(violation) => Ended::Violation(violation),
        };
        (self.stage, self.ended) = (self.stage.closed(), Some(ended));
        Err(ended)
    }

    /// It reads no more.
    pub(super) fn close(&mut self) {
        self.stage = self.stage.closed();
    }

    /// It says no more.
    pub(super) fn finish(&mut self) {
        self.stage = match self.stage {
            Stage::Open => Stage::Finishing,
            Stage::Deaf => Stage::Closing,
            stage => stage,
        };
    }

    /// Its clock jumps, and it looks at it.
    pub(super) fn jump(&mut self, now: Duration, jump: Jump) {
        self.watch.jump(now, jump);
        self.tick(now);
    }

    const fn reads(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Finishing | Stage::Listening)
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
        if !pending.is_empty() && !matches!(self.stage, Stage::Listening | Stage::Closed) {
            if !to.has_room() {
                return false;
            }
            let taken = to.write(now, pending, chance);
            told(pending.get(..taken).unwrap_or_default());
            self.connection.transmitted(taken);
            return true;
        }
        self.stage = match self.stage {
            Stage::Finishing => Stage::Listening,
            Stage::Closing => Stage::Closed,
            _ => return false,
        };
        to.close(now, chance);
        true
    }

    /// Takes a piece that has arrived; whether there was one.
    pub(super) fn read(&mut self, from: &mut Pipe, now: Duration) -> bool {
        let reads = self.reads();
        let Some(piece) = from.arrived(now) else { return false };
        // Who does not read any more keeps nobody waiting.
        let taken = if reads { self.connection.receive(piece) } else { piece.len() };
        from.read(taken);
        taken > 0
    }

    /// It is so late: whether that is an end of which to tell.
    pub(super) fn tick(&mut self, now: Duration) -> bool {
        self.reads() && self.connection.handle_time(self.watch.shows(now)).is_err()
    }

    /// When it is to be told the time at the latest.
    pub(super) fn next_time(&self) -> Option<Duration> {
        self.connection.next_time().filter(|_| self.reads()).map(|shown| self.watch.when(shown))
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
