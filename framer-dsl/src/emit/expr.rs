//! Expressions over the fields of a frame.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use crate::ir::{BinaryOp, Expr, ExprKind, FieldKind, FrameId, Step, TypeId, TypeKind};
use crate::names;

/// The expression over the fields of `of`, where `frame` is a reference to it. Numbers come out as
/// `u64`.
pub(super) fn emit(
    context: &Context<'_>,
    expr: &Expr,
    of: FrameId,
    frame: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    match &expr.kind {
        ExprKind::Bool(value) => quote!(#value),
        ExprKind::Number(value) => {
            let value = Literal::u64_suffixed(*value);
            quote!(#value)
        }
        ExprKind::Field(name) => field(context, of, name, frame),
        ExprKind::Not(inner) => {
            let inner = emit(context, inner, of, frame);
            quote!(!#inner)
        }
        ExprKind::AnyStarts { list, text, literal } => {
            let (list, text) = (names::value(list), names::value(text));
            let bytes = Literal::byte_string(&literal.bytes);
            let (nocase, word) = (literal.nocase, literal.word);
            quote! {
                #frame.#list.iter().any(|element| {
                    #rt::read::starts(element.#text.as_ref(), #bytes, #nocase, #word)
                })
            }
        }
        ExprKind::Binary { op, left, right } => {
            let left = emit(context, left, of, frame);
            let right = emit(context, right, of, frame);
            let op = operator(*op);
            quote!((#left #op #right))
        }
    }
}

/// A field, a number as `u64`.
pub(super) fn field(
    context: &Context<'_>,
    of: FrameId,
    name: &str,
    frame: &TokenStream,
) -> TokenStream {
    let value = names::value(name);
    match bits(context, of, name) {
        Some(bits) if bits < 64 => quote!(u64::from(#frame.#value)),
        _ => quote!(#frame.#value),
    }
}

/// The width of a field that is a number, or that its list shares with the frame.
fn bits(context: &Context<'_>, of: FrameId, name: &str) -> Option<u8> {
    let TypeKind::Record(record) = &context.ir.ty(TypeId::Frame(of)).kind else { return None };
    let fields = record.steps.iter().filter_map(|step| match step {
        Step::Field(field) => Some(field),
        Step::Literal(_) => None,
    });
    fields
        .flat_map(|field| match &field.kind {
            FieldKind::List(list) => list.shared.iter().collect(),
            _ => vec![field],
        })
        .filter(|field| field.name == name)
        .find_map(|field| match &field.kind {
            FieldKind::Number(number) => Some(number.int.bits),
            FieldKind::Fixed { int, .. } => Some(int.bits),
            _ => None,
        })
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
