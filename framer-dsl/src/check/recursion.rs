//! A type contains itself only in a list, and so deep as it says; and none nests so deep, or in so
//! many ways, that those who look into it would not come to an end.

use std::collections::{BTreeSet, VecDeque};

use crate::cycles::{components, leads_back};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Model, Type, TypeId};

/// So many types may stand in each other.
const MAX_NESTED: usize = 64;

/// In so many ways types may contain each other, all that is passed on the ways counted.
const MAX_WAYS: usize = 4096;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let ways = model.ways();
    // What goes around needs a depth somewhere, and a list.
    let deep = |ty: TypeId| model.limits(ty).is_some_and(|limits| limits.depth.is_some());
    let shallow = kept(model, &ways, |holder, _| !deep(holder));
    let direct = kept(model, &ways, |holder, held| !in_list(model, holder, held));
    let mut reported = BTreeSet::new();
    for next in [shallow, direct] {
        let mut groups = components(&next);
        groups.retain(|group| leads_back(group, &next));
        groups.sort_by_key(|group| group.iter().min().copied());
        for group in groups {
            let cycle = shortest(&group, &next);
            if reported.insert(cycle.iter().copied().collect::<BTreeSet<usize>>()) {
                let cycle: Vec<TypeId> = cycle.iter().map(|place| model.order[*place]).collect();
                diagnostics.push(contains_itself(model, &cycle));
            }
        }
    }
    if diagnostics.is_empty() {
        nested(model, &ways, diagnostics);
    }
}

/// Only the ways from a type to another that are to be kept.
fn kept(
    model: &Model,
    ways: &[Vec<usize>],
    keep: impl Fn(TypeId, TypeId) -> bool,
) -> Vec<Vec<usize>> {
    let order = &model.order;
    let of = |(holder, next): (usize, &Vec<usize>)| {
        let held = next.iter().filter(|held| keep(order[holder], order[**held]));
        held.copied().collect()
    };
    ways.iter().enumerate().map(of).collect()
}

/// The shortest way from the first of a group back to it.
fn shortest(group: &[usize], next: &[Vec<usize>]) -> Vec<usize> {
    let first = group.iter().min().copied().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut open = VecDeque::from([vec![first]]);
    while let Some(way) = open.pop_front() {
        let last = way.last().copied().unwrap_or(first);
        for to in next[last].iter().copied() {
            if to == first {
                return way;
            }
            if group.contains(&to) && seen.insert(to) {
                open.push_back([way.as_slice(), &[to]].concat());
            }
        }
    }
    vec![first]
}

/// Whether a type holds another in lists only.
fn in_list(model: &Model, holder: TypeId, held: TypeId) -> bool {
    let TypeId::Frame(frame) = holder else { return false };
    model.frames[frame.0].fields().all(|field| match &field.ty {
        Type::Named { ty, .. } | Type::Optional(ty) => *ty != held,
        _ => true,
    })
}

fn contains_itself(model: &Model, cycle: &[TypeId]) -> Diagnostic {
    let name = model.name(cycle[0]);
    let mut diagnostic =
        Diagnostic::new(Code::Recursion, model.span(cycle[0]), format!("`{name}` contains itself"))
            .label("a peer could nest it without end");
    for pair in cycle.windows(2) {
        let text = format!("in `{}`", model.name(pair[0]));
        diagnostic = diagnostic.also(model.span(pair[1]), text);
    }
    diagnostic.help(format!(
        "let it contain itself in a list, and say how deep: `{name} max 65536 depth 16`"
    ))
}

/// How deep types stand in each other, and in how many ways.
fn nested(model: &Model, ways: &[Vec<usize>], diagnostics: &mut Vec<Diagnostic>) {
    let mut heights = vec![0_usize; ways.len()];
    for group in components(ways) {
        let outside = group.iter().flat_map(|place| &ways[*place]);
        let below = outside.filter(|to| !group.contains(to)).map(|to| heights[*to]).max();
        let below = below.unwrap_or(0);
        let height = below.saturating_add(group.len());
        group.iter().for_each(|place| heights[*place] = height);
        let first = model.span(model.order[group.iter().min().copied().unwrap_or_default()]);
        // Of those that are too high, only what stands on others that are not.
        if height > MAX_NESTED && below <= MAX_NESTED {
            let message = format!(
                "types that stand in each other deeper than {MAX_NESTED} cannot be compiled by \
                 this version"
            );
            diagnostics.push(Diagnostic::new(Code::Unsupported, first, message));
        } else if leads_back(&group, ways) && group.len() <= MAX_NESTED {
            let mut left = MAX_WAYS;
            let many = |place: &usize| !walk(&group, ways, &mut vec![*place], &mut left);
            if group.iter().any(many) {
                let message = "types that contain each other in so many ways cannot be compiled by this version";
                diagnostics.push(Diagnostic::new(Code::Unsupported, first, message));
            }
        }
    }
}

/// Goes every way within a group that passes nothing twice; whether `left` was enough.
fn walk(group: &[usize], ways: &[Vec<usize>], way: &mut Vec<usize>, left: &mut usize) -> bool {
    let Some(last) = way.last() else { return true };
    ways[*last].iter().all(|to| {
        let Some(fewer) = left.checked_sub(1) else { return false };
        *left = fewer;
        if !group.contains(to) || way.contains(to) {
            return true;
        }
        way.push(*to);
        let done = walk(group, ways, way, left);
        way.pop();
        done
    })
}
