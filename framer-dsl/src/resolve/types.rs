//! The bodies of frames.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Extent, Field, Int, List, ListEnd, Literal, Member, Number, Stream, StreamExtent, Type, TypeId,
};
use crate::source::Span;
use crate::syntax::{self, ExprKind, Ident, TypeKind};

impl Resolver {
    pub(super) fn members(
        &mut self,
        body: &[syntax::Member],
        params: &[syntax::Param],
    ) -> Vec<Member> {
        let mut members = Vec::new();
        let mut seen: Vec<&Ident> = params.iter().map(|param| &param.name).collect();
        for member in body {
            match member {
                syntax::Member::Literal(literal) => {
                    members.push(Member::Literal(self.literal(literal)));
                }
                syntax::Member::Field(field) => {
                    self.once(&mut seen, &field.name);
                    if let Some(field) = self.field(field) {
                        members.push(Member::Field(field));
                    }
                }
                syntax::Member::Stream(stream) => {
                    self.once(&mut seen, &stream.name);
                    if body.len() > 1 {
                        self.unsupported(stream.span, "a stream beside other fields");
                    } else if let Some(extent) = self.stream_extent(stream, params) {
                        members.push(Member::Stream(Stream { span: stream.span, extent }));
                    }
                }
                syntax::Member::Require { span, .. } => self.unsupported(*span, "`require`"),
            }
        }
        members
    }

