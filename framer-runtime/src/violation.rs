//! What can go wrong, by whose fault it is.
//!
//! A [`Violation`] is the peer's fault, a [`Misuse`] the caller's, an I/O error the transport's.

use thiserror::Error;

use crate::protocol::Key;

/// A rule of the description that the peer's bytes broke, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{frame}: {rule} (bytes {start}..{end})")]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The frame or state, by its name in the description.
    pub frame: &'static str,
    /// First byte concerned, counted from the beginning of the connection's direction.
    pub start: u64,
    /// Byte after the last one concerned.
    pub end: u64,
}

/// A rule that input can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rule {
    /// The frame goes on beyond its limit.
    #[error("longer than {max} bytes")]
    TooLong {
        /// The limit in bytes.
        max: u64,
    },
    /// What is to be written has no room in memory of a fixed size.
    #[error("more than the {bytes} bytes that there is room for")]
    NoRoom {
        /// How many bytes of it there is room for.
        bytes: u64,
    },
    /// A byte of the delimiter stands alone.
    #[error("byte {byte:#04x} outside its delimiter")]
    BareDelimiter {
        /// The byte.
        byte: u8,
    },
    /// Something else stands where a literal must.
    #[error("expected `{0}`")]
    Literal(&'static str),
    /// Something else stands where these bytes must.
    #[error("expected the bytes `{}`", .0.escape_ascii())]
    Bytes(&'static [u8]),
    /// A field does not agree with what it is made of.
    #[error("`{0}` does not agree with what it is made of")]
    Derived(&'static str),
    /// What is to be written is missing where it must be, or there where it must not.
    #[error("there against its condition, or missing")]
    Condition,
    /// No digit, too many of them, or a leading zero; or more bytes than the number needs.
    #[error("not a number in canonical form")]
    Number,
    /// A value outside its range.
    #[error("value not in {low}..={high}")]
    Range {
        /// The smallest value allowed.
        low: u64,
        /// The largest value allowed.
        high: u64,
    },
    /// Fewer bytes of the class than needed.
    #[error("fewer than {min} bytes of `{class}`")]
    TooShort {
        /// The class by its name.
        class: &'static str,
        /// How many are needed.
        min: usize,
    },
    /// A byte that the class does not hold.
    #[error("a byte outside `{class}`")]
    Class {
        /// The class by its name.
        class: &'static str,
    },
    /// What is to be written would be read as something else.
    #[error("would be read as something else")]
    Ambiguous,
    /// Bytes that the coding does not write.
    #[error("not of the coding `{coding}`")]
    Coding {
        /// The coding by its name.
        coding: &'static str,
    },
    /// Bytes before the beginning of a frame.
    #[error("bytes before the frame")]
    Stray,
    /// Bytes that are not UTF-8.
    #[error("not UTF-8")]
    Utf8,
    /// Bytes above 0x7f in an ASCII text.
    #[error("not ASCII")]
    Ascii,
    /// No alternative of the choice begins so.
    #[error("none of the alternatives")]
    Choice,
    /// More elements than allowed.
    #[error("more than {max} elements")]
    Count {
        /// The limit.
        max: usize,
    },
    /// Frames in frames of their own kind, deeper than allowed.
    #[error("more than {max} deep")]
    Depth {
        /// The limit.
        max: u16,
    },
    /// What is referred to does not stand before what refers to it, or before what led there.
    #[error("refers to byte {offset}, which is not before byte {before}")]
    Reference {
        /// The place that is referred to, in bytes from the beginning of the message.
        offset: u64,
        /// What it must stand before.
        before: u64,
    },
    /// The elements of a list differ in what they share.
    #[error("`{0}` differs between the elements")]
    Shared(&'static str),
    /// Bytes behind the last field.
    #[error("bytes behind the end")]
    Trailing,
    /// The frame ends before its last field.
    #[error("ends too early")]
    Truncated,
    /// A `require` does not hold.
    #[error("{0}")]
    Require(&'static str),
    /// No rule of the state lets the peer send this.
    #[error("not expected in state {state}")]
    OutOfSequence {
        /// The state by its name.
        state: &'static str,
    },
    /// A reply that no request awaits, or of a value its request has no arm for.
    #[error("reply out of turn in state {state}")]
    UnexpectedReply {
        /// The state by its name.
        state: &'static str,
    },
    /// A request with the key of one that is outstanding.
    #[error("the key {key} is in use in state {state}")]
    KeyInUse {
        /// The key.
        key: Key,
        /// The state by its name.
        state: &'static str,
    },
    /// What the frame does would take a variable out of its range.
    #[error("takes `{variable}` out of {low}..={high}")]
    Variable {
        /// The variable by its name.
        variable: &'static str,
        /// The smallest value that it may have.
        low: u64,
        /// The largest one.
        high: u64,
    },
    /// Bytes behind the frame that hands the connection to another layer.
    #[error("bytes before the upgrade to {layer}")]
    BeforeUpgrade {
        /// The layer by its name.
        layer: &'static str,
    },
    /// The stream ended inside a frame.
    #[error("the stream ended after {have} bytes of the frame")]
    EndOfStream {
        /// How many bytes were there.
        have: u64,
    },
    /// A time limit of the state has passed.
    #[error("nothing for {millis} ms in state {state}")]
    TimeLimit {
        /// The limit in milliseconds.
        millis: u64,
        /// The state by its name.
        state: &'static str,
    },
}

/// A rule broken inside a complete frame, before its place in the stream is known.
///
/// ```
/// use framer_runtime::read::Reader;
///
/// let invalid = Reader::new(b"421 no").literal("250").unwrap_err();
/// assert_eq!(invalid.to_string(), "expected `250` (bytes 0..1)");
/// let invalid = invalid.of("Line").of("Reply");
/// assert_eq!(invalid.to_string(), "Line: expected `250` (bytes 0..1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{frame}{}{rule} (bytes {start}..{end})", if .frame.is_empty() { "" } else { ": " })]
pub struct Invalid {
    /// The rule.
    pub rule: Rule,
    /// The frame by its name in the description; empty until it is [told](Invalid::of).
    pub frame: &'static str,
    /// First byte concerned, counted from the beginning of the frame.
    pub start: usize,
    /// Byte after the last one concerned.
    pub end: usize,
}

impl Invalid {
    /// The same in a frame of this name, if no frame in it has been told before. So it is on the
    /// way out that a frame is named, and what is right is read without.
    #[must_use]
    #[cold]
    pub fn of(self, frame: &'static str) -> Invalid {
        match self.frame {
            "" => Invalid { frame, ..self },
            _ => self,
        }
    }
}

/// What the caller may not do; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The frame cannot be sent before a reply of the peer decides what may follow.
    #[error("{frame} must wait for a reply")]
    Wait {
        /// The frame by its name.
        frame: &'static str,
    },
    /// The frame changes how the peer is read, which has not said all that it announced: a payload,
    /// for example.
    #[error("{frame} must wait for the peer's {due}")]
    Interrupts {
        /// The frame by its name.
        frame: &'static str,
        /// What the peer is in the middle of, by its name.
        due: &'static str,
    },
    /// The state does not let this role send the frame.
    #[error("{frame} may not be sent in state {state}")]
    OutOfSequence {
        /// The frame by its name.
        frame: &'static str,
        /// The state by its name.
        state: &'static str,
    },
    /// The frame that is to be sent now is another one.
    #[error("{frame} may not be sent while {expected} is due")]
    Framing {
        /// The frame by its name.
        frame: &'static str,
        /// The frame that is due.
        expected: &'static str,
    },
    /// Something was begun and is not said to its end: a payload of fewer bytes than were
    /// announced. Nothing else can be said any more.
    #[error("{frame} is not said to its end")]
    Unfinished {
        /// The frame by its name.
        frame: &'static str,
    },
    /// No request awaits this reply, or its request has no arm for its value.
    #[error("{frame} {value} answers nothing in state {state}")]
    Unasked {
        /// The frame by its name.
        frame: &'static str,
        /// The value that arms look at.
        value: u64,
        /// The state by its name.
        state: &'static str,
    },
    /// A request with the same key is outstanding.
    #[error("the key {key} is in use")]
    KeyInUse {
        /// The key.
        key: Key,
    },
    /// More requests outstanding than allowed.
    #[error("{max} requests are outstanding")]
    Pending {
        /// The limit.
        max: usize,
    },
    /// The frame would take a variable out of its range.
    #[error("{frame} takes `{variable}` out of {low}..={high}")]
    Variable {
        /// The frame by its name.
        frame: &'static str,
        /// The variable by its name.
        variable: &'static str,
        /// The smallest value that it may have.
        low: u64,
        /// The largest one.
        high: u64,
    },
    /// The value cannot be encoded so that it comes back.
    #[error("{0}")]
    Encode(EncodeError),
    /// The session is over.
    #[error("the session is closed")]
    Closed,
    /// The connection is being handed to another layer.
    #[error("the upgrade to {layer} is due")]
    Upgrading {
        /// The layer by its name.
        layer: &'static str,
    },
    /// No upgrade was told that this session goes on behind: none at all, or one whose first bytes
    /// are those that came before it.
    #[error("no upgrade was told that the session goes on behind")]
    NotUpgraded,
    /// More framings would lie on one another than may.
    #[error("{max} framings lie on one another")]
    Depth {
        /// The limit.
        max: usize,
    },
    /// The peer does not read, and the output is full.
    #[error("{max} bytes wait to be sent")]
    Full {
        /// The limit in bytes.
        max: usize,
    },
    /// The memory that was given for the input, or for the output, is smaller than the machine
    /// needs.
    #[error("an input of {input_bytes} bytes and an output of {output_bytes} are needed")]
    Memory {
        /// The longest frame that must lie in the input.
        input_bytes: usize,
        /// The longest message.
        output_bytes: usize,
    },
    /// The next event was asked for while the peer waits for a reply of this side, or for the rest
    /// of what this side has announced.
    #[error("the peer waits for a reply")]
    Owed,
}

/// A value that its frame cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{frame}.{field}: {rule}")]
pub struct EncodeError {
    /// The frame by its name in the description; empty until it is [told](EncodeError::of).
    pub frame: &'static str,
    /// The field, empty where it is the frame as a whole.
    pub field: &'static str,
    /// The rule the bytes would break.
    pub rule: Rule,
}

impl EncodeError {
    /// The same in a frame of this name, if no frame in it has been told before.
    #[must_use]
    #[cold]
    pub fn of(self, frame: &'static str) -> EncodeError {
        match self.frame {
            "" => EncodeError { frame, ..self },
            _ => self,
        }
    }
}
