//! What was said so far, for who looks for the reason of a failure.

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;
use std::eprintln;
use std::format;
use std::string::String;
use std::vec::Vec;

/// How many lines are kept: the last ones.
const MAX_LINES: usize = 50;

/// How many bytes of each line are kept.
const MAX_BYTES: usize = 120;

/// How many characters of what the bytes mean.
const MAX_CHARS: usize = 240;

/// The last lines of a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Transcript {
    lines: VecDeque<Line>,
    left_out: u64,
}

#[derive(Clone, Debug)]
struct Line {
    who: &'static str,
    start: u64,
    end: u64,
    bytes: Vec<u8>,
    /// What it means; empty where that is not known.
    what: String,
    at: Option<Duration>,
}

impl Transcript {
    /// Takes down what stood at `start` of a direction, and what it means, if that is known.
    pub(super) fn note(
        &mut self,
        who: &'static str,
        start: u64,
        bytes: &[u8],
        what: Option<&dyn fmt::Debug>,
    ) {
        let what = what.map_or_else(String::new, |what| shortened(format!("{what:?}")));
        self.push(who, None, start, bytes, what);
    }

    /// Takes down what was said at a time, from `start` on; where what is said next begins.
    fn pass(&mut self, who: &'static str, at: Duration, start: u64, bytes: &[u8]) -> u64 {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self.lines.back_mut() {
            Some(last) if last.who == who && last.at == Some(at) && last.end == start => {
                let room = MAX_BYTES.saturating_sub(last.bytes.len());
                last.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
                last.end = start.saturating_add(len);
                last.end
            }
            _ => self.push(who, Some(at), start, bytes, String::new()),
        }
    }

    fn push(
        &mut self,
        who: &'static str,
        at: Option<Duration>,
        start: u64,
        bytes: &[u8],
        what: String,
    ) -> u64 {
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
            self.left_out = self.left_out.saturating_add(1);
        }
        let end = start.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes).to_vec();
        self.lines.push_back(Line { who, start, end, bytes, what, at });
        end
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines.is_empty() {
            return write!(formatter, "\n  nothing");
        }
        if self.left_out > 0 {
            write!(formatter, "\n  ({} lines before)", self.left_out)?;
        }
        for line in &self.lines {
            let Line { who, start, end, bytes, what, at } = line;
            write!(formatter, "\n  {who:<5} {:<12} {}", format!("{start}..{end}"), shown(bytes))?;
            if end.saturating_sub(*start) > u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
                write!(formatter, "...")?;
            }
            if let Some(at) = at {
                write!(formatter, " at {at:?}")?;
            }
            if !what.is_empty() {
                write!(formatter, "\n        {what}")?;
            }
        }
        Ok(())
    }
}

/// What both sides of a simulated network said; tells it when a test fails.
#[derive(Debug, Default)]
pub(super) struct Said {
    transcript: Transcript,
    left: u64,
    right: u64,
}

impl Said {
    /// The left side said this.
    pub(super) fn left(&mut self, at: Duration, bytes: &[u8]) {
        self.left = self.transcript.pass("left", at, self.left, bytes);
    }

    /// The right side did.
    pub(super) fn right(&mut self, at: Duration, bytes: &[u8]) {
        self.right = self.transcript.pass("right", at, self.right, bytes);
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what both sides said:{}", self.transcript);
        }
    }
}

/// Bytes as they stand in a byte string.
pub(super) fn shown(bytes: &[u8]) -> impl fmt::Display {
    format!("\"{}\"", bytes.escape_ascii())
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
