//! Requests whose replies do not come.

use core::time::Duration;

use super::Session;
use crate::protocol::Key;

/// A request of this side that was not answered in time. An answer that comes later answers
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The frame by its name.
    pub frame: &'static str,
    /// What would have paired it with its answer.
    pub key: Key,
}

impl<const PENDING: usize> Session<PENDING> {
    /// It is `now`: requests that were outstanding for too long are forgotten, on either side.
    pub(crate) fn lapse(&mut self, now: Duration) {
        let Some(limit) = self.limit_of_replies() else { return };
        let (local, protocol, unanswered) = (self.local, self.protocol, &mut self.unanswered);
        self.pending.retain(|exchange| {
            let Some(key) = exchange.said.key else { return true };
            let since = exchange.since.get_or_insert(now);
            // Who waits does so no longer because a clock was set back.
            *since = now.min(*since);
            let waits = now.saturating_sub(*since) < limit;
            if !waits && exchange.role == local {
                let frame = protocol.kind_name(exchange.said.kind);
                unanswered.get_or_insert_default().push_back(Unanswered { frame, key });
            }
            waits
        });
        // Nobody may ask for them.
        if let Some(unanswered) = unanswered {
            while unanswered.len() > protocol.pending {
                unanswered.pop_front();
            }
        }
    }

    /// When [`Session::lapse`] is to be called at the latest, `now` being when it last was.
    pub(crate) fn next_lapse(&self, now: Duration) -> Option<Duration> {
        let limit = self.limit_of_replies()?;
        let keyed = self.pending.iter().filter(|exchange| !exchange.ordered());
        let since = keyed.map(|exchange| exchange.since.unwrap_or(now)).min()?;
        since.checked_add(limit)
    }

    /// The next request of this side that was not answered in time, the oldest first.
    pub(crate) fn unanswered(&mut self) -> Option<Unanswered> {
        self.unanswered.as_mut()?.pop_front()
    }

    fn limit_of_replies(&self) -> Option<Duration> {
        self.protocol.reply_millis.map(Duration::from_millis)
    }
}
