//! Literals, and what begins with them.

use framer_dsl::ir::{Lead, Literal, Step, TypeId};
use framer_runtime::frame::{Decoded, Encoded};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::Writer;

use crate::description::Description;

pub(super) fn read_literal(reader: &mut Reader<'_>, literal: &'static Literal) -> Decoded<()> {
    let Ok(text) = std::str::from_utf8(&literal.bytes) else {
        return reader.magic(&literal.bytes);
    };
    match (literal.word, literal.nocase) {
        (false, false) => reader.literal(text),
        (false, true) => reader.literal_nocase(text),
        (true, false) => reader.word(text),
        (true, true) => reader.word_nocase(text),
    }
}

/// Whether what is left begins so.
pub(crate) fn starts(reader: &Reader<'_>, lead: &Lead) -> bool {
    match lead {
        Lead::Literal(literal) => starts_literal(reader, literal),
        Lead::Pattern(pattern) => reader.matches(pattern),
    }
}

fn starts_literal(reader: &Reader<'_>, literal: &Literal) -> bool {
    reader.starts(&literal.bytes, literal.nocase, literal.word)
}

/// What says whether an optional frame is there.
pub(super) fn lead(description: &Description, id: TypeId) -> Option<&'static Literal> {
    let record = description.record(id)?;
    match record.steps.first() {
        Some(Step::Literal(literal)) if record.region.is_none() => Some(literal),
        _ => None,
    }
}

pub(super) fn read_flag(
    reader: &mut Reader<'_>,
    on: &Literal,
    off: Option<&Literal>,
    or_end: bool,
) -> Decoded<bool> {
    if starts_literal(reader, on) {
        reader.skip(on.bytes.len());
        return Ok(true);
    }
    if let Some(off) = off.filter(|off| starts_literal(reader, off)) {
        reader.skip(off.bytes.len());
        return Ok(false);
    }
    match or_end && reader.is_empty() || !or_end && off.is_none() {
        true => Ok(false),
        false => Err(reader.fail(Rule::Choice)),
    }
}

/// Writes a literal of the frame that is called so, or of a value.
pub(crate) fn write_literal(
    writer: &mut Writer<'_>,
    frame: &'static str,
    literal: &'static Literal,
) -> Encoded {
    if literal.word {
        return writer.word(frame, &literal.bytes);
    }
    writer.magic(&literal.bytes);
    Ok(())
}
