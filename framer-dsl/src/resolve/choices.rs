//! Choices: of frames, of literals, of numbers.

use super::Resolver;
use super::params::{needed_only, params_in};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Alternative, By, Choice, ChoiceId, Expr, ExprKind, Field, Fixed, Frame, FrameId, Int, Member,
    Param, Type, TypeId, Value, Values, ValuesId, ValuesKind,
};
use crate::syntax::{self, VariantKind};

impl Resolver {
    pub(super) fn define_values(&mut self, item: &syntax::Enum) {
        let kind = match &item.repr {
            Some(repr) => self.numbers(item, repr),
            None => self.literals(item),
        };
        self.model.order.push(TypeId::Values(ValuesId(self.model.values.len())));
        self.model.values.push(Values {
            docs: item.docs.clone(),
            name: item.name.name.clone(),
            span: item.name.span,
            kind,
        });
    }

    fn literals(&mut self, item: &syntax::Enum) -> ValuesKind {
        let mut values = Vec::new();
        for variant in &item.variants {
            match &variant.kind {
                VariantKind::Literal(literal) if !variant.catch_all => {
                    let mut literal = self.literal(literal);
                    literal.nocase |= item.nocase;
                    values.push(value(variant, literal));
                }
                VariantKind::Number(number) => {
                    let help = format!("say of which integer: `enum {}: u8`", item.name.name);
                    let message = "a number in a choice of literals";
                    self.report(Diagnostic::new(Code::WrongSort, number.span, message).help(help));
                }
                _ => self.unsupported(variant.span, "a catch-all among literals"),
            }
        }
        ValuesKind::Literals(values)
    }

    fn numbers(&mut self, item: &syntax::Enum, repr: &syntax::Type) -> ValuesKind {
        let (int, little) = self.repr(repr).unwrap_or((Int::unsigned(8), false));
        let mut values: Vec<Value<u64>> = Vec::new();
        let mut other = None;
        for variant in &item.variants {
            match &variant.kind {
                VariantKind::Number(number) if !variant.catch_all => {
                    if number.value > int.max() {
                        let message = format!("{} does not fit {} bits", number.value, int.bits);
                        self.report(Diagnostic::new(Code::EmptyRange, number.span, message));
                    }
                    values.push(value(variant, number.value));
                }
                VariantKind::Reference if variant.catch_all && other.is_none() => {
                    other = Some(value(variant, ()));
                }
                _ => self.report(
                    Diagnostic::new(Code::WrongSort, variant.span, "this is no number")
                        .help("say `NAME = 1`, or `_ NAME` for all others"),
                ),
            }
        }
        ValuesKind::Numbers { int, little, values, other }
    }

    /// The integer of a choice of numbers. Only where it is one of bits, it has any width.
    fn repr(&mut self, repr: &syntax::Type) -> Option<(Int, bool)> {
        match repr.kind {
            syntax::TypeKind::Int { signed: false, bits, little } => {
                Some((Int::unsigned(bits), little))
            }
            _ => {
                self.unsupported(repr.span, "a choice of numbers of this type");
                None
            }
        }
    }

    pub(super) fn define_choice(&mut self, item: &syntax::Enum) {
        let params = self.params_of(&item.name);
        let by = self.by(item, &params);
        let kept = by.as_ref().and_then(By::param);
        let region = item.region.as_ref().and_then(|region| self.region(region));
        self.model.order.push(TypeId::Choice(ChoiceId(self.model.choices.len())));
        let repr = item.repr.as_ref().and_then(|repr| self.repr(repr));
        if let (Some(repr), Some(_)) = (&item.repr, &by) {
            self.unsupported(repr.span, "a number before the alternatives of a choice by another");
        }
        if let (Some((int, _)), Some(repr)) = (repr, &item.repr)
            && int.bits % 8 != 0
        {
            let message = format!("{} bits are no whole bytes", int.bits);
            self.report(Diagnostic::new(Code::BadBits, repr.span, message));
        }
        let head = self.head(item);
        let mut alternatives = Vec::new();
        for variant in &item.variants {
            let number = by.as_ref().and_then(|by| self.number_of(variant, by, &params));
            let frame = match &variant.kind {
                VariantKind::Frame { tag, body } => {
                    let body: Vec<_> = item.each.iter().chain(body).cloned().collect();
                    let mut members = self.members(&body, &params);
                    if item.nocase {
                        ignore_case(&mut members);
                    }
                    needed_only(&mut members, kept.filter(|_| variant.catch_all));
                    if item.tag.is_none() {
                        self.lead(tag.as_ref(), repr, &mut members);
                    }
                    Some(self.variant_frame(variant, members))
                }
                VariantKind::Number(_) if by.is_some() => self.whole_frame(&variant.name),
                VariantKind::Reference | VariantKind::Number(_) if head > 0 => {
                    self.unsupported(
                        variant.span,
                        "an alternative declared elsewhere behind `each`",
                    );
                    None
                }
                VariantKind::Reference if kept.is_some() && variant.catch_all => {
                    self.unsupported(variant.span, "a catch-all that is declared elsewhere");
                    None
                }
                VariantKind::Reference => self.whole_frame(&variant.name),
                VariantKind::Literal(_) | VariantKind::Number(_) => {
                    self.unsupported(variant.span, "a value among frames");
                    None
                }
            };
            if let Some(frame) = frame {
                let (docs, span) = (variant.docs.clone(), variant.span);
                let catch_all = variant.catch_all;
                alternatives.push(Alternative { docs, frame, tag: number, catch_all, span });
            }
        }
        let uses = |param: &Param| {
            let computes = by.as_ref().is_some_and(|by| by.computes(&param.name));
            computes
                || alternatives.iter().any(|alternative| {
                    let frame = self.model.frames.get(alternative.frame.0);
                    frame.is_some_and(|frame| frame.params.iter().any(|of| of.name == param.name))
                })
        };
        let unused =
            params.iter().enumerate().find(|(place, of)| Some(*place) != kept && !uses(of));
        if let Some((_, param)) = unused.filter(|_| by.is_some() || item.tag.is_none()) {
            let (name, span) = (param.name.clone(), param.span);
            self.never_used(&name, span);
        }
        let limits = self.limits(item.limits.as_ref());
        self.model.choices.push(Choice {
            docs: item.docs.clone(),
            name: item.name.name.clone(),
            span: item.name.span,
            limits,
            region,
            repr: repr.map(|(int, _)| int),
            params,
            by,
            head,
            alternatives,
        });
    }

