//! Which names each text of a description knows.

use std::collections::HashMap;

use super::{Entity, Resolver};
use crate::diagnostic::{Code, Diagnostic};
use crate::nearest::nearest;
use crate::source::{SourceId, Span};
use crate::syntax::{Ident, Import};

/// What the names of the top level stand for, in each text.
#[derive(Default)]
pub(super) struct Scopes {
    /// Each with the place that it is declared at.
    known: HashMap<(SourceId, String), (Entity, Span)>,
    /// Types, which all texts share.
    types: HashMap<String, Span>,
    /// What delimiters, classes, transforms and checksums are called in Rust.
    constants: HashMap<String, Span>,
}

impl Scopes {
    /// What a name means in the text that it stands in, and where that is declared.
    pub(super) fn of(&self, name: &Ident) -> Option<(Entity, Span)> {
        self.known.get(&(name.span.source, name.name.clone())).copied()
    }

    /// The name that a type is declared by.
    pub(super) fn name_of(&self, entity: Entity) -> Option<&str> {
        let mut known = self.known.iter();
        known.find(|(_, (of, _))| *of == entity).map(|((_, name), _)| name.as_str())
    }
}

impl Resolver {
    /// Gives `name` a meaning, once in its text; a type once in all of them.
    pub(super) fn enter(&mut self, name: &Ident, entity: Entity) {
        let known = self.names.of(name).map(|(_, first)| first);
        let types = match entity {
            Entity::Type(_) => self.names.types.get(&name.name).copied(),
            _ => None,
        };
        if let Some(first) = known.or(types) {
            let help = match first.source == name.span.source {
                true => "each name of the top level, and each alternative, stands for one thing",
                false => "the types of a description and those that it imports share one module",
            };
            let message = format!("`{}` is declared twice", name.name);
            self.report(
                Diagnostic::new(Code::Duplicate, name.span, message)
                    .label("declared again")
                    .also(first, "declared here first")
                    .help(help),
            );
        }
        if let Entity::Type(_) = entity {
            self.names.types.entry(name.name.clone()).or_insert(name.span);
        }
        let key = (name.span.source, name.name.clone());
        self.names.known.entry(key).or_insert((entity, name.span));
    }

    /// Gives what a text imports its name there.
    pub(super) fn import(&mut self, import: &Import) {
        let Some(from) = import.from else { return };
        for name in &import.names {
            // What only texts import that nothing is needed of was left out.
            let meant = self.names.known.get(&(from, name.name.clone())).copied();
            if let Some(meant) = meant {
                self.names.known.insert((name.span.source, name.name.clone()), meant);
            }
        }
    }

    pub(super) fn find(&mut self, name: &Ident) -> Option<Entity> {
        if let Some((entity, declared)) = self.names.of(name) {
            self.used.insert(declared);
            return Some(entity);
        }
        let mut diagnostic =
            Diagnostic::new(Code::Unknown, name.span, format!("nothing is called `{}`", name.name))
                .label("not declared");
        let mut elsewhere: Vec<Span> = self
            .names
            .known
            .iter()
            .filter_map(|((_, known), (_, at))| (*known == name.name).then_some(*at))
            .collect();
        elsewhere.sort_unstable();
        let here = self.names.known.keys().filter(|(source, _)| *source == name.span.source);
        if let Some(place) = elsewhere.first() {
            diagnostic = diagnostic
                .also(*place, "what another text calls so")
                .help(format!("if that is meant, name it in the import: `{{ {} }}`", name.name));
        } else if let Some(close) = nearest(&name.name, here.map(|(_, known)| known.as_str())) {
            diagnostic = diagnostic.help(format!("did you mean `{close}`?"));
        }
        self.report(diagnostic);
        None
    }

    /// What a delimiter, class, transform or checksum is called in Rust, where no other text sees
    /// it: its own name, unless another has it.
    pub(super) fn constant(&mut self, name: &Ident) -> String {
        let taken = |of: &String| {
            self.names.constants.get(of).is_some_and(|at| at.source != name.span.source)
        };
        let others = (2..=u32::MAX).map(|number| format!("{}_{number}", name.name));
        let mut names = std::iter::once(name.name.clone()).chain(others);
        let own = names.find(|own| !taken(own)).unwrap_or_default();
        self.names.constants.insert(own.clone(), name.span);
        own
    }
}
