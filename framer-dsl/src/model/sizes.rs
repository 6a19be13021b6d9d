//! How many bytes things take, as far as their own numbers say.

use super::{BitKind, Coding, Element, Extent, List, ListEnd, Member, Model, Type, TypeId, Varint};

/// How many bytes something can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub min: u64,
    pub max: u64,
}

impl Size {
    /// So many bytes and no other number of them.
    pub(crate) fn exactly(bytes: u64) -> Size {
        Size { min: bytes, max: bytes }
    }

    fn and(self, other: Size) -> Size {
        Size { min: self.min.saturating_add(other.min), max: self.max.saturating_add(other.max) }
    }

    fn or(self, other: Size) -> Size {
        Size { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The number of bytes, where there is but one.
    #[must_use]
    pub(crate) fn known(self) -> Option<u64> {
        (self.min == self.max).then_some(self.min)
    }
}

impl Model {
    /// How many bytes a type takes, where the numbers in it tell: no end has to be looked for.
    #[must_use]
    pub(crate) fn measured(&self, ty: TypeId) -> Option<Size> {
        if self.region(ty).is_some() {
            return None;
        }
        match ty {
            TypeId::Values(values) => {
                self.values[values.0].int().map(|int| Size::exactly(wide(int.bytes())))
            }
            TypeId::Choice(choice) => {
                let alternatives = self.choices[choice.0].alternatives.iter();
                alternatives
                    .map(|alternative| self.measured(TypeId::Frame(alternative.frame)))
                    .reduce(|one, other| Some(one?.or(other?)))?
            }
            TypeId::Frame(frame) => self.measured_all(&self.frames[frame.0].body),
        }
    }

    fn measured_all(&self, body: &[Member]) -> Option<Size> {
        let mut total = Size::exactly(0);
        for (place, member) in body.iter().enumerate() {
            if let Member::Rest { length, .. } = member {
                let before = body.get(..place)?;
                return Some(total.and(size(self.range(before, length)?)));
            }
            total = total.and(self.measured_member(body, place)?);
        }
        Some(total)
    }

    /// The same of one member.
    #[must_use]
    pub(crate) fn measured_member(&self, body: &[Member], place: usize) -> Option<Size> {
        let before = body.get(..place)?;
        let field = match body.get(place)? {
            Member::Literal(literal) => return Some(Size::exactly(wide(literal.bytes.len()))),
            Member::Bits(bits) => {
                let tiers = bits.fields.iter().filter_map(|field| match &field.kind {
                    BitKind::Tiered(varint) => Some(varint_size(varint)),
                    _ => None,
                });
                let carrier = Size::exactly(wide(bits.carrier.bytes()));
                // What stands in the carrier itself is counted there.
                return Some(tiers.fold(carrier, |all, tier| {
                    all.and(Size { min: 0, max: tier.max - tier.min })
                }));
            }
            Member::Require { .. } => return Some(Size::exactly(0)),
            Member::Rest { .. } | Member::Stream(_) => return None,
            Member::Field(field) => field,
        };
        let size = self.measured_type(before, &field.ty)?;
        Some(if field.cond.is_some() { size.or(Size::exactly(0)) } else { size })
    }

    fn measured_type(&self, before: &[Member], ty: &Type) -> Option<Size> {
        match ty {
            Type::Fixed(fixed) => Some(Size::exactly(wide(fixed.int.bytes()))),
            Type::Varint(varint) => Some(varint_size(varint)),
            Type::Number(number) if number.min_digits == number.max_digits => {
                Some(Size::exactly(wide(number.max_digits)))
            }
            Type::Text { extent: Extent::Exactly(len), .. } => Some(Size::exactly(wide(*len))),
            Type::Text { extent: Extent::Sized(length), .. }
            | Type::Named { length: Some(length), .. } => Some(size(self.range(before, length)?)),
            Type::Named { ty, length: None } => self.measured(*ty),
            Type::List(List { element, end: ListEnd::Count(count), .. }) => {
                // The elements are not looked at, so each takes the same.
                let element = self.element(*element)?.known()?;
                let count = size(self.range(before, count)?);
                Some(Size {
                    min: count.min.saturating_mul(element),
                    max: count.max.saturating_mul(element),
                })
            }
            _ => None,
        }
    }

    /// How many bytes an element of a list takes.
    #[must_use]
    pub(crate) fn element(&self, element: Element) -> Option<Size> {
        match element {
            Element::Type(ty) => self.measured(ty),
            Element::Int { int, .. } => Some(Size::exactly(wide(int.bytes()))),
        }
    }
}

fn size(range: super::Range) -> Size {
    let bound = |value: i128| u64::try_from(value).unwrap_or(u64::MAX);
    Size { min: bound(range.low), max: bound(range.high) }
}

fn varint_size(varint: &Varint) -> Size {
    match &varint.coding {
        Coding::Tiers { first, tiers, .. } => {
            let most = tiers.iter().map(|tier| tier.int.bytes()).max().unwrap_or(0);
            let first = wide(first.bytes());
            Size { min: first, max: first.saturating_add(wide(most)) }
        }
        _ => Size { min: 1, max: wide(varint.max_bytes) },
    }
}

fn wide(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