    /// How many members every alternative begins with. They are passed over to see which it is.
    fn head(&mut self, item: &syntax::Enum) -> usize {
        for member in &item.each {
            let (span, simple) = match member {
                syntax::Member::Literal(literal) => (literal.span, true),
                syntax::Member::Skip(skip) => (skip.span, true),
                syntax::Member::Field(field) => {
                    let plain = field.derived.is_none() && field.cond.is_none();
                    (field.name.span, plain && is_simple(&field.ty.kind))
                }
                _ => (item.name.span, false),
            };
            if !simple {
                self.unsupported(span, "this where every alternative begins with it");
            }
        }
        item.each.len()
    }

    fn variant_frame(&mut self, variant: &syntax::Variant, body: Vec<Member>) -> FrameId {
        let id = FrameId(self.model.frames.len());
        self.model.order.push(TypeId::Frame(id));
        self.model.frames.push(Frame {
            docs: variant.docs.clone(),
            name: variant.name.name.clone(),
            span: variant.name.span,
            params: params_in(&body).cloned().collect(),
            limits: None,
            region: None,
            body,
            lets: Vec::new(),
        });
        id
    }

    /// Puts the number before an alternative that tells it from the others.
    fn lead(
        &mut self,
        tag: Option<&syntax::Spanned<u64>>,
        repr: Option<(Int, bool)>,
        members: &mut Vec<Member>,
    ) {
        match (tag, repr) {
            (Some(tag), Some((int, little))) => {
                if tag.value > int.max() {
                    let message = format!("{} does not fit {} bits", tag.value, int.bits);
                    self.report(Diagnostic::new(Code::EmptyRange, tag.span, message));
                }
                let fixed = Fixed { int, little, low: tag.value, high: tag.value };
                let number = Field {
                    docs: syntax::Docs::default(),
                    name: "tag".to_owned(),
                    span: tag.span,
                    ty: Type::Fixed(fixed),
                    derived: Some(Expr { kind: ExprKind::Number(tag.value) }),
                    cond: None,
                };
                members.insert(0, Member::Field(number));
            }
            (Some(tag), None) => self.report(
                Diagnostic::new(Code::WrongSort, tag.span, "nothing says how wide this number is")
                    .help("say of which integer the choice is: `enum NAME: u8 { ... }`"),
            ),
            _ => {}
        }
    }
}

/// Whether what is of this type can be passed over by itself.
fn is_simple(ty: &syntax::TypeKind) -> bool {
    match ty {
        syntax::TypeKind::Int { .. } | syntax::TypeKind::Number { .. } => true,
        syntax::TypeKind::Flag { or_end, .. } => !or_end,
        syntax::TypeKind::Text { extent, .. } => match extent {
            syntax::Extent::Run { .. } => true,
            syntax::Extent::Length(length) => matches!(length.kind, syntax::ExprKind::Number(_)),
            _ => false,
        },
        _ => false,
    }
}

pub(super) fn value<V>(variant: &syntax::Variant, value: V) -> Value<V> {
    let (docs, name) = (variant.docs.clone(), variant.name.name.clone());
    Value { docs, name, value, span: variant.name.span }
}

fn ignore_case(body: &mut [Member]) {
    for member in body {
        match member {
            Member::Literal(literal) => literal.nocase = true,
            Member::Field(field) => {
                if let Type::Flag { on, off, .. } = &mut field.ty {
                    on.nocase = true;
                    if let Some(off) = off {
                        off.nocase = true;
                    }
                }
            }
            _ => {}
        }
    }
}
