//! Finding the end of a frame by the numbers in it.

use std::collections::BTreeSet;

use framer_dsl::ir::{
    Carrier, Choice, Element, Expr, ExprKind, Extent, Field, FieldKind, Lead, List, ListEnd,
    Literal, Record, Region, Step, Type, TypeId, TypeKind, Values,
};
use framer_runtime::measure::{Children, Measured, Ruler};
use framer_runtime::read::wide;
use framer_runtime::violation::Rule;

use crate::choice::{meant, number_given, passed};
use crate::description::Description;
use crate::expr::{Answer, Given, evaluate};
use crate::record::{read_bits, read_number, small};
use crate::value::Value;
use crate::values;

/// Passes over a value of the type, as far as the numbers in it say.
pub(crate) fn ty(
    description: &'static Description,
    ty: &'static Type,
    ruler: &mut Ruler<'_>,
    given: Given<'_>,
) -> Measured<Children> {
    let outer = ruler.named(&ty.name);
    // Its elements are deeper, and itself has nothing behind them.
    if let Some(depth) = ty.limits.and_then(|limits| limits.depth) {
        ruler.descend(depth)?;
    }
    let children = match &ty.kind {
        TypeKind::Record(of) => {
            let mut steps =
                Steps { description, record: of, needed: of.needed(), known: Vec::new() };
            steps.known.extend(given.iter().map(|(name, value)| (*name, Answer::Number(*value))));
            steps.all(ruler)?
        }
        TypeKind::Choice(of) => choice(description, ty, of, ruler, given)?,
        TypeKind::Values(of) => value(of, ruler).map(|_| Children::NONE)?,
        _ => Children::NONE,
    };
    ruler.named(outer);
    Ok(children)
}

/// Passes over a choice.
fn choice(
    description: &'static Description,
    of: &'static Type,
    choice: &'static Choice,
    ruler: &mut Ruler<'_>,
    given: Given<'_>,
) -> Measured<Children> {
    if let Some(region) = choice.region {
        pass_region(description, region, ruler)?;
        return Ok(Children::NONE);
    }
    let measure = |frame, ruler: &mut Ruler<'_>| {
        let alternative = description.ty(TypeId::Frame(frame));
        ty(description, alternative, ruler, &passed(alternative, given))
    };
    if let Some(number) = number_given(of, choice, given) {
        return match meant(choice, number) {
            Some(alternative) => measure(alternative.frame, ruler),
            None => Err(ruler.fail_before(Rule::Choice)),
        };
    }
    for alternative in choice.led() {
        let starts = match &alternative.lead {
            Some(Lead::Literal(of)) => ruler.starts(&of.bytes, of.nocase, of.word)?,
            Some(Lead::Pattern(pattern)) => starts_pattern(ruler, pattern)?,
            None => false,
        };
        if starts {
            return measure(alternative.frame, ruler);
        }
    }
    match choice.alternatives.iter().find(|alternative| alternative.lead.is_none()) {
        Some(alternative) => measure(alternative.frame, ruler),
        None => Err(ruler.fail(Rule::Choice)),
    }
}

fn starts_pattern(ruler: &Ruler<'_>, pattern: &[(u8, u8)]) -> Measured<bool> {
    let whole = pattern.iter().all(|(mask, _)| *mask == u8::MAX);
    if !whole {
        return ruler.matches(pattern);
    }
    let bytes: Vec<u8> = pattern.iter().map(|(_, value)| *value).collect();
    ruler.starts(&bytes, false, false)
}

/// Reads a choice of numbers.
fn value(of: &'static Values, ruler: &mut Ruler<'_>) -> Measured<Value<'static>> {
    let framer_dsl::ir::ValuesKind::Numbers { int, little, .. } = &of.kind else {
        return Err(ruler.fail(Rule::Choice));
    };
    let begin = ruler.position();
    let number = ruler.uint_of(int.bytes(), *little, 0..=int.max())?;
    values::from_number(of, number).ok_or_else(|| ruler.fail_since(begin, Rule::Choice))
}

fn pass_region(
    description: &'static Description,
    region: Region,
    ruler: &mut Ruler<'_>,
) -> Measured<()> {
    ruler.until(description.delimiter(region.delimiter), small(region.max))
}

