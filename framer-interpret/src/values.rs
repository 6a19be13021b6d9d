//! Choices of values.

use std::borrow::Cow;

use framer_dsl::ir::{Value as Named, Values, ValuesKind};
use framer_runtime::frame::{Decoded, Encoded};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::Writer;

use crate::record::write_literal;
use crate::value::Value;

pub(crate) fn read(values: &'static Values, reader: &mut Reader<'_>) -> Decoded<Value<'static>> {
    match &values.kind {
        ValuesKind::Literals(all) => {
            for value in all {
                let literal = &value.value;
                if reader.starts(&literal.bytes, literal.nocase, literal.word) {
                    reader.skip(literal.bytes.len());
                    return Ok(Value::Name { name: Cow::Borrowed(&value.name), number: None });
                }
            }
            Err(reader.fail(Rule::Choice))
        }
        ValuesKind::Numbers { int, little, .. } => {
            let begin = reader.position();
            let number = reader.uint_of(int.bytes(), *little, 0..=int.max())?;
            from_number(values, number).ok_or_else(|| reader.fail_since(begin, Rule::Choice))
        }
    }
}

/// The value of a number, if it has one.
pub(crate) fn from_number(values: &'static Values, number: u64) -> Option<Value<'static>> {
    let ValuesKind::Numbers { values, other, .. } = &values.kind else { return None };
    let named = values.iter().find(|value| value.value == number).map(|value| &value.name);
    let name = named.or(other.as_ref().map(|Named { name, .. }| name))?;
    Some(Value::Name { name: Cow::Borrowed(name), number: Some(number) })
}

/// Whether numbers without a name are values, too.
pub(crate) fn has_other(values: &Values) -> bool {
    matches!(values.kind, ValuesKind::Numbers { other: Some(_), .. })
}

pub(crate) fn write(
    values: &'static Values,
    writer: &mut Writer<'_>,
    value: &Value<'_>,
) -> Encoded {
    let Value::Name { name, number } = value else {
        return Err(writer.fail("", Rule::Condition));
    };
    match &values.kind {
        ValuesKind::Literals(all) => match all.iter().find(|value| value.name == *name) {
            Some(value) => write_literal(writer, "", &value.value),
            None => Err(writer.fail("", Rule::Choice)),
        },
        ValuesKind::Numbers { int, little, .. } => {
            let Some(number) = *number else { return Err(writer.fail("", Rule::Condition)) };
            if from_number(values, number).as_ref() != Some(value) {
                return Err(writer.fail("", Rule::Ambiguous));
            }
            writer.uint_of("", number, int.bytes(), *little, 0..=int.max())
        }
    }
}
