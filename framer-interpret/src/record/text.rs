//! Texts: one value, read or written.

use std::borrow::Cow;

use framer_dsl::ir::{Expr, Extent, TextKind};
use framer_runtime::frame::{Decoded, Encoded};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::Writer;

use super::small;
use crate::description::Description;
use crate::value::Value;

/// Reads a text, `length` telling what an expression comes to.
pub(super) fn read<'a>(
    description: &'static Description,
    reader: &mut Reader<'a>,
    kind: TextKind,
    extent: &'static Extent,
    length: impl Fn(&Expr) -> u64,
) -> Decoded<Value<'a>> {
    let begin = reader.position();
    let bytes = match extent {
        Extent::ToEnd => reader.take_rest(),
        Extent::Exactly(len) => reader.bytes(*len)?,
        Extent::Sized(expr) => reader.sized(length(expr))?,
        Extent::Until { delimiter, max } => {
            reader.until(description.delimiter(*delimiter), small(*max))?
        }
        Extent::Run { class, trim: Some(_), max, .. } => {
            reader.run(description.class(*class), 0, *max)?
        }
        Extent::Run { class, escape: None, min, max, .. } => {
            reader.run(description.class(*class), *min, *max)?
        }
        Extent::Run { class, escape: Some((byte, escaped)), min, max, .. } => {
            let (class, escaped) = (description.class(*class), description.class(*escaped));
            reader.run_escaped(class, *byte, escaped, *min, *max)?
        }
    };
    let trim = match extent {
        Extent::Run { class, trim: Some(trim), min, .. } => {
            Some((description.class(*class), description.class(*trim), *min))
        }
        _ => None,
    };
    let text = match kind {
        TextKind::Bytes => {
            return Ok(Value::Bytes(Cow::Borrowed(match trim {
                Some((class, trim, min)) => reader.trimmed(begin, bytes, class, trim, min)?,
                None => bytes,
            })));
        }
        TextKind::Ascii => reader.ascii(begin, bytes)?,
        TextKind::Utf8 => reader.utf8(begin, bytes)?,
    };
    Ok(Value::Text(Cow::Borrowed(match trim {
        Some((class, trim, min)) => reader.trimmed(begin, text, class, trim, min)?,
        None => text,
    })))
}

/// Writes a text.
pub(super) fn write(
    description: &'static Description,
    writer: &mut Writer<'_>,
    title: &'static str,
    (kind, extent): (TextKind, &'static Extent),
    value: &Value<'_>,
) -> Encoded {
    match (kind, value) {
        (TextKind::Ascii, Value::Text(text)) => writer.ascii(title, text)?,
        (TextKind::Utf8, Value::Text(_)) | (TextKind::Bytes, Value::Bytes(_)) => {}
        _ => return Err(writer.fail(title, Rule::Condition)),
    }
    let bytes = value.text();
    match extent {
        Extent::ToEnd | Extent::Sized(_) => {
            writer.rest(bytes);
            Ok(())
        }
        Extent::Exactly(len) => writer.bytes(title, bytes, *len),
        Extent::Until { delimiter, max } => {
            writer.until(title, bytes, description.delimiter(*delimiter), small(*max))
        }
        Extent::Run { class, escape, trim, min, max } => {
            if let Some(trim) = trim {
                writer.trimmed(title, bytes, description.class(*trim))?;
            }
            let class = description.class(*class);
            match escape {
                None => writer.run(title, bytes, class, *min, *max),
                Some((byte, escaped)) => {
                    let escaped = description.class(*escaped);
                    writer.run_escaped(title, bytes, class, *byte, escaped, *min, *max)
                }
            }
        }
    }
}
