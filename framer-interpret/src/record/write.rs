//! Encoding: a frame into bytes.

use framer_dsl::ir::{
    self, Derived, Expr, ExprKind, Field, FieldKind, Int, Part, Record, Step, Type, TypeId,
};
use framer_runtime::frame::Encoded;
use framer_runtime::read::{before, between, wide};
use framer_runtime::transform::Coded;
use framer_runtime::violation::{EncodeError, Rule};
use framer_runtime::write::{Opened, Writer, told};

use super::lists::write_list;
use super::literals::write_literal;
use super::number::{derived as narrow, write_number};
use super::optional::reads_as;
use super::{bits, small, tails, text};
use crate::description::Description;
use crate::expr::{Answer, Given, Whole, evaluate};
use crate::value::{Frame, Value};
use crate::{limits, types};

/// A frame that is written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'f> {
    pub(crate) frame: &'f Frame<'f>,
    /// What it is given by what holds it.
    pub(crate) given: Given<'f>,
    /// The fields that the list has whose element it is.
    pub(crate) hoisted: &'f [(&'f str, Value<'f>)],
}

impl<'f> Written<'f> {
    /// A field by its name.
    pub(super) fn get(&self, name: &str) -> Option<&'f Value<'f>> {
        let hoisted = self.hoisted.iter().find(|(hoisted, _)| *hoisted == name);
        hoisted.map(|(_, value)| value).or_else(|| self.frame.get(name))
    }
}

/// Writes a frame.
pub(crate) fn write(
    description: &'static Description,
    ty: &'static Type,
    record: &'static Record,
    writer: &mut Writer<'_>,
    written: Written<'_>,
) -> Encoded {
    if written.frame.name != ty.name {
        return Err(writer.fail("", Rule::Condition));
    }
    let whole = Whole { description, record, frame: written.frame, given: written.given };
    let steps = Steps {
        ty,
        whole,
        written,
        marks: Vec::new(),
        lines: Vec::new(),
        rests: Vec::new(),
        absent: Vec::new(),
    };
    told(&ty.name, steps.all(writer))
}

struct Steps<'f> {
    ty: &'static Type,
    whole: Whole<'f>,
    written: Written<'f>,
    /// Where each field begins and ends.
    marks: Vec<(&'static str, usize, usize)>,
    /// Where the regions begin that are open.
    lines: Vec<Opened>,
    /// Where that begins which goes to the end.
    rests: Vec<Opened>,
    /// Fields that are not there, each with its place, what follows it, and where.
    absent: Vec<(usize, &'static Field, &'static [Step], usize)>,
}

