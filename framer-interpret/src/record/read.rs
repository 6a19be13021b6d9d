//! Decoding: bytes into a frame.

use std::borrow::Cow;

use framer_dsl::ir::{
    Derived, Expr, ExprKind, Field as Declared, FieldKind, ListEnd, Record, Step, Type, TypeId,
};
use framer_runtime::frame::Decoded;
use framer_runtime::read::Reader;
use framer_runtime::violation::Rule;

use super::literals::{read_flag, read_literal};
use super::number::read_number;
use super::optional::read_skip;
use super::{bits, lists, optional, small, tails, text};
use crate::description::Description;
use crate::expr::{Answer, Given, Local};
use crate::value::{Field, Frame, Value};
use crate::{limits, types};

/// Reads a frame.
pub(crate) fn read<'a>(
    description: &'static Description,
    ty: &'static Type,
    record: &'static Record,
    reader: &mut Reader<'a>,
    given: Given<'_>,
) -> Decoded<Frame<'a>> {
    let message = record.base.then(|| reader.enter());
    let begun = limits::before_reading(ty.limits, reader)?;
    let mut steps = Steps { description, record, fields: Vec::new() };
    steps.given(given, reader.position());
    match record.region {
        Some(region) => {
            let delimiter = description.delimiter(region.delimiter);
            let outside = reader.open(delimiter, small(region.max))?;
            steps.read(reader)?;
            reader.close(outside)?;
        }
        None => steps.read(reader)?,
    }
    limits::behind_reading(ty.limits, reader, &begun)?;
    if let Some(message) = message {
        reader.leave(message);
    }
    Ok(Frame { name: Cow::Borrowed(&ty.name), fields: steps.own() })
}

/// The steps of a record, each into a field of its name.
struct Steps<'a> {
    description: &'static Description,
    record: &'static Record,
    fields: Vec<Field<'a>>,
}

impl<'a> Steps<'a> {
    /// What the frame is given stands before its fields.
    fn given(&mut self, given: Given<'_>, at: usize) {
        for (name, number) in given {
            self.push(name, Value::Number(*number), at..at, false);
        }
    }

