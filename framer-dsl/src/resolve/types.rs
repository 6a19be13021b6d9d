//! The types of fields.

use super::Resolver;
use super::expr::{Scope, Ty};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Element, Elsewhere, Expr, Extent, Int, LARGEST_BYTES, List, ListEnd, Literal, MaskParam,
    Member, Number, Param, StreamExtent, Type, TypeId,
};
use crate::source::Span;
use crate::syntax::{self, ExprKind, Ident, Spanned, TextKind, TypeKind};

impl Resolver {
    /// The type of a field behind the members `before`.
    pub(super) fn field_type(&mut self, ty: &syntax::Type, before: &[Member]) -> Option<Type> {
        match &ty.kind {
            TypeKind::Int { .. } => self.int_type(ty),
            TypeKind::Tiered { first, tiers } => {
                let Type::Fixed(of) = self.int_type(first)? else { return None };
                if of.int.signed {
                    return self.refuse(first.span, "marks of an integer with a sign");
                }
                self.tiered(of.int.bits, of.little, tiers).map(Type::Varint)
            }
            TypeKind::Varint { coding, ty, extent } => self.varint(coding, ty, extent.as_ref()),
            TypeKind::Checksum(name) => self.checksum_type(name),
            TypeKind::Number { hex, ty: int, digits, zeros, upper } => {
                let number = self.number(*hex, int, digits, *zeros);
                number.map(|number| match number {
                    Type::Number(number) => Type::Number(Number { upper: *upper, ..number }),
                    other => other,
                })
            }
            TypeKind::Text { kind, extent: syntax::Extent::Via { transform, max, skip } } => {
                self.coded(*kind, transform, max.as_ref(), *skip)
            }
            TypeKind::Text { kind, extent } => {
                let extent = self.extent(extent, before)?;
                Some(Type::Text { kind: *kind, extent })
            }
            TypeKind::Flag { on, off, or_end } => {
                let on = self.literal(on);
                let off = off.as_ref().map(|off| self.literal(off));
                Some(Type::Flag { on, off, or_end: *or_end })
            }
            TypeKind::Named { .. } => {
                let (id, region) = self.named(ty)?;
                let args = self.arguments(ty, before)?;
                let length = match region {
                    Some(region) => Some(self.sized_region(region, before)?),
                    None => None,
                };
                Some(Type::Named { ty: id, args, length })
            }
            TypeKind::Optional(inner) => self.alone(inner).map(Type::Optional),
            TypeKind::List { element, shared, end, max } => {
                let element = self.element(element)?;
                let end = self.list_end(end, before)?;
                let counted = match &end {
                    ListEnd::Count(count) => self.bound(before, count),
                    _ => None,
                };
                let Some(max) = max.as_ref().map(|max| max.value).or(counted) else {
                    self.report(
                        Diagnostic::new(
                            Code::Unbounded,
                            ty.span,
                            "nothing limits how many elements may come",
                        )
                        .help("say `count max N`"),
                    );
                    return None;
                };
                let max = self.size(max, ty.span)?;
                let shared = shared.iter().map(|name| name.name.clone()).collect();
                Some(Type::List(List { element, shared, end, max }))
            }
        }
    }

    pub(super) fn refuse<T>(&mut self, span: Span, what: &str) -> Option<T> {
        self.unsupported(span, what);
        None
    }

