//! Expressions over the fields of a frame.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Context;
use crate::ir::{BinaryOp, Expr, ExprKind};
use crate::names;

/// The expression, where `frame` is a reference to the frame. Numbers come out as `u64`.
pub(super) fn emit(context: &Context<'_>, expr: &Expr, frame: &TokenStream) -> TokenStream {
    let rt = context.rt;
    match &expr.kind {
        ExprKind::Bool(value) => quote!(#value),
        ExprKind::Number(value) => {
            let value = Literal::u64_suffixed(*value);
            quote!(#value)
        }
        ExprKind::Field(name) => {
            let name = names::value(name);
            quote!(#frame.#name)
        }
        ExprKind::Not(inner) => {
            let inner = emit(context, inner, frame);
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
            let numeric = !matches!(op, BinaryOp::Or | BinaryOp::And);
            let side = |side: &Expr| {
                let tokens = emit(context, side, frame);
                match side.kind {
                    ExprKind::Field(_) if numeric => quote!(u64::from(#tokens)),
                    _ => tokens,
                }
            };
            let (left, right) = (side(left), side(right));
            let op = operator(*op);
            quote!((#left #op #right))
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
