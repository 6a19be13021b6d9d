//! What is written between the beginning of a region and its delimiter. Where nothing in it can hold
//! a byte of the delimiter, nobody looks for one.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use super::bounds::types;
use crate::ir::{
    Choice, Delimiter, Element, Extent, Field, FieldKind, Ir, ListEnd, Record, Region, Step, Type,
    TypeId, TypeKind, Values, ValuesKind,
};
use crate::names;

/// `steps`, which write a record, in its region.
pub(super) fn of_record(
    context: &Context<'_>,
    record: &Record,
    steps: &TokenStream,
) -> TokenStream {
    let Some(region) = &record.region else { return steps.clone() };
    let delimiter = delimiter(context, region);
    let inner = inner(&record.steps).flat_map(|ty| types(context.ir, ty));
    let clean = record.steps.iter().all(|step| is_clean(context.ir, step, delimiter))
        && inner.into_iter().all(|ty| holds_none(context.ir, ty, delimiter));
    let end = ended(context, region, clean);
    around(&quote!(#steps #end))
}

/// `steps`, which write an alternative, in the region of their choice.
pub(super) fn of_choice(
    context: &Context<'_>,
    ty: &Type,
    choice: &Choice,
    steps: &TokenStream,
) -> TokenStream {
    let Some(region) = &choice.region else { return steps.clone() };
    let delimiter = delimiter(context, region);
    let name = names::ty(&ty.name);
    let mut unclean = Vec::new();
    for alternative in &choice.alternatives {
        let id = TypeId::Frame(alternative.frame);
        let all = types(context.ir, id);
        if all.into_iter().all(|ty| holds_none(context.ir, ty, delimiter)) {
            continue;
        }
        let of = context.ir.ty(id);
        let variant = names::ty(&of.name);
        unclean.push(match &of.kind {
            TypeKind::Record(record) if record.own.is_some() => quote!(#name::#variant { .. }),
            _ => quote!(#name::#variant(_)),
        });
    }
    let end = match unclean.len() {
        0 => ended(context, region, true),
        all if all == choice.alternatives.len() => ended(context, region, false),
        _ => {
            let (looked, taken) = (ended(context, region, false), ended(context, region, true));
            quote!(if matches!(self, #(#unclean)|*) { #looked } else { #taken })
        }
    };
    around(&quote!(#steps #end))
}

fn around(steps: &TokenStream) -> TokenStream {
    quote! {
        let opened = writer.open();
        #steps
    }
}

fn ended(context: &Context<'_>, region: &Region, clean: bool) -> TokenStream {
    let delimiter = names::constant(&delimiter(context, region).name);
    let max = Literal::u64_unsuffixed(region.max);
    match clean {
        true => quote!(writer.clean_delimiter(opened, &#delimiter, #max)?;),
        false => quote!(writer.delimiter(opened, &#delimiter, #max)?;),
    }
}

fn delimiter<'i>(context: &Context<'i>, region: &Region) -> &'i Delimiter {
    &context.ir.delimiters[region.delimiter.0]
}

/// Whether what these steps write may say what follows it: words, and what stands only at the end.
pub(super) fn has_edges(ir: &Ir, steps: &[Step]) -> bool {
    steps.iter().any(is_edge) || inner(steps).any(|ty| holds_edges(ir, ty))
}

/// The same of what is written of a type.
pub(super) fn holds_edges(ir: &Ir, ty: TypeId) -> bool {
    types(ir, ty).into_iter().any(|ty| match &ty.kind {
        TypeKind::Record(record) => record.steps.iter().any(is_edge),
        TypeKind::Values(values) => has_word(values),
        TypeKind::External(_) => true,
        TypeKind::Choice(_) | TypeKind::Stream => false,
    })
}

fn is_edge(step: &Step) -> bool {
    match step {
        Step::Literal(literal) => literal.word,
        Step::Field(Field { kind: FieldKind::Flag { on, off, or_end }, .. }) => {
            *or_end || on.word || off.as_ref().is_some_and(|off| off.word)
        }
        Step::Field(Field { kind: FieldKind::List(list), .. }) => {
            matches!(&list.end, ListEnd::Literal { literal, .. } if literal.word)
        }
        _ => false,
    }
}

/// Whether a field may be a value that says what may follow it, or a list of such.
pub(super) fn holds_word(ir: &Ir, step: &Step) -> bool {
    inner(std::slice::from_ref(step)).any(|ty| match &ir.ty(ty).kind {
        TypeKind::Values(values) => has_word(values),
        TypeKind::External(_) => true,
        TypeKind::Record(_) | TypeKind::Choice(_) | TypeKind::Stream => false,
    })
}

fn has_word(values: &Values) -> bool {
    match &values.kind {
        ValuesKind::Literals(values) => values.iter().any(|value| value.value.word),
        ValuesKind::Numbers { .. } => false,
    }
}

/// The types of the fields among these steps.
fn inner(steps: &[Step]) -> impl Iterator<Item = TypeId> {
    steps.iter().filter_map(|step| match step {
        Step::Field(Field { kind, .. }) => match kind {
            FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => Some(*ty),
            FieldKind::List(list) => list.element.ty(),
            _ => None,
        },
        _ => None,
    })
}

/// Whether a type, apart from those in it, is written without a byte of the delimiter.
fn holds_none(ir: &Ir, ty: &Type, delimiter: &Delimiter) -> bool {
    let ended = |region: &Option<Region>| {
        region.as_ref().is_none_or(|of| none_of(&ir.delimiters[of.delimiter.0].bytes, delimiter))
    };
    match &ty.kind {
        TypeKind::Record(record) => {
            ended(&record.region) && record.steps.iter().all(|step| is_clean(ir, step, delimiter))
        }
        TypeKind::Choice(choice) => ended(&choice.region),
        TypeKind::Values(values) => match &values.kind {
            ValuesKind::Literals(values) => {
                values.iter().all(|value| none_of(&value.value.bytes, delimiter))
            }
            ValuesKind::Numbers { .. } => false,
        },
        TypeKind::Stream | TypeKind::External(_) => false,
    }
}

fn none_of(bytes: &[u8], delimiter: &Delimiter) -> bool {
    !bytes.iter().any(|byte| delimiter.set.contains(byte))
}

/// Whether a step, apart from the types in it, writes no byte of the delimiter.
fn is_clean(ir: &Ir, step: &Step, delimiter: &Delimiter) -> bool {
    match step {
        Step::Literal(literal) => none_of(&literal.bytes, delimiter),
        Step::Field(field) => is_clean_kind(ir, &field.kind, delimiter),
        Step::Bits(_) => false,
        Step::Open(region) | Step::Close(region) => {
            none_of(&ir.delimiters[region.delimiter.0].bytes, delimiter)
        }
        Step::Skip(skip) => none_of(&skip.written.bytes, delimiter),
        Step::Rest(_) | Step::Require { .. } | Step::Before(_) | Step::Behind => true,
    }
}

fn is_clean_kind(ir: &Ir, kind: &FieldKind, delimiter: &Delimiter) -> bool {
    match kind {
        FieldKind::Number(_) => none_of(b"-0123456789abcdefABCDEF", delimiter),
        FieldKind::Text { extent: Extent::Run { class, escape, .. }, .. } => {
            let bytes = delimiter.set.iter();
            let escapes = escape.iter().all(|(escape, escaped)| {
                !delimiter.set.contains(escape)
                    && !bytes.clone().any(|byte| ir.classes[escaped.0].set.contains(*byte))
            });
            escapes && !bytes.clone().any(|byte| ir.classes[class.0].set.contains(*byte))
        }
        FieldKind::Flag { on, off, .. } => {
            none_of(&on.bytes, delimiter)
                && off.as_ref().is_none_or(|off| none_of(&off.bytes, delimiter))
        }
        FieldKind::Named { .. } | FieldKind::Optional(_) => true,
        FieldKind::List(list) => {
            let ended = match &list.end {
                ListEnd::Literal { literal, jump, .. } => {
                    jump.is_none() && none_of(&literal.bytes, delimiter)
                }
                _ => true,
            };
            ended && matches!(list.element, Element::Type(_))
        }
        FieldKind::Fixed(_)
        | FieldKind::Varint(_)
        | FieldKind::Bit
        | FieldKind::Text { .. }
        | FieldKind::Coded { .. } => false,
    }
}
