//! Lists, and the elements that share fields with them.

use framer_dsl::ir::{
    Element as Kind, Expr, Field as Declared, FieldKind, Int, Jump, List, ListEnd, Record, Step,
    Type, TypeId, TypeKind,
};
use framer_runtime::frame::{Decoded, Encoded, told};
use framer_runtime::list;
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;
use framer_runtime::write::{Elements, Writer};

use super::literals::starts;
use super::write::{Written, agrees};
use super::{read, write};
use crate::description::Description;
use crate::expr::Whole;
use crate::types;
use crate::value::{Element, Field, Frame, Value};

/// Reads a list, `number` telling what an expression comes to.
pub(super) fn read_list<'a>(
    description: &'static Description,
    list: &'static List,
    reader: &mut Reader<'a>,
    number: impl Fn(&Expr) -> u64,
) -> Decoded<Value<'a>> {
    let mut elements = Vec::new();
    let mut element = |reader: &mut Reader<'a>| {
        let begin = reader.position();
        let value = read_element(description, list.element, reader)?;
        elements.push(Element { value, range: begin..reader.position() });
        Ok(())
    };
    match &list.end {
        ListEnd::Count { count, .. } => {
            list::counted(reader, number(count), list.max, element)?;
        }
        ListEnd::Literal { literal, max, .. } => {
            let jump = |reader: &mut Reader<'a>| jump(description, list.element, reader);
            list::until(reader, &literal.bytes, *max, list.max, jump, element)?;
        }
        ListEnd::Run { leads } => {
            let another = |reader: &Reader<'a>| leads.iter().any(|lead| starts(reader, lead));
            list::run(reader, list.max, another, element)?;
        }
        ListEnd::Region | ListEnd::Flag { .. } => {
            list::run(reader, list.max, |reader| !reader.is_empty(), &mut element)?;
        }
    }
    Ok(Value::List(elements))
}

fn read_element<'a>(
    description: &'static Description,
    element: Kind,
    reader: &mut Reader<'a>,
) -> Decoded<Value<'a>> {
    match element {
        Kind::Type(id) => types::read(description, description.ty(id), reader, &[]),
        Kind::Int { int, little } => {
            reader.uint_of(int.bytes(), little, 0..=int.max()).map(Value::Number)
        }
    }
}

/// Where a list goes on, if that is what stands here in the place of an element.
fn jump(
    description: &'static Description,
    element: Kind,
    reader: &mut Reader<'_>,
) -> Option<Decoded<u64>> {
    let Jump { frame, lead, field, .. } = description.record(element.ty()?)?.jump.as_ref()?;
    if !starts(reader, lead) {
        return None;
    }
    let ty = description.ty(TypeId::Frame(*frame));
    let value = types::read(description, ty, reader, &[]);
    Some(value.map(|value| {
        let offset = value.frame().and_then(|frame| frame.get(field)).and_then(Value::number);
        offset.unwrap_or_default()
    }))
}

/// The list of a record whose last element has a flag that says so, and the flag.
pub(crate) fn flag_list(record: &'static Record) -> Option<(&'static List, &'static str, bool)> {
    record.steps.iter().find_map(|step| match step {
        Step::Field(Declared { kind: FieldKind::List(list), .. }) => match &list.end {
            ListEnd::Flag { field, last } => Some((list, field.as_str(), *last)),
            _ => None,
        },
        _ => None,
    })
}

/// Reads an element of a list that ends with a flag, and that flag.
pub(crate) fn element_flag<'a>(
    description: &'static Description,
    list: &'static List,
    flag: &str,
    reader: &mut Reader<'a>,
) -> Decoded<(Frame<'a>, bool)> {
    let missing = |reader: &Reader<'_>| reader.fail(Rule::Choice);
    let id = list.element.ty().ok_or_else(|| missing(reader))?;
    let (ty, record) = (description.ty(id), description.record(id));
    let record = record.ok_or_else(|| missing(reader))?;
    let mut frame = told(&ty.name, read(description, ty, record, reader, &[]))?;
    let is_set = frame.get(flag) == Some(&Value::Flag(true));
    for field in &mut frame.fields {
        field.derived |= record.hoisted.iter().any(|name| *name == field.name);
    }
    Ok((frame, is_set))
}

/// Reads a list whose last element has a flag that says so: the fields that it shares with its
/// owner, and itself.
pub(super) fn read_flagged<'a>(
    description: &'static Description,
    field: &'static Declared,
    list: &'static List,
    (flag, last): (&str, bool),
    reader: &mut Reader<'a>,
) -> Decoded<Vec<Field<'a>>> {
    let begin = reader.position();
    let mut elements: Vec<Element<'a>> = Vec::new();
    let mut shared: Vec<Field<'a>> = Vec::new();
    loop {
        let start = reader.position();
        let (frame, is_set) = element_flag(description, list, flag, reader)?;
        if elements.is_empty() {
            let of = |of: &&Field<'a>| list.shared.iter().any(|shared| shared.name == of.name);
            let own = |of: &Field<'a>| Field { derived: false, ..of.clone() };
            shared = frame.fields.iter().filter(of).map(own).collect();
        }
        for of in &list.shared {
            let first = shared.iter().find(|first| first.name == of.name);
            if frame.get(&of.name) != first.map(|first| &first.value) {
                return Err(reader.fail_since(start, Rule::Shared(&of.name)));
            }
        }
        if elements.len() == list.max {
            return Err(reader.fail_since(start, Rule::Count { max: list.max }));
        }
        let range = start..reader.position();
        elements.push(Element { value: Value::Frame(frame), range });
        if is_set == last {
            break;
        }
    }
    let (name, range) = (field.name.as_str().into(), begin..reader.position());
    shared.push(Field { name, value: Value::List(elements), range, derived: false });
    Ok(shared)
}

