//! How large what one role reads and writes may be.

use std::collections::BTreeSet;

use super::record::late_bytes;
use crate::ir::{
    Element, FieldKind, Framer, Ir, List, ListEnd, Shape, Step, Type, TypeId, TypeKind,
};

/// The longest of the frames.
pub(super) fn longest<'i>(framers: impl Iterator<Item = &'i Framer>) -> u64 {
    framers.map(|framer| framer.bound).max().unwrap_or(0)
}

/// What a message takes at most while it is written: the longest frame, with a field that is
/// written behind it before it goes into its place; what must stand behind a payload that ends
/// before it, and behind one that it announces and that is empty.
pub(super) fn said_at_once<'i>(ir: &Ir, framers: impl Iterator<Item = &'i Framer> + Clone) -> u64 {
    let wide = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
    let tail = framers.clone().map(|framer| wide(framer.tail.len())).max().unwrap_or(0);
    let types = framers.clone().flat_map(|framer| types(ir, framer.ty));
    let late = types.map(|ty| wide(late_bytes(ty))).max().unwrap_or(0);
    longest(framers).saturating_add(late).saturating_add(tail.saturating_mul(2))
}

/// How many lists may be open at once while any of the frames is passed over by its numbers.
pub(super) fn open_lists<'i>(ir: &Ir, framers: impl Iterator<Item = &'i Framer>) -> u64 {
    let measured = framers.filter(|framer| matches!(framer.shape, Shape::Measured { .. }));
    measured.map(|framer| lists_in(ir, framer.ty)).max().unwrap_or(0)
}

/// Each list of the types in one, as often as they may lie in themselves.
fn lists_in(ir: &Ir, ty: TypeId) -> u64 {
    let (mut lists, mut deepest) = (0_u64, 0_u64);
    for ty in types(ir, ty) {
        let depth = ty.limits.and_then(|limits| limits.depth).map_or(0, u64::from);
        deepest = deepest.max(depth);
        for inner in inner(ty) {
            let list = match inner.list {
                None => false,
                // Elements of one size are passed over together.
                Some(Known::Count) => ir.ty(inner.ty).size.is_none(),
                Some(Known::End) => true,
            };
            lists = lists.saturating_add(u64::from(list));
        }
    }
    lists.saturating_mul(deepest.saturating_add(1))
}

/// A type and all that are in it, each once.
pub(super) fn types(ir: &Ir, ty: TypeId) -> Vec<&Type> {
    let (mut seen, mut left, mut types) = (BTreeSet::new(), vec![ty], Vec::new());
    while let Some(id) = left.pop() {
        if seen.insert(id) {
            let ty = ir.ty(id);
            left.extend(inner(ty).into_iter().map(|inner| inner.ty));
            types.push(ty);
        }
    }
    types
}

/// A type in another.
struct Inner {
    ty: TypeId,
    /// What tells how many there are, if it is a list of them.
    list: Option<Known>,
}

enum Known {
    Count,
    End,
}

fn inner(ty: &Type) -> Vec<Inner> {
    match &ty.kind {
        TypeKind::Record(record) => record.steps.iter().filter_map(of_step).collect(),
        TypeKind::Choice(choice) => {
            let frames = choice.alternatives.iter().map(|alternative| alternative.frame);
            frames.map(|frame| Inner { ty: TypeId::Frame(frame), list: None }).collect()
        }
        TypeKind::Values(_) | TypeKind::Stream | TypeKind::External(_) => Vec::new(),
    }
}

fn of_step(step: &Step) -> Option<Inner> {
    let Step::Field(field) = step else { return None };
    match &field.kind {
        FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => {
            Some(Inner { ty: *ty, list: None })
        }
        FieldKind::List(List { element: Element::Type(ty), end, .. }) => {
            let list = match end {
                ListEnd::Count { .. } => Some(Known::Count),
                ListEnd::Literal { .. } => Some(Known::End),
                ListEnd::Region | ListEnd::Flag { .. } | ListEnd::Run { .. } => None,
            };
            Some(Inner { ty: *ty, list })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Sources, compile};

    #[test]
    fn what_may_be_missing_needs_room_as_well() {
        let text = "delimiter LF = \"\\n\";
            class digit = '0'..='9';
            frame Item { text: ascii run digit [1..=9] }
            frame Part { \"p\", size: dec u8 [2] zeros in 1..=9 = len(item), item: Item in [size] }
            frame Ask in until LF max 80 { part: Part?, \".\" }
            protocol Asking over stream {
                roles client, server;
                client speaks Ask;
                server speaks Ask;
                pending fifo max 4;
                state Open { client Ask => awaits { _ => stay }; }
            }";
        let sources = Sources::new("asking.frame", text);
        let tokens = compile(&sources, &Options::default()).expect("it is right").to_string();
        assert!(tokens.contains("OUTPUT_BOUND : usize = 82 "), "{tokens}");
    }
}