    /// The fields, without what was given and is none.
    fn own(mut self) -> Vec<Field<'a>> {
        let lost = |field: &Field<'_>| {
            self.record.params.iter().any(|param| param.name == field.name && !param.kept)
        };
        self.fields.retain(|field| !lost(field));
        self.fields
    }

    /// Reads all of them, in regions within regions.
    fn read(&mut self, reader: &mut Reader<'a>) -> Decoded<()> {
        let mut around = Vec::new();
        for (place, step) in self.record.steps.iter().enumerate() {
            match step {
                Step::Rest(length) => {
                    let length = self.number(reader, length);
                    around.push(reader.open_sized(length)?);
                }
                Step::Open(region) => {
                    let delimiter = self.description.delimiter(region.delimiter);
                    around.push(reader.open(delimiter, small(region.max))?);
                }
                Step::Close(_) | Step::Behind => {
                    if let Some(outside) = around.pop() {
                        reader.close(outside)?;
                    }
                }
                Step::Before(tail) => {
                    around.push(reader.open_before(&tails::shape(self.description, tail)));
                }
                Step::Field(field) if is_behind(&self.record.steps, place) => {
                    self.tail(reader, field)?;
                }
                step => {
                    let behind = self.record.steps.get(place.saturating_add(1)..);
                    self.step(reader, step, behind.unwrap_or_default())?;
                }
            }
        }
        self.checks(reader)?;
        while let Some(outside) = around.pop() {
            reader.close(outside)?;
        }
        Ok(())
    }

    fn evaluate(&self, reader: &Reader<'a>, expr: &Expr) -> Answer {
        let (description, record) = (self.description, self.record);
        Local { description, record, fields: &self.fields, reader }.evaluate(expr)
    }

    fn number(&self, reader: &Reader<'a>, expr: &Expr) -> u64 {
        self.evaluate(reader, expr).number()
    }

    fn push(
        &mut self,
        name: &'static str,
        value: Value<'a>,
        range: std::ops::Range<usize>,
        derived: bool,
    ) {
        self.fields.push(Field { name: Cow::Borrowed(name), value, range, derived });
    }

    /// What is derived must be what it was read as.
    fn checks(&self, reader: &Reader<'a>) -> Decoded<()> {
        let unproven = self.record.derived().filter(|(_, derived)| !derived.implied);
        for (title, Derived { expr, .. }) in unproven {
            let read = Expr { kind: ExprKind::Field(title.to_owned()) };
            if self.evaluate(reader, &read) != self.evaluate(reader, expr) {
                let field = self.fields.iter().find(|field| field.name == title);
                let (begin, end) = field.map_or((0, 0), |of| (of.range.start, of.range.end));
                return Err(reader.fail_between(begin, end, Rule::Derived(title)));
            }
        }
        Ok(())
    }

    fn step(
        &mut self,
        reader: &mut Reader<'a>,
        step: &'static Step,
        behind: &'static [Step],
    ) -> Decoded<()> {
        match step {
            Step::Literal(literal) => read_literal(reader, literal),
            Step::Field(field) => self.field(reader, field, behind),
            Step::Bits(group) => {
                let begin = reader.position();
                let fields = bits::read(self.description, group, reader, &|_| true)?;
                let range = begin..reader.position();
                for (field, value) in fields {
                    self.push(&field.name, value, range.clone(), field.derived.is_some());
                }
                Ok(())
            }
            Step::Require { cond, error } => match self.evaluate(reader, cond).holds() {
                true => Ok(()),
                false => Err(reader.fail(Rule::Require(error))),
            },
            Step::Skip(skip) => read_skip(self.description, reader, skip),
            // Regions are entered and left by what calls this.
            Step::Rest(_) | Step::Open(_) | Step::Close(_) => Ok(()),
            Step::Before(_) | Step::Behind => Ok(()),
        }
    }

    /// What may stand at the end of a region: it is there where anything is left.
    fn tail(&mut self, reader: &mut Reader<'a>, field: &'static Declared) -> Decoded<()> {
        let FieldKind::Optional(id) = field.kind else { return Ok(()) };
        let begin = reader.position();
        let value = match reader.is_empty() {
            true => Value::Missing,
            false => types::read(self.description, self.description.ty(id), reader, &[])?,
        };
        self.push(&field.name, value, begin..reader.position(), false);
        Ok(())
    }

    fn field(
        &mut self,
        reader: &mut Reader<'a>,
        field: &'static Declared,
        behind: &'static [Step],
    ) -> Decoded<()> {
        if let FieldKind::List(list) = &field.kind
            && let ListEnd::Flag { field: flag, last } = &list.end
        {
            let end = (flag.as_str(), *last);
            let read = lists::read_flagged(self.description, field, list, end, reader)?;
            self.fields.extend(read);
            return Ok(());
        }
        let begin = reader.position();
        let there = match &field.cond {
            Some(cond) => self.evaluate(reader, &cond.expr).holds(),
            None => true,
        };
        let value = match there {
            true => self.value(reader, &field.kind, behind)?,
            false => Value::Missing,
        };
        self.push(&field.name, value, begin..reader.position(), field.derived.is_some());
        Ok(())
    }

    /// Reads a value.
    fn value(
        &self,
        reader: &mut Reader<'a>,
        kind: &'static FieldKind,
        behind: &'static [Step],
    ) -> Decoded<Value<'a>> {
        let description = self.description;
        // What lengths and counts are made of stands before them.
        let at = *reader;
        let number = |expr: &Expr| self.number(&at, expr);
        match kind {
            FieldKind::Text { kind, extent, .. } => {
                text::read(description, reader, *kind, extent, number)
            }
            FieldKind::Coded { transform, max } => {
                let coding = description.coding(*transform);
                reader.coded(coding, small(*max)).map(Value::Coded)
            }
            FieldKind::Flag { on, off, or_end } => {
                read_flag(reader, on, off.as_ref(), *or_end).map(Value::Flag)
            }
            FieldKind::Named { ty, args, length, .. } => {
                self.named(reader, *ty, args, length.as_ref())
            }
            FieldKind::Optional(id) => optional::read(description, *id, reader, behind),
            FieldKind::List(list) => lists::read_list(description, list, reader, number),
            number => read_number(reader, number),
        }
    }

    fn named(
        &self,
        reader: &mut Reader<'a>,
        id: TypeId,
        args: &'static [String],
        length: Option<&Expr>,
    ) -> Decoded<Value<'a>> {
        let ty = self.description.ty(id);
        let value = |arg: &String| {
            let field = self.fields.iter().rev().find(|field| field.name == *arg);
            Answer::of(field.map(|field| &field.value)).number()
        };
        let given =
            ty.params.iter().zip(args).map(|(param, arg)| (param.name.as_str(), value(arg)));
        let given: Vec<(&'static str, u64)> = given.collect();
        let Some(length) = length else {
            return types::read(self.description, ty, reader, &given);
        };
        let length = self.number(reader, length);
        let outside = reader.open_sized(length)?;
        let value = types::read(self.description, ty, reader, &given)?;
        reader.close(outside)?;
        Ok(value)
    }
}

/// Whether a field stands behind a text that goes to the end.
fn is_behind(steps: &[Step], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| steps.get(before));
    matches!(before, Some(Step::Behind))
}

/// Passes over the first steps of a record.
pub(crate) fn pass<'a>(
    description: &'static Description,
    record: &'static Record,
    count: usize,
    reader: &mut Reader<'a>,
) -> Decoded<()> {
    let mut steps = Steps { description, record, fields: Vec::new() };
    record.steps.iter().take(count).try_for_each(|step| steps.step(reader, step, &[]))
}
