//! How large something may be as a whole, and how deep in itself.

use framer_dsl::ir::Limits;
use framer_runtime::frame::{Decoded, Encoded};
use framer_runtime::read::Reader;
use framer_runtime::violation::EncodeError;
use framer_runtime::write::Writer;

/// Where something with limits began, and how deep it was before.
pub(crate) struct Begun {
    begin: usize,
    depth: Option<u16>,
}

pub(crate) fn before_reading(limits: Option<Limits>, reader: &mut Reader<'_>) -> Decoded<Begun> {
    let begin = reader.position();
    let depth = limits.and_then(|limits| limits.depth);
    Ok(Begun { begin, depth: depth.map(|depth| reader.descend(depth)).transpose()? })
}

pub(crate) fn behind_reading(
    limits: Option<Limits>,
    reader: &mut Reader<'_>,
    begun: &Begun,
) -> Decoded<()> {
    if let Some(limits) = limits {
        reader.at_most(begun.begin, limits.max)?;
    }
    if let Some(depth) = begun.depth {
        reader.ascend(depth);
    }
    Ok(())
}

pub(crate) fn before_writing(
    limits: Option<Limits>,
    writer: &mut Writer<'_>,
) -> Result<Begun, EncodeError> {
    let begin = writer.mark();
    let depth = limits.and_then(|limits| limits.depth);
    Ok(Begun { begin, depth: depth.map(|depth| writer.descend(depth)).transpose()? })
}

pub(crate) fn behind_writing(
    limits: Option<Limits>,
    writer: &mut Writer<'_>,
    begun: &Begun,
) -> Encoded {
    if let Some(limits) = limits {
        writer.at_most(begun.begin, limits.max)?;
    }
    if let Some(depth) = begun.depth {
        writer.ascend(depth);
    }
    Ok(())
}
