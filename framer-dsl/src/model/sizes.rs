//! How many bytes things take, as far as their own numbers say.

use super::{
    BitKind, Carrier, ChoiceId, Coding, Element, Expr, Extent, Field, FrameId, List, ListEnd,
    Member, Model, Region, TransformKind, Type, TypeId, Varint,
};

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

/// The types that are being measured, each inside the one before it.
type Open = Vec<TypeId>;

impl Model {
    /// How many bytes a type takes, where the numbers and delimiters in it tell.
    #[must_use]
    pub(crate) fn measured(&self, ty: TypeId) -> Option<Size> {
        self.measured_in(ty, &mut Open::new())
    }

    fn measured_in(&self, ty: TypeId, open: &mut Open) -> Option<Size> {
        if let Some(region) = self.region(ty) {
            return Some(self.delimited(region));
        }
        if open.contains(&ty) {
            let max = self.limits(ty).map_or(u64::MAX, |limits| limits.max);
            return Some(Size { min: 1, max });
        }
        match self.is_apart(ty, open) {
            true => self.memo.sizes.of(ty, || self.measured_inside(ty, open)),
            false => self.measured_inside(ty, open),
        }
    }

    fn measured_inside(&self, ty: TypeId, open: &mut Open) -> Option<Size> {
        open.push(ty);
        let size = match ty {
            TypeId::Values(values) => {
                self.values[values.0].int().map(|int| Size::exactly(wide(int.bytes())))
            }
            TypeId::Choice(choice) => self.measured_choice(choice, open),
            TypeId::Frame(frame) => self.measured_all(&self.frames[frame.0].body, open),
            TypeId::External(_) => None,
        };
        open.pop();
        let size = size?;
        Some(match self.limits(ty) {
            Some(limits) => Size { min: size.min, max: size.max.min(limits.max) },
            None => size,
        })
    }

    fn measured_choice(&self, choice: ChoiceId, open: &mut Open) -> Option<Size> {
        let mut all: Option<Size> = None;
        for alternative in &self.choices[choice.0].alternatives {
            let size = self.measured_in(TypeId::Frame(alternative.frame), open)?;
            all = Some(all.map_or(size, |all| all.or(size)));
        }
        all
    }

    fn measured_all(&self, body: &[Member], open: &mut Open) -> Option<Size> {
        let mut total = Size::exactly(0);
        // What stands in a region is not looked at, but for its end.
        let mut inside = 0_usize;
        let mut hidden: Vec<&str> = Vec::new();
        for (place, member) in body.iter().enumerate() {
            let before = body.get(..place)?;
            match member {
                Member::Open(region) if inside == 0 => {
                    total = total.and(self.delimited(region));
                    inside = 1;
                }
                Member::Open(_) => inside += 1,
                Member::Close(_) => inside = inside.saturating_sub(1),
                _ if inside > 0 => hidden.extend(names(member)),
                // Only numbers and flags of its own are read where the end is looked for.
                _ if sized_by(member).iter().any(|expr| {
                    expr.follows() || expr.names().iter().any(|name| hidden.contains(name))
                }) =>
                {
                    return None;
                }
                Member::Rest { length, .. } => {
                    return Some(total.and(size(self.range(before, length)?)));
                }
                _ => {
                    let rest = body.get(place + 1..).unwrap_or_default();
                    if rest.iter().all(|member| self.may_be_empty(member)) && goes_on(member) {
                        return None;
                    }
                    let last = rest.iter().all(|member| matches!(member, Member::Require { .. }));
                    total = total.and(self.measured_member(before, member, last, open)?);
                }
            }
        }
        Some(total)
    }

    /// So many bytes a frame has at the least, as far as its own members tell.
    #[must_use]
    pub(crate) fn least(&self, frame: FrameId) -> u64 {
        let body = &self.frames[frame.0].body;
        let known = self.measured(TypeId::Frame(frame)).map(|size| size.min);
        known.unwrap_or_else(|| body.iter().map(|member| self.least_of(member)).sum())
    }

    fn least_of(&self, member: &Member) -> u64 {
        let least = match member {
            Member::Literal(literal) => literal.bytes.len(),
            Member::Bits(_) => 1,
            Member::Skip(skip) => skip.min,
            Member::Close(region) => self.delimiters[region.delimiter.0].least(),
            Member::Field(Field { cond: None, ty, .. }) => match ty {
                Type::Number(number) => number.min_digits,
                Type::Fixed(fixed) => fixed.int.bytes(),
                Type::Varint(_) => 1,
                Type::Text { extent: Extent::Run { min, .. } | Extent::Exactly(min), .. } => *min,
                _ => 0,
            },
            _ => 0,
        };
        wide(least)
    }

    /// How many bytes a region takes, with its delimiter.
    fn delimited(&self, region: &Region) -> Size {
        Size { min: wide(self.delimiters[region.delimiter.0].least()), max: region.max }
    }

