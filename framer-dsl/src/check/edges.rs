//! What types begin and end with.

use crate::model::{
    ByteSet, DelimiterId, Element, Extent, First, FrameId, Limits, List, ListEnd, Literal, Member,
    Model, Type, TypeId, ValuesKind,
};

/// Any byte.
pub(super) const ANY: ByteSet = ByteSet([u64::MAX; 4]);

/// What a literal begins with.
fn first_of_literal(literal: &Literal) -> First {
    let mut bytes = ByteSet::default();
    if let Some(byte) = literal.bytes.first() {
        bytes.insert(*byte, *byte);
        if literal.nocase {
            for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
                bytes.insert(byte, byte);
            }
        }
    }
    First::of(bytes).or_nothing(literal.bytes.is_empty())
}

/// Nothing at all.
const NOTHING: First = First { bytes: ByteSet([0; 4]), empty: true, ends: false };

/// What a member can begin with.
pub(super) fn first(model: &Model, member: &Member) -> First {
    let field = match member {
        Member::Literal(literal) => return first_of_literal(literal),
        Member::Stream(_) => return First::of(ANY).or_nothing(true),
        Member::Bits(_) => return First::of(ANY),
        Member::Param(_) | Member::Rest { .. } | Member::Require { .. } | Member::Open(_) => {
            return NOTHING;
        }
        Member::Close(region) => return First::of(delimiter(model, region.delimiter)),
        Member::Skip(skip) => {
            let bytes = model.classes[skip.class.0].set;
            return First::of(bytes).or_nothing(skip.min == 0);
        }
        Member::Field(field) => field,
    };
    first_of_type(model, &field.ty).or_nothing(field.cond.is_some())
}

fn first_of_type(model: &Model, ty: &Type) -> First {
    match ty {
        Type::Number(number) => {
            let mut bytes = digits(number.hex);
            if number.int.signed {
                bytes.insert(b'-', b'-');
            }
            First::of(bytes)
        }
        Type::Fixed(_) | Type::Varint(_) | Type::Coded { .. } => First::of(ANY),
        Type::Text { extent: Extent::ToEnd | Extent::Sized(_), .. } => {
            First::of(ANY).or_nothing(true)
        }
        Type::Text { extent: Extent::Until { .. }, .. } => First::of(ANY),
        Type::Text { extent: Extent::Exactly(len), .. } => First::of(ANY).or_nothing(*len == 0),
        Type::Text { extent: Extent::Run { min, trim, .. }, .. } => {
            let trimmed = trim.map(|trim| model.classes[trim.0].set).unwrap_or_default();
            First::of(run(model, ty).without(trimmed)).or_nothing(*min == 0)
        }
        Type::Flag { on, off, or_end } => {
            let off = off.as_ref().map_or(NOTHING, first_of_literal);
            // `or end` is no way on: nothing follows then.
            let off = First { empty: off.empty && !or_end, ends: *or_end, ..off };
            first_of_literal(on).or(off)
        }
        Type::Named { ty, length: None, .. } => first_inside(model, *ty),
        // Its region ends before what follows.
        Type::Named { ty, length: Some(_), .. } => {
            let inside = first_inside(model, *ty);
            inside.or_nothing(inside.ends)
        }
        Type::Optional(id) => first_inside(model, *id).or_nothing(true),
        Type::List(list) => {
            let element = first_of_element(model, list.element);
            if let ListEnd::Literal { literal, elsewhere, .. } = &list.end {
                let jump = elsewhere.as_ref().map(|of| first_of(model, TypeId::Frame(of.frame)));
                let all = first_of_literal(literal).or(element).or(jump.unwrap_or_default());
                return First { empty: false, ..all };
            }
            let empty = matches!(list.end, ListEnd::Region | ListEnd::Count(_) | ListEnd::Run);
            element.or_nothing(empty)
        }
    }
}

/// What an element of a list can begin with.
pub(super) fn first_of_element(model: &Model, element: Element) -> First {
    match element {
        Element::Type(ty) => first_inside(model, ty),
        Element::Int { .. } => First::of(ANY),
    }
}

/// What a part can begin with. One that may contain itself is not looked into.
fn first_inside(model: &Model, ty: TypeId) -> First {
    match model.limits(ty) {
        Some(Limits { depth: Some(_), .. }) => First::of(ANY),
        _ => first_of(model, ty),
    }
}

/// What a type can begin with.
pub(super) fn first_of(model: &Model, ty: TypeId) -> First {
    model.memo.firsts.of(ty, || look_for_first(model, ty))
}

