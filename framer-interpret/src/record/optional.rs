//! Fields that may be missing: when they are there, and what would be read as one.

use framer_dsl::ir::{Field, FieldKind, Literal, Skip, Step, TypeId};
use framer_runtime::frame::Decoded;
use framer_runtime::read::{self as bytes, Reader};

use super::literals::{lead, read_literal};
use super::number::read_number;
use crate::description::Description;
use crate::types;
use crate::value::Value;

/// Reads a field that may be missing.
pub(super) fn read<'a>(
    description: &'static Description,
    id: TypeId,
    reader: &mut Reader<'a>,
    behind: &'static [Step],
) -> Decoded<Value<'a>> {
    match lead(description, id) {
        Some(lead) if reader.starts(&lead.bytes, lead.nocase, lead.word) => {
            types::read(description, description.ty(id), reader, &[])
        }
        Some(_) => Ok(Value::Missing),
        None => Ok(read_as_whole(description, id, reader, behind).unwrap_or(Value::Missing)),
    }
}

/// Reads a field that may be missing and begins with no literal: the literals and numbers behind
/// it, and what is skipped, must be there as well.
fn read_as_whole<'a>(
    description: &'static Description,
    id: TypeId,
    reader: &mut Reader<'a>,
    behind: &'static [Step],
) -> Option<Value<'a>> {
    types::read_optional(description, description.ty(id), reader, |reader| {
        for step in behind {
            match step {
                Step::Literal(literal) => read_literal(reader, literal)?,
                Step::Field(Field { kind: kind @ FieldKind::Number(_), cond: None, .. }) => {
                    read_number(reader, kind)?;
                }
                Step::Skip(skip) => read_skip(description, reader, skip)?,
                _ => break,
            }
        }
        Ok(())
    })
}

/// Passes over bytes of a class.
pub(super) fn read_skip(
    description: &'static Description,
    reader: &mut Reader<'_>,
    skip: &Skip,
) -> Decoded<()> {
    reader.run(description.class(skip.class), skip.min, skip.max).map(|_| ())
}

/// Whether `rest` would be read as a field that is not there.
pub(super) fn reads_as(
    description: &'static Description,
    kind: &'static FieldKind,
    follows: &'static [Step],
    rest: &[u8],
) -> bool {
    let Some(first) = follows.first() else { return false };
    let differs = |lead: &Literal| match first {
        Step::Literal(next) => {
            let mut pairs = lead.bytes.iter().zip(&next.bytes);
            pairs.any(|(one, other)| !one.eq_ignore_ascii_case(other))
        }
        _ => false,
    };
    let starts =
        |lead: &Literal| !differs(lead) && bytes::starts(rest, &lead.bytes, lead.nocase, lead.word);
    match kind {
        FieldKind::Flag { on, off: None, .. } => starts(on),
        FieldKind::Optional(id) => match lead(description, *id) {
            Some(lead) => starts(lead),
            None => {
                let reader = &mut Reader::new(rest);
                read_as_whole(description, *id, reader, follows).is_some()
            }
        },
        _ => false,
    }
}