struct Steps {
    description: &'static Description,
    record: &'static Record,
    needed: BTreeSet<&'static str>,
    /// The values of what is needed.
    known: Vec<(&'static str, Answer)>,
}

impl Steps {
    /// Passes over the steps; the elements that are left then.
    fn all(&mut self, ruler: &mut Ruler<'_>) -> Measured<Children> {
        if let Some(region) = self.record.region {
            pass_region(self.description, region, ruler)?;
            return Ok(Children::NONE);
        }
        // How many regions are around the step: they are looked at for their end only.
        let mut inside = 0_usize;
        for (place, step) in self.record.steps.iter().enumerate() {
            match step {
                Step::Open(region) => {
                    if inside == 0 {
                        pass_region(self.description, *region, ruler)?;
                    }
                    inside = inside.saturating_add(1);
                }
                Step::Close(_) => inside = inside.saturating_sub(1),
                _ => {}
            }
            if inside > 0 {
                continue;
            }
            let rest = self.record.steps.get(place.saturating_add(1)..).unwrap_or_default();
            let last = rest.iter().all(|step| matches!(step, Step::Require { .. }));
            if last && let Some(children) = self.elements(step, ruler)? {
                return Ok(children);
            }
            self.step(step, ruler)?;
            if matches!(step, Step::Rest(_)) {
                break;
            }
        }
        Ok(Children::NONE)
    }

    /// The elements of the last step, if it has some that are passed over one by one.
    fn elements(&self, step: &'static Step, ruler: &mut Ruler<'_>) -> Measured<Option<Children>> {
        let Step::Field(Field { kind, cond: None, .. }) = step else { return Ok(None) };
        Ok(match kind {
            FieldKind::List(List {
                element: Element::Type(id),
                end: ListEnd::Count { count, .. },
                ..
            }) if self.description.ty(*id).size.is_none() => {
                Some(Children::of(self.number(count), self.description.node(*id)))
            }
            FieldKind::List(List {
                element: Element::Type(id),
                end: ListEnd::Literal { literal, .. },
                max,
                ..
            }) => {
                let node = self.description.node(*id);
                Some(Children::until(&literal.bytes, wide(*max), node))
            }
            FieldKind::Named { ty: id, args, length: None, .. } => {
                let of = self.description.ty(*id);
                if of.size.is_some() || matches!(of.kind, TypeKind::Values(_)) {
                    return Ok(None);
                }
                Some(ty(self.description, of, ruler, &self.given(of, args))?)
            }
            _ => None,
        })
    }

    /// What a type is given, of the fields `args`.
    fn given(&self, of: &'static Type, args: &[String]) -> Vec<(&'static str, u64)> {
        let value = |arg: &String| self.leaf(&ExprKind::Field(arg.clone())).number();
        let given = of.params.iter().zip(args);
        given.map(|(param, arg)| (param.name.as_str(), value(arg))).collect()
    }

    fn step(&mut self, step: &'static Step, ruler: &mut Ruler<'_>) -> Measured<()> {
        match step {
            Step::Literal(literal) => expect(ruler, literal),
            Step::Require { .. }
            | Step::Open(_)
            | Step::Close(_)
            | Step::Before(_)
            | Step::Behind
            | Step::Skip(_) => Ok(()),
            Step::Rest(length) => {
                ruler.skip(self.number(length));
                Ok(())
            }
            Step::Bits(bits) => {
                let looked_at = bits.fields.iter().any(|field| {
                    let derived = field.derived.as_ref().map(|derived| &derived.expr.kind);
                    matches!(derived, Some(ExprKind::Number(_) | ExprKind::Bool(_)))
                        || self.needed.contains(field.name.as_str())
                        || matches!(field.kind, FieldKind::Varint(_))
                });
                if let Carrier::Fixed(fixed) = &bits.carrier
                    && !looked_at
                {
                    ruler.skip(wide(fixed.int.bytes()));
                    return Ok(());
                }
                let wanted =
                    |field: &framer_dsl::ir::BitField| self.needed.contains(field.name.as_str());
                let fields = read_bits(self.description, bits, ruler, &wanted)?;
                let fields = fields.into_iter();
                let known = fields.map(|(field, value)| (&*field.name, Answer::of(Some(&value))));
                self.known.extend(known);
                Ok(())
            }
            Step::Field(field) => self.field(field, ruler),
        }
    }

