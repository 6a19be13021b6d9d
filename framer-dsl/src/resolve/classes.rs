//! Classes: the bytes that each holds, those of which it is made first.

use std::collections::HashMap;

use super::{Entity, Resolver};
use crate::cycles::{components, leads_back};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ByteSet, Class};
use crate::source::Span;
use crate::syntax::{self, ClassSet, File, Ident, Item};

/// What is known of classes, by where they are declared.
type Known = HashMap<Span, ByteSet>;

impl Resolver {
    /// Resolves every class.
    pub(super) fn define_classes(&mut self, file: &File) {
        let classes: Vec<&syntax::Class> = file
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Class(item) => Some(item),
                _ => None,
            })
            .collect();
        let places: HashMap<Span, usize> =
            classes.iter().enumerate().map(|(place, of)| (of.name.span, place)).collect();
        let mentioned: Vec<Vec<(usize, &Ident)>> = classes
            .iter()
            .map(|class| {
                let mut names = Vec::new();
                names_in(&class.set, &mut names);
                let place = |name: &Ident| match self.names.of(name) {
                    Some((Entity::Class(_), declared)) => places.get(&declared).copied(),
                    _ => None,
                };
                names.into_iter().filter_map(|name| Some((place(name)?, name))).collect()
            })
            .collect();
        let next: Vec<Vec<usize>> =
            mentioned.iter().map(|of| of.iter().map(|(place, _)| *place).collect()).collect();
        let mut known = Known::new();
        for group in components(&next) {
            if leads_back(&group, &next) {
                let names = group.iter().flat_map(|place| &mentioned[*place]);
                names
                    .filter(|(place, _)| group.contains(place))
                    .for_each(|(_, name)| self.contains_itself(name));
                continue;
            }
            for class in group.into_iter().filter_map(|place| classes.get(place)) {
                let before = self.diagnostics.len();
                let set = self.class_set(&class.set, &known);
                if set.is_empty() && self.diagnostics.len() == before {
                    self.report(Diagnostic::new(
                        Code::EmptyRange,
                        class.name.span,
                        format!("the class `{}` holds no byte", class.name.name),
                    ));
                }
                known.insert(class.name.span, set);
            }
        }
        for class in classes {
            let (docs, name) = (class.docs.clone(), self.constant(&class.name));
            let span = class.name.span;
            let set = known.get(&span).copied().unwrap_or_default();
            self.model.classes.push(Class { docs, name, span, set });
        }
    }

    fn contains_itself(&mut self, name: &Ident) {
        self.report(Diagnostic::new(
            Code::Recursion,
            name.span,
            format!("the class `{}` contains itself", name.name),
        ));
    }

    /// The bytes of a class, whose parts are known.
    fn class_set(&mut self, set: &ClassSet, known: &Known) -> ByteSet {
        let mut bytes = ByteSet::default();
        match set {
            ClassSet::Byte(byte) => bytes.insert(byte.value, byte.value),
            ClassSet::Range(low, high) => {
                if low.value > high.value {
                    self.report(Diagnostic::new(
                        Code::EmptyRange,
                        low.span.to(high.span),
                        "this range holds no byte",
                    ));
                } else {
                    bytes.insert(low.value, high.value);
                }
            }
            ClassSet::Any(any) => any.value.iter().for_each(|byte| bytes.insert(*byte, *byte)),
            ClassSet::Union(sets) => {
                for set in sets {
                    bytes = bytes.union(self.class_set(set, known));
                }
            }
            ClassSet::Difference(left, right) => {
                let left = self.class_set(left, known);
                bytes = left.without(self.class_set(right, known));
            }
            ClassSet::Named(name) => {
                if self.class(name).is_some()
                    && let Some((_, declared)) = self.names.of(name)
                {
                    bytes = known.get(&declared).copied().unwrap_or_default();
                }
            }
        }
        bytes
    }
}

/// The classes that a set is made of.
fn names_in<'s>(set: &'s ClassSet, names: &mut Vec<&'s Ident>) {
    match set {
        ClassSet::Named(name) => names.push(name),
        ClassSet::Union(sets) => sets.iter().for_each(|set| names_in(set, names)),
        ClassSet::Difference(left, right) => {
            names_in(left, names);
            names_in(right, names);
        }
        ClassSet::Byte(_) | ClassSet::Range(..) | ClassSet::Any(_) => {}
    }
}
