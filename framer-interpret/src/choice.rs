//! Choices of frames.

use framer_dsl::ir::{Alternative, By, Choice, ExprKind, FieldKind, Record, Step, Type, TypeId};
use framer_runtime::frame::{Decoded, Encoded};
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::{Writer, told};

use crate::description::Description;
use crate::expr::{Answer, Given, evaluate};
use crate::record::{self, Written, starts};
use crate::value::{Frame, Value};
use crate::{limits, types};

/// Reads the alternative that stands there.
pub(crate) fn read<'a>(
    description: &'static Description,
    ty: &'static Type,
    choice: &'static Choice,
    reader: &mut Reader<'a>,
    given: Given<'_>,
) -> Decoded<Frame<'a>> {
    let begun = limits::before_reading(ty.limits, reader)?;
    let alternative = |reader: &mut Reader<'a>| match number_given(ty, choice, given) {
        Some(number) => read_given(description, choice, reader, number, given),
        None => read_led(description, choice, reader),
    };
    let frame = match choice.region {
        Some(region) => {
            let delimiter = description.delimiter(region.delimiter);
            let outside = reader.open(delimiter, record::small(region.max))?;
            let frame = alternative(reader)?;
            reader.close(outside)?;
            frame
        }
        None => alternative(reader)?,
    };
    limits::behind_reading(ty.limits, reader, &begun)?;
    Ok(frame)
}

/// The parameter that tells the alternatives apart.
fn by(ty: &'static Type, choice: &Choice) -> Option<&'static str> {
    Some(&ty.params.get(choice.by.as_ref()?.param()?)?.name)
}

/// The number that tells the alternatives apart, made of what is given; `None` where they tell themselves.
pub(crate) fn number_given(ty: &Type, choice: &Choice, given: Given<'_>) -> Option<u64> {
    let of = |name: &str| given.iter().find(|(of, _)| *of == name).map_or(0, |(_, number)| *number);
    Some(match choice.by.as_ref()? {
        By::Param(place) => of(&ty.params.get(*place)?.name),
        By::Computed(expr) => evaluate(expr, &|name| {
            Answer::Number(if let ExprKind::Field(name) = name { of(name) } else { 0 })
        })
        .number(),
    })
}

fn read_alternative<'a>(
    description: &'static Description,
    alternative: &'static Alternative,
    reader: &mut Reader<'a>,
    given: Given<'_>,
) -> Decoded<Frame<'a>> {
    let ty = description.ty(TypeId::Frame(alternative.frame));
    match types::read(description, ty, reader, &passed(ty, given))? {
        Value::Frame(frame) => Ok(frame),
        _ => Err(reader.fail(Rule::Choice)),
    }
}

/// What an alternative is given, by the names that it has in the choice, too.
pub(crate) fn passed(ty: &'static Type, given: Given<'_>) -> Vec<(&'static str, u64)> {
    let param = |name: &'static String| given.iter().find(|(given, _)| given == name).copied();
    ty.params.iter().filter_map(|of| param(&of.name)).collect()
}

/// Reads the alternative that a number means.
fn read_given<'a>(
    description: &'static Description,
    choice: &'static Choice,
    reader: &mut Reader<'a>,
    number: u64,
    given: Given<'_>,
) -> Decoded<Frame<'a>> {
    match meant(choice, number) {
        Some(alternative) => read_alternative(description, alternative, reader, given),
        None => Err(reader.fail_before(Rule::Choice)),
    }
}

/// The alternative that a number means.
pub(crate) fn meant(choice: &'static Choice, number: u64) -> Option<&'static Alternative> {
    let mut all = choice.alternatives.iter();
    let named = all.find(|alternative| alternative.tag == Some(number));
    named.or_else(|| choice.alternatives.iter().find(|alternative| alternative.tag.is_none()))
}

/// Reads the alternative that stands there by what it begins with.
fn read_led<'a>(
    description: &'static Description,
    choice: &'static Choice,
    reader: &mut Reader<'a>,
) -> Decoded<Frame<'a>> {
    let mut ahead = *reader;
    pass_each(description, choice, &mut ahead)?;
    for alternative in choice.led() {
        if let Some(lead) = &alternative.lead
            && starts(&ahead, lead)
        {
            return read_alternative(description, alternative, reader, &[]);
        }
    }
    match choice.alternatives.iter().find(|alternative| alternative.lead.is_none()) {
        Some(alternative) => read_alternative(description, alternative, reader, &[]),
        None => Err(reader.fail(Rule::Choice)),
    }
}

/// Passes over what every alternative begins with.
fn pass_each(
    description: &'static Description,
    choice: &'static Choice,
    reader: &mut Reader<'_>,
) -> Decoded<()> {
    let first = choice.alternatives.first().filter(|_| choice.head > 0);
    match first.and_then(|of| description.record(TypeId::Frame(of.frame))) {
        Some(record) => record::pass(description, record, choice.head, reader),
        None => Ok(()),
    }
}

