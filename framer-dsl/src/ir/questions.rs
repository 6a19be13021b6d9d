//! What every engine asks of a record or a choice.

use std::collections::BTreeSet;

use super::{
    Alternative, Bits, Choice, Derived, Extent, Field, FieldKind, Lead, List, ListEnd, Part,
    Record, Step,
};

/// A field of a record, alone or of bits.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'r> {
    pub kind: &'r FieldKind,
    pub derived: Option<&'r Derived>,
}

impl Record {
    /// The field of the name, or the one that a list shares with the record.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot<'_>> {
        fn of_field(field: &Field) -> Slot<'_> {
            Slot { kind: &field.kind, derived: field.derived.as_ref() }
        }
        if let Some(param) = self.params.iter().find(|param| param.name == name) {
            return Some(Slot { kind: &param.kind, derived: None });
        }
        self.steps.iter().find_map(|step| match step {
            Step::Field(field) if field.name == name => Some(of_field(field)),
            Step::Field(Field { kind: FieldKind::List(list), .. }) => {
                list.shared.iter().find(|field| field.name == name).map(of_field)
            }
            Step::Bits(Bits { fields, .. }) => {
                let found = fields.iter().find(|field| field.name == name);
                found.map(|field| Slot { kind: &field.kind, derived: field.derived.as_ref() })
            }
            _ => None,
        })
    }

    /// Everything that is derived, by its name.
    pub fn derived(&self) -> impl Iterator<Item = (&str, &Derived)> {
        self.steps.iter().flat_map(|step| {
            let (alone, bits) = match step {
                Step::Field(field) => (Some((&field.name, &field.derived)), &[][..]),
                Step::Bits(bits) => (None, bits.fields.as_slice()),
                _ => (None, &[][..]),
            };
            let bits = bits.iter().map(|field| (&field.name, &field.derived));
            let all = alone.into_iter().chain(bits);
            all.filter_map(|(name, derived)| Some((name.as_str(), derived.as_ref()?)))
        })
    }

    /// The fields whose values say how much follows.
    #[must_use]
    pub fn needed(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        for step in &self.steps {
            match step {
                Step::Rest(length) => {
                    names.extend(length.names());
                    break;
                }
                Step::Field(field) => {
                    names.extend(field.cond.iter().flat_map(|cond| cond.expr.names()));
                    names.extend(field.kind.needed());
                }
                _ => {}
            }
        }
        names
    }
}

impl Step {
    /// How many bytes it takes before it is written, where it is no field: what holds one of these is not counted then.
    #[must_use]
    pub fn bytes_beside_fields(&self) -> usize {
        match self {
            Step::Literal(literal) => literal.bytes.len(),
            Step::Bits(bits) => bits.carrier.int().bytes(),
            Step::Field(_)
            | Step::Rest(_)
            | Step::Require { .. }
            | Step::Open(_)
            | Step::Close(_)
            | Step::Before(_)
            | Step::Behind
            | Step::Skip(_) => 0,
        }
    }
}

impl FieldKind {
    /// The fields whose values say how long this one is.
    fn needed(&self) -> Vec<&str> {
        match self {
            FieldKind::Text { extent: Extent::Sized(length), .. }
            | FieldKind::Named { length: Some(length), .. } => length.names().into_iter().collect(),
            FieldKind::List(List { end: ListEnd::Count { count, .. }, .. }) => {
                count.names().into_iter().collect()
            }
            FieldKind::Named { args, .. } => args.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The width of the integer that holds a number.
    #[must_use]
    pub fn width(&self) -> Option<u8> {
        match self {
            FieldKind::Number(number) => Some(number.int.width()),
            FieldKind::Fixed(fixed) => Some(fixed.int.width()),
            FieldKind::Varint(varint) => Some(varint.int.width()),
            _ => None,
        }
    }
}

impl Part {
    /// The first and the last field; the rest has none.
    #[must_use]
    pub fn ends(&self) -> (&str, &str) {
        match self {
            Part::Field(name) => (name, name),
            Part::Fields(from, to) => (from, to),
            Part::Rest => ("rest", "rest"),
        }
    }
}

impl Choice {
    /// The alternatives in the order in which they are looked for: the longer literal before the
    /// shorter one that it begins with.
    #[must_use]
    pub fn led(&self) -> Vec<&Alternative> {
        let mut led: Vec<&Alternative> = Vec::new();
        for alternative in &self.alternatives {
            let shorter = |other: &&Alternative| match (&alternative.lead, &other.lead) {
                (Some(Lead::Literal(long)), Some(Lead::Literal(short))) => {
                    long.bytes.starts_with(&short.bytes)
                }
                _ => false,
            };
            let place = led.iter().position(shorter).unwrap_or(led.len());
            led.insert(place, alternative);
        }
        led
    }
}
