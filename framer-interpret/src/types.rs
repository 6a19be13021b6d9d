//! What reads and writes a type, whichever it is.

use framer_dsl::ir::{Type, TypeKind};
use framer_runtime::frame::{Decoded, Encoded, told};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::{Out, Writer};

use crate::description::Description;
use crate::expr::Given;
use crate::value::{Frame, Value};
use crate::{choice, record, values};

/// Reads one where `reader` stands.
pub(crate) fn read<'a>(
    description: &'static Description,
    ty: &'static Type,
    reader: &mut Reader<'a>,
    given: Given<'_>,
) -> Decoded<Value<'a>> {
    let frame = match &ty.kind {
        TypeKind::Record(of) => record::read(description, ty, of, reader, given),
        TypeKind::Choice(of) => choice::read(description, ty, of, reader, given),
        TypeKind::Values(of) => return values::read(of, reader),
        // Neither is a value in a description of its own.
        TypeKind::Stream | TypeKind::External(_) => return Err(reader.fail(Rule::Choice)),
    };
    told(&ty.name, frame).map(Value::Frame)
}

/// Reads one if it stands there as a whole, and `behind` it what must; otherwise `reader` does not
/// move.
pub(crate) fn read_optional<'a>(
    description: &'static Description,
    ty: &'static Type,
    reader: &mut Reader<'a>,
    behind: impl FnOnce(&mut Reader<'a>) -> Decoded<()>,
) -> Option<Value<'a>> {
    let mut trial = *reader;
    let value = read(description, ty, &mut trial, &[]).ok()?;
    behind(&mut trial.clone()).ok()?;
    *reader = trial;
    Some(value)
}

/// Writes one.
pub(crate) fn write(
    description: &'static Description,
    ty: &'static Type,
    writer: &mut Writer<'_>,
    value: &Value<'_>,
    given: Given<'_>,
) -> Encoded {
    match (&ty.kind, value) {
        (_, Value::Frame(frame)) => write_frame(description, ty, writer, frame, given),
        (TypeKind::Values(of), value) => values::write(of, writer, value),
        _ => Err(writer.fail("", Rule::Condition)),
    }
}

/// Writes a frame, of a type that is one or a choice of some.
pub(crate) fn write_frame(
    description: &'static Description,
    ty: &'static Type,
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
    given: Given<'_>,
) -> Encoded {
    match &ty.kind {
        TypeKind::Record(of) => {
            let frame = record::Written { frame, given, hoisted: &[] };
            record::write(description, ty, of, writer, frame)
        }
        TypeKind::Choice(of) => choice::write(description, ty, of, writer, frame, given),
        _ => Err(writer.fail("", Rule::Condition)),
    }
}

/// Writes a frame behind what `out` holds, all of it or nothing.
pub(crate) fn encode(
    description: &'static Description,
    ty: &'static Type,
    frame: &Frame<'_>,
    out: &mut Out<'_>,
) -> Encoded {
    Writer::whole(&ty.name, out, |writer| write_frame(description, ty, writer, frame, &[]))
}
