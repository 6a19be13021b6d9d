//! Expressions over the fields of a frame.

use framer_dsl::ir::{
    BinaryOp, Element, Expr, ExprKind, Extent, Field as Declared, FieldKind, List, Part, Record,
    Step, TypeId, TypeKind, ValuesKind,
};
use framer_runtime::read::{Reader, between, wide};

use crate::description::Description;
use crate::value::{Field, Frame, Value};
use crate::{choice, path};

/// What an expression comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Answer {
    Flag(bool),
    Number(u64),
}

impl Answer {
    pub(crate) fn holds(self) -> bool {
        self == Answer::Flag(true)
    }

    /// As a number; a flag is 1 or 0.
    pub(crate) fn number(self) -> u64 {
        match self {
            Answer::Flag(flag) => flag.into(),
            Answer::Number(number) => number,
        }
    }

    /// A value as expressions compute with it.
    pub(crate) fn of(value: Option<&Value<'_>>) -> Answer {
        match value {
            Some(Value::Flag(flag)) => Answer::Flag(*flag),
            Some(value) => Answer::Number(value.number().unwrap_or_default()),
            None => Answer::Number(0),
        }
    }

    pub(crate) fn into_value(self) -> Value<'static> {
        match self {
            Answer::Flag(flag) => Value::Flag(flag),
            Answer::Number(number) => Value::Number(number),
        }
    }
}