    fn measured_member(
        &self,
        before: &[Member],
        member: &Member,
        last: bool,
        open: &mut Open,
    ) -> Option<Size> {
        let field = match member {
            Member::Literal(literal) => return Some(Size::exactly(wide(literal.bytes.len()))),
            Member::Bits(bits) => {
                let tiers = bits.fields.iter().filter_map(|field| match &field.kind {
                    BitKind::Tiered(varint) => Some(varint_size(varint)),
                    _ => None,
                });
                let carrier = match &bits.carrier {
                    Carrier::Fixed(fixed) => Size::exactly(wide(fixed.int.bytes())),
                    Carrier::Varint(varint) => varint_size(varint),
                };
                // What stands in the carrier itself is counted there.
                return Some(tiers.fold(carrier, |all, tier| {
                    all.and(Size { min: 0, max: tier.max - tier.min })
                }));
            }
            Member::Param(_) | Member::Require { .. } => return Some(Size::exactly(0)),
            Member::Rest { .. }
            | Member::Stream(_)
            | Member::Skip(_)
            | Member::Open(_)
            | Member::Close(_) => return None,
            Member::Field(field) => field,
        };
        if field.cond.as_ref().is_some_and(|cond| !cond.is_plain()) {
            return None;
        }
        let last = last && field.cond.is_none();
        let size = self.measured_type(before, &field.ty, last, open)?;
        Some(if field.cond.is_some() { size.or(Size::exactly(0)) } else { size })
    }

    /// The same of a field; `last`: nothing follows it.
    fn measured_type(
        &self,
        before: &[Member],
        ty: &Type,
        last: bool,
        open: &mut Open,
    ) -> Option<Size> {
        match ty {
            Type::Fixed(fixed) => Some(Size::exactly(wide(fixed.int.bytes()))),
            Type::Varint(varint) => Some(varint_size(varint)),
            Type::Flag { on, off: Some(off), or_end: false } => {
                let (on, off) = (wide(on.bytes.len()), wide(off.bytes.len()));
                (on == off).then_some(Size::exactly(on))
            }
            Type::Number(number) => Some(Size {
                min: wide(number.min_digits),
                max: wide(number.max_digits + usize::from(number.int.signed)),
            }),
            Type::Text { extent: Extent::Exactly(len), .. } => Some(Size::exactly(wide(*len))),
            Type::Text { extent: Extent::Until { delimiter, max }, .. } => {
                Some(Size { min: wide(self.delimiters[delimiter.0].least()), max: *max })
            }
            Type::Coded { transform, max, .. } => {
                let TransformKind::Whole(coding) = &self.transforms[transform.0].kind else {
                    return None;
                };
                Some(Size { min: wide(coding.least()), max: *max })
            }
            Type::Text { extent: Extent::Sized(length), .. }
            | Type::Named { length: Some(length), .. } => Some(size(self.range(before, length)?)),
            Type::Named { ty, length: None, .. } => {
                let size = self.measured_in(*ty, open)?;
                // Its elements are passed over one by one, so it ends what they are in.
                (last || !self.has_elements(*ty)).then_some(size)
            }
            Type::List(List { element, end: ListEnd::Count(count), .. }) => {
                let each = match element {
                    Element::Type(ty) => self.measured_in(*ty, open)?,
                    Element::Int { int, .. } => Size::exactly(wide(int.bytes())),
                };
                if each.known().is_none() && !last {
                    return None;
                }
                let count = size(self.range(before, count)?);
                Some(Size {
                    min: count.min.saturating_mul(each.min),
                    max: count.max.saturating_mul(each.max),
                })
            }
            Type::List(List {
                element,
                end: ListEnd::Literal { literal, max, elsewhere: None },
                max: count,
                ..
            }) if last => {
                let each = self.measured_in(element.ty()?, open)?;
                let end = wide(literal.bytes.len());
                let most = wide(*count).saturating_mul(each.max).saturating_add(end);
                Some(Size { min: end, max: max.map_or(most, |max| max.min(most)) })
            }
            _ => None,
        }
    }

    /// Whether a type ends with elements that are passed over one by one.
    #[must_use]
    pub(crate) fn has_elements(&self, ty: TypeId) -> bool {
        let mut seen = Open::new();
        self.has_elements_in(ty, &mut seen)
    }

    fn has_elements_in(&self, ty: TypeId, seen: &mut Open) -> bool {
        if seen.contains(&ty) {
            return false;
        }
        seen.push(ty);
        let TypeId::Frame(frame) = ty else {
            let frames = self.frames_of(ty);
            return frames
                .into_iter()
                .any(|frame| self.has_elements_in(TypeId::Frame(frame), seen));
        };
        let mut members = self.frames[frame.0].body.iter().rev();
        match members.find(|member| !matches!(member, Member::Require { .. })) {
            Some(Member::Field(field)) => match &field.ty {
                Type::List(List { end: ListEnd::Literal { .. }, .. }) => true,
                Type::List(List { element, end: ListEnd::Count(_), .. }) => {
                    self.element(*element).is_none_or(|size| size.known().is_none())
                }
                Type::Named { ty, length: None, .. } => self.has_elements_in(*ty, seen),
                _ => false,
            },
            _ => false,
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

/// Whether only what follows a member can tell that it is at its end.
fn goes_on(member: &Member) -> bool {
    match member {
        Member::Field(Field { ty: Type::Number(number), .. }) => {
            number.min_digits < number.max_digits || number.int.signed
        }
        _ => false,
    }
}

/// The fields of a member.
fn names(member: &Member) -> Vec<&str> {
    match member {
        Member::Field(field) => vec![&field.name],
        Member::Bits(bits) => bits.fields.iter().map(|field| field.name.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// What says how long a member is, and whether it is there.
fn sized_by(member: &Member) -> Vec<&Expr> {
    let field = match member {
        Member::Rest { length, .. } => return vec![length],
        Member::Field(field) => field,
        _ => return Vec::new(),
    };
    let length = match &field.ty {
        Type::Text { extent: Extent::Sized(length), .. }
        | Type::Named { length: Some(length), .. } => Some(length),
        Type::List(List { end: ListEnd::Count(count), .. }) => Some(count),
        _ => None,
    };
    length.into_iter().chain(&field.cond).collect()
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
