//! What stands in a region cannot hold its delimiter.

use std::collections::BTreeSet;

use super::edges::{ANY, digits};
use super::runs::show;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    ByteSet, DelimiterId, Extent, Field, List, ListEnd, Literal, Member, Model, Region, Type,
    TypeId, ValuesKind,
};
use crate::source::Span;

/// What helps where a text or a literal holds a byte of a delimiter.
const CLASS: &str = "take the byte out of the class";

/// What helps where a number does that is known only later.
const DIGITS: &str = "put it behind the region, or write it in digits";

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for ty in &model.order {
        if let Some(region) = model.region(*ty) {
            let inside = Inside { model, region, diagnostics, seen: &mut seen };
            inside.look(*ty, true);
        }
    }
    for frame in &model.frames {
        for (place, member) in frame.body.iter().enumerate() {
            let Member::Open(region) = member else { continue };
            let mut depth = 1_usize;
            let members = frame.body.iter().skip(place + 1).take_while(|member| {
                match member {
                    Member::Open(_) => depth += 1,
                    Member::Close(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth > 0
            });
            let mut inside = Inside { model, region, diagnostics, seen: &mut seen };
            for member in members {
                inside.member(member);
                if let Member::Field(field) = member {
                    inside.parts(field);
                    inside.late(field, &frame.body);
                }
            }
        }
    }
}

struct Inside<'c, 'm> {
    model: &'m Model,
    region: &'m Region,
    diagnostics: &'c mut Vec<Diagnostic>,
    /// What was looked at, under which delimiter.
    seen: &'c mut BTreeSet<(TypeId, usize)>,
}

impl Inside<'_, '_> {
    fn look(mut self, ty: TypeId, outermost: bool) {
        self.visit(ty, outermost);
    }

    fn visit(&mut self, ty: TypeId, outermost: bool) {
        if !outermost && let Some(nested) = self.model.region(ty) {
            self.end(nested.delimiter, nested.span);
        }
        if !self.seen.insert((ty, self.region.delimiter.0)) {
            return;
        }
        if let TypeId::Frame(frame) = ty {
            for member in &self.model.frames[frame.0].body {
                self.member(member);
            }
        }
        if let TypeId::Values(values) = ty
            && let ValuesKind::Literals(values) = &self.model.values[values.0].kind
        {
            values.iter().for_each(|value| self.literal(&value.value));
        }
        for part in self.model.parts(ty) {
            self.visit(part, false);
        }
    }

    fn parts(&mut self, field: &Field) {
        match &field.ty {
            Type::Named { ty, .. } | Type::Optional(ty) => self.visit(*ty, false),
            Type::List(list) => {
                list.element.ty().into_iter().for_each(|ty| self.visit(ty, false));
            }
            _ => {}
        }
    }

    fn member(&mut self, member: &Member) {
        let field = match member {
            Member::Literal(literal) => return self.literal(literal),
            Member::Skip(skip) => {
                let set = self.model.classes[skip.class.0].set;
                return self.class(set, "what is skipped", skip.span);
            }
            Member::Open(nested) => return self.end(nested.delimiter, nested.span),
            Member::Field(field) => field,
            _ => return,
        };
        match &field.ty {
            Type::Text { extent: Extent::Until { delimiter, .. }, .. } => {
                self.end(*delimiter, field.span);
            }
            Type::Text { extent: Extent::Run { class, escape, .. }, .. } => {
                let mut set = self.model.classes[class.0].set;
                if let Some((_, escaped)) = escape {
                    set = set.union(self.model.classes[escaped.0].set);
                }
                self.class(set, &format!("`{}`", field.name), field.span);
            }
            Type::Flag { on, off, .. } => {
                self.literal(on);
                off.iter().for_each(|off| self.literal(off));
            }
            Type::List(List { end: ListEnd::Literal { literal, .. }, .. }) => self.literal(literal),
            _ => {}
        }
    }

    /// What is known only behind the region is put into it when nobody looks for its delimiter any more.
    fn late(&mut self, field: &Field, body: &[Member]) {
        let derived = field.derived.as_ref();
        if derived.is_some_and(|derived| !self.model.early(body, derived)) {
            let set = match &field.ty {
                Type::Number(number) => digits(number.hex),
                _ => ANY,
            };
            self.bytes(set, &format!("`{}` may be made of", field.name), field.span, DIGITS);
        }
    }

    fn class(&mut self, set: ByteSet, name: &str, span: Span) {
        self.bytes(set, &format!("{name} may hold"), span, CLASS);
    }

    /// Bytes that are written in the region are none of its delimiter.
    fn bytes(&mut self, set: ByteSet, says: &str, span: Span, help: &str) {
        let delimiter = &self.model.delimiters[self.region.delimiter.0];
        if let Some(byte) = delimiter.set().into_iter().find(|byte| set.contains(*byte)) {
            let text = format!("{says} {}", show(byte));
            self.report(span, text, "ends the region around it", help);
        }
    }

    /// What ends a part of the region does not end the region.
    fn end(&mut self, inner: DelimiterId, span: Span) {
        let delimiters = &self.model.delimiters;
        let (inner, outer) = (&delimiters[inner.0], &delimiters[self.region.delimiter.0]);
        let outer = outer.set();
        if let Some(byte) = inner.set().into_iter().find(|byte| outer.contains(byte)) {
            let text = format!("this ends with {}", show(byte));
            let (label, help) = ("ends the region around it, too", "end one of them otherwise");
            self.report(span, text, label, help);
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let delimiter = &self.model.delimiters[self.region.delimiter.0];
        if let Some(byte) = delimiter.set().iter().find(|byte| literal.bytes.contains(byte)) {
            let text = format!("this literal holds {}", show(*byte));
            self.report(literal.span, text, "never matches in the region around it", CLASS);
        }
    }

    fn report(&mut self, span: Span, text: String, label: &str, help: &str) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::HoldsDelimiter,
                span,
                format!("{text}, which is of the delimiter"),
            )
            .label(label)
            .also(self.region.span, "the region")
            .help(help),
        );
    }
}
