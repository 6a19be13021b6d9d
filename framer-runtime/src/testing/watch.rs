//! The clock of one side.

use core::time::Duration;

/// How the clock of one side jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// It goes on by so much at once, as when its machine has slept.
    On(Duration),
    /// It goes back by so much, to where it began at most, as when somebody sets it.
    Back(Duration),
}

/// What a side's clock shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    ahead: Duration,
    behind: Duration,
}

impl Watch {
    /// What it shows `now`.
    pub(super) const fn shows(&self, now: Duration) -> Duration {
        now.saturating_add(self.ahead).saturating_sub(self.behind)
    }

    /// When it will show this.
    pub(super) const fn when(&self, shown: Duration) -> Duration {
        shown.saturating_add(self.behind).saturating_sub(self.ahead)
    }

    pub(super) fn jump(&mut self, now: Duration, jump: Jump) {
        match jump {
            Jump::On(by) => self.ahead = self.ahead.saturating_add(by),
            Jump::Back(by) => self.behind = self.behind.saturating_add(by.min(self.shows(now))),
        }
    }
}
