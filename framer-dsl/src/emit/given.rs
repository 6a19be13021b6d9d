//! What is given to what reads or writes a type.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};

use super::measure::region;
use super::record::{int_type, write_frame};
use super::{Context, expr, generics};
use crate::ir::{By, ExprKind, FieldKind, Param, Record, Type, TypeId, TypeKind};
use crate::names;

/// The method that reads a type from what it is given.
pub(super) fn reads(context: &Context<'_>, ty: &Type, body: &TokenStream) -> TokenStream {
    let rt = context.rt;
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let here = generics(ty.borrows, &quote!('a));
    let lifetime = if ty.borrows { quote!('a) } else { quote!('_) };
    let method = ty.borrows.then(|| quote!('a,));
    let params = ty.params.iter().map(parameter);
    let header = header("Reads", ty.params.iter());
    quote! {
        impl #name #any {
            #[doc = #header]
            ///
            /// # Errors
            /// The first rule that is broken; if it is in no frame in this one, whoever reads this
            /// one names it.
            pub fn read_with<#method const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<#lifetime, AGAIN_>,
                #(#params),*
            ) -> #rt::frame::Decoded<#name #here> {
                #body
            }
        }
    }
}

/// The method that writes a type from what it is given.
pub(super) fn writes(context: &Context<'_>, ty: &Type, body: &TokenStream) -> TokenStream {
    let rt = context.rt;
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let params = ty.params.iter().filter(|param| param.written);
    let header = header("Writes", params.clone());
    let params = params.map(parameter);
    quote! {
        impl #name #any {
            #[doc = #header]
            ///
            /// # Errors
            /// The first field that would not be read back as it is; if it is in no frame in this
            /// one, whoever writes this one names it.
            pub fn write_with(
                &self,
                writer: &mut #rt::write::Writer<'_>,
                #(#params),*
            ) -> #rt::frame::Encoded {
                #body
            }
        }
    }
}

fn header<'p>(does: &str, params: impl Iterator<Item = &'p Param>) -> String {
    let names: Vec<String> = params.map(|param| format!("`{}`", param.name)).collect();
    match names.is_empty() {
        true => format!(" {does} one."),
        false => format!(" {does} one, {} being given.", names.join(" and ")),
    }
}

