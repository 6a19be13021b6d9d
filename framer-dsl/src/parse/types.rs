//! Types, extents and ranges.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::syntax::{
    Elsewhere, Expr, Extent, Ident, ListEnd, Range, Region, RegionKind, Spanned, StreamExtent,
    TextKind, Type, TypeKind,
};

impl Builder<'_> {
    /// A type, perhaps optional.
    pub(super) fn ty(&mut self, node: &Node<'_>) -> Type {
        let inner = self.base_type(&node.the(Rule::base_type).choice());
        if node.has(Rule::p_question) {
            return Type { kind: TypeKind::Optional(Box::new(inner)), span: self.span(node) };
        }
        inner
    }

    /// One of the sorts of types.
    pub(super) fn base_type(&mut self, node: &Node<'_>) -> Type {
        let kind = match node.rule() {
            Rule::int_type => self.int_type(node),
            Rule::tiered_type => {
                let first = self.base_type(&node.the(Rule::int_type));
                match self.tiers(node) {
                    tiers if tiers.is_empty() => first.kind,
                    tiers => TypeKind::Tiered { first: Box::new(first), tiers },
                }
            }
            Rule::varint_type => TypeKind::Varint {
                coding: self.ident(&node.choice()),
                ty: self.int_name(node),
                extent: node.child(Rule::digits).map(|digits| self.digits(&digits)),
            },
            Rule::number_type => TypeKind::Number {
                hex: node.has(Rule::kw_hex),
                ty: self.int_name(node),
                digits: self.digits(&node.the(Rule::digits)),
                zeros: node.has(Rule::kw_zeros),
                upper: node.has(Rule::kw_upper),
            },
            Rule::text_type => TypeKind::Text {
                kind: match node.choice().rule() {
                    Rule::kw_bytes => TextKind::Bytes,
                    Rule::kw_ascii => TextKind::Ascii,
                    _ => TextKind::Utf8,
                },
                extent: self.extent(&node.the(Rule::extent)),
            },
            Rule::flag_type => self.flag_type(node),
            Rule::list_type => self.list_type(node),
            Rule::named_type => TypeKind::Named {
                name: self.name(node),
                args: self.args(node),
                region: self.region(node),
            },
            other => node.broken(other),
        };
        Type { kind, span: self.span(node) }
    }

    fn int_type(&mut self, node: &Node<'_>) -> TypeKind {
        let name = self.int_name(node);
        let signed = name.name.starts_with('i');
        let digits = name.name.get(1..).unwrap_or_default();
        TypeKind::Int { signed, bits: digits.parse().unwrap_or(64), little: node.has(Rule::kw_le) }
    }

    /// The name of an integer type, which must have a width that there is.
    fn int_name(&mut self, node: &Node<'_>) -> Ident {
        let name = self.ident(&node.the(Rule::int_name));
        let narrowest = if name.name.starts_with('i') { 8 } else { 1 };
        let digits = name.name.get(1..).unwrap_or_default();
        let known = digits.parse().is_ok_and(|bits: u8| (narrowest..=64).contains(&bits));
        if !known || digits.starts_with('0') {
            let message =
                format!("`{}` is no integer: there are `u1` to `u64` and `i8` to `i64`", name.name);
            self.bad_literal(name.span, message);
        }
        name
    }

    fn flag_type(&mut self, node: &Node<'_>) -> TypeKind {
        let literals: Vec<_> = node.all(Rule::literal).collect();
        TypeKind::Flag {
            on: self.literal(&node.the(Rule::literal)),
            off: literals.get(1).map(|off| self.literal(off)),
            or_end: node.has(Rule::or_end),
        }
    }

    fn list_type(&mut self, node: &Node<'_>) -> TypeKind {
        let element = Box::new(self.ty(&node.the(Rule::type_)));
        let rest = node.child(Rule::list_counted).unwrap_or_else(|| node.the(Rule::list_open));
        let end = if let Some(count) = rest.child(Rule::expr) {
            ListEnd::Count(self.expr(&count))
        } else if let Some(until) = rest.child(Rule::list_until) {
            ListEnd::Until {
                cond: self.expr(&until.the(Rule::expr)),
                max: self.max(&until),
                elsewhere: until.child(Rule::elsewhere).map(|node| self.elsewhere(&node)),
            }
        } else if rest.has(Rule::kw_run) {
            ListEnd::Run
        } else {
            ListEnd::ToEnd
        };
        let shared = rest.child(Rule::shared).map_or(Vec::new(), |shared| self.names(&shared));
        let max = node.child(Rule::list_max).map(|max| self.number(&max.the(Rule::number)));
        TypeKind::List { element, shared, end, max }
    }

    /// `or Pointer <=> at(Message, offset)`
    fn elsewhere(&mut self, node: &Node<'_>) -> Elsewhere {
        Elsewhere {
            frame: self.ident(&node.nth(Rule::name, 0)),
            written: node.has(Rule::p_both),
            base: self.ident(&node.nth(Rule::name, 1)),
            offset: self.ident(&node.nth(Rule::name, 2)),
            span: self.span(node),
        }
    }

    /// The region behind `in`, where there is one.
    pub(super) fn region(&mut self, node: &Node<'_>) -> Option<Region> {
        node.child(Rule::region).map(|region| self.region_of(&region))
    }

    /// A region.
    pub(super) fn region_of(&mut self, node: &Node<'_>) -> Region {
        let extent = node.the(Rule::region_extent).choice();
        let kind = match extent.rule() {
            Rule::until => RegionKind::Until(self.name(&extent)),
            Rule::length => RegionKind::Length(self.length(&extent)),
            _ => RegionKind::ToEnd,
        };
        Region {
            kind,
            max: self.max(node),
            skip: node.child(Rule::kw_skip).map(|skip| self.span(&skip)),
            span: self.span(node),
        }
    }

    /// `[n]`
    fn length(&mut self, node: &Node<'_>) -> Expr {
        self.expr(&node.the(Rule::expr))
    }

    /// `max N`, where it is written.
    fn max(&mut self, node: &Node<'_>) -> Option<Spanned<u64>> {
        node.child(Rule::max).map(|max| self.number(&max.the(Rule::number)))
    }

    fn extent(&mut self, node: &Node<'_>) -> Extent {
        let extent = node.choice();
        match extent.rule() {
            Rule::length => Extent::Length(self.length(&extent)),
            Rule::until => Extent::Until { delimiter: self.name(&extent), max: self.max(node) },
            Rule::to_end => Extent::ToEnd,
            Rule::via => Extent::Via {
                transform: self.name(&extent),
                max: self.max(node),
                skip: node.child(Rule::kw_skip).map(|skip| self.span(&skip)),
            },
            Rule::run => Extent::Run {
                class: self.name(&extent),
                escape: extent
                    .child(Rule::run_escape)
                    .map(|escape| (self.byte(&escape.the(Rule::byte)), self.name(&escape))),
                trim: extent.child(Rule::trim).map(|trim| self.name(&trim)),
                length: self.digits(&extent.the(Rule::digits)),
            },
            other => node.broken(other),
        }
    }

    /// How far a stream goes.
    pub(super) fn stream_extent(&mut self, node: &Node<'_>) -> StreamExtent {
        let extent = node.choice();
        match extent.rule() {
            Rule::length => {
                let mask = node.child(Rule::masked).map(|masked| self.name(&masked));
                StreamExtent::Length(self.length(&extent), mask)
            }
            Rule::until => StreamExtent::Until(self.name(&extent)),
            Rule::to_end => StreamExtent::ToEnd,
            _ => StreamExtent::Via(self.name(&extent)),
        }
    }

    /// A range in brackets.
    pub(super) fn digits(&mut self, node: &Node<'_>) -> Range {
        self.range(&node.the(Rule::range))
    }

    /// `a..=b`, `a..`, `..=b`, or `a` for `a..=a`.
    pub(super) fn range(&mut self, node: &Node<'_>) -> Range {
        let span = self.span(node);
        let number = self.number(&node.the(Rule::number));
        let (low, high) = match node.child(Rule::range_rest) {
            Some(rest) => (Some(number), rest.child(Rule::number).map(|high| self.number(&high))),
            None if node.has(Rule::p_dotdoteq) => (None, Some(number)),
            None => (Some(number.clone()), Some(number)),
        };
        Range { low, high, span }
    }
}