    /// A type given by its name, with the region it stands in.
    fn named<'t>(&mut self, ty: &'t syntax::Type) -> Option<(TypeId, Option<&'t syntax::Region>)> {
        match &ty.kind {
            TypeKind::Named { name, region, .. } => {
                let id = self.ty(name)?;
                let odd = match id {
                    TypeId::Values(values) => {
                        self.model.values.get(values.0).and_then(|of| of.int())
                    }
                    _ => None,
                };
                if let Some(int) = odd.filter(|int| int.bits % 8 != 0) {
                    let message = format!("`{}` is of {} bits", name.name, int.bits);
                    self.report(
                        Diagnostic::new(Code::BadBits, name.span, message)
                            .label("no whole bytes")
                            .help("it shares them with others: `bits u8 { kind: 4 as NAME, ... }`"),
                    );
                    return None;
                }
                Some((id, region.as_ref()))
            }
            _ => self.refuse(ty.span, "a type without a name here"),
        }
    }

    /// A type given by its name alone.
    fn alone(&mut self, ty: &syntax::Type) -> Option<TypeId> {
        let named = self.named(ty)?;
        if let TypeKind::Named { name, args, .. } = &ty.kind
            && self.signatures.contains_key(&name.name)
        {
            let span = args.first().map_or(ty.span, |arg| arg.span);
            return self.refuse(span, "an argument here");
        }
        match named {
            (_, Some(region)) => self.refuse(region.span, "a region here"),
            (id, None) => Some(id),
        }
    }

    fn element(&mut self, ty: &syntax::Type) -> Option<Element> {
        let TypeKind::Int { bits, signed, little } = ty.kind else {
            return self.alone(ty).map(Element::Type);
        };
        if signed || !matches!(bits, 8 | 16 | 32 | 64) {
            return self.refuse(ty.span, "a list of integers of this width or sign");
        }
        Some(Element::Int { int: Int::unsigned(bits), little })
    }

    /// The length of a region of a field.
    fn sized_region(&mut self, region: &syntax::Region, before: &[Member]) -> Option<Expr> {
        match &region.kind {
            syntax::RegionKind::Length(length) if region.max.is_none() && region.skip.is_none() => {
                self.expr_of(length, Scope::members(before), Ty::Number)
            }
            _ => self.refuse(region.span, "this region of a field"),
        }
    }

    /// The largest value of an expression, if it is one that can be in memory.
    fn bound(&mut self, before: &[Member], expr: &Expr) -> Option<u64> {
        u64::try_from(self.model.range(before, expr)?.high).ok()
    }

    /// A count or length of something that lies in memory.
    pub(super) fn size(&mut self, value: u64, span: Span) -> Option<usize> {
        if value > LARGEST_BYTES {
            self.report(
                Diagnostic::new(Code::Unbounded, span, "a limit of more than 1 GiB is none")
                    .help("a larger payload is a `stream`"),
            );
            return None;
        }
        usize::try_from(value).ok()
    }

    /// Bytes in a coding.
    fn coded(
        &mut self,
        kind: TextKind,
        name: &Ident,
        max: Option<&Spanned<u64>>,
        skip: Option<Span>,
    ) -> Option<Type> {
        if kind != TextKind::Bytes {
            return self.refuse(name.span, "a text in a coding");
        }
        let transform = self.coding(name)?;
        let Some(max) = max else {
            self.report(
                Diagnostic::new(
                    Code::Unbounded,
                    name.span,
                    "nothing limits how far the end may be",
                )
                .help("say `max N`: the most bytes that it may take on the wire"),
            );
            return None;
        };
        self.size(max.value, max.span)?;
        Some(Type::Coded { transform, max: max.value, skip })
    }

    fn extent(&mut self, extent: &syntax::Extent, before: &[Member]) -> Option<Extent> {
        match extent {
            syntax::Extent::ToEnd => Some(Extent::ToEnd),
            syntax::Extent::Via { transform, .. } => {
                self.refuse(transform.span, "a transform here")
            }
            syntax::Extent::Length(length) => match length.kind {
                ExprKind::Number(length_value) => {
                    self.size(length_value, length.span).map(Extent::Exactly)
                }
                _ => self.expr_of(length, Scope::members(before), Ty::Number).map(Extent::Sized),
            },
            syntax::Extent::Until { delimiter: name, max } => {
                let delimiter = self.delimiter(name)?;
                let Some(max) = max else {
                    self.report(
                        Diagnostic::new(
                            Code::Unbounded,
                            name.span,
                            "nothing limits how far the delimiter may be",
                        )
                        .help("say `max N`: the longest text in bytes, with its delimiter"),
                    );
                    return None;
                };
                Some(Extent::Until { delimiter, max: max.value })
            }
            syntax::Extent::Run { class, escape, trim, length } => {
                let class = self.class(class);
                let escape = match escape {
                    Some((byte, class)) => Some((byte.value, self.class(class)?)),
                    None => None,
                };
                let trim = match trim {
                    Some(trim) if escape.is_some() => {
                        return self.refuse(trim.span, "a trimmed run with an escape");
                    }
                    Some(trim) => Some(self.class(trim)?),
                    None => None,
                };
                let (min, max) = self.run_length(length)?;
                Some(Extent::Run { class: class?, escape, trim, min, max })
            }
        }
    }

    /// How many bytes a run has.
    pub(super) fn run_length(&mut self, length: &syntax::Range) -> Option<(usize, usize)> {
        let min = length.low.as_ref().map_or(0, |low| low.value);
        let Some(high) = &length.high else {
            self.report(
                Diagnostic::new(Code::Unbounded, length.span, "nothing limits this run")
                    .help("say how many bytes there may be: `[1..=255]`"),
            );
            return None;
        };
        if min > high.value {
            self.report(Diagnostic::new(Code::EmptyRange, length.span, "no run is so long"));
            return None;
        }
        Some((self.size(min, length.span)?, self.size(high.value, length.span)?))
    }

    fn list_end(&mut self, end: &syntax::ListEnd, before: &[Member]) -> Option<ListEnd> {
        let cond = match end {
            syntax::ListEnd::ToEnd => return Some(ListEnd::Region),
            syntax::ListEnd::Run => return Some(ListEnd::Run),
            syntax::ListEnd::Count(count) => {
                let scope = Scope::members(before);
                return self.expr_of(count, scope, Ty::Number).map(ListEnd::Count);
            }
            syntax::ListEnd::Until { cond, max, elsewhere } => {
                if let ExprKind::Literal(literal) = &cond.kind {
                    return self.literal_end(literal, max.as_ref(), elsewhere.as_ref());
                }
                let odd = max.as_ref().map(|max| max.span);
                if let Some(span) = odd.or(elsewhere.as_ref().map(|elsewhere| elsewhere.span)) {
                    return self.refuse(span, "this of a list that ends at a flag");
                }
                cond
            }
        };
        let (inner, last) = match &cond.kind {
            ExprKind::Not(inner) => (inner.as_ref(), false),
            _ => (cond, true),
        };
        match &inner.kind {
            ExprKind::Path(path) if path.len() == 1 && self.is_delimiter(&path[0]) => {
                self.delimiter_end(&path[0])
            }
            ExprKind::Path(path) if path.len() == 1 => {
                Some(ListEnd::Flag { field: path[0].name.clone(), last })
            }
            _ => self.refuse(cond.span, "a list whose end is not a flag of its element"),
        }
    }

    /// A list that ends with a delimiter in the place of an element.
    fn delimiter_end(&mut self, name: &syntax::Ident) -> Option<ListEnd> {
        let id = self.delimiter(name)?;
        let of = self.model.delimiters.get(id.0)?;
        if of.others.is_empty() {
            let (bytes, span) = (of.bytes.clone(), name.span);
            let literal = Literal { bytes, nocase: false, word: false, span };
            return Some(ListEnd::Literal { literal, max: None, elsewhere: None });
        }
        self.refuse(name.span, "a list that ends with one of several forms")
    }

    /// A list that ends with a literal in the place of an element.
    fn literal_end(
        &mut self,
        literal: &syntax::Literal,
        max: Option<&syntax::Spanned<u64>>,
        elsewhere: Option<&syntax::Elsewhere>,
    ) -> Option<ListEnd> {
        if literal.bytes.is_empty() {
            let message = "nothing ends this list";
            self.report(Diagnostic::new(Code::EmptyRange, literal.span, message));
            return None;
        }
        if literal.nocase || literal.word {
            return self.refuse(literal.span, "the end of a list in any letter case, or as a word");
        }
        let elsewhere = match elsewhere {
            None => None,
            Some(of) => {
                let (frame, base) = (self.frame(&of.frame), self.frame(&of.base));
                let (field, written, span) = (of.offset.name.clone(), of.written, of.span);
                Some(Elsewhere { frame: frame?, base: base?, field, written, span })
            }
        };
        let max = max.map(|max| max.value);
        Some(ListEnd::Literal { literal: self.literal(literal), max, elsewhere })
    }

    /// The parameter that lies over a payload.
    fn mask(
        &mut self,
        name: &syntax::Ident,
        place: Option<usize>,
        params: &[Param],
    ) -> Option<MaskParam> {
        let Some(place) = place else {
            let message = format!("no parameter is called `{}`", name.name);
            self.report(Diagnostic::new(Code::Unknown, name.span, message));
            return None;
        };
        let int = params.get(place)?.int;
        match (int.bits, int.signed) {
            (bits @ (8 | 16 | 32 | 64), false) => Some(MaskParam { place, bytes: bits / 8 }),
            _ => self.refuse(name.span, "a key of this width"),
        }
    }

    pub(super) fn stream_extent(
        &mut self,
        stream: &syntax::Stream,
        params: &[Param],
    ) -> Option<StreamExtent> {
        match &stream.extent {
            syntax::StreamExtent::Via(name) => self.streaming(name).map(StreamExtent::Via),
            syntax::StreamExtent::Length(length, mask) => {
                let place =
                    |name: &syntax::Ident| params.iter().position(|param| param.name == name.name);
                let size = match &length.kind {
                    ExprKind::Path(path) if path.len() == 1 => place(&path[0]),
                    _ => None,
                };
                let mask = match mask {
                    None => None,
                    Some(name) if size.is_some() && place(name) == size => {
                        let message = format!("`{}` is the length of the payload", name.name);
                        self.report(
                            Diagnostic::new(Code::Arguments, name.span, message)
                                .label("and cannot be its key, too")
                                .also(length.span, "the length")
                                .help("declare another parameter: `(size: u64, key: u32)`"),
                        );
                        return None;
                    }
                    Some(name) => Some(self.mask(name, place(name), params)?),
                };
                match size {
                    Some(size) => Some(StreamExtent::Param { size, mask }),
                    None => self.refuse(length.span, "a length that is not a parameter"),
                }
            }
            syntax::StreamExtent::Until(name) => {
                self.refuse(name.span, "a stream until a delimiter without a transform")
            }
            syntax::StreamExtent::ToEnd => Some(StreamExtent::ToEnd),
        }
    }
}
