//! How frames are cut out of a stream.

use framer_dsl::ir::{Ends, Framer, Machine, Role, Shape, StreamExtent, TypeId, TypeKind};
use framer_runtime::protocol::{Cut, KindId, Last};

use crate::description::Description;
use crate::protocol::{kind_of, tiny};
use crate::record::{element_flag, flag_list, small};
use crate::statics::{Transform, forever};

/// The way of cutting out whole frames of a type.
pub(crate) fn whole(description: &'static Description, id: TypeId, shape: Shape) -> Option<Cut> {
    match shape {
        Shape::Delimited(region) => Some(Cut::Delimited {
            delimiter: description.delimiter(region.delimiter),
            max: small(region.max),
            skip: region.skip,
        }),
        Shape::Measured { max } => {
            let ty = description.ty(id);
            let given = matches!(&ty.kind, TypeKind::Record(record) if !record.params.is_empty());
            let ends = !given && matches!(ty.ends, Ends::If(_));
            Some(Cut::Measured { node: description.node(id), max: small(max), ends })
        }
        Shape::Coded { transform, max, skip } => {
            Some(Cut::Coded { coding: description.coding(transform), max: small(max), skip })
        }
        _ => None,
    }
}

/// The way of cutting that a role's direction has at a place.
pub(crate) fn framer(
    description: &'static Description,
    machine: &'static Machine,
    framer: &'static Framer,
) -> Cut {
    let kind = || payload(machine, framer.role, framer.ty);
    match framer.shape {
        Shape::Datagram => Cut::Datagram { max: small(framer.bound) },
        Shape::Lines { region, max: count, .. } => Cut::Lines {
            delimiter: description.delimiter(region.delimiter),
            max: small(region.max),
            count,
            last: last(description, framer.ty),
        },
        Shape::Stream(StreamExtent::Via(transform)) => match description.transform(transform) {
            Transform::Escapes(rules) => Cut::Escaped { rules, kind: kind() },
            Transform::Coding(_) => Cut::Rest { kind: kind() },
        },
        Shape::Stream(StreamExtent::ToEnd) => Cut::Rest { kind: kind() },
        Shape::Stream(StreamExtent::Param { mask, .. }) => {
            let mask = mask.map_or(0, |mask| mask.bytes);
            Cut::Counted { kind: kind(), tail: &framer.tail, mask }
        }
        shape @ (Shape::Delimited(_) | Shape::Measured { .. } | Shape::Coded { .. }) => {
            let cut = whole(description, framer.ty, shape);
            cut.unwrap_or(Cut::Datagram { max: small(framer.bound) })
        }
    }
}

/// What a payload is to the rules.
fn payload(machine: &Machine, role: Role, ty: TypeId) -> KindId {
    let TypeId::Frame(frame) = ty else { return KindId(u8::MAX) };
    let place =
        machine.kinds.iter().position(|kind| kind.role == role && kind.of == kind_of(frame));
    KindId(tiny(place.unwrap_or(usize::MAX)))
}

/// What tells the last line of a frame of several.
fn last(description: &'static Description, id: TypeId) -> Last {
    let list = description.record(id).and_then(flag_list);
    Last::new(forever(move |line: &[u8]| {
        let Some((list, flag, last)) = list else { return Ok(true) };
        let reader = &mut framer_runtime::read::Reader::cut(line);
        element_flag(description, list, flag, reader).map(|(_, is_set)| is_set == last)
    }))
}
