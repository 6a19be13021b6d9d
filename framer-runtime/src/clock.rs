//! When a state has lasted too long.

use core::time::Duration;

use crate::machine::Drive;
use crate::violation::Violation;

/// The time of the last progress.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    since: Duration,
    /// What the engine had done then.
    progress: u64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { since: Duration::ZERO, progress: 0 }
    }
}

impl Clock {
    /// It is `now`: the violation, where the state ends the session.
    pub(crate) fn tick(&mut self, engine: &mut impl Drive, now: Duration) -> Result<(), Violation> {
        let progress = engine.progress();
        // Who waits does so no longer because a clock was set back.
        if progress != self.progress || now < self.since {
            *self = Clock { since: now, progress };
        }
        if self.next(engine).is_none_or(|next| now < next) {
            return Ok(());
        }
        self.since = now;
        match engine.time_limit_passed() {
            Some(violation) => Err(violation),
            None => Ok(()),
        }
    }

    /// The same clock for another engine, which begins with the next tick: it has not done as
    /// much yet.
    pub(crate) fn restarted(self) -> Clock {
        Clock { since: self.since, progress: u64::MAX }
    }

    /// When it is to be looked at again at the latest.
    pub(crate) fn next(&self, engine: &impl Drive) -> Option<Duration> {
        self.since.checked_add(engine.time_limit()?)
    }
}
