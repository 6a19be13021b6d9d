//! Fields of records by their names.

use framer_dsl::ir::{Bits, Derived, Field, FieldKind, Part, Record, Step};

/// A field of a record, alone or of bits.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) kind: &'static FieldKind,
    pub(crate) derived: Option<&'static Derived>,
}

/// The field of the name, or the one that a list shares with the record.
pub(crate) fn slot(record: &'static Record, name: &str) -> Option<Slot> {
    let of_field =
        |field: &'static Field| Slot { kind: &field.kind, derived: field.derived.as_ref() };
    if let Some(param) = record.params.iter().find(|param| param.name == name) {
        return Some(Slot { kind: &param.kind, derived: None });
    }
    record.steps.iter().find_map(|step| match step {
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

/// The first and the last field of a part; the rest has none.
pub(crate) fn ends(part: &Part) -> (&str, &str) {
    match part {
        Part::Field(name) => (name, name),
        Part::Fields(from, to) => (from, to),
        Part::Rest => ("rest", "rest"),
    }
}

/// The width of the integer that holds a number.
pub(crate) fn width(kind: &FieldKind) -> Option<u8> {
    match kind {
        FieldKind::Number(number) => Some(number.int.width()),
        FieldKind::Fixed(fixed) => Some(fixed.int.width()),
        FieldKind::Varint(varint) => Some(varint.int.width()),
        _ => None,
    }
}

/// Everything that is derived, by its name.
pub(crate) fn all_derived(
    record: &'static Record,
) -> impl Iterator<Item = (&'static str, &'static Derived)> {
    record.steps.iter().flat_map(|step| {
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
