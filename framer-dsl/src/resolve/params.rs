//! What frames and choices are given by what holds them.

use super::Resolver;
use super::choices::value;
use super::expr::Ty;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{By, ExprKind, FrameId, Int, Member, Param, Type, Value};
use crate::source::Span;
use crate::syntax::{self, File, Ident, Item, TypeKind, VariantKind};

/// The parameters of a frame or choice.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    params: Vec<Param>,
    /// The one that tells the alternatives of a choice apart, by its place.
    by: Option<usize>,
}

/// How many bits an integer of Rust has that holds so many.
fn next_of_rust(bits: u8) -> u8 {
    bits.clamp(8, 64).next_power_of_two()
}

impl Resolver {
    /// Reads what every type is given: one that is declared later may be used before.
    pub(super) fn signatures(&mut self, file: &File) {
        for item in &file.items {
            let (name, params, tag) = match item {
                Item::Frame(item) => (&item.name, &item.params, None),
                Item::Enum(item) => (&item.name, &item.params, item.tag.as_ref()),
                _ => continue,
            };
            let mut found: Vec<Param> = Vec::new();
            for param in params {
                let (name, span) = (param.name.name.clone(), param.name.span);
                if found.iter().any(|other| other.name == name) {
                    let message = format!("the parameter `{name}` is declared twice");
                    self.report(Diagnostic::new(Code::Duplicate, span, message));
                } else {
                    // What is told here is told once: in all else it is the next type of Rust.
                    let bits = param.ty.name.strip_prefix('u').and_then(|bits| bits.parse().ok());
                    let next = Int::unsigned(bits.map_or(64, next_of_rust));
                    let int = self.int(&param.ty).unwrap_or(next);
                    found.push(Param { name, span, int, kept: false });
                }
            }
            let by = tag.and_then(|tag| match &tag.kind {
                syntax::ExprKind::Path(path) if path.len() == 1 => {
                    found.iter().position(|param| param.name == path[0].name)
                }
                _ => None,
            });
            if !found.is_empty() {
                self.signatures.insert(name.name.clone(), Signature { params: found, by });
            }
        }
    }

    pub(super) fn params_of(&self, name: &Ident) -> Vec<Param> {
        self.signatures.get(&name.name).map_or(Vec::new(), |of| of.params.clone())
    }

    /// What tells the alternatives of a choice apart that it is given.
    pub(super) fn by(&mut self, item: &syntax::Enum, params: &[Param]) -> Option<By> {
        let tag = item.tag.as_ref()?;
        let by = self.signatures.get(&item.name.name).and_then(|signature| signature.by);
        if let Some(place) = by {
            return Some(By::Param(place));
        }
        if let syntax::ExprKind::Path(path) = &tag.kind
            && let [name] = path.as_slice()
        {
            let name = &name.name;
            let message = format!("`{}` has no parameter `{name}`", item.name.name);
            self.report(
                Diagnostic::new(Code::Unknown, tag.span, message)
                    .label("nothing tells the alternatives apart")
                    .help(format!("declare it: `enum {}({name}: u16)`", item.name.name)),
            );
            return None;
        }
        let expr = self.expr_of(tag, super::expr::Scope::members(&members(params)), Ty::Number)?;
        Some(By::Computed(expr))
    }

    /// The number that means an alternative of a choice that is told apart by what it is given.
    pub(super) fn number_of(
        &mut self,
        variant: &syntax::Variant,
        by: &By,
        params: &[Param],
    ) -> Option<Value<u64>> {
        let (name, max) = match by {
            By::Param(place) => {
                let param = params.get(*place)?;
                (param.name.clone(), param.int.max())
            }
            By::Computed(expr) => {
                let range = self.model.range(&members(params), expr);
                let max = range.and_then(|range| u64::try_from(range.high).ok());
                (expr.to_string(), max.unwrap_or(u64::MAX))
            }
        };
        let tag = match &variant.kind {
            VariantKind::Frame { tag, .. } => tag.as_ref(),
            VariantKind::Number(number) => Some(number),
            VariantKind::Reference | VariantKind::Literal(_) => None,
        };
        match tag {
            Some(tag) if variant.catch_all => {
                let message = "a catch-all has no number of its own";
                self.report(Diagnostic::new(Code::WrongSort, tag.span, message));
                None
            }
            Some(tag) => {
                if tag.value > max {
                    let message = format!("`{name}` is at most {max}, and never {}", tag.value);
                    self.report(Diagnostic::new(Code::EmptyRange, tag.span, message));
                }
                Some(value(variant, tag.value))
            }
            None if variant.catch_all => None,
            None => {
                let variant_name = &variant.name.name;
                self.report(
                    Diagnostic::new(
                        Code::WrongSort,
                        variant.span,
                        format!("nothing says which `{name}` means `{variant_name}`"),
                    )
                    .help(format!(
                        "say `{variant_name} = 1`, or `_ {variant_name}` for all others"
                    )),
                );
                None
            }
        }
    }

