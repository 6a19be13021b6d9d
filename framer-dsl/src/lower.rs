//! Turns a checked [`Model`] into [`Ir`]: cannot fail.

mod machine;
mod own;
mod record;
mod rules;
mod variables;

use crate::ir::{
    Alternative, Choice, Class, Delimiter, External, FieldKind, Fixed, Ir, Param, Region, Shape,
    Type, TypeKind, Values,
};
use crate::model::{self, Boundary, Model, TypeId};

pub(crate) use own::lower_own;

/// Lowers a checked model.
#[must_use]
pub(crate) fn lower(model: &Model) -> Ir {
    let measured = measured(model);
    Ir {
        docs: model.docs.clone(),
        delimiters: model
            .delimiters
            .iter()
            .map(|delimiter| Delimiter {
                docs: delimiter.docs.clone(),
                name: delimiter.name.clone(),
                bytes: delimiter.bytes.clone(),
                others: delimiter.others.clone(),
                set: delimiter.set(),
                lenient: delimiter.lenient,
            })
            .collect(),
        classes: model
            .classes
            .iter()
            .map(|class| Class {
                docs: class.docs.clone(),
                name: class.name.clone(),
                set: class.set,
            })
            .collect(),
        transforms: model.transforms.clone(),
        checksums: model.checksums.clone(),
        types: model.order.iter().map(|id| lower_type(model, &measured, *id)).collect(),
        machines: model.protocols.iter().map(|protocol| machine::lower(model, protocol)).collect(),
        own: false,
    }
}

fn lower_type(model: &Model, measured: &[TypeId], id: TypeId) -> Type {
    let no_docs = crate::ir::Docs::default();
    let (name, docs, kind) = match id {
        TypeId::Frame(frame) => {
            let of = &model.frames[frame.0];
            let kind = match of.stream() {
                Some(_) => TypeKind::Stream,
                None => TypeKind::Record(record::lower(model, frame)),
            };
            (&of.name, &of.docs, kind)
        }
        TypeId::Choice(choice) => {
            let of = &model.choices[choice.0];
            let alternatives = of
                .alternatives
                .iter()
                .map(|alternative| Alternative {
                    docs: match alternative.docs.0.is_empty() {
                        true => model.frames[alternative.frame.0].docs.clone(),
                        false => alternative.docs.clone(),
                    },
                    frame: alternative.frame,
                    lead: (!alternative.catch_all && of.by.is_none())
                        .then(|| model.lead_in(of, alternative.frame))
                        .flatten(),
                    tag: alternative.tag.as_ref().map(|tag| tag.value),
                })
                .collect();
            let region = of.region.as_ref().map(region);
            (
                &of.name,
                &of.docs,
                TypeKind::Choice(Choice {
                    region,
                    repr: of.repr,
                    by: of.by.clone(),
                    head: model.passed(of),
                    alternatives,
                }),
            )
        }
        TypeId::Values(values) => {
            let of = &model.values[values.0];
            (&of.name, &of.docs, TypeKind::Values(Values { kind: of.kind.clone() }))
        }
        TypeId::External(external) => {
            let of = &model.externals[external.0];
            let followed = model.followed().contains(&external);
            (&of.name, &no_docs, TypeKind::External(External { followed }))
        }
    };
    let element = matches!(&kind, TypeKind::Record(record) if !record.hoisted.is_empty());
    // What shares fields with its list is none by itself.
    let cut = model.cut(id).filter(|_| !element);
    Type {
        id,
        name: name.clone(),
        docs: docs.clone(),
        borrows: record::borrows(model, id),
        measured: measured.contains(&id),
        limits: model.limits(id),
        cut: cut.map(shape),
        size: model.measured(id).and_then(model::Size::known),
        refers: model.refers(id),
        params: params(model, id),
        ends: model.ends(id),
        kind,
    }
}

/// What a type is given by what holds it.
fn params(model: &Model, id: TypeId) -> Vec<Param> {
    let written = |name: &str| {
        let frames = model.frames_of(id).into_iter();
        let mut params = frames.flat_map(|frame| &model.frames[frame.0].params);
        let looked_at = params.any(|param| param.name == name && !param.kept);
        let TypeId::Choice(choice) = id else { return looked_at };
        let by = model.choices[choice.0].by.as_ref();
        looked_at || by.is_some_and(|by| by.computes(name))
    };
    let lower = |param: &model::Param| {
        let fixed = Fixed { int: param.int, little: false, low: 0, high: param.int.max() };
        Param {
            name: param.name.clone(),
            kind: FieldKind::Fixed(fixed),
            kept: param.kept,
            written: written(&param.name),
        }
    };
    model.params(id).iter().map(lower).collect()
}

/// The types that are spoken, or cut out of a stream, and measured, with all that they are made of.
fn measured(model: &Model) -> Vec<TypeId> {
    let is_measured = |ty: &&TypeId| matches!(model.cut(**ty), Some(Boundary::Measured { .. }));
    let mut found: Vec<TypeId> = model.order.iter().filter(is_measured).copied().collect();
    for protocol in &model.protocols {
        for (_, ty) in protocol.framers() {
            if let Some(Boundary::Measured { .. }) = model.boundary_in(protocol, ty) {
                found.push(ty);
            }
        }
    }
    let mut next = 0;
    while let Some(ty) = found.get(next) {
        let parts = model.parts(*ty).into_iter().filter(|part| model.measured(*part).is_some());
        let new: Vec<TypeId> = parts.filter(|part| !found.contains(part)).collect();
        found.extend(new);
        next += 1;
    }
    found
}

/// How the end of a frame is found.
fn shape(boundary: Boundary<'_>) -> Shape {
    match boundary {
        Boundary::Datagram => Shape::Datagram,
        Boundary::Delimited(of) => Shape::Delimited(region(of)),
        Boundary::Measured { max } => Shape::Measured { max },
        Boundary::Coded { transform, max, skip } => Shape::Coded { transform, max, skip },
        Boundary::Lines { element, region: of, max } => {
            Shape::Lines { element, region: region(of), max }
        }
        Boundary::Stream(extent) => Shape::Stream(extent),
    }
}

fn region(region: &model::Region) -> Region {
    Region { delimiter: region.delimiter, max: region.max, skip: region.skip }
}
