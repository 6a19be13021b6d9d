//! Turns a checked [`Model`] into [`Ir`]: cannot fail.

mod machine;
mod rules;

use crate::ir::{
    Alternative, Choice, Class, Delimiter, Field, FieldKind, Ir, List, Record, Region, Step,
    Transform, Type, TypeKind, Value, Values,
};
use crate::model::{self, Extent, FrameId, ListEnd, Member, Model, TypeId};

/// Lowers a checked model.
#[must_use]
pub(crate) fn lower(model: &Model) -> Ir {
    Ir {
        docs: model.docs.clone(),
        delimiters: model
            .delimiters
            .iter()
            .map(|delimiter| Delimiter {
                docs: delimiter.docs.clone(),
                name: delimiter.name.clone(),
                bytes: delimiter.bytes.clone(),
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
        transforms: model
            .transforms
            .iter()
            .map(|transform| Transform {
                docs: transform.docs.clone(),
                name: transform.name.clone(),
                at_start: transform.at_start,
                after: transform.after,
                tokens: transform.tokens.clone(),
            })
            .collect(),
        types: model.order.iter().map(|id| lower_type(model, *id)).collect(),
        machines: model.protocols.iter().map(|protocol| machine::lower(model, protocol)).collect(),
    }
}

fn lower_type(model: &Model, id: TypeId) -> Type {
    let (name, docs, kind) = match id {
        TypeId::Frame(frame) => {
            let of = &model.frames[frame.0];
            let kind = match of.stream() {
                Some(_) => TypeKind::Stream,
                None => TypeKind::Record(record(model, frame)),
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
                    lead: (!alternative.catch_all)
                        .then(|| lead(model, alternative.frame))
                        .flatten(),
                })
                .collect();
            let region = of.region.as_ref().map(region);
            (&of.name, &of.docs, TypeKind::Choice(Choice { region, alternatives }))
        }
        TypeId::Values(values) => {
            let of = &model.values[values.0];
            let values = of
                .values
                .iter()
                .map(|value| Value {
                    docs: value.docs.clone(),
                    name: value.name.clone(),
                    literal: value.literal.clone(),
                })
                .collect();
            (&of.name, &of.docs, TypeKind::Values(Values { values }))
        }
    };
    Type { id, name: name.clone(), docs: docs.clone(), borrows: borrows(model, id), kind }
}

fn region(region: &model::Region) -> Region {
    Region { delimiter: region.delimiter, max: region.max, skip: region.skip }
}

/// The literal that a frame begins with.
fn lead(model: &Model, frame: FrameId) -> Option<model::Literal> {
    match model.frames[frame.0].body.first() {
        Some(Member::Literal(literal)) => Some(literal.clone()),
        _ => None,
    }
}

fn record(model: &Model, id: FrameId) -> Record {
    let frame = &model.frames[id.0];
    let steps: Vec<Step> = frame
        .body
        .iter()
        .filter_map(|member| match member {
            Member::Literal(literal) => Some(Step::Literal(literal.clone())),
            Member::Field(field) => Some(Step::Field(lower_field(model, field))),
            Member::Stream(_) => None,
        })
        .collect();
    let hoisted = hoisted(model, id);
    let from_text = from_text(frame, &hoisted);
    Record { region: frame.region.as_ref().map(region), steps, hoisted, from_text }
}

fn lower_field(model: &Model, field: &model::Field) -> Field {
    let kind = match &field.ty {
        model::Type::Number(number) => FieldKind::Number(number.clone()),
        model::Type::Fixed { int, little, low, high } => {
            FieldKind::Fixed { int: *int, little: *little, low: *low, high: *high }
        }
        model::Type::Text { kind, extent } => {
            FieldKind::Text { kind: *kind, extent: extent.clone() }
        }
        model::Type::Flag { on, off, or_end } => {
            FieldKind::Flag { on: on.clone(), off: off.clone(), or_end: *or_end }
        }
        model::Type::Named(id) => FieldKind::Named(*id),
        model::Type::Optional(id) => FieldKind::Optional(*id),
        model::Type::List(list) => FieldKind::List(lower_list(model, list)),
    };
    Field { docs: field.docs.clone(), name: field.name.clone(), kind }
}

fn lower_list(model: &Model, list: &model::List) -> List {
    let shared = match list.element {
        TypeId::Frame(element) => model.frames[element.0]
            .fields()
            .filter(|field| list.shared.contains(&field.name))
            .map(|field| lower_field(model, field))
            .collect(),
        _ => Vec::new(),
    };
    let until = match &list.end {
        ListEnd::Region => None,
        ListEnd::Flag { field, last } => Some((field.clone(), *last)),
    };
    List { element: list.element, max: list.max, shared, until }
}

/// The fields of a frame that belong to the list whose element it is: those it shares in the order
/// of the frame, then the flag.
fn hoisted(model: &Model, id: FrameId) -> Vec<String> {
    let mut lists =
        model.frames.iter().flat_map(model::Frame::fields).filter_map(|field| match &field.ty {
            model::Type::List(list) if list.element == TypeId::Frame(id) => Some(list),
            _ => None,
        });
    let Some(list) = lists.find(|list| list.hoists()) else { return Vec::new() };
    let fields = model.frames[id.0].fields().map(|field| &field.name);
    let mut names: Vec<String> =
        fields.filter(|name| list.shared.contains(name)).cloned().collect();
    if let ListEnd::Flag { field, .. } = &list.end {
        names.push(field.clone());
    }
    names
}

/// The only field that must be given, if it is a text for people.
fn from_text(frame: &model::Frame, hoisted: &[String]) -> Option<String> {
    let mut needed = frame.fields().filter(|field| {
        !hoisted.contains(&field.name) && !matches!(field.ty, model::Type::Optional(_))
    });
    match (needed.next(), needed.next()) {
        (Some(field), None) if is_str(&field.ty) => Some(field.name.clone()),
        _ => None,
    }
}

fn is_str(ty: &model::Type) -> bool {
    use crate::syntax::TextKind;
    matches!(ty, model::Type::Text { kind: TextKind::Ascii | TextKind::Utf8, .. })
}

/// Whether a value of the type holds bytes of the input.
fn borrows(model: &Model, id: TypeId) -> bool {
    match id {
        TypeId::Values(_) => false,
        TypeId::Choice(choice) => model.choices[choice.0]
            .alternatives
            .iter()
            .any(|alternative| borrows(model, TypeId::Frame(alternative.frame))),
        TypeId::Frame(frame) => {
            let hoisted = hoisted(model, frame);
            let mut fields = model.frames[frame.0].fields();
            fields.any(|field| match &field.ty {
                model::Type::Text { extent: Extent::Run { .. } | Extent::ToEnd, .. }
                | model::Type::Text { extent: Extent::Exactly(_), .. }
                | model::Type::List(_) => !hoisted.contains(&field.name),
                model::Type::Named(id) | model::Type::Optional(id) => borrows(model, *id),
                _ => false,
            })
        }
    }
}