    /// A frame that is given nothing, as an alternative.
    pub(super) fn whole_frame(&mut self, name: &Ident) -> Option<FrameId> {
        let frame = self.frame(name)?;
        if self.signatures.contains_key(&name.name) {
            return self.refuse(name.span, "an alternative with parameters of its own");
        }
        Some(frame)
    }

    /// The fields and parameters that a field's type is given.
    pub(super) fn arguments(
        &mut self,
        ty: &syntax::Type,
        before: &[Member],
    ) -> Option<Vec<String>> {
        let TypeKind::Named { name, args, .. } = &ty.kind else { return Some(Vec::new()) };
        let params = self.params_of(name);
        if params.len() != args.len() {
            let wanted = match params.len() {
                1 => "one argument".to_owned(),
                count => format!("{count} arguments"),
            };
            self.report(
                Diagnostic::new(
                    Code::Arguments,
                    ty.span,
                    format!("`{}` takes {wanted}", name.name),
                )
                .label(format!("{} given", args.len())),
            );
            return None;
        }
        let given = args.iter().zip(&params).map(|(arg, param)| self.argument(arg, param, before));
        given.collect::<Vec<_>>().into_iter().collect()
    }

    fn argument(&mut self, arg: &syntax::Expr, param: &Param, before: &[Member]) -> Option<String> {
        let found = self.expr_of(arg, super::expr::Scope::members(before), Ty::Number)?;
        let ExprKind::Field(name) = found.kind else {
            return self.refuse(arg.span, "an argument that is no field");
        };
        let Some(width) = width(before, &name) else {
            return self.refuse(arg.span, "an argument of this type");
        };
        if width != param.int.width() {
            self.report(
                Diagnostic::new(
                    Code::ExprType,
                    arg.span,
                    format!("`{name}` is a `u{width}`, where a `u{}` is needed", param.int.width()),
                )
                .also(param.span, "given to this"),
            );
            return None;
        }
        Some(name)
    }

    /// `tag(field)`: the number of the alternative that a field is.
    pub(super) fn tag_of(
        &mut self,
        span: Span,
        field: String,
        members: &[Member],
    ) -> Option<(ExprKind, Ty)> {
        let by_number = members.iter().any(|member| match member {
            Member::Field(of) if of.name == field && of.cond.is_none() => match &of.ty {
                Type::Named { ty, .. } => {
                    let name = self.names.name_of(super::Entity::Type(*ty));
                    let signature = name.and_then(|name| self.signatures.get(name));
                    signature.is_some_and(|signature| signature.by.is_some())
                }
                _ => false,
            },
            _ => false,
        });
        if by_number {
            return Some((ExprKind::Tag(field), Ty::Number));
        }
        let message = format!("`{field}` is no choice by a parameter, or may be missing");
        self.report(
            Diagnostic::new(Code::ExprType, span, message)
                .help("a choice by a parameter is `enum NAME(kind: u16) by kind { ... }`"),
        );
        None
    }

    /// Reports parameters that nothing in the body uses.
    pub(super) fn unused(&mut self, params: &[Param], body: &[Member]) {
        let mut rest = body.to_vec();
        needed_only(&mut rest, None);
        for param in params {
            if !params_in(&rest).any(|needed| needed.name == param.name) {
                self.never_used(&param.name, param.span);
            }
        }
    }

    pub(super) fn never_used(&mut self, name: &str, span: Span) {
        let message = format!("nothing uses the parameter `{name}`");
        self.report(Diagnostic::new(Code::Arguments, span, message).label("never looked at"));
    }
}

/// Parameters as expressions look at them.
fn members(params: &[Param]) -> Vec<Member> {
    params.iter().cloned().map(Member::Param).collect()
}

/// The parameters of a body.
pub(super) fn params_in(body: &[Member]) -> impl Iterator<Item = &Param> {
    body.iter().filter_map(|member| match member {
        Member::Param(param) => Some(param),
        _ => None,
    })
}

/// Takes out the parameters that nothing in a body looks at. That at the place `kept` becomes a
/// field in Rust.
pub(super) fn needed_only(body: &mut Vec<Member>, kept: Option<usize>) {
    let needed: Vec<String> = body.iter().flat_map(Member::names).map(str::to_owned).collect();
    let mut place = 0;
    body.retain_mut(|member| {
        let Member::Param(param) = member else { return true };
        param.kept = kept == Some(place);
        place += 1;
        param.kept || needed.contains(&param.name)
    });
}

/// The width of the integer of Rust that a field is.
fn width(members: &[Member], name: &str) -> Option<u8> {
    members.iter().find_map(|member| match member {
        Member::Param(param) if param.name == name => Some(param.int.width()),
        Member::Field(field) if field.name == name => match &field.ty {
            Type::Number(of) => Some(of.int.width()),
            Type::Fixed(of) => Some(of.int.width()),
            Type::Varint(of) => Some(of.int.width()),
            _ => None,
        },
        Member::Bits(bits) => {
            let field = bits.fields.iter().find(|field| field.name == name)?;
            match &field.kind {
                crate::model::BitKind::Number { .. } => {
                    Some(crate::model::Int::unsigned(field.width).width())
                }
                _ => None,
            }
        }
        _ => None,
    })
}
