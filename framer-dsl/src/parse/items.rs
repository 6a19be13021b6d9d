//! Items: everything at the top level but protocols.

use super::grammar::Rule;
use super::node::{Builder, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::{
    BitField, BitGroup, Bits, Checksum, Class, ClassSet, Delimiter, Enum, EscapeBlock, EscapeRule,
    Field, Frame, Import, Item, Let, Limits, Member, Param, Skip, Spanned, Stream, Tier, Transform,
    TransformKind, Type, TypeKind, Variant, VariantKind,
};

/// How many bytes may be taken off a class by `-`. Later stages recurse over the tree.
const MAX_DIFFERENCES: usize = 64;

impl Builder<'_> {
    /// Any item.
    pub(super) fn item(&mut self, node: &Node<'_>) -> Item {
        let docs = node.docs();
        let item = node.choice();
        match item.rule() {
            Rule::import => Item::Import(Import {
                path: self.text(&item.the(Rule::string)),
                names: self.names(&item),
                from: None,
                span: self.span(&item),
            }),
            Rule::delimiter => Item::Delimiter(Delimiter {
                docs,
                name: self.name(&item),
                alternatives: item.all(Rule::string).map(|text| self.string(&text)).collect(),
                lenient: item.has(Rule::kw_lenient),
                span: self.span(&item),
            }),
            Rule::class => Item::Class(Class {
                docs,
                name: self.name(&item),
                set: self.class_union(&item.the(Rule::class_union)),
                span: self.span(&item),
            }),
            Rule::frame => Item::Frame(Frame {
                docs,
                name: self.name(&item),
                params: self.params(&item),
                limits: self.limits(&item),
                region: self.region(&item),
                body: self.body(&item.the(Rule::body)),
                span: self.span(&item),
            }),
            Rule::enumeration => Item::Enum(Enum { docs, ..self.enumeration(&item) }),
            Rule::bits => Item::Bits(Bits { docs, ..self.bits(&item) }),
            Rule::checksum => Item::Checksum(Checksum { docs, ..self.checksum(&item) }),
            Rule::transform => Item::Transform(Transform {
                docs,
                name: self.name(&item),
                kind: self.transform_kind(&item.the(Rule::transform_rule)),
                span: self.span(&item),
            }),
            Rule::protocol => {
                let mut protocol = self.protocol(&item);
                protocol.docs = docs;
                Item::Protocol(protocol)
            }
            other => node.broken(other),
        }
    }

    fn class_union(&mut self, node: &Node<'_>) -> ClassSet {
        let mut terms: Vec<_> =
            node.all(Rule::class_term).map(|term| self.class_term(&term)).collect();
        match terms.len() {
            1 => terms.swap_remove(0),
            _ => ClassSet::Union(terms),
        }
    }

    fn class_term(&mut self, node: &Node<'_>) -> ClassSet {
        if node.all(Rule::p_minus).count() > MAX_DIFFERENCES {
            let message = format!("more than {MAX_DIFFERENCES} `-` behind each other");
            self.report(
                Diagnostic::new(Code::Syntax, self.span(node), message)
                    .help("one string holds all the bytes to take off"),
            );
            return ClassSet::Union(Vec::new());
        }
        let mut atoms = node.all(Rule::class_atom);
        let first = atoms.next().unwrap_or_else(|| node.broken(Rule::class_atom));
        let first = self.class_atom(&first);
        atoms.fold(first, |set, atom| {
            ClassSet::Difference(Box::new(set), Box::new(self.class_atom(&atom)))
        })
    }

    fn class_atom(&mut self, node: &Node<'_>) -> ClassSet {
        let atom = node.choice();
        match atom.rule() {
            Rule::string => ClassSet::Any(self.byte_set(&atom)),
            Rule::name => ClassSet::Named(self.ident(&atom)),
            _ => {
                let low = self.byte(&atom.the(Rule::byte));
                match atom.all(Rule::byte).nth(1) {
                    Some(high) => ClassSet::Range(low, self.byte(&high)),
                    None => ClassSet::Byte(low),
                }
            }
        }
    }

    fn params(&mut self, node: &Node<'_>) -> Vec<Param> {
        let Some(params) = node.child(Rule::params) else { return Vec::new() };
        let param = |param: Node<'_>| Param {
            name: self.ident(&param.nth(Rule::name, 0)),
            ty: self.ident(&param.nth(Rule::name, 1)),
        };
        params.all(Rule::param).map(param).collect()
    }

    fn limits(&mut self, node: &Node<'_>) -> Option<Limits> {
        let limits = node.child(Rule::limits)?;
        let mut numbers = limits.all(Rule::number);
        let max = self.number(&numbers.next().unwrap_or_else(|| limits.broken(Rule::number)));
        Some(Limits { max, depth: numbers.next().map(|depth| self.number(&depth)) })
    }

    fn body(&mut self, node: &Node<'_>) -> Vec<Member> {
        node.all(Rule::member).map(|member| self.member(&member.choice())).collect()
    }

    fn member(&mut self, node: &Node<'_>) -> Member {
        match node.rule() {
            Rule::literal => Member::Literal(self.literal(node)),
            Rule::field => Member::Field(self.field(node)),
            Rule::bit_group => Member::Bits(BitGroup {
                carrier: self.carrier(node),
                fields: self.bit_fields(&node.the(Rule::bit_body)),
                span: self.span(node),
            }),
            Rule::stream => Member::Stream(Stream {
                docs: node.docs(),
                name: self.name(node),
                extent: self.stream_extent(&node.the(Rule::stream_extent)),
                span: self.span(node),
            }),
            Rule::group => Member::Group {
                region: self.region_of(&node.the(Rule::region)),
                body: self.body(&node.the(Rule::body)),
            },
            Rule::let_ => Member::Let(Let {
                docs: node.docs(),
                name: self.name(node),
                value: self.expr(&node.the(Rule::expr)),
                span: self.span(node),
            }),
            Rule::skip => Member::Skip(Skip {
                class: self.name(node),
                length: self.digits(&node.the(Rule::digits)),
                written: node.child(Rule::literal).map(|written| self.literal(&written)),
                span: self.span(node),
            }),
            _ => Member::Require {
                cond: self.expr(&node.the(Rule::expr)),
                error: self.name(node),
                span: self.span(node),
            },
        }
    }

    fn field(&mut self, node: &Node<'_>) -> Field {
        let docs = node.docs();
        let (name, span) = (self.name(node), self.span(node));
        if let Some(untyped) = node.child(Rule::untyped) {
            let call = untyped.the(Rule::call);
            let ty = Type { kind: TypeKind::Checksum(self.name(&call)), span: self.span(&call) };
            let derived = Some(self.call(&call));
            return Field { docs, name, ty, range: None, derived, cond: None, span };
        }
        let typed = node.the(Rule::typed);
        Field {
            docs,
            name,
            ty: self.ty(&typed.the(Rule::type_)),
            range: typed.child(Rule::range).map(|range| self.range(&range)),
            derived: typed.child(Rule::derived).map(|value| self.expr(&value.the(Rule::expr))),
            cond: self.condition(&typed),
            span,
        }
    }

    fn enumeration(&mut self, node: &Node<'_>) -> Enum {
        Enum {
            docs: node.docs(),
            name: self.name(node),
            repr: node.child(Rule::repr).map(|repr| {
                let ty = repr.children().find(|child| child.rule() != Rule::p_colon);
                self.base_type(&ty.unwrap_or_else(|| repr.broken(Rule::int_type)))
            }),
            nocase: node.has(Rule::kw_nocase),
            tag: node.child(Rule::tag).map(|tag| self.expr(&tag.the(Rule::expr))),
            params: self.params(node),
            limits: self.limits(node),
            region: self.region(node),
            each: node
                .child(Rule::each)
                .map_or(Vec::new(), |each| self.body(&each.the(Rule::body))),
            variants: node.all(Rule::variant).map(|variant| self.variant(&variant)).collect(),
            span: self.span(node),
        }
    }

    fn variant(&mut self, node: &Node<'_>) -> Variant {
        let kind = if let Some(body) = node.child(Rule::body) {
            let tag = node.child(Rule::variant_value).and_then(|value| self.tag(&value));
            VariantKind::Frame { tag, body: self.body(&body) }
        } else if let Some(value) = node.child(Rule::variant_value) {
            match value.child(Rule::number) {
                Some(number) => VariantKind::Number(self.number(&number)),
                None => VariantKind::Literal(self.literal(&value.the(Rule::literal))),
            }
        } else {
            VariantKind::Reference
        };
        Variant {
            docs: node.docs(),
            catch_all: node.has(Rule::wildcard),
            name: self.name(node),
            kind,
            span: self.span(node),
        }
    }

    /// The number that an alternative with a body begins with.
    fn tag(&mut self, node: &Node<'_>) -> Option<Spanned<u64>> {
        if let Some(number) = node.child(Rule::number) {
            return Some(self.number(&number));
        }
        let literal = node.the(Rule::literal);
        self.report(
            Diagnostic::new(
                Code::Syntax,
                self.span(&literal),
                "expected a number, found a literal",
            )
            .help("the literal that an alternative begins with stands in its braces"),
        );
        None
    }

    fn bits(&mut self, node: &Node<'_>) -> Bits {
        Bits {
            docs: node.docs(),
            name: self.name(node),
            carrier: self.carrier(node),
            fields: self.bit_fields(&node.the(Rule::bit_body)),
            span: self.span(node),
        }
    }

    /// The integer that bits share.
    fn carrier(&mut self, node: &Node<'_>) -> Type {
        let varint = node.child(Rule::varint_type);
        self.base_type(&varint.unwrap_or_else(|| node.the(Rule::int_type)))
    }

    fn bit_fields(&mut self, node: &Node<'_>) -> Vec<BitField> {
        node.all(Rule::bit_field).map(|field| self.bit_field(&field)).collect()
    }

    fn bit_field(&mut self, node: &Node<'_>) -> BitField {
        BitField {
            docs: node.docs(),
            name: self.ident(&node.nth(Rule::name, 0)),
            width: self.number(&node.the(Rule::number)),
            values: node.all(Rule::name).nth(1).map(|name| self.ident(&name)),
            tiers: self.tiers(node),
            range: node.child(Rule::range).map(|range| self.range(&range)),
            derived: node.child(Rule::derived).map(|value| self.expr(&value.the(Rule::expr))),
            span: self.span(node),
        }
    }

    /// What follows in the place of marks, where there are some.
    pub(super) fn tiers(&mut self, node: &Node<'_>) -> Vec<Tier> {
        let Some(tiers) = node.child(Rule::tiers) else { return Vec::new() };
        let tier = |tier: Node<'_>| Tier {
            mark: self.number(&tier.the(Rule::number)),
            ty: self.base_type(&tier.the(Rule::int_type)),
        };
        tiers.all(Rule::tier).map(tier).collect()
    }

    fn checksum(&mut self, node: &Node<'_>) -> Checksum {
        let settings = node.all(Rule::setting);
        Checksum {
            docs: node.docs(),
            name: self.ident(&node.nth(Rule::name, 0)),
            algorithm: self.ident(&node.nth(Rule::name, 1)),
            settings: settings
                .map(|setting| (self.name(&setting), self.expr(&setting.the(Rule::expr))))
                .collect(),
            span: self.span(node),
        }
    }

    fn transform_kind(&mut self, node: &Node<'_>) -> TransformKind {
        let first = node.choice();
        match first.rule() {
            Rule::blocks => TransformKind::Blocks(self.name(&first)),
            _ => {
                let blocks = node.all(Rule::escape_block);
                TransformKind::Escapes(blocks.map(|block| self.escape_block(&block)).collect())
            }
        }
    }

    fn escape_block(&mut self, node: &Node<'_>) -> EscapeBlock {
        let context = node.the(Rule::context);
        let rules = node.all(Rule::escape_rule);
        EscapeBlock {
            at_start: context.has(Rule::at_start),
            after: context.child(Rule::after).map(|after| self.name(&after)),
            rules: rules.map(|rule| self.escape_rule(&rule.choice())).collect(),
            span: self.span(node),
        }
    }

    fn escape_rule(&mut self, node: &Node<'_>) -> EscapeRule {
        if node.rule() == Rule::hex_rule {
            return EscapeRule::Hex { upper: node.has(Rule::kw_upper), span: self.span(node) };
        }
        let first = self.literal(&node.the(Rule::literal));
        match node.rule() {
            Rule::begin_rule => return EscapeRule::Begin(first),
            Rule::end_rule => return EscapeRule::End(first),
            _ => {}
        }
        let coded = self.literal(&node.nth(Rule::literal, 1));
        match node.has(Rule::p_both) {
            true => EscapeRule::Both { plain: first, coded },
            false => EscapeRule::Decode { plain: first, coded },
        }
    }
}
