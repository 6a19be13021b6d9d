//! When a state has lasted too long.

use core::time::Duration;

use crate::engine::Engine;
use crate::violation::Violation;

/// A streamed payload restarts the time limit with each so many bytes.
const RESTART_BYTES: u64 = 4096;

/// The time of the last progress.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    since: Duration,
    progress: (u64, u64),
}

impl Clock {
    /// It is `now`: the violation, where the state ends the session.
    pub(crate) fn tick(&mut self, engine: &mut Engine, now: Duration) -> Result<(), Violation> {
        let progress = (engine.session().progress(), engine.streamed() / RESTART_BYTES);
        if progress != self.progress {
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

    /// The same clock for another engine.
    pub(crate) fn restarted(self) -> Clock {
        Clock { since: self.since, progress: (0, 0) }
    }

    /// When it is to be looked at again at the latest.
    pub(crate) fn next(&self, engine: &Engine) -> Option<Duration> {
        let millis = engine.session().time_limit()?;
        self.since.checked_add(Duration::from_millis(millis))
    }
}
