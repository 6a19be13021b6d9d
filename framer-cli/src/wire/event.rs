//! What passes on the wire, one by one.

use framer_runtime::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// One thing. All places count the bytes of its direction, of a datagram the bytes of all before it,
/// too.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// A connection of a capture begins.
    Connection {
        /// Which side is who.
        client: String,
        server: String,
    },
    /// A frame.
    Frame {
        #[serde(flatten)]
        at: At,
        frame: String,
        start: u64,
        end: u64,
        /// It has no place in the state.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        refused: bool,
        fields: Fields,
    },
    /// A part of a payload that is passed on as it comes.
    Chunk {
        #[serde(flatten)]
        at: At,
        frame: &'static str,
        start: u64,
        end: u64,
        /// In hexadecimal digits, without what lay over it.
        data: String,
    },
    /// What a side that is not heard is taken to have said.
    Assumed {
        #[serde(flatten)]
        at: At,
        frame: &'static str,
        /// The smallest and the largest value of the field that rules look at, where they matter.
        values: Option<[u64; 2]>,
        /// The frame that it answers.
        answers: Option<&'static str>,
        /// What it may have been instead.
        others: Vec<&'static str>,
    },
    /// The end of such a payload.
    End {
        #[serde(flatten)]
        at: At,
        frame: &'static str,
        start: u64,
        end: u64,
    },
    /// A frame whose content breaks a rule, and behind which the session goes on.
    Malformed {
        #[serde(flatten)]
        at: At,
        #[serde(flatten)]
        broken: Broken,
    },
    /// A role is read in another way from here.
    Switch { role: &'static str, from: &'static str, to: &'static str, at: u64 },
    /// The connection is handed to another layer.
    Upgrade { to: &'static str },
    /// Bytes that are of another layer, or behind the end of the session.
    Passed { role: &'static str, start: u64, end: u64 },
    /// Bytes that are missing from a capture; nothing more of the connection is read.
    Gap { role: &'static str, start: u64, end: u64 },
    /// The input ends inside something.
    Partial {
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<&'static str>,
        frame: &'static str,
        start: u64,
        have: u64,
        /// At least so many bytes more; null where it waits for the other side.
        need: Option<u64>,
    },
    /// A broken rule, behind which nothing more of the direction is read.
    Violation {
        #[serde(flatten)]
        at: At,
        #[serde(flatten)]
        broken: Broken,
    },
}

/// The fields of a frame, as they are to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Fields {
    /// To programs.
    Json(Map<String, Json>),
    /// To people, without what is derived.
    Shown(String),
}

/// To whom events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    People,
    Programs,
}

/// Who says something in which state; nobody where there is no protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct At {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'static str>,
    /// The state behind it.
    #[serde(skip)]
    pub(crate) after: Option<&'static str>,
}

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Broken {
    /// The name that the description gives it, or else the runtime.
    pub(crate) code: String,
    pub(crate) frame: &'static str,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) message: String,
}

impl From<Violation> for Broken {
    fn from(violation: Violation) -> Broken {
        let Violation { rule, frame, start, end } = violation;
        Broken { code: code(rule), frame, start, end, message: rule.to_string() }
    }
}

/// The name of a rule.
fn code(rule: Rule) -> String {
    match rule {
        Rule::Require(name) => name.to_owned(),
        rule => {
            let shown = format!("{rule:?}");
            shown.chars().take_while(|letter| letter.is_alphanumeric()).collect()
        }
    }
}

impl Event {
    /// Whether it makes the exit status 1.
    pub(crate) fn is_finding(&self) -> bool {
        matches!(self, Event::Violation { .. } | Event::Partial { .. } | Event::Gap { .. })
    }
}