impl Steps<'_> {
    /// Writes them, and what is around them.
    fn all(mut self, writer: &mut Writer<'_>) -> Encoded {
        let Whole { description, record, .. } = self.whole;
        let message = record.base.then(|| writer.enter());
        let begun = limits::before_writing(self.ty.limits, writer)?;
        let opened = record.region.map(|region| (region, writer.open()));
        self.write(writer)?;
        self.late(writer)?;
        self.check_absent(writer)?;
        for rest in self.rests.into_iter().rev() {
            writer.end_region(rest)?;
        }
        if let Some((region, opened)) = opened {
            let delimiter = description.delimiter(region.delimiter);
            writer.delimiter(opened, delimiter, small(region.max))?;
        }
        limits::behind_writing(self.ty.limits, writer, &begun)?;
        if let Some(message) = message {
            writer.leave(message);
        }
        Ok(())
    }

    fn write(&mut self, writer: &mut Writer<'_>) -> Encoded {
        let steps: &'static [Step] = &self.whole.record.steps;
        for (place, step) in steps.iter().enumerate() {
            let begin = writer.mark();
            self.step(writer, step)?;
            writer.held_by(&self.ty.name);
            let end = writer.mark();
            match step {
                Step::Field(field) => {
                    self.marks.push((&field.name, begin, end));
                    if let Some(tail) = tail_of(steps, place) {
                        self.check_tail(writer, field, tail, begin)?;
                        continue;
                    }
                    let follows = steps.get(place.saturating_add(1)..).unwrap_or_default();
                    if self.is_absent(field) {
                        self.absent.push((place, field, follows, end));
                    }
                }
                Step::Bits(bits) => {
                    let names = bits.fields.iter().map(|field| field.name.as_str());
                    self.marks.extend(names.map(|name| (name, begin, end)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn step(&mut self, writer: &mut Writer<'_>, step: &'static Step) -> Encoded {
        let whole = self.whole;
        match step {
            Step::Literal(literal) => write_literal(writer, &self.ty.name, literal)?,
            Step::Bits(group) => bits::write(whole, self.written, writer, group)?,
            Step::Rest(_) => self.rests.push(writer.open()),
            Step::Before(_) | Step::Behind => {}
            Step::Open(_) => self.lines.push(writer.open()),
            Step::Close(region) => {
                let Some(opened) = self.lines.pop() else { return Ok(()) };
                let delimiter = whole.description.delimiter(region.delimiter);
                writer.delimiter(opened, delimiter, small(region.max))?;
            }
            Step::Skip(skip) => write_literal(writer, &self.ty.name, &skip.written)?,
            Step::Require { cond, error } => {
                if !whole.evaluate(cond).holds() {
                    return Err(writer.fail("", Rule::Require(error)));
                }
            }
            Step::Field(field) => match &field.derived {
                Some(derived) => self.derived(writer, field, derived)?,
                None => self.field(writer, field)?,
            },
        }
        Ok(())
    }

    /// Refuses to write a text and what stands behind it that would be read as others.
    fn check_tail(
        &self,
        writer: &Writer<'_>,
        field: &'static Field,
        tail: &'static [ir::Tail],
        behind: usize,
    ) -> Encoded {
        let begin = self.marks.iter().rev().nth(1).map_or(behind, |(_, begin, _)| *begin);
        let shape = tails::shape(self.whole.description, tail);
        match before(writer.since(begin), &shape) == writer.range(begin, behind).len() {
            true => Ok(()),
            false => Err(writer.fail(&field.name, Rule::Ambiguous)),
        }
    }

    /// Whether what follows may be read as the field.
    fn is_absent(&self, field: &Field) -> bool {
        let value = match &field.derived {
            Some(_) => {
                let name = ExprKind::Field(field.name.clone());
                return !self.whole.leaf(&name).holds();
            }
            None => self.written.get(&field.name),
        };
        match field.kind {
            FieldKind::Flag { .. } => value == Some(&Value::Flag(false)),
            _ => !value.is_some_and(Value::is_there),
        }
    }

    /// Refuses to write what would be read as a field that is not there.
    fn check_absent(&self, writer: &Writer<'_>) -> Encoded {
        for (_, field, follows, mark) in &self.absent {
            let rest = writer.since(*mark);
            if reads_as(self.whole.description, &field.kind, follows, rest) {
                return Err(writer.fail(&field.name, Rule::Ambiguous));
            }
        }
        Ok(())
    }

    /// A field that others make: at once, or a place for it.
    fn derived(
        &self,
        writer: &mut Writer<'_>,
        field: &'static Field,
        derived: &'static Derived,
    ) -> Encoded {
        if !derived.early {
            if let Some(bytes) = fixed_bytes(&field.kind) {
                writer.zeros(bytes);
            }
            return Ok(());
        }
        let answer = self.whole.evaluate(&derived.expr);
        if let FieldKind::Flag { .. } = field.kind {
            return self.value(writer, field, &answer.into_value());
        }
        self.number(writer, field, answer)
    }

    /// A computed number as its field.
    fn number(&self, writer: &mut Writer<'_>, field: &'static Field, answer: Answer) -> Encoded {
        let width = Int::unsigned(field.kind.width().unwrap_or(64)).width();
        let number = narrow(writer, &field.name, width, answer.number())?;
        write_number(writer, &field.name, &field.kind, &Value::Number(number))
    }

    /// Puts what is known only now into its place. What is nearest to the end goes back first, so
    /// that no place before it moves; checksums come last, when what they are of is whole.
    fn late(&mut self, writer: &mut Writer<'_>) -> Encoded {
        let all = late(self.whole.record);
        let (sums, lengths): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, _, derived)| is_sum(&derived.expr));
        for (step, field, derived) in lengths.into_iter().rev().chain(sums) {
            let end = writer.mark();
            let answer = evaluate(&derived.expr, &|name| self.known(writer, field, name, end));
            self.number(writer, field, answer)?;
            let (place, _) = self.mark(&field.name);
            match fixed_bytes(&field.kind) {
                Some(_) => writer.fill(place, end),
                None => {
                    let moved = writer.insert(place, end);
                    let behind = self.absent.iter_mut().filter(|(other, ..)| *other > step);
                    behind.for_each(|(.., mark)| *mark = mark.saturating_add(moved));
                }
            }
        }
        Ok(())
    }

    /// A name in what is made of the bytes that were written.
    fn known(&self, writer: &Writer<'_>, field: &Field, name: &ExprKind, end: usize) -> Answer {
        let range = |part: &Part| {
            let (from, to) = part.ends();
            (self.mark(from).0, self.mark(to).1)
        };
        match name {
            ExprKind::Len(Part::Rest) => Answer::Number(between(self.mark(&field.name).1, end)),
            ExprKind::Len(part) => {
                let (from, to) = range(part);
                Answer::Number(between(from, to))
            }
            ExprKind::Checksum(id, part) => {
                let (from, to) = range(part);
                let sum = self.whole.description.checksum(*id, writer.range(from, to));
                Answer::Number(sum)
            }
            other => self.whole.leaf(other),
        }
    }

    fn mark(&self, name: &str) -> (usize, usize) {
        let found = self.marks.iter().find(|(field, _, _)| *field == name);
        found.map_or((0, 0), |(_, begin, end)| (*begin, *end))
    }

    fn field(&self, writer: &mut Writer<'_>, field: &'static Field) -> Encoded {
        let title = field.name.as_str();
        let value = self.written.get(title);
        let Some(cond) = &field.cond else {
            return self.value(writer, field, value.unwrap_or(&Value::Missing));
        };
        let value = value.filter(|value| value.is_there());
        if !cond.implied && value.is_some() != self.whole.evaluate(&cond.expr).holds() {
            return Err(writer.fail(title, Rule::Condition));
        }
        value.map_or(Ok(()), |value| self.value(writer, field, value))
    }

    /// Writes a field that is there.
    fn value(&self, writer: &mut Writer<'_>, field: &'static Field, value: &Value<'_>) -> Encoded {
        let (whole, title) = (self.whole, field.name.as_str());
        match (&field.kind, value) {
            (FieldKind::Text { kind, extent, exact }, value) => {
                if let framer_dsl::ir::Extent::Sized(length) = extent
                    && !exact
                {
                    agrees(whole, writer, title, length, value.text().len())?;
                }
                text::write(whole.description, writer, title, (*kind, extent), value)
            }
            (FieldKind::Coded { transform, max }, value) => {
                let payload = match value {
                    Value::Coded(payload) => *payload,
                    value => Coded::from(value.text()),
                };
                let coding = whole.description.coding(*transform);
                writer.coded(title, &payload, coding, small(*max))
            }
            (FieldKind::Flag { on, off, or_end }, Value::Flag(flag)) => {
                match if *flag { Some(on) } else { off.as_ref() } {
                    Some(literal) => write_literal(writer, &self.ty.name, literal),
                    None if *or_end => writer.nothing(&self.ty.name),
                    None => Ok(()),
                }
            }
            (FieldKind::Named { ty, args, agrees: told, length, exact }, value) => {
                if let Some(arg) = told {
                    let wanted = whole.leaf(&ExprKind::Field(arg.clone()));
                    if wanted != whole.leaf(&ExprKind::Tag(field.name.clone())) {
                        return Err(writer.fail(title, Rule::Derived(title)));
                    }
                }
                let Some(length) = length else {
                    return self.named(writer, *ty, args, value);
                };
                let opened = writer.open();
                self.named(writer, *ty, args, value)?;
                writer.end_region(opened)?;
                let len = writer.since(opened.begin()).len();
                if *exact { Ok(()) } else { agrees(whole, writer, title, length, len) }
            }
            (FieldKind::Optional(_), Value::Missing) => Ok(()),
            (FieldKind::Optional(ty), value) => {
                let ty = whole.description.ty(*ty);
                types::write(whole.description, ty, writer, value, &[])
            }
            (FieldKind::List(list), value) => {
                write_list(whole, self.written, writer, title, list, value)
            }
            (number, value) => write_number(writer, title, number, value),
        }
    }

    /// Writes a value of another type, which is given fields of this one.
    fn named(
        &self,
        writer: &mut Writer<'_>,
        id: TypeId,
        args: &'static [String],
        value: &Value<'_>,
    ) -> Encoded {
        let ty = self.whole.description.ty(id);
        let mut given = Vec::new();
        let written = ty.params.iter().zip(args).filter(|(param, _)| param.written);
        for (param, arg) in written {
            given.push((param.name.as_str(), self.argument(writer, &param.kind, arg)?));
        }
        types::write(self.whole.description, ty, writer, value, &given)
    }

    /// A field of the record that is written, as the type of the parameter.
    fn argument(
        &self,
        writer: &Writer<'_>,
        kind: &FieldKind,
        arg: &'static str,
    ) -> Result<u64, EncodeError> {
        let number = self.whole.leaf(&ExprKind::Field(arg.to_owned())).number();
        match self.whole.record.slot(arg).and_then(|slot| slot.derived) {
            None => Ok(number),
            Some(_) => narrow(writer, arg, kind.width().unwrap_or(64), number),
        }
    }
}

/// What is to be written is as long as the fields say that are made of it.
pub(super) fn agrees(
    whole: Whole<'_>,
    writer: &Writer<'_>,
    title: &'static str,
    length: &Expr,
    len: usize,
) -> Encoded {
    match wide(len) == whole.evaluate(length).number() {
        true => Ok(()),
        false => Err(writer.fail(title, Rule::Derived(title))),
    }
}

/// Whether a checksum is in it.
fn is_sum(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Checksum(..) => true,
        ExprKind::Binary { left, right, .. } => is_sum(left) || is_sum(right),
        _ => false,
    }
}

/// The derived fields that are known only once what follows is written, each with its place.
fn late(record: &'static Record) -> Vec<(usize, &'static Field, &'static Derived)> {
    let fields = record.steps.iter().enumerate().filter_map(|(place, step)| match step {
        Step::Field(field) => Some((place, field, field.derived.as_ref()?)),
        _ => None,
    });
    fields.filter(|(_, _, derived)| !derived.early).collect()
}

/// The width of a number that has but one.
fn fixed_bytes(kind: &FieldKind) -> Option<usize> {
    match kind {
        FieldKind::Fixed(fixed) => Some(fixed.int.bytes()),
        FieldKind::Number(number) if number.min_digits == number.max_digits => {
            Some(number.max_digits)
        }
        _ => None,
    }
}

/// The shape of the field at this place, where it stands behind a text that goes to the end.
fn tail_of(steps: &'static [Step], place: usize) -> Option<&'static [ir::Tail]> {
    match steps.get(place.checked_sub(3)?..place)? {
        [Step::Before(tail), _, Step::Behind] => Some(tail),
        _ => None,
    }
}