    fn field(&mut self, field: &'static Field, ruler: &mut Ruler<'_>) -> Measured<()> {
        if let Some(cond) = &field.cond {
            return match self.evaluate(&cond.expr).holds() {
                true => self.pass(field, ruler),
                false => Ok(()),
            };
        }
        let constant = field.derived.as_ref();
        let constant =
            constant.is_some_and(|derived| matches!(derived.expr.kind, ExprKind::Number(_)));
        if !constant && !self.needed.contains(field.name.as_str()) {
            return self.pass(field, ruler);
        }
        let read = match &field.kind {
            FieldKind::Named { ty: id, .. } => match &self.description.ty(*id).kind {
                TypeKind::Values(of) => value(of, ruler)?,
                _ => Value::Missing,
            },
            // The other literal is as long, or this would not be measured.
            FieldKind::Flag { on, .. } => {
                let is_on = ruler.starts(&on.bytes, on.nocase, on.word)?;
                ruler.skip(wide(on.bytes.len()));
                Value::Flag(is_on)
            }
            kind => read_number(ruler, kind)?,
        };
        self.known.push((&field.name, Answer::of(Some(&read))));
        Ok(())
    }

    /// Passes over a value that nothing needs.
    fn pass(&self, field: &'static Field, ruler: &mut Ruler<'_>) -> Measured<()> {
        match &field.kind {
            FieldKind::Fixed(fixed) => ruler.skip(wide(fixed.int.bytes())),
            FieldKind::Number(number)
                if number.min_digits == number.max_digits && !number.int.signed =>
            {
                ruler.skip(wide(number.max_digits));
            }
            FieldKind::Flag { on, .. } => ruler.skip(wide(on.bytes.len())),
            FieldKind::Text { extent: Extent::Exactly(len), .. } => ruler.skip(wide(*len)),
            FieldKind::Text { extent: Extent::Until { delimiter, max }, .. } => {
                ruler.until(self.description.delimiter(*delimiter), small(*max))?;
            }
            FieldKind::Coded { transform, max } => {
                ruler.coded(self.description.coding(*transform), small(*max))?;
            }
            FieldKind::Text { extent: Extent::Sized(length), .. }
            | FieldKind::Named { length: Some(length), .. } => ruler.skip(self.number(length)),
            FieldKind::Named { ty: id, args, length: None, .. } => {
                let of = self.description.ty(*id);
                match &of.kind {
                    TypeKind::Values(values) => value(values, ruler).map(|_| ())?,
                    _ => ty(self.description, of, ruler, &self.given(of, args)).map(|_| ())?,
                }
            }
            FieldKind::List(List { element, end: ListEnd::Count { count, .. }, .. }) => {
                ruler.skip(self.number(count).saturating_mul(self.element(*element)));
            }
            kind => read_number(ruler, kind).map(|_| ())?,
        }
        Ok(())
    }

    /// How many bytes an element of a list takes; each takes the same.
    fn element(&self, element: Element) -> u64 {
        match element {
            Element::Int { int, .. } => wide(int.bytes()),
            Element::Type(id) => self.description.ty(id).size.unwrap_or_default(),
        }
    }

    fn number(&self, expr: &Expr) -> u64 {
        self.evaluate(expr).number()
    }

    fn evaluate(&self, expr: &Expr) -> Answer {
        evaluate(expr, &|name| self.leaf(name))
    }

    /// Lengths and conditions that are measured are made of numbers and flags alone.
    fn leaf(&self, name: &ExprKind) -> Answer {
        let ExprKind::Field(name) = name else { return Answer::Number(0) };
        let found = self.known.iter().rev().find(|(known, _)| known == name);
        found.map_or(Answer::Number(0), |(_, answer)| *answer)
    }
}

/// What must stand at the place, whatever follows.
fn expect(ruler: &mut Ruler<'_>, literal: &'static Literal) -> Measured<()> {
    match (std::str::from_utf8(&literal.bytes), literal.nocase) {
        (Ok(text), false) => ruler.literal(text),
        (Ok(text), true) => ruler.literal_nocase(text),
        (Err(_), _) => ruler.magic(&literal.bytes),
    }
}