    fn once<'s>(&mut self, seen: &mut Vec<&'s Ident>, name: &'s Ident) {
        match seen.iter().find(|other| other.name == name.name) {
            Some(first) => self.report(
                Diagnostic::new(
                    Code::Duplicate,
                    name.span,
                    format!("the field `{}` is declared twice", name.name),
                )
                .label("declared again")
                .also(first.span, "declared here first"),
            ),
            None => seen.push(name),
        }
    }

    pub(super) fn literal(&mut self, literal: &syntax::Literal) -> Literal {
        if std::str::from_utf8(&literal.bytes).is_err() {
            self.unsupported(literal.span, "a literal that is not UTF-8");
        }
        Literal {
            bytes: literal.bytes.clone(),
            nocase: literal.nocase,
            word: literal.word,
            span: literal.span,
        }
    }

    fn field(&mut self, field: &syntax::Field) -> Option<Field> {
        if let Some(derived) = &field.derived {
            self.unsupported(derived.span, "a derived field");
            return None;
        }
        if let Some(cond) = &field.cond {
            self.unsupported(cond.span, "a conditional field");
            return None;
        }
        let mut ty = self.field_type(&field.ty)?;
        if let Some(range) = &field.range {
            self.restrict(&mut ty, range);
        }
        let (docs, name) = (field.docs.clone(), field.name.name.clone());
        Some(Field { docs, name, span: field.name.span, ty })
    }

    /// Narrows a number to `in low..=high`.
    fn restrict(&mut self, ty: &mut Type, range: &syntax::Range) {
        let (low, high) = match ty {
            Type::Number(number) => (&mut number.low, &mut number.high),
            Type::Fixed { low, high, .. } => (low, high),
            _ => {
                self.report(Diagnostic::new(
                    Code::ExprType,
                    range.span,
                    "only a number has a range of values",
                ));
                return;
            }
        };
        let wanted_low = range.low.as_ref().map_or(*low, |low| low.value);
        let wanted_high = range.high.as_ref().map_or(*high, |high| high.value);
        if wanted_low > wanted_high || wanted_high > *high {
            let widest = *high;
            self.report(
                Diagnostic::new(Code::EmptyRange, range.span, "no value is in this range")
                    .label(format!("the type holds 0..={widest}")),
            );
        } else {
            (*low, *high) = (wanted_low, wanted_high);
        }
    }

    /// An unsigned integer type of Rust by its name.
    pub(super) fn int(&mut self, name: &Ident) -> Option<Int> {
        let bits = match name.name.as_str() {
            "u8" => 8,
            "u16" => 16,
            "u32" => 32,
            "u64" => 64,
            _ => {
                self.unsupported(name.span, &format!("the type `{}` here", name.name));
                return None;
            }
        };
        Some(Int { bits })
    }

    fn field_type(&mut self, ty: &syntax::Type) -> Option<Type> {
        match &ty.kind {
            TypeKind::Int { signed: false, bits, little } if matches!(bits, 8 | 16 | 32 | 64) => {
                let int = Int { bits: *bits };
                Some(Type::Fixed { int, little: *little, low: 0, high: int.max() })
            }
            TypeKind::Int { .. } => self.refuse(ty.span, "an integer of this width or sign"),
            TypeKind::Varint { .. } => self.refuse(ty.span, "a variable-length integer"),
            TypeKind::At { .. } => self.refuse(ty.span, "a back reference"),
            TypeKind::Checksum(_) => self.refuse(ty.span, "a checksum"),
            TypeKind::Number { hex, ty: int, digits, zeros } => {
                self.number(*hex, int, digits, *zeros)
            }
            TypeKind::Text { kind, extent } => {
                let extent = self.extent(extent, ty.span)?;
                Some(Type::Text { kind: *kind, extent })
            }
            TypeKind::Flag { on, off, or_end } => {
                let on = self.literal(on);
                let off = off.as_ref().map(|off| self.literal(off));
                Some(Type::Flag { on, off, or_end: *or_end })
            }
            TypeKind::Named { .. } => self.named(ty).map(Type::Named),
            TypeKind::Optional(inner) => self.named(inner).map(Type::Optional),
            TypeKind::List { element, shared, end, max } => {
                let element_id = self.named(element)?;
                let Some(max) = max else {
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
                let max = self.size(max.value, max.span)?;
                let end = self.list_end(end)?;
                let shared = shared.iter().map(|name| name.name.clone()).collect();
                Some(Type::List(List { element: element_id, shared, end, max }))
            }
        }
    }

    fn refuse<T>(&mut self, span: Span, what: &str) -> Option<T> {
        self.unsupported(span, what);
        None
    }

    /// A type given by its name alone.
    fn named(&mut self, ty: &syntax::Type) -> Option<TypeId> {
        match &ty.kind {
            TypeKind::Named { name, args, region } => {
                if let Some(arg) = args.first() {
                    return self.refuse(arg.span, "an argument here");
                }
                if let Some(region) = region {
                    return self.refuse(region.span, "a region of a field");
                }
                self.ty(name)
            }
            _ => self.refuse(ty.span, "a type without a name here"),
        }
    }

    fn number(
        &mut self,
        hex: bool,
        int: &Ident,
        digits: &syntax::Range,
        zeros: bool,
    ) -> Option<Type> {
        let int = self.int(int)?;
        let min_digits = digits.low.as_ref().map_or(1, |low| low.value);
        let Some(high) = &digits.high else {
            self.report(
                Diagnostic::new(Code::Unbounded, digits.span, "nothing limits the digits")
                    .help("say how many there may be: `[1..=20]`"),
            );
            return None;
        };
        if min_digits == 0 || min_digits > high.value {
            self.report(Diagnostic::new(Code::EmptyRange, digits.span, "no number is so wide"));
            return None;
        }
        let min_digits = self.size(min_digits, digits.span)?;
        let max_digits = self.size(high.value, digits.span)?;
        Some(Type::Number(Number {
            hex,
            int,
            min_digits,
            max_digits,
            zeros: zeros || min_digits == max_digits,
            low: 0,
            high: int.max(),
        }))
    }

    /// A count or length of something that lies in memory.
    fn size(&mut self, value: u64, span: Span) -> Option<usize> {
        const LARGEST: u64 = 1 << 30;
        if value > LARGEST {
            self.report(
                Diagnostic::new(Code::Unbounded, span, "a limit of more than 1 GiB is none")
                    .help("a larger payload is a `stream`"),
            );
            return None;
        }
        usize::try_from(value).ok()
    }

    fn extent(&mut self, extent: &syntax::Extent, span: Span) -> Option<Extent> {
        match extent {
            syntax::Extent::ToEnd => Some(Extent::ToEnd),
            syntax::Extent::Length(length) => match length.kind {
                ExprKind::Number(length_value) => {
                    self.size(length_value, length.span).map(Extent::Exactly)
                }
                _ => self.refuse(length.span, "a computed length"),
            },
            syntax::Extent::Until { delimiter, .. } => {
                self.refuse(delimiter.span, "a delimiter of a field")
            }
            syntax::Extent::Run { class, escape, length } => {
                let class = self.class(class);
                let escape = match escape {
                    Some((byte, class)) => Some((byte.value, self.class(class)?)),
                    None => None,
                };
                let min = length.low.as_ref().map_or(0, |low| low.value);
                let Some(high) = &length.high else {
                    self.report(
                        Diagnostic::new(Code::Unbounded, span, "nothing limits this run")
                            .help("say how many bytes there may be: `[1..=255]`"),
                    );
                    return None;
                };
                if min > high.value {
                    self.report(Diagnostic::new(
                        Code::EmptyRange,
                        length.span,
                        "no run is so long",
                    ));
                    return None;
                }
                let min = self.size(min, length.span)?;
                let max = self.size(high.value, length.span)?;
                Some(Extent::Run { class: class?, escape, min, max })
            }
        }
    }

    fn list_end(&mut self, end: &syntax::ListEnd) -> Option<ListEnd> {
        let cond = match end {
            syntax::ListEnd::ToEnd => return Some(ListEnd::Region),
            syntax::ListEnd::Count(count) => return self.refuse(count.span, "a counted list"),
            syntax::ListEnd::Until(cond) => cond,
        };
        let (inner, last) = match &cond.kind {
            ExprKind::Not(inner) => (inner.as_ref(), false),
            _ => (cond, true),
        };
        match &inner.kind {
            ExprKind::Path(path) if path.len() == 1 => {
                Some(ListEnd::Flag { field: path[0].name.clone(), last })
            }
            _ => self.refuse(cond.span, "a list whose end is not a flag of its element"),
        }
    }

    fn stream_extent(
        &mut self,
        stream: &syntax::Stream,
        params: &[syntax::Param],
    ) -> Option<StreamExtent> {
        match &stream.extent {
            syntax::StreamExtent::Via(name) => self.transform(name).map(StreamExtent::Via),
            syntax::StreamExtent::Length(length) => {
                let param = match &length.kind {
                    ExprKind::Path(path) if path.len() == 1 => {
                        params.iter().position(|param| param.name.name == path[0].name)
                    }
                    _ => None,
                };
                match param {
                    Some(param) => Some(StreamExtent::Param(param)),
                    None => self.refuse(length.span, "a length that is not a parameter"),
                }
            }
            syntax::StreamExtent::Until(name) => {
                self.refuse(name.span, "a stream until a delimiter without a transform")
            }
            syntax::StreamExtent::ToEnd => self.refuse(stream.span, "a stream to the end"),
        }
    }
}
