//! What was read, or is to be written: frames as trees of values.

use std::borrow::Cow;
use std::ops::Range;

use framer_runtime::transform::Coded;

/// A value of a field, or an element of a list.
///
/// The variant follows from the description alone, so that a value that is to be written is of the
/// same one as a value that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A field that is not there.
    Missing,
    /// A bit or a flag.
    Flag(bool),
    /// A number without a sign.
    Number(u64),
    /// A number with a sign.
    Signed(i64),
    /// `bytes`.
    Bytes(Cow<'a, [u8]>),
    /// `ascii` or `utf8`.
    Text(Cow<'a, str>),
    /// Bytes in a coding; to be written, [`Value::Bytes`] will do.
    Coded(Coded<'a>),
    /// One of a choice of values.
    Name {
        /// Its name, or that of the catch-all.
        name: Cow<'static, str>,
        /// Its number, where the choice is of numbers.
        number: Option<u64>,
    },
    /// A frame; of a choice of frames, the alternative.
    Frame(Frame<'a>),
    /// A list.
    List(Vec<Element<'a>>),
}

impl Value<'_> {
    /// The number, also of a value that has one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self {
            Value::Number(number) | Value::Name { number: Some(number), .. } => Some(*number),
            _ => None,
        }
    }

    /// The frame, if it is one.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame<'_>> {
        match self {
            Value::Frame(frame) => Some(frame),
            _ => None,
        }
    }

    /// Whether it is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !matches!(self, Value::Missing)
    }

    /// The bytes of a text.
    pub(crate) fn text(&self) -> &[u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            Value::Text(text) => text.as_bytes(),
            _ => &[],
        }
    }

    /// The elements of a list.
    pub(crate) fn elements(&self) -> &[Element<'_>] {
        match self {
            Value::List(elements) => elements,
            _ => &[],
        }
    }
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Element<'a> {
    /// Its value.
    pub value: Value<'a>,
    /// Where it was read, in bytes from the beginning of the outermost frame. Elements of a list
    /// that goes on elsewhere stand there.
    pub range: Range<usize>,
}

impl<'a> From<Value<'a>> for Element<'a> {
    fn from(value: Value<'a>) -> Element<'a> {
        Element { value, range: 0..0 }
    }
}

/// A frame and its fields.
///
/// ```
/// use framer_interpret::{Frame, Value};
///
/// let frame = Frame::new("Reply").with("code", Value::Number(250));
/// assert_eq!(frame.get("code"), Some(&Value::Number(250)));
/// assert_eq!(frame.get("text"), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Frame<'a> {
    /// Its name in the description.
    pub name: Cow<'static, str>,
    /// What was read, in order. What is to be written may stand in any, without what is derived.
    pub fields: Vec<Field<'a>>,
}

impl<'a> Frame<'a> {
    /// A frame without fields.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Frame<'a> {
        Frame { name: name.into(), fields: Vec::new() }
    }

    /// The same with one field more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: Value<'a>) -> Frame<'a> {
        self.fields.push(Field { name: name.into(), value, range: 0..0, derived: false });
        self
    }

    /// The value of the field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }
}

/// A field of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// Its name in the description.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Value<'a>,
    /// Where it was read, in bytes from the beginning of the outermost frame. Fields that share
    /// an integer have the range of all of it.
    pub range: Range<usize>,
    /// It follows from other fields, or from where its frame stands, and is not looked at when the
    /// frame is written.
    pub derived: bool,
}
