//! Expressions over the fields of a frame.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::record::{place, text};
use super::{Context, path};
use crate::ir::{
    BinaryOp, Expr, ExprKind, Extent, FieldKind, FrameId, List, Part, Record, Step, TypeId,
    TypeKind,
};
use crate::names;

/// The expression, its names as `leaf` has them. Numbers are `u64`.
pub(super) fn emit(expr: &Expr, leaf: &dyn Fn(&ExprKind) -> TokenStream) -> TokenStream {
    match &expr.kind {
        ExprKind::Bool(value) => quote!(#value),
        ExprKind::Number(value) => {
            let value = Literal::u64_unsuffixed(*value);
            quote!(#value)
        }
        ExprKind::Not(inner) => {
            let inner = operand(inner, leaf);
            quote!(!#inner)
        }
        ExprKind::Binary { op, left, right } => {
            let (left, right) = (operand(left, leaf), operand(right, leaf));
            let op = operator(*op);
            quote!(#left #op #right)
        }
        other => leaf(other),
    }
}

/// A value, so many times.
pub(super) fn product(value: &TokenStream, times: &Literal) -> TokenStream {
    let value = grouped(value.clone());
    quote!(#value * #times)
}

fn operand(expr: &Expr, leaf: &dyn Fn(&ExprKind) -> TokenStream) -> TokenStream {
    grouped(emit(expr, leaf))
}

/// The tokens, so that an operator may stand beside them.
pub(super) fn grouped(tokens: TokenStream) -> TokenStream {
    if is_simple(&tokens) { tokens } else { quote!((#tokens)) }
}

/// Whether nothing in it binds less than what may stand around it.
fn is_simple(tokens: &TokenStream) -> bool {
    let mut operators = tokens.clone().into_iter().filter(|tree| match tree {
        TokenTree::Punct(mark) => !".:!".contains(mark.as_char()),
        TokenTree::Ident(word) => *word == "if",
        _ => false,
    });
    operators.next().is_none()
}

/// The expression over a frame that is there as a whole, `frame` being a reference to it.
pub(super) fn of_frame(
    context: &Context<'_>,
    expr: &Expr,
    of: FrameId,
    frame: &TokenStream,
) -> TokenStream {
    let TypeKind::Record(record) = &context.ir.ty(TypeId::Frame(of)).kind else {
        return TokenStream::new();
    };
    emit(expr, &|name| leaf(context, record, name, frame))
}

/// A name in an expression over the values of a frame.
pub(super) fn leaf(
    context: &Context<'_>,
    record: &Record,
    name: &ExprKind,
    frame: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    match name {
        ExprKind::Field(name) => {
            if let Some(derived) = record.slot(name).and_then(|slot| slot.derived) {
                return emit(&derived.expr, &|name| leaf(context, record, name, frame));
            }
            if record.params.iter().any(|param| param.name == *name && !param.kept) {
                let given = names::local(name);
                return native(context, record, name, &quote!(#given));
            }
            native(context, record, name, &place(context, record, frame, name))
        }
        ExprKind::Tag(name) => {
            let name = names::value(name);
            tag(&quote!(#frame.#name))
        }
        ExprKind::Some(name) => {
            let place = place(context, record, frame, name);
            quote!(#place.is_some())
        }
        ExprKind::Count(name) => {
            let place = place(context, record, frame, name);
            quote!(#rt::read::wide(#place.len()))
        }
        ExprKind::Len(part) => len(context, record, part, frame),
        ExprKind::Compare { right, .. } => {
            let right = emit(right, &|name| leaf(context, record, name, frame));
            walked(context, record, name, &right, &|name| place(context, record, frame, name))
        }
        other => walked(context, record, other, &TokenStream::new(), &|name| {
            place(context, record, frame, name)
        }),
    }
}

/// What follows a path, `at` being what its first name stands for, and `right` what it is
/// compared with.
fn walked(
    context: &Context<'_>,
    record: &Record,
    name: &ExprKind,
    right: &TokenStream,
    at: &dyn Fn(&str) -> TokenStream,
) -> TokenStream {
    match name {
        ExprKind::First(path) => path::first(context, record, path, at).or_zero(),
        ExprKind::Compare { path, op, .. } => {
            let op = operator(*op);
            match path::first(context, record, path, at) {
                Has::Always(number) => {
                    let right = grouped(right.clone());
                    quote!(#number #op #right)
                }
                Has::Perhaps(number) => quote!(#number.is_some_and(|number| number #op #right)),
            }
        }
        ExprKind::Any { path, test } => path::any(context, path, test, at),
        ExprKind::CountOf { list, alternative } => path::count(context, &at(list), alternative),
        _ => TokenStream::new(),
    }
}

/// A number that a frame has, or may have.
pub(super) enum Has {
    Always(TokenStream),
    /// An `Option` of it.
    Perhaps(TokenStream),
}

/// What pairs a frame with its reply.
pub(super) enum KeyOf {
    Number(Has),
    Text(TokenStream),
}

impl Has {
    /// An `Option` of what `make` makes of the number.
    pub(super) fn option(self, make: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
        match self {
            Has::Always(number) => {
                let made = make(number);
                quote!(Some(#made))
            }
            Has::Perhaps(number) => {
                let made = make(quote!(number));
                quote!(#number.map(|number| #made))
            }
        }
    }

    /// The number, or 0.
    pub(super) fn or_zero(self) -> TokenStream {
        match self {
            Has::Always(number) => number,
            Has::Perhaps(number) => quote!(#number.unwrap_or(0)),
        }
    }
}

/// A number or text in a frame by the names that lead to it; `None` where they lead to none.
pub(super) fn key_at(
    context: &Context<'_>,
    record: &Record,
    path: &[String],
    frame: &TokenStream,
) -> Option<KeyOf> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        if let FieldKind::Text { .. } = record.slot(first)?.kind {
            let field = names::value(first);
            return Some(KeyOf::Text(quote!(#frame.#field)));
        }
        return key(context, record, first, frame).map(KeyOf::Number);
    }
    let FieldKind::Named { ty, .. } = record.slot(first)?.kind else { return None };
    let TypeKind::Record(inner) = &context.ir.ty(*ty).kind else { return None };
    let first = names::value(first);
    key_at(context, inner, rest, &quote!(#frame.#first))
}

/// A number of a frame by the name of its field; `None` where it has no such field.
fn key(context: &Context<'_>, record: &Record, name: &str, frame: &TokenStream) -> Option<Has> {
    let kind = record.slot(name)?.kind;
    let is_values =
        matches!(kind, FieldKind::Named { ty, .. } if values_width(context, *ty).is_some());
    if kind.width().is_none() && !is_values {
        return None;
    }
    let conditional = record.steps.iter().any(|step| match step {
        Step::Field(field) => field.name == name && field.cond.is_some(),
        _ => false,
    });
    if !conditional {
        let field = ExprKind::Field(name.to_owned());
        return Some(Has::Always(leaf(context, record, &field, frame)));
    }
    let field = names::value(name);
    Some(Has::Perhaps(match kind.width() {
        Some(64) => quote!(#frame.#field),
        Some(_) => quote!(#frame.#field.map(u64::from)),
        None => {
            let number = native(context, record, name, &quote!(value));
            quote!(#frame.#field.map(|value| #number))
        }
    }))
}

/// A name in an expression over what has been read so far, each field a variable of its name.
pub(super) fn local(context: &Context<'_>, record: &Record, name: &ExprKind) -> TokenStream {
    let rt = context.rt;
    match name {
        ExprKind::Field(name) => {
            let value = names::local(name);
            native(context, record, name, &quote!(#value))
        }
        ExprKind::Tag(name) => {
            let name = names::local(name);
            tag(&quote!(#name))
        }
        ExprKind::Some(name) => {
            let name = names::local(name);
            quote!(#name.is_some())
        }
        ExprKind::Count(name) => {
            let name = names::local(name);
            quote!(#rt::read::wide(#name.len()))
        }
        ExprKind::Checksum(id, part) => {
            let (from, to) = part.ends();
            let (from, to) = (begin_of(from), end_of(to));
            let checksum = names::constant(&context.ir.checksums[id.0].name);
            quote!(#checksum.of(reader.range(#from, #to)))
        }
        ExprKind::Len(part) => {
            let (from, to) = part.ends();
            let (from, to) = (begin_of(from), end_of(to));
            quote!(#rt::read::between(#from, #to))
        }
        ExprKind::Compare { right, .. } => {
            let right = emit(right, &|name| local(context, record, name));
            walked(context, record, name, &right, &local_of)
        }
        other => walked(context, record, other, &TokenStream::new(), &local_of),
    }
}

/// The number of the alternative that a choice is.
fn tag(choice: &TokenStream) -> TokenStream {
    quote!(u64::from(#choice.number()))
}

fn local_of(name: &str) -> TokenStream {
    let name = names::local(name);
    quote!(#name)
}

/// The type of a field, or of the elements of a list.
pub(super) fn part(record: &Record, name: &str) -> Option<TypeId> {
    match record.slot(name)?.kind {
        FieldKind::Named { ty, .. } | FieldKind::Optional(ty) => Some(*ty),
        FieldKind::List(list) => list.element.ty(),
        _ => None,
    }
}

/// The variable that holds where a field begins.
pub(super) fn begin_of(field: &str) -> proc_macro2::Ident {
    format_ident!("begin_{}", names::snake(field))
}

/// The variable that holds where a field ends.
pub(super) fn end_of(field: &str) -> proc_macro2::Ident {
    format_ident!("end_{}", names::snake(field))
}

/// `place`, which holds the field, as expressions compute with it.
pub(super) fn native(
    context: &Context<'_>,
    record: &Record,
    name: &str,
    place: &TokenStream,
) -> TokenStream {
    match record.slot(name).map(|slot| slot.kind) {
        Some(FieldKind::Named { ty, .. }) => match values_width(context, *ty) {
            Some(64) => quote!(#place.number()),
            _ => quote!(u64::from(#place.number())),
        },
        Some(kind) => match kind.width() {
            Some(bits) if bits < 64 => quote!(u64::from(#place)),
            _ => quote!(#place),
        },
        None => quote!(#place),
    }
}

fn values_width(context: &Context<'_>, ty: TypeId) -> Option<u8> {
    match &context.ir.ty(ty).kind {
        TypeKind::Values(values) => match &values.kind {
            crate::ir::ValuesKind::Numbers { int, .. } => Some(int.width()),
            crate::ir::ValuesKind::Literals(_) => None,
        },
        _ => None,
    }
}

/// How many bytes a part of a frame will take that can be counted before it is written.
fn len(context: &Context<'_>, record: &Record, part: &Part, frame: &TokenStream) -> TokenStream {
    let (from, to) = part.ends();
    let mut inside = false;
    let mut known = 0_u64;
    let mut sizes = Vec::new();
    for step in &record.steps {
        let holds = |name: &str| match step {
            Step::Field(field) => field.name == name,
            Step::Bits(bits) => bits.fields.iter().any(|field| field.name == name),
            _ => false,
        };
        inside |= holds(from);
        if inside {
            match size(context, record, step, frame) {
                Size::Known(bytes) => known += bytes,
                Size::Counted(bytes) => sizes.push(bytes),
            }
        }
        if holds(to) {
            break;
        }
    }
    if known > 0 || sizes.is_empty() {
        let known = Literal::u64_unsuffixed(known);
        sizes.push(quote!(#known));
    }
    match sizes.as_slice() {
        [one] => quote!(#one),
        several => quote!(#(#several)+*),
    }
}

enum Size {
    Known(u64),
    Counted(TokenStream),
}

fn size(context: &Context<'_>, record: &Record, step: &Step, frame: &TokenStream) -> Size {
    let rt = context.rt;
    let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let field = match step {
        Step::Field(field) => field,
        other => return Size::Known(wide(other.bytes_beside_fields())),
    };
    let place = place(context, record, frame, &field.name);
    let bytes = match &field.kind {
        FieldKind::Fixed(fixed) => Err(wide(fixed.int.bytes())),
        FieldKind::Text { extent, .. } => Ok(match extent {
            Extent::Until { delimiter, .. } => {
                (1, wide(context.ir.delimiters[delimiter.0].bytes.len()))
            }
            _ => (1, 0),
        }),
        FieldKind::List(List { element: crate::ir::Element::Int { int, .. }, .. }) => {
            Ok((wide(int.bytes()), 0))
        }
        _ => Err(0),
    };
    let count = |value: &TokenStream, (each, more): (u64, u64)| {
        let value = match &field.kind {
            FieldKind::Text { kind, .. } => text(context, record, &field.name, *kind, value),
            _ => value.clone(),
        };
        let length = quote!(#rt::read::wide(#value.len()));
        let each = Literal::u64_unsuffixed(each);
        let length = if each.to_string() == "1" { length } else { quote!(#length * #each) };
        let added = Literal::u64_unsuffixed(more);
        if more > 0 { quote!(#length + #added) } else { length }
    };
    match (bytes, &field.cond) {
        (Err(bytes), None) => Size::Known(bytes),
        (Err(bytes), Some(_)) => {
            let bytes = Literal::u64_unsuffixed(bytes);
            Size::Counted(quote!(if #place.is_some() { #bytes } else { 0 }))
        }
        (Ok(scale), None) => Size::Counted(count(&place, scale)),
        (Ok(scale), Some(_)) => {
            // What is the user's own need not be one to copy.
            let (value, reference) = match &record.own {
                Some(_) => (quote!((*value)), Some(quote!(.as_ref()))),
                None => (quote!(value), None),
            };
            let counted = count(&value, scale);
            Size::Counted(quote!(#place #reference.map_or(0, |value| #counted)))
        }
    }
}

fn operator(op: BinaryOp) -> TokenStream {
    match op {
        BinaryOp::Or => quote!(||),
        BinaryOp::And => quote!(&&),
        BinaryOp::Equal => quote!(==),
        BinaryOp::NotEqual => quote!(!=),
        BinaryOp::Less => quote!(<),
        BinaryOp::LessEqual => quote!(<=),
        BinaryOp::Greater => quote!(>),
        BinaryOp::GreaterEqual => quote!(>=),
        BinaryOp::Add => quote!(+),
        BinaryOp::Subtract => quote!(-),
        BinaryOp::Multiply => quote!(*),
        BinaryOp::Divide => quote!(/),
        BinaryOp::Remainder => quote!(%),
        BinaryOp::BitAnd => quote!(&),
        BinaryOp::BitOr => quote!(|),
        BinaryOp::ShiftLeft => quote!(<<),
        BinaryOp::ShiftRight => quote!(>>),
    }
}