/// The number of the alternative that a field of a record is.
pub(crate) fn number(
    description: &Description,
    record: &'static Record,
    name: &str,
    value: Option<&Value<'_>>,
) -> u64 {
    let found = || {
        let FieldKind::Named { ty, .. } = record.slot(name)?.kind else { return None };
        let choice = description.choice(*ty)?;
        let frame = value?.frame()?;
        let of = |alternative: &&Alternative| {
            description.ty(TypeId::Frame(alternative.frame)).name == frame.name
        };
        let alternative = choice.alternatives.iter().find(of)?;
        match by(description.ty(*ty), choice) {
            Some(by) => alternative.tag.or_else(|| frame.get(by)?.number()),
            None => first_number(description, alternative, frame),
        }
    };
    found().or_else(|| value?.number()).unwrap_or_default()
}

/// The number that an alternative begins with.
fn first_number(
    description: &Description,
    alternative: &Alternative,
    frame: &Frame<'_>,
) -> Option<u64> {
    let record = description.record(TypeId::Frame(alternative.frame))?;
    let Step::Field(field) = record.steps.first()? else { return None };
    match field.derived.as_ref().map(|derived| &derived.expr.kind) {
        Some(ExprKind::Number(number)) => Some(*number),
        _ => frame.get(&field.name)?.number(),
    }
}

/// Writes the alternative that `frame` is.
pub(crate) fn write(
    description: &'static Description,
    ty: &'static Type,
    choice: &'static Choice,
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
    given: Given<'_>,
) -> Encoded {
    let of = |alternative: &&'static Alternative| {
        description.ty(TypeId::Frame(alternative.frame)).name == frame.name
    };
    let mut write = || -> Encoded {
        let begun = limits::before_writing(ty.limits, writer)?;
        let opened = choice.region.map(|region| (region, writer.open()));
        let Some(alternative) = choice.alternatives.iter().find(of) else {
            return Err(writer.fail("", Rule::Condition));
        };
        match &choice.by {
            Some(_) => write_given(description, ty, choice, alternative, writer, frame, given)?,
            None => write_led(description, choice, alternative, writer, frame)?,
        }
        if let Some((region, opened)) = opened {
            let delimiter = description.delimiter(region.delimiter);
            writer.delimiter(opened, delimiter, record::small(region.max))?;
        }
        limits::behind_writing(ty.limits, writer, &begun)
    };
    told(&ty.name, write())
}

fn write_alternative(
    description: &'static Description,
    alternative: &'static Alternative,
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
    given: Given<'_>,
) -> Encoded {
    let ty = description.ty(TypeId::Frame(alternative.frame));
    match description.record(ty.id) {
        Some(record) => {
            let frame = Written { frame, given: &passed(ty, given), hoisted: &[] };
            record::write(description, ty, record, writer, frame)
        }
        None => Err(writer.fail("", Rule::Condition)),
    }
}

/// Writes an alternative that is meant by what is given: the catch-all has none of the others' numbers.
fn write_given(
    description: &'static Description,
    ty: &'static Type,
    choice: &'static Choice,
    alternative: &'static Alternative,
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
    given: Given<'_>,
) -> Encoded {
    let mut taken = choice.alternatives.iter().filter_map(|of| of.tag);
    let by = by(ty, choice);
    let number = match by {
        Some(by) => frame.get(by).and_then(Value::number),
        None => number_given(ty, choice, given),
    };
    let otherwise = match alternative.tag {
        Some(_) if by.is_some() => false,
        Some(tag) => number != Some(tag),
        None => taken.any(|tag| Some(tag) == number),
    };
    if otherwise {
        return Err(writer.fail(by.unwrap_or_default(), Rule::Ambiguous));
    }
    write_alternative(description, alternative, writer, frame, given)
}

/// Writes an alternative that is told by what it begins with: the catch-all by nothing that
/// another does.
fn write_led(
    description: &'static Description,
    choice: &'static Choice,
    alternative: &'static Alternative,
    writer: &mut Writer<'_>,
    frame: &Frame<'_>,
) -> Encoded {
    let begin = writer.mark();
    write_alternative(description, alternative, writer, frame, &[])?;
    if alternative.lead.is_some() {
        return Ok(());
    }
    let mut ahead = Reader::new(writer.since(begin));
    let passed = pass_each(description, choice, &mut ahead).is_ok();
    let mut leads = choice.alternatives.iter().filter_map(|other| other.lead.as_ref());
    let ambiguous = passed && leads.any(|lead| starts(&ahead, lead));
    if ambiguous { Err(writer.fail("", Rule::Ambiguous)) } else { Ok(()) }
}
