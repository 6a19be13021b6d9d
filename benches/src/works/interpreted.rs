//! The bundled descriptions as they are, without generated code: the same frames for the same
//! consumers.

use std::path::Path;

use framer_dsl::Sources;
use framer_interpret::{Description, Element, Frame, Schema, StreamHalf, Value};
use framer_runtime::connection::{Connection, Limits};
use framer_runtime::cutter::Cutting;

use super::reads::READ_BYTES;

/// A bundled description, by the name of its file.
///
/// # Panics
/// If it cannot be read, or has a mistake.
pub(crate) fn description(name: &str) -> &'static Description {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols").join(name);
    let sources = Sources::open(&path).expect("a bundled description");
    Description::load(&sources).expect("a description without a mistake")
}

/// One of its frames or choices.
///
/// # Panics
/// If it has none of this name, as [`description`] does otherwise.
pub(crate) fn schema(name: &str, frame: &str) -> Schema {
    description(name).schema(frame).expect("a frame of the description")
}

/// A field of a frame.
///
/// # Panics
/// If it has none of this name.
pub(crate) fn field<'f, 'a>(frame: &'f Frame<'a>, name: &str) -> &'f Value<'a> {
    frame.get(name).expect("a field of the frame")
}

/// The frame that a value is.
///
/// # Panics
/// If it is none.
pub(crate) fn frame<'f>(value: &'f Value<'_>) -> &'f Frame<'f> {
    value.frame().expect("a frame")
}

/// The bytes of a value, or of its text.
///
/// # Panics
/// If it is something else.
pub(crate) fn bytes_of<'f>(value: &'f Value<'_>) -> &'f [u8] {
    match value {
        Value::Bytes(bytes) => bytes,
        Value::Text(text) => text.as_bytes(),
        other => panic!("no bytes, but {other:?}"),
    }
}

/// The elements of a list.
///
/// # Panics
/// If it is none.
pub(crate) fn elements<'f, 'a>(value: &'f Value<'a>) -> impl Iterator<Item = &'f Value<'a>> {
    let Value::List(elements) = value else { panic!("no list, but {value:?}") };
    elements.iter().map(|Element { value, .. }| value)
}

/// The number that a value is.
///
/// # Panics
/// If it is none.
pub(crate) fn number(value: &Value<'_>) -> u64 {
    value.number().expect("a number")
}

/// Gives every frame that is cut out of an input to `consume`.
///
/// # Panics
/// If the input breaks a rule, or the frame does not say where it ends.
pub(crate) fn cut(schema: Schema, input: &[u8], mut consume: impl FnMut(&Frame<'_>)) {
    let mut cutter = schema.cutter(2 * READ_BYTES).expect("it says where it ends");
    for mut read in input.chunks(READ_BYTES) {
        while !read.is_empty() {
            read = &read[cutter.receive(read)..];
            while let Cutting::Frame(value) = cutter.poll().expect("the input is right") {
                consume(frame(&value));
            }
        }
    }
    cutter.end_of_stream().expect("the input is whole");
}

/// The server of a description's first protocol, at its beginning.
///
/// # Panics
/// If there is none over a stream.
pub(crate) fn server(description: &'static Description, limits: Limits) -> Connection<StreamHalf> {
    let protocol = description.protocols().first().expect("a protocol");
    let role = protocol.role("server").expect("a server");
    let half = protocol.stream_half(role).expect("a protocol over a stream");
    Connection::new(half, limits)
}

/// What is said by these bytes, which are one frame.
///
/// # Panics
/// If they are none.
pub(crate) fn said(
    description: &'static Description,
    frame: &str,
    bytes: &'static [u8],
) -> Frame<'static> {
    let schema = description.schema(frame).expect("a frame of the description");
    match schema.decode(bytes).expect("it is right") {
        Value::Frame(frame) => frame,
        other => panic!("no frame, but {other:?}"),
    }
}