fn look_for_first(model: &Model, ty: TypeId) -> First {
    match ty {
        TypeId::Values(id) => match &model.values[id.0].kind {
            ValuesKind::Literals(values) => {
                let values = values.iter();
                values.map(|value| first_of_literal(&value.value)).fold(First::default(), First::or)
            }
            ValuesKind::Numbers { .. } => First::of(ANY),
        },
        // Where it must not be empty, rustc sees to it.
        TypeId::External(_) => First::of(ANY),
        _ => {
            let region = model.region(ty);
            let frames = model.frames_of(ty).into_iter();
            let found = frames
                .map(|frame| first_of_all(model, &model.frames[frame.0].body))
                .fold(First::default(), First::or);
            match region {
                Some(region) if found.ends => {
                    First::of(found.bytes.union(delimiter(model, region.delimiter)))
                }
                Some(_) => First::of(found.bytes),
                None => found,
            }
        }
    }
}

/// What members in a row can begin with.
pub(super) fn first_of_all<'m>(
    model: &Model,
    members: impl IntoIterator<Item = &'m Member>,
) -> First {
    let mut all = NOTHING;
    for member in members {
        let next = first(model, member);
        // Behind what was not there because the region ends, only its end follows.
        if all.empty || matches!(member, Member::Close(_)) {
            all = First { bytes: all.bytes.union(next.bytes), empty: next.empty, ends: false };
        }
        if !next.empty && !next.ends {
            return all;
        }
    }
    First { ends: true, ..all }
}

/// The bytes that a member takes as many of as there are, at its end.
pub(super) fn greedy(model: &Model, member: &Member) -> ByteSet {
    let field = match member {
        Member::Field(field) => field,
        Member::Skip(skip) => return model.classes[skip.class.0].set,
        _ => return ByteSet::default(),
    };
    match &field.ty {
        Type::Number(number) if number.min_digits < number.max_digits => digits(number.hex),
        Type::Text { extent: Extent::Run { .. }, .. } => run(model, &field.ty),
        Type::Named { ty, length: None, .. } | Type::Optional(ty) => greedy_of(model, *ty),
        Type::List(List { end: ListEnd::Literal { .. }, .. }) => ByteSet::default(),
        Type::List(list) => list.element.ty().map_or(ByteSet::default(), |ty| greedy_of(model, ty)),
        _ => ByteSet::default(),
    }
}

/// The same of a type.
pub(super) fn greedy_of(model: &Model, ty: TypeId) -> ByteSet {
    // One with limits may contain itself, and its parts are looked at by themselves.
    if model.region(ty).is_some() || model.limits(ty).is_some_and(|limits| limits.depth.is_some()) {
        return ByteSet::default();
    }
    model.memo.greedy.of(ty, || {
        let frames = model.frames_of(ty).into_iter();
        frames.map(|frame| greedy_end(model, frame)).fold(ByteSet::default(), ByteSet::union)
    })
}

fn greedy_end(model: &Model, frame: FrameId) -> ByteSet {
    let frame = &model.frames[frame.0];
    if frame.region.is_some() {
        return ByteSet::default();
    }
    let mut bytes = ByteSet::default();
    for member in frame.body.iter().rev() {
        bytes = bytes.union(greedy(model, member)).union(perhaps(model, member));
        if !first(model, member).empty {
            break;
        }
    }
    bytes
}

/// The bytes by which the end of a frame tells that a member is there which may be missing. In its
/// own frame the encoder looks at what follows; behind it nobody does.
fn perhaps(model: &Model, member: &Member) -> ByteSet {
    let Member::Field(field) = member else { return ByteSet::default() };
    match &field.ty {
        Type::Flag { on, off: None, or_end: false } => first_of_literal(on).bytes,
        Type::Optional(ty) => first_inside(model, *ty).bytes,
        _ => ByteSet::default(),
    }
}

/// What a delimiter begins with.
fn delimiter(model: &Model, id: DelimiterId) -> ByteSet {
    let mut bytes = ByteSet::default();
    let first = model.delimiters[id.0].all().filter_map(|end| end.first());
    first.for_each(|byte| bytes.insert(*byte, *byte));
    bytes
}

/// The bytes of a run, its escape included.
fn run(model: &Model, ty: &Type) -> ByteSet {
    let Type::Text { extent: Extent::Run { class, escape, .. }, .. } = ty else {
        return ByteSet::default();
    };
    let mut bytes = model.classes[class.0].set;
    if let Some((byte, _)) = escape {
        bytes.insert(*byte, *byte);
    }
    bytes
}

pub(super) fn digits(hex: bool) -> ByteSet {
    let mut bytes = ByteSet::default();
    bytes.insert(b'0', b'9');
    if hex {
        bytes.insert(b'a', b'f');
        bytes.insert(b'A', b'F');
    }
    bytes
}
