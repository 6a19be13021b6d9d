//! Gives every name its meaning: syntax tree -> [`Model`].
//!
//! Afterwards every id is valid, every literal and number is in range of its place, and every
//! construct is one that the later stages know; what this compiler cannot do yet has been
//! reported as [`Code::Unsupported`].

mod apart;
mod checksums;
mod choices;
mod classes;
mod derived;
mod expr;
mod items;
mod later;
mod members;
mod numbers;
mod params;
mod paths;
mod protocol;
mod rules;
mod scopes;
mod totals;
mod transforms;
mod types;
mod variables;

use std::collections::{HashMap, HashSet};

use params::Signature;
use scopes::Scopes;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ChecksumId, ClassId, DelimiterId, External, ExternalId, FrameId, Model, TransformId, TypeId,
    Unused,
};
use crate::source::Span;
use crate::syntax::{File, Ident, Item};
use later::Later;

/// Resolves a whole file.
///
/// # Errors
/// Every name without a meaning and every construct not supported yet.
pub(crate) fn resolve(file: &File) -> Result<Model, Vec<Diagnostic>> {
    resolve_as(file, false)
}

/// The same for a type of the user's own: a type that the file does not declare is one of Rust.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn resolve_own(file: &File) -> Result<Model, Vec<Diagnostic>> {
    resolve_as(file, true)
}

fn resolve_as(file: &File, own: bool) -> Result<Model, Vec<Diagnostic>> {
    let mut resolver = Resolver::default();
    resolver.model.docs = file.docs.clone();
    resolver.model.own = own;
    resolver.declare(file);
    resolver.define(file);
    resolver.find_unused(file);
    if resolver.diagnostics.is_empty() { Ok(resolver.model) } else { Err(resolver.diagnostics) }
}

/// What a name of the top level stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entity {
    Delimiter(DelimiterId),
    Class(ClassId),
    Type(TypeId),
    Transform(TransformId),
    Checksum(ChecksumId),
    Protocol,
}

impl Entity {
    fn sort(self) -> &'static str {
        match self {
            Entity::Delimiter(_) => "a delimiter",
            Entity::Class(_) => "a class",
            Entity::Type(TypeId::Frame(_)) => "a frame",
            Entity::Type(TypeId::Choice(_)) => "a choice of frames",
            Entity::Type(TypeId::Values(_)) => "a choice of values",
            Entity::Type(TypeId::External(_)) => "a type of Rust",
            Entity::Transform(_) => "a transform",
            Entity::Checksum(_) => "a checksum",
            Entity::Protocol => "a protocol",
        }
    }
}

#[derive(Default)]
struct Resolver {
    model: Model,
    names: Scopes,
    /// What something asked for, by where it is declared.
    used: HashSet<Span>,
    /// What frames and choices are given, by their names.
    signatures: HashMap<String, Signature>,
    /// Fields of the frame at hand that are wrong, and reported.
    broken: Vec<String>,
    /// What is said of the fields of frames, for when all types are known.
    later: Vec<Later>,
    /// What the body that is being resolved has names for.
    lets: Vec<crate::model::Let>,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver {
    /// Tells a mistake. What is looked at once for each of several frames is told once.
    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn unsupported(&mut self, span: Span, what: &str) {
        self.report(
            Diagnostic::new(
                Code::Unsupported,
                span,
                format!("{what} cannot be compiled by this version"),
            )
            .label("part of the language, but not supported yet"),
        );
    }

    /// What the text declares and never names again. Without a protocol its frames are what it is
    /// for.
    fn find_unused(&mut self, file: &File) {
        let spoken = !self.model.protocols.is_empty();
        for item in file.items.iter().filter(|_| !self.model.own) {
            let name = match item {
                Item::Delimiter(item) => &item.name,
                Item::Class(item) => &item.name,
                Item::Checksum(item) => &item.name,
                Item::Transform(item) => &item.name,
                Item::Frame(item) if spoken => &item.name,
                Item::Enum(item) if spoken => &item.name,
                Item::Bits(item) if spoken => &item.name,
                _ => continue,
            };
            let sort = self.names.of(name).map(|(entity, _)| entity.sort());
            if let Some(sort) = sort.filter(|_| !self.used.contains(&name.span)) {
                let (name, span) = (name.name.clone(), name.span);
                self.model.unused.push(Unused { name, sort, span });
            }
        }
    }

    /// The entity of `name` if `pick` takes it, reported otherwise.
    fn find_as<T>(
        &mut self,
        name: &Ident,
        wanted: &str,
        pick: impl Fn(Entity) -> Option<T>,
    ) -> Option<T> {
        let entity = self.find(name)?;
        let picked = pick(entity);
        if picked.is_none() {
            let place = self.names.of(name).map(|(_, span)| span);
            let mut diagnostic = Diagnostic::new(
                Code::WrongSort,
                name.span,
                format!("`{}` is {}, not {wanted}", name.name, entity.sort()),
            )
            .label(format!("{wanted} must stand here"));
            if let Some(place) = place {
                diagnostic = diagnostic.also(place, "declared here");
            }
            self.report(diagnostic);
        }
        picked
    }

    fn delimiter(&mut self, name: &Ident) -> Option<DelimiterId> {
        self.find_as(name, "a delimiter", |entity| match entity {
            Entity::Delimiter(id) => Some(id),
            _ => None,
        })
    }

    /// Whether a name is that of a delimiter.
    fn is_delimiter(&self, name: &Ident) -> bool {
        matches!(self.names.of(name), Some((Entity::Delimiter(_), _)))
    }

    fn class(&mut self, name: &Ident) -> Option<ClassId> {
        self.find_as(name, "a class", |entity| match entity {
            Entity::Class(id) => Some(id),
            _ => None,
        })
    }

    fn ty(&mut self, name: &Ident) -> Option<TypeId> {
        if self.model.own && self.names.of(name).is_none() {
            let id = TypeId::External(ExternalId(self.model.externals.len()));
            self.model.externals.push(External { name: name.name.clone(), span: name.span });
            self.enter(name, Entity::Type(id));
        }
        self.find_as(name, "a frame or a choice", |entity| match entity {
            Entity::Type(id) => Some(id),
            _ => None,
        })
    }

    fn frame(&mut self, name: &Ident) -> Option<FrameId> {
        self.find_as(name, "a frame", |entity| match entity {
            Entity::Type(TypeId::Frame(id)) => Some(id),
            _ => None,
        })
    }

    fn transform(&mut self, name: &Ident) -> Option<TransformId> {
        self.find_as(name, "a transform", |entity| match entity {
            Entity::Transform(id) => Some(id),
            _ => None,
        })
    }
}
