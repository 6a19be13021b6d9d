//! The bodies of frames.

use super::Resolver;
use super::expr::{Scope, Ty};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    BitField, BitKind, Bits, Carrier, Coding, Expr, ExprKind, Field, Literal, Member, Param,
    Region, Skip, Stream, StreamExtent, Type,
};
use crate::source::Span;
use crate::syntax::{self, Ident};

impl Resolver {
    /// Resolves a body. What a field is derived from may stand behind it, so that comes last.
    pub(super) fn members(&mut self, body: &[syntax::Member], params: &[Param]) -> Vec<Member> {
        self.broken.clear();
        let mut members: Vec<Member> = params.iter().cloned().map(Member::Param).collect();
        let mut seen: Vec<(&str, Span)> =
            params.iter().map(|param| (param.name.as_str(), param.span)).collect();
        self.members_into(body, params, &mut members, &mut seen);
        self.derive(body, &mut members);
        members
    }

    fn members_into<'s>(
        &mut self,
        body: &'s [syntax::Member],
        params: &[Param],
        members: &mut Vec<Member>,
        seen: &mut Vec<(&'s str, Span)>,
    ) {
        for (place, member) in body.iter().enumerate() {
            match member {
                // Belongs to the stream.
                syntax::Member::Literal(_) if matches!(members.last(), Some(Member::Stream(_))) => {
                }
                syntax::Member::Literal(literal) => {
                    members.push(Member::Literal(self.literal(literal)));
                }
                syntax::Member::Group { region, body } => {
                    for member in body {
                        if let syntax::Member::Stream(stream) = member {
                            self.unsupported(stream.span, "a stream in a region");
                        }
                    }
                    let region = self.line(region);
                    members.extend(region.clone().map(Member::Open));
                    self.members_into(body, &[], members, seen);
                    members.extend(region.map(Member::Close));
                }
                syntax::Member::Let(of) => {
                    self.once(seen, &of.name);
                    self.later.push(self.deferred(member));
                }
                syntax::Member::Skip(skip) => {
                    members.extend(self.skip(skip).map(Member::Skip));
                }
                syntax::Member::Field(field) => {
                    self.once(seen, &field.name);
                    match self.field(field, members) {
                        Some(field) => members.push(Member::Field(field)),
                        None => self.broken.push(field.name.name.clone()),
                    }
                }
                syntax::Member::Bits(group) => {
                    for field in &group.fields {
                        self.once(seen, &field.name);
                    }
                    match self.bits(&group.carrier, &group.fields, group.span) {
                        Some(bits) => members.push(Member::Bits(bits)),
                        None => {
                            let names = group.fields.iter().map(|field| field.name.name.clone());
                            self.broken.extend(names);
                        }
                    }
                }
                syntax::Member::Stream(stream) => {
                    self.once(seen, &stream.name);
                    let (before, behind) = (&body[..place], &body[place + 1..]);
                    members.clear();
                    members.extend(self.stream(stream, before, behind, params).map(Member::Stream));
                }
                syntax::Member::Require { error, span, .. } => {
                    self.later.push(self.deferred(member));
                    let (cond, error) = (Expr { kind: ExprKind::Bool(true) }, error.name.clone());
                    members.push(Member::Require { cond, error, span: *span });
                }
            }
        }
    }

    /// The region of some members, which cannot be passed over by itself.
    fn line(&mut self, region: &syntax::Region) -> Option<Region> {
        if let Some(skip) = region.skip {
            self.unsupported(skip, "a part of a frame that is passed over");
        }
        self.region(region)
    }

    fn skip(&mut self, skip: &syntax::Skip) -> Option<Skip> {
        let class = self.class(&skip.class);
        let (min, max) = self.run_length(&skip.length)?;
        let class = class?;
        let written = match &skip.written {
            Some(written) => self.literal(written),
            None => Literal { bytes: Vec::new(), nocase: false, word: false, span: skip.span },
        };
        let set = self.model.classes.get(class.0).map(|class| class.set).unwrap_or_default();
        let len = written.bytes.len();
        if !(min..=max).contains(&len) || !written.bytes.iter().all(|byte| set.contains(*byte)) {
            let text = written.bytes.escape_ascii();
            let message = format!("`{text}` is not passed over here, so it cannot be written");
            let mut diagnostic = Diagnostic::new(Code::EmptyRange, written.span, message);
            if skip.written.is_none() {
                diagnostic = diagnostic.help("say what is written: `skip CLASS [1..=16] = \" \"`");
            }
            self.report(diagnostic);
            return None;
        }
        Some(Skip { class, min, max, written, span: skip.span })
    }

    /// A stream is the first of its frame, and only literals stand behind it.
    fn stream(
        &mut self,
        stream: &syntax::Stream,
        before: &[syntax::Member],
        behind: &[syntax::Member],
        params: &[Param],
    ) -> Option<Stream> {
        let extent = self.stream_extent(stream, params)?;
        let mut tail = Vec::new();
        for member in behind {
            match member {
                syntax::Member::Literal(literal) if !literal.nocase && !literal.word => {
                    tail.extend_from_slice(&literal.bytes);
                }
                _ => {
                    self.unsupported(stream.span, "a stream with a field behind it");
                    return None;
                }
            }
        }
        if !before.is_empty() {
            self.unsupported(stream.span, "a stream with something before it");
            return None;
        }
        let ends = matches!(extent, StreamExtent::Via(_) | StreamExtent::ToEnd);
        if ends && !tail.is_empty() {
            self.unsupported(stream.span, "a literal behind a stream that has an end of its own");
            return None;
        }
        Some(Stream { span: stream.span, extent, tail })
    }