/// Numbers that a type is given by what holds it, by the names of its parameters.
pub(crate) type Given<'g> = &'g [(&'static str, u64)];

/// The expression, its names being what `leaf` has for them.
///
/// Checking has shown that no operation overflows for any values of the fields.
pub(crate) fn evaluate(expr: &Expr, leaf: &dyn Fn(&ExprKind) -> Answer) -> Answer {
    match &expr.kind {
        ExprKind::Bool(value) => Answer::Flag(*value),
        ExprKind::Number(value) => Answer::Number(*value),
        ExprKind::Not(inner) => Answer::Flag(!evaluate(inner, leaf).holds()),
        ExprKind::Binary { op, left, right } => {
            apply(*op, evaluate(left, leaf), evaluate(right, leaf))
        }
        other => leaf(other),
    }
}

pub(crate) fn apply(op: BinaryOp, left: Answer, right: Answer) -> Answer {
    let (a, b) = (left.number(), right.number());
    let shift = u32::try_from(b).unwrap_or(u32::MAX);
    Answer::Number(match op {
        BinaryOp::Or => return Answer::Flag(left.holds() || right.holds()),
        BinaryOp::And => return Answer::Flag(left.holds() && right.holds()),
        BinaryOp::Equal => return Answer::Flag(a == b),
        BinaryOp::NotEqual => return Answer::Flag(a != b),
        BinaryOp::Less => return Answer::Flag(a < b),
        BinaryOp::LessEqual => return Answer::Flag(a <= b),
        BinaryOp::Greater => return Answer::Flag(a > b),
        BinaryOp::GreaterEqual => return Answer::Flag(a >= b),
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Subtract => a.wrapping_sub(b),
        BinaryOp::Multiply => a.wrapping_mul(b),
        BinaryOp::Divide => a.checked_div(b).unwrap_or_default(),
        BinaryOp::Remainder => a.checked_rem(b).unwrap_or_default(),
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::ShiftLeft => a.checked_shl(shift).unwrap_or_default(),
        BinaryOp::ShiftRight => a.checked_shr(shift).unwrap_or_default(),
    })
}

/// The names in expressions over the values of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'f> {
    pub(crate) description: &'static Description,
    pub(crate) record: &'static Record,
    pub(crate) frame: &'f Frame<'f>,
    pub(crate) given: Given<'f>,
}

impl Whole<'_> {
    pub(crate) fn evaluate(&self, expr: &Expr) -> Answer {
        evaluate(expr, &|name| self.leaf(name))
    }

    pub(crate) fn leaf(&self, name: &ExprKind) -> Answer {
        let at = |name: &str| self.frame.get(name);
        match name {
            ExprKind::Field(name) => {
                if let Some(derived) = self.record.slot(name).and_then(|slot| slot.derived) {
                    return self.evaluate(&derived.expr);
                }
                match self.given.iter().find(|(given, _)| given == name) {
                    Some((_, number)) if !self.keeps(name) => Answer::Number(*number),
                    _ => Answer::of(at(name)),
                }
            }
            ExprKind::Tag(name) => self.tag(name, at(name)),
            ExprKind::Some(name) => Answer::Flag(at(name).is_some_and(Value::is_there)),
            ExprKind::Count(name) => count(at(name)),
            ExprKind::Len(part) => Answer::Number(self.len(part)),
            ExprKind::Compare { right, .. } => walked(name, self.evaluate(right), &at),
            other => walked(other, Answer::Number(0), &at),
        }
    }

    fn tag(&self, name: &str, value: Option<&Value<'_>>) -> Answer {
        Answer::Number(choice::number(self.description, self.record, name, value))
    }

    /// Whether a parameter is a field, too.
    fn keeps(&self, name: &str) -> bool {
        self.record.params.iter().any(|param| param.name == name && param.kept)
    }

    /// How many bytes a part of a frame will take that can be counted before it is written.
    fn len(&self, part: &Part) -> u64 {
        let (from, to) = part.ends();
        let mut inside = false;
        let mut bytes = 0_u64;
        for step in &self.record.steps {
            let holds = |name: &str| match step {
                Step::Field(field) => field.name == name,
                Step::Bits(bits) => bits.fields.iter().any(|field| field.name == name),
                _ => false,
            };
            inside |= holds(from);
            if inside {
                bytes = bytes.saturating_add(self.size(step));
            }
            if holds(to) {
                break;
            }
        }
        bytes
    }

    fn size(&self, step: &Step) -> u64 {
        let field = match step {
            Step::Field(field) => field,
            other => return wide(other.bytes_beside_fields()),
        };
        let value = self.frame.get(&field.name).unwrap_or(&Value::Missing);
        if field.cond.is_some() && !value.is_there() {
            return 0;
        }
        self.size_of(field, value)
    }

    fn size_of(&self, field: &Declared, value: &Value<'_>) -> u64 {
        match &field.kind {
            FieldKind::Fixed(fixed) => wide(fixed.int.bytes()),
            FieldKind::Text { extent, .. } => {
                let behind = match extent {
                    Extent::Until { delimiter, .. } => {
                        self.description.delimiter(*delimiter).bytes().len()
                    }
                    _ => 0,
                };
                wide(value.text().len()).saturating_add(wide(behind))
            }
            FieldKind::List(List { element: Element::Int { int, .. }, .. }) => {
                wide(value.elements().len()).saturating_mul(wide(int.bytes()))
            }
            _ => 0,
        }
    }
}

/// The names in expressions over what has been read so far.
pub(crate) struct Local<'f, 'a> {
    pub(crate) description: &'static Description,
    pub(crate) record: &'static Record,
    pub(crate) fields: &'f [Field<'a>],
    pub(crate) reader: &'f Reader<'a>,
}

impl Local<'_, '_> {
    pub(crate) fn evaluate(&self, expr: &Expr) -> Answer {
        evaluate(expr, &|name| self.leaf(name))
    }

