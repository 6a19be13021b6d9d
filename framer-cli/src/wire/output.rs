//! Where events go.

use std::io::Write as _;

use serde::Serialize;

use super::event::{Audience, Event};
use super::people;
use crate::Outcome;
use crate::error::Error;

/// Writes events to the standard output, and remembers whether something is wrong.
pub(crate) struct Output {
    audience: Audience,
    /// The role that stands first in the description.
    first: &'static str,
    outcome: Outcome,
}

/// An event, and the connection that it is of, where there are several.
#[derive(Serialize)]
struct Line<'e> {
    #[serde(flatten)]
    event: &'e Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<usize>,
}

impl Output {
    pub(crate) fn new(audience: Audience, first: &'static str) -> Output {
        Output { audience, first, outcome: Outcome::Clean }
    }

    /// Writes an event; of which connection, where there are several.
    pub(crate) fn event(&mut self, event: &Event, connection: Option<usize>) -> Result<(), Error> {
        if event.is_finding() {
            self.outcome = Outcome::Findings;
        }
        if self.audience == Audience::Programs {
            let mut output = std::io::stdout().lock();
            let line = serde_json::to_string(&Line { event, connection });
            writeln!(output, "{}", line.map_err(std::io::Error::from)?)?;
        } else {
            let number = connection.map_or_else(String::new, |number| format!("{number:>3} "));
            let line = people::line(event, self.first);
            writeln!(anstream::stdout().lock(), "{number}{line}")?;
        }
        Ok(())
    }

    /// To whom it is told.
    pub(crate) fn audience(&self) -> Audience {
        self.audience
    }

    /// Whether something was wrong.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }
}
