//! Which names of the top level an item mentions, as far as its shape tells.

use super::{
    BitField, ClassSet, EscapeBlock, Expr, ExprKind, Extent, Ident, Item, ListEnd, Member, Region,
    RegionKind, StreamExtent, TransformKind, Type, TypeKind, VariantKind,
};

/// Hands every name in the item to `see` that may be one of the top level. It is asked for what an
/// imported item needs, and protocols are not imported: of theirs nothing is told.
pub(crate) fn mentions(item: &Item, see: &mut dyn FnMut(&Ident)) {
    match item {
        Item::Import(_) | Item::Delimiter(_) | Item::Checksum(_) | Item::Protocol(_) => {}
        Item::Class(item) => class(&item.set, see),
        Item::Frame(item) => {
            item.region.iter().for_each(|of| region(of, see));
            members(&item.body, see);
        }
        Item::Enum(item) => {
            item.region.iter().for_each(|of| region(of, see));
            members(&item.each, see);
            for variant in &item.variants {
                match &variant.kind {
                    VariantKind::Frame { body, .. } => members(body, see),
                    VariantKind::Reference | VariantKind::Number(_) => see(&variant.name),
                    VariantKind::Literal(_) => {}
                }
            }
        }
        Item::Bits(item) => bits(&item.fields, see),
        Item::Transform(item) => {
            if let TransformKind::Escapes(blocks) = &item.kind {
                blocks.iter().filter_map(|of: &EscapeBlock| of.after.as_ref()).for_each(see);
            }
        }
    }
}

fn class(set: &ClassSet, see: &mut dyn FnMut(&Ident)) {
    match set {
        ClassSet::Named(name) => see(name),
        ClassSet::Byte(_) | ClassSet::Range(..) | ClassSet::Any(_) => {}
        ClassSet::Union(sets) => sets.iter().for_each(|set| class(set, see)),
        ClassSet::Difference(left, right) => {
            class(left, see);
            class(right, see);
        }
    }
}

fn region(of: &Region, see: &mut dyn FnMut(&Ident)) {
    match &of.kind {
        RegionKind::Until(name) => see(name),
        RegionKind::Length(length) => expr(length, see),
        RegionKind::ToEnd => {}
    }
}

fn members(of: &[Member], see: &mut dyn FnMut(&Ident)) {
    for member in of {
        match member {
            Member::Literal(_) => {}
            Member::Field(field) => {
                ty(&field.ty, see);
                field.derived.iter().chain(&field.cond).for_each(|of| expr(of, see));
            }
            Member::Bits(group) => bits(&group.fields, see),
            Member::Stream(stream) => match &stream.extent {
                StreamExtent::Until(name) | StreamExtent::Via(name) => see(name),
                StreamExtent::Length(length, _) => expr(length, see),
                StreamExtent::ToEnd => {}
            },
            Member::Group { region: of, body } => {
                region(of, see);
                members(body, see);
            }
            Member::Skip(skip) => see(&skip.class),
            Member::Let(of) => expr(&of.value, see),
            Member::Require { cond, .. } => expr(cond, see),
        }
    }
}

fn bits(fields: &[BitField], see: &mut dyn FnMut(&Ident)) {
    for field in fields {
        field.values.iter().for_each(&mut *see);
        field.derived.iter().for_each(|of| expr(of, see));
    }
}

fn ty(of: &Type, see: &mut dyn FnMut(&Ident)) {
    match &of.kind {
        TypeKind::Int { .. }
        | TypeKind::Tiered { .. }
        | TypeKind::Varint { .. }
        | TypeKind::Number { .. }
        | TypeKind::Flag { .. } => {}
        TypeKind::Checksum(name) => see(name),
        TypeKind::Text { extent, .. } => match extent {
            Extent::Length(length) => expr(length, see),
            Extent::Until { delimiter, .. } => see(delimiter),
            Extent::Via { transform, .. } => see(transform),
            Extent::Run { class, escape, trim, .. } => {
                see(class);
                escape.iter().map(|(_, class)| class).chain(trim).for_each(see);
            }
            Extent::ToEnd => {}
        },
        TypeKind::Named { name, args, region: of } => {
            see(name);
            args.iter().for_each(|arg| expr(arg, see));
            of.iter().for_each(|of| region(of, see));
        }
        TypeKind::Optional(inner) => ty(inner, see),
        TypeKind::List { element, end, .. } => {
            ty(element, see);
            match end {
                ListEnd::Count(count) => expr(count, see),
                ListEnd::Until { cond, elsewhere, .. } => {
                    // A delimiter ends it by its name alone.
                    if let ExprKind::Path(path) = &cond.kind {
                        path.iter().take(1).for_each(&mut *see);
                    }
                    if let Some(of) = elsewhere {
                        see(&of.frame);
                        see(&of.base);
                    }
                }
                ListEnd::ToEnd | ListEnd::Run => {}
            }
        }
    }
}

fn expr(of: &Expr, see: &mut dyn FnMut(&Ident)) {
    match &of.kind {
        ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Literal(_)
        | ExprKind::Text { .. }
        | ExprKind::Fields { .. } => {}
        // A value of a choice: `Kind.Ping`.
        ExprKind::Path(path) => {
            if let [values, _] = path.as_slice() {
                see(values);
            }
        }
        ExprKind::Call { function, args } => {
            see(function);
            args.iter().for_each(|arg| expr(arg, see));
        }
        ExprKind::Not(inner) => expr(inner, see),
        ExprKind::Binary { left, right, .. } => {
            expr(left, see);
            expr(right, see);
        }
    }
}