    fn field(&self, name: &str) -> Option<&Field<'_>> {
        // An own field may have the name of a parameter only if it is that.
        self.fields.iter().rev().find(|field| field.name == name)
    }

    fn leaf(&self, name: &ExprKind) -> Answer {
        let at = |name: &str| self.field(name).map(|field| &field.value);
        match name {
            ExprKind::Field(name) => Answer::of(at(name)),
            ExprKind::Tag(name) => {
                Answer::Number(choice::number(self.description, self.record, name, at(name)))
            }
            ExprKind::Some(name) => Answer::Flag(at(name).is_some_and(Value::is_there)),
            ExprKind::Count(name) => count(at(name)),
            ExprKind::Checksum(id, part) => {
                let (begin, end) = self.range(part);
                Answer::Number(self.description.checksum(*id, self.reader.range(begin, end)))
            }
            ExprKind::Len(part) => {
                let (begin, end) = self.range(part);
                Answer::Number(between(begin, end))
            }
            ExprKind::Compare { right, .. } => walked(name, self.evaluate(right), &at),
            other => walked(other, Answer::Number(0), &at),
        }
    }

    /// Where a part of the frame stands.
    fn range(&self, part: &Part) -> (usize, usize) {
        let (from, to) = part.ends();
        let begin = self.field(from).map_or(0, |field| field.range.start);
        (begin, self.field(to).map_or(0, |field| field.range.end))
    }
}

fn count(list: Option<&Value<'_>>) -> Answer {
    Answer::Number(wide(list.map_or(0, |list| list.elements().len())))
}

/// What follows a path, `at` being what its first name stands for, and `right` what it is
/// compared with.
fn walked<'v>(
    name: &ExprKind,
    right: Answer,
    at: &dyn Fn(&str) -> Option<&'v Value<'v>>,
) -> Answer {
    match name {
        ExprKind::First(path) => Answer::Number(path::first(path, at).unwrap_or_default()),
        ExprKind::Compare { path, op, .. } => {
            let found = path::first(path, at);
            Answer::Flag(
                found.is_some_and(|found| apply(*op, Answer::Number(found), right).holds()),
            )
        }
        ExprKind::Any { path, test } => Answer::Flag(path::any(path, test, at)),
        ExprKind::CountOf { list, alternative } => {
            Answer::Number(path::count(at(list), alternative))
        }
        _ => Answer::Number(0),
    }
}

/// A number in a frame by the names that lead to it. `None`: they lead to none in any frame of the
/// type; `Some(None)`: in this one.
pub(crate) fn key_at(whole: Whole<'_>, path: &[String]) -> Option<Option<u64>> {
    let (whole, name) = holder(whole, path)??;
    key(whole, name)
}

/// The text in a frame by the names that lead to it.
pub(crate) fn text_at(whole: Whole<'_>, path: &[String]) -> Option<Vec<u8>> {
    let (whole, name) = holder(whole, path)??;
    match (whole.record.slot(name)?.kind, whole.frame.get(name)?) {
        (FieldKind::Text { .. }, value) => Some(value.text().to_vec()),
        _ => None,
    }
}

/// The frame in a frame that a path leads to, and the name there; `Some(None)` where it is missing.
fn holder<'w, 'p>(whole: Whole<'w>, path: &'p [String]) -> Option<Option<(Whole<'w>, &'p str)>> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return Some(Some((whole, first)));
    }
    let FieldKind::Named { ty, .. } = whole.record.slot(first)?.kind else { return None };
    let record = whole.description.record(*ty)?;
    match whole.frame.get(first).and_then(Value::frame) {
        Some(frame) => holder(Whole { record, frame, given: &[], ..whole }, rest),
        None => Some(None),
    }
}

fn key(whole: Whole<'_>, name: &str) -> Option<Option<u64>> {
    let kind = whole.record.slot(name)?.kind;
    let is_values =
        matches!(kind, FieldKind::Named { ty, .. } if is_numbers(whole.description, *ty));
    if kind.width().is_none() && !is_values {
        return None;
    }
    let conditional = whole.record.steps.iter().any(|step| match step {
        Step::Field(field) => field.name == name && field.cond.is_some(),
        _ => false,
    });
    Some(match conditional {
        false => Some(whole.leaf(&ExprKind::Field(name.to_owned())).number()),
        true => whole.frame.get(name).and_then(Value::number),
    })
}

fn is_numbers(description: &Description, ty: TypeId) -> bool {
    match &description.ty(ty).kind {
        TypeKind::Values(values) => matches!(values.kind, ValuesKind::Numbers { .. }),
        _ => false,
    }
}