pub(super) fn write_list(
    whole: Whole<'_>,
    written: Written<'_>,
    writer: &mut Writer<'_>,
    title: &'static str,
    list: &'static List,
    value: &Value<'_>,
) -> Encoded {
    let Value::List(elements) = value else {
        return Err(writer.fail(title, Rule::Condition));
    };
    if elements.len() > list.max {
        return Err(writer.fail(title, Rule::Count { max: list.max }));
    }
    let description = whole.description;
    match &list.end {
        ListEnd::Flag { field, last } => {
            write_flagged(whole, written, writer, (title, field, *last), list, elements)
        }
        ListEnd::Literal { literal, max, jump } => {
            let end = (literal.bytes.as_slice(), *max);
            write_until(description, writer, (title, list.element), end, jump.as_ref(), elements)
        }
        ListEnd::Region | ListEnd::Run { .. } | ListEnd::Count { .. } => {
            if let ListEnd::Count { count, exact: false } = &list.end {
                agrees(whole, writer, title, count, elements.len())?;
            }
            for element in elements {
                write_element(description, writer, list.element, &element.value)?;
            }
            Ok(())
        }
    }
}

fn write_element(
    description: &'static Description,
    writer: &mut Writer<'_>,
    element: Kind,
    value: &Value<'_>,
) -> Encoded {
    match (element, value) {
        (Kind::Type(id), value) => {
            types::write(description, description.ty(id), writer, value, &[])
        }
        (Kind::Int { int, little }, Value::Number(number)) => {
            writer.uint_of("", *number, int.bytes(), little, 0..=max_of(int))
        }
        _ => Err(writer.fail("", Rule::Condition)),
    }
}

/// The largest value of the integer of Rust that holds it.
fn max_of(int: Int) -> u64 {
    Int::unsigned(int.width()).max()
}

/// Writes elements with what they share, and the flag of each.
fn write_flagged(
    whole: Whole<'_>,
    written: Written<'_>,
    writer: &mut Writer<'_>,
    (title, flag, last): (&'static str, &'static str, bool),
    list: &'static List,
    elements: &[Element<'_>],
) -> Encoded {
    let Some(last_place) = elements.len().checked_sub(1) else {
        return Err(writer.fail(title, Rule::Truncated));
    };
    let element = list
        .element
        .ty()
        .and_then(|id| Some((whole.description.ty(id), whole.description.record(id)?)));
    let Some((ty, record)) = element else { return Err(writer.fail(title, Rule::Condition)) };
    let shared = list
        .shared
        .iter()
        .filter_map(|field| Some((field.name.as_str(), written.get(&field.name)?.clone())));
    let mut hoisted: Vec<(&str, Value<'_>)> = shared.collect();
    for (place, element) in elements.iter().enumerate() {
        let Value::Frame(frame) = &element.value else {
            return Err(writer.fail(title, Rule::Condition));
        };
        hoisted.push((flag, Value::Flag((place == last_place) == last)));
        let frame = Written { frame, given: &[], hoisted: &hoisted };
        write(whole.description, ty, record, writer, frame)?;
        hoisted.pop();
    }
    Ok(())
}

/// Writes elements up to the literal that ends them, or to where the rest of them stands.
fn write_until(
    description: &'static Description,
    writer: &mut Writer<'_>,
    (title, element): (&'static str, Kind),
    (end, max): (&'static [u8], u64),
    to: Option<&'static Jump>,
    elements: &[Element<'_>],
) -> Encoded {
    let begin = writer.mark();
    let mut last = None;
    for of in elements {
        let mark = writer.mark();
        write_element(description, writer, element, &of.value)?;
        writer.not_begun(title, last, mark, end)?;
        last = Some(mark);
    }
    writer.magic(end);
    writer.not_ended(title, last, end)?;
    if max < u64::MAX {
        writer.at_most(begin, max)?;
    }
    let Some(to) = to.filter(|jump| jump.written) else { return Ok(()) };
    let known = Elements {
        read: &|reader| read_element(description, element, reader).map(|_| ()),
        jump: &|reader| jump(description, element, reader),
    };
    let Some(place) = writer.known_with(begin, end, to.max, &known) else { return Ok(()) };
    refer(description, writer, to, place)
}

/// Writes where the rest of a list stands.
fn refer(
    description: &'static Description,
    writer: &mut Writer<'_>,
    to: &'static Jump,
    place: u64,
) -> Encoded {
    let ty: &'static Type = description.ty(TypeId::Frame(to.frame));
    let TypeKind::Record(record) = &ty.kind else { return Ok(()) };
    let frame = Frame::new(ty.name.as_str()).with(to.field.as_str(), Value::Number(place));
    write(description, ty, record, writer, Written { frame: &frame, given: &[], hoisted: &[] })
}