fn parameter(param: &Param) -> TokenStream {
    let (name, ty) = (names::local(&param.name), param_type(param));
    quote!(#name: #ty)
}

pub(super) fn param_type(param: &Param) -> TokenStream {
    match &param.kind {
        FieldKind::Fixed(fixed) => int_type(fixed.int),
        _ => TokenStream::new(),
    }
}

/// The number that tells the alternatives of a choice apart, made of what it is given.
pub(super) fn by(ty: &Type, by: &By) -> TokenStream {
    match by {
        By::Param(place) => {
            let name = names::local(&ty.params[*place].name);
            quote!(#name)
        }
        By::Computed(expr) => expr::emit(expr, &|name| param_number(ty, name)),
    }
}

/// A parameter as expressions compute with it.
fn param_number(ty: &Type, name: &ExprKind) -> TokenStream {
    let ExprKind::Field(name) = name else { return TokenStream::new() };
    let param = ty.params.iter().find(|param| param.name == *name);
    let local = names::local(name);
    match param.map(|param| &param.kind) {
        Some(FieldKind::Fixed(fixed)) if fixed.int.width() < 64 => quote!(u64::from(#local)),
        _ => quote!(#local),
    }
}

/// What passes over a type takes, what is `used` by its name.
pub(super) fn parameters(ty: &Type, used: &dyn Fn(&str) -> bool) -> TokenStream {
    let parameters = ty.params.iter().map(|param| {
        let (name, ty) = (names::local(&param.name), param_type(param));
        let name = if used(&param.name) { name } else { format_ident!("_{name}") };
        quote!(#name: #ty)
    });
    quote!(#(#parameters),*)
}

/// Passes over a value of the type, given the fields `args` of what holds it.
pub(super) fn measure(context: &Context<'_>, ty: TypeId, args: &[String]) -> TokenStream {
    let of = context.ir.ty(ty);
    if region(of).is_some() {
        let delimited = context.delimited(of);
        return quote!(ruler.delimited(&#delimited)?);
    }
    let measure = context.measure(of);
    let args = args.iter().map(|arg| names::local(arg));
    quote!(#measure(ruler #(, #args)*)?)
}

/// Reads a value of the type, given the fields `args` of what holds it.
pub(super) fn read(
    context: &Context<'_>,
    ty: TypeId,
    reader: &TokenStream,
    args: &[String],
) -> TokenStream {
    let id = ty;
    let ty = context.ir.ty(id);
    let name = names::ty(&ty.name);
    if ty.params.is_empty() {
        let read = context.item(id, "Decode", "read");
        return told(context, ty, &quote!(#read(#reader)));
    }
    let args = args.iter().map(|arg| names::local(arg));
    told(context, ty, &quote!(#name::read_with(#reader, #(#args),*)))
}

/// What was `read` of the type. Who reads a frame names it where a rule is broken in it: so nothing
/// is done for that where none is.
pub(super) fn told(context: &Context<'_>, ty: &Type, read: &TokenStream) -> TokenStream {
    let rt = context.rt;
    match name(context, ty) {
        Some(frame) => quote!(#rt::frame::told(#frame, #read)?),
        None => quote!(#read?),
    }
}

/// What became of `write`, which writes the type.
pub(super) fn told_written(context: &Context<'_>, ty: &Type, write: &TokenStream) -> TokenStream {
    let rt = context.rt;
    match name(context, ty) {
        Some(frame) => quote!(#rt::write::told(#frame, #write)?),
        None => quote!(#write?),
    }
}

/// The name with which what breaks a rule in the type is told, if it is no value.
fn name(context: &Context<'_>, ty: &Type) -> Option<TokenStream> {
    match ty.kind {
        TypeKind::Record(_) | TypeKind::Choice(_) => Some(ty.name.to_token_stream()),
        TypeKind::External(_) => Some(context.item(ty.id, "Decode", "FRAME")),
        TypeKind::Values(_) | TypeKind::Stream => None,
    }
}

/// Writes a value of the type, given the fields `args` of the record that holds it.
pub(super) fn write(
    context: &Context<'_>,
    record: &Record,
    ty: TypeId,
    value: &TokenStream,
    args: &[String],
) -> TokenStream {
    let id = ty;
    let ty = context.ir.ty(id);
    if ty.params.is_empty() {
        return write_frame(context, id, value);
    }
    let given = ty.params.iter().zip(args).filter(|(param, _)| param.written);
    let given = given.map(|(param, arg)| argument(context, record, param, arg));
    let write = quote!(#value.write_with(writer, #(#given),*));
    let write = told_written(context, ty, &write);
    quote!(#write;)
}

/// A field of the record that is written, as the type of the parameter.
fn argument(context: &Context<'_>, record: &Record, param: &Param, arg: &str) -> TokenStream {
    let (value, local, ty) = (names::value(arg), names::local(arg), param_type(param));
    if let Some(own) = record.params.iter().find(|own| own.name == arg) {
        return if own.kept { quote!(self.#value) } else { quote!(#local) };
    }
    match record.slot(arg).and_then(|slot| slot.derived) {
        None => quote!(self.#value),
        Some(_) => {
            let field = ExprKind::Field(arg.to_owned());
            let made = expr::leaf(context, record, &field, &quote!(self));
            quote!(writer.derived::<#ty>(#arg, #made)?)
        }
    }
}

/// What a type is given, by the names that it has in a choice around it, too.
pub(super) fn names_of(ty: &Type) -> Vec<String> {
    ty.params.iter().map(|param| param.name.clone()).collect()
}