    fn once<'s>(&mut self, seen: &mut Vec<(&'s str, Span)>, name: &'s Ident) {
        match seen.iter().find(|(other, _)| *other == name.name) {
            Some((_, first)) => self.report(
                Diagnostic::new(
                    Code::Duplicate,
                    name.span,
                    format!("the field `{}` is declared twice", name.name),
                )
                .label("declared again")
                .also(*first, "declared here first"),
            ),
            None => seen.push((&name.name, name.span)),
        }
    }

    pub(super) fn literal(&mut self, literal: &syntax::Literal) -> Literal {
        Literal {
            bytes: literal.bytes.clone(),
            nocase: literal.nocase,
            word: literal.word,
            span: literal.span,
        }
    }

    fn field(&mut self, field: &syntax::Field, before: &[Member]) -> Option<Field> {
        let mut ty = self.field_type(&field.ty, before)?;
        if let Some(range) = &field.range {
            self.restrict(&mut ty, range);
        }
        if let Some(derived) = &field.derived
            && let Some((low, _)) = number_bounds(&mut ty)
        {
            *low = (*low).max(least(derived));
        }
        let cond = match &field.cond {
            None => None,
            Some(cond) if matches!(ty, Type::Optional(_)) => {
                self.unsupported(cond.span, "an optional field with a condition");
                return None;
            }
            Some(cond) => Some(self.expr_of(cond, Scope::members(before), Ty::Bool)?),
        };
        let (docs, name) = (field.docs.clone(), field.name.name.clone());
        Some(Field { docs, name, span: field.name.span, ty, derived: None, cond })
    }

    /// Fields that share an integer.
    pub(super) fn bits(
        &mut self,
        carrier: &syntax::Type,
        fields: &[syntax::BitField],
        span: Span,
    ) -> Option<Bits> {
        let of = match self.field_type(carrier, &[])? {
            Type::Fixed(fixed) => Carrier::Fixed(fixed),
            Type::Varint(varint) if !matches!(varint.coding, Coding::Quic) => {
                Carrier::Varint(varint)
            }
            _ => {
                self.unsupported(carrier.span, "bits of a QUIC integer");
                return None;
            }
        };
        let int = of.int();
        if int.signed {
            self.unsupported(carrier.span, "bits of an integer with a sign");
            return None;
        }
        let total: u64 =
            fields.iter().fold(0, |total, field| total.saturating_add(field.width.value));
        if total != u64::from(int.bits) {
            self.report(
                Diagnostic::new(
                    Code::BadBits,
                    span,
                    format!("{total} bits in an integer of {}", int.bits),
                )
                .label("the widths must add up")
                .also(carrier.span, "what they share"),
            );
            return None;
        }
        let mut left = int.bits;
        let mut found = Vec::new();
        for field in fields {
            let width = u8::try_from(field.width.value).unwrap_or(u8::MAX);
            if width == 0 {
                let message = format!("`{}` has no bits", field.name.name);
                self.report(Diagnostic::new(Code::EmptyRange, field.width.span, message));
                continue;
            }
            left = left.saturating_sub(width);
            match self.bit_field(field, width, left) {
                Some(field) => found.push(field),
                None => self.broken.push(field.name.name.clone()),
            }
        }
        Some(Bits { carrier: of, fields: found, span })
    }

    fn bit_field(&mut self, field: &syntax::BitField, width: u8, shift: u8) -> Option<BitField> {
        let mut kind = match &field.values {
            Some(values) => BitKind::Values(self.values_of(values, width)?),
            None if !field.tiers.is_empty() => {
                BitKind::Tiered(self.tiered(width, false, &field.tiers)?)
            }
            None if width == 1 => BitKind::Flag,
            None => BitKind::Number { low: 0, high: u64::MAX >> (64 - width) },
        };
        if let Some(range) = &field.range {
            match &mut kind {
                BitKind::Number { low, high } => self.narrow(low, high, range),
                BitKind::Tiered(varint) => self.narrow(&mut varint.low, &mut varint.high, range),
                _ => self.no_range(range),
            }
        }
        let (docs, name) = (field.docs.clone(), field.name.name.clone());
        Some(BitField { docs, name, span: field.name.span, width, shift, kind, derived: None })
    }
}

/// The least value of what a field is derived from: no length is less than nothing.
fn least(expr: &syntax::Expr) -> u64 {
    match &expr.kind {
        syntax::ExprKind::Binary { op: syntax::BinaryOp::Add, left, right } => {
            least(left).saturating_add(least(right))
        }
        syntax::ExprKind::Number(number) => *number,
        _ => 0,
    }
}

/// The bounds of a number.
pub(super) fn number_bounds(ty: &mut Type) -> Option<(&mut u64, &mut u64)> {
    match ty {
        Type::Number(number) if !number.int.signed => Some((&mut number.low, &mut number.high)),
        Type::Fixed(fixed) if !fixed.int.signed => Some((&mut fixed.low, &mut fixed.high)),
        Type::Varint(varint) => Some((&mut varint.low, &mut varint.high)),
        _ => None,
    }
}
