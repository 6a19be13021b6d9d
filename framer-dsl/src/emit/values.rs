//! Choices of values.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::record::{int_type, read_number, write_literal, write_number};
use super::{Context, docs, measure, own};
use crate::ir::{self, FieldKind, Fixed, Int, Type, Value, Values, ValuesKind};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, values: &Values) -> TokenStream {
    match &values.kind {
        ValuesKind::Literals(values) => literals(context, ty, values),
        ValuesKind::Numbers { int, little, values, other } => {
            let numbers = Numbers { int: *int, little: *little, values, other: other.as_ref() };
            if context.ir.own { numbers.own(context, ty) } else { numbers.emit(context, ty) }
        }
    }
}

fn literals(context: &Context<'_>, ty: &Type, values: &[Value<crate::ir::Literal>]) -> TokenStream {
    let rt = context.rt;
    let header = docs(&ty.docs, &format!("The choice `{}`.", ty.name));
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let variants = values.iter().map(|value| {
        let text = value.value.bytes.escape_ascii();
        let header = docs(&value.docs, &format!("`{text}`"));
        let variant = names::ty(&value.name);
        quote!(#header #variant,)
    });
    let reads = values.iter().map(|value| {
        let variant = names::ty(&value.name);
        let bytes = Literal::byte_string(&value.value.bytes);
        let len = value.value.bytes.len();
        let (nocase, word) = (value.value.nocase, value.value.word);
        quote! {
            if reader.starts(#bytes, #nocase, #word) {
                reader.skip(#len);
                return Ok(#name::#variant);
            }
        }
    });
    let write = write_literals(&name, values);
    let declared = (!context.ir.own).then(|| {
        quote! {
            #header
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum #name {
                #(#variants)*
            }
        }
    });
    let ends = own::ends(context, ty);
    quote! {
        #declared

        impl #rt::frame::Decode for #name {
            type View<'a> = #name;
            const NAME: &'static str = #title;
            #ends

            fn read<'a, const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<'a, AGAIN_>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #(#reads)*
                Err(reader.fail(#rt::violation::Rule::Choice))
            }
        }

        impl #rt::frame::Frame for #name {
            fn write(
                &self,
                writer: &mut #rt::write::Writer<'_>,
            ) -> #rt::frame::Encoded {
                #write
                Ok(())
            }
        }
    }
}

/// What writes one of several literals.
fn write_literals(name: &Ident, values: &[Value<ir::Literal>]) -> TokenStream {
    let variants = values.iter().map(|value| names::ty(&value.name));
    if values.iter().any(|value| value.value.word) {
        let writes = values.iter().map(|value| write_literal("", &value.value));
        return quote!(match self { #(#name::#variants => { #writes })* });
    }
    let texts: Option<Vec<&str>> =
        values.iter().map(|value| std::str::from_utf8(&value.value.bytes).ok()).collect();
    match texts {
        Some(texts) => quote!(writer.literal(match self { #(#name::#variants => #texts,)* });),
        None => {
            let bytes = values.iter().map(|value| Literal::byte_string(&value.value.bytes));
            quote!(writer.magic(match self { #(#name::#variants => #bytes,)* });)
        }
    }
}

/// A choice of numbers.
struct Numbers<'v> {
    int: Int,
    little: bool,
    values: &'v [Value<u64>],
    other: Option<&'v Value<()>>,
}

impl Numbers<'_> {
    fn emit(&self, context: &Context<'_>, ty: &Type) -> TokenStream {
        let name = names::ty(&ty.name);
        let definition = self.definition(ty);
        let number = int_type(self.int);
        let from = self.values.iter().map(|value| {
            let (variant, value) = (names::ty(&value.name), Literal::u64_unsuffixed(value.value));
            quote!(#value => #name::#variant,)
        });
        let from_rest = match self.other {
            Some(other) => {
                let variant = names::ty(&other.name);
                quote!(other => #name::#variant(other),)
            }
            None => quote!(_ => return None,),
        };
        let to = self.values.iter().map(|value| {
            let (variant, value) = (names::ty(&value.name), Literal::u64_unsuffixed(value.value));
            quote!(#name::#variant => #value,)
        });
        let to_rest = self.other.map(|other| {
            let variant = names::ty(&other.name);
            quote!(#name::#variant(other) => other,)
        });
        // One that shares an integer with others does not stand by itself.
        let frame = self.int.bits.is_multiple_of(8).then(|| self.frame(context, ty));
        let measure = ty.measured.then(|| measure::values(context, ty, self.int, self.little));
        quote! {
            #definition

            impl #name {
                /// The value of a number, if it has one.
                #[must_use]
                pub const fn from_number(number: #number) -> ::core::option::Option<Self> {
                    Some(match number {
                        #(#from)*
                        #from_rest
                    })
                }

                /// Its number.
                #[must_use]
                pub const fn number(self) -> #number {
                    match self {
                        #(#to)*
                        #to_rest
                    }
                }
            }

            #frame
            #measure
        }
    }

    fn definition(&self, ty: &Type) -> TokenStream {
        let header = docs(&ty.docs, &format!("The choice `{}`.", ty.name));
        let name = names::ty(&ty.name);
        let variants = self.values.iter().map(|value| {
            let header = docs(&value.docs, &format!("{}", value.value));
            let variant = names::ty(&value.name);
            quote!(#header #variant,)
        });
        let other = self.other.map(|other| {
            let header = docs(&other.docs, "Any other number.");
            let (variant, number) = (names::ty(&other.name), int_type(self.int));
            quote!(#header #variant(#number),)
        });
        quote! {
            #header
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum #name {
                #(#variants)*
                #other
            }
        }
    }

    /// The implementations for an enum of the user's own.
    fn own(&self, context: &Context<'_>, ty: &Type) -> TokenStream {
        let rt = context.rt;
        let (name, title) = (names::ty(&ty.name), &ty.name);
        let fixed = FieldKind::Fixed(Fixed {
            int: self.int,
            little: self.little,
            low: 0,
            high: self.int.max(),
        });
        let read = read_number(context, &fixed, &quote!(reader));
        let write = write_number(context, "", &fixed, &quote!(number));
        let numbers: Vec<_> =
            self.values.iter().map(|value| Literal::u64_unsuffixed(value.value)).collect();
        let variants: Vec<_> = self.values.iter().map(|value| names::ty(&value.name)).collect();
        let (other_read, other_write) = match self.other {
            Some(other) => {
                let other = names::ty(&other.name);
                let ambiguous = quote!(writer.fail("", #rt::violation::Rule::Ambiguous));
                let write = quote! {
                    #(#name::#other(#numbers) => return Err(#ambiguous),)*
                    #name::#other(other) => *other,
                };
                (quote!(other => #name::#other(other),), write)
            }
            None => {
                let choice = quote!(reader.fail_since(begin, #rt::violation::Rule::Choice));
                (quote!(_ => return Err(#choice),), TokenStream::new())
            }
        };
        quote! {
            impl #rt::frame::Decode for #name {
                type View<'a> = #name;
                const NAME: &'static str = #title;
                const ENDS: bool = true;

                #[inline]
                fn read<'a, const AGAIN_: bool>(
                    reader: &mut #rt::read::Reader<'a, AGAIN_>,
                ) -> #rt::frame::Decoded<Self::View<'a>> {
                    let begin = reader.position();
                    Ok(match #read {
                        #(#numbers => #name::#variants,)*
                        #other_read
                    })
                }
            }

            impl #rt::frame::Frame for #name {
                fn write(
                    &self,
                    writer: &mut #rt::write::Writer<'_>,
                ) -> #rt::frame::Encoded {
                    let number = match self {
                        #(#name::#variants => #numbers,)*
                        #other_write
                    };
                    #write
                    Ok(())
                }
            }
        }
    }

    fn frame(&self, context: &Context<'_>, ty: &Type) -> TokenStream {
        let rt = context.rt;
        let (name, title) = (names::ty(&ty.name), &ty.name);
        let (int, little) = (self.int, self.little);
        let fixed = FieldKind::Fixed(Fixed { int, little, low: 0, high: int.max() });
        let read = read_number(context, &fixed, &quote!(reader));
        let write = write_number(context, "", &fixed, &quote!(self.number()));
        let ambiguous = self.other.map(|_| {
            quote! {
                if #name::from_number(self.number()) != Some(*self) {
                    return Err(writer.fail("", #rt::violation::Rule::Ambiguous));
                }
            }
        });
        quote! {
            impl #rt::frame::Decode for #name {
                type View<'a> = #name;
                const NAME: &'static str = #title;
                const ENDS: bool = true;

                #[inline]
                fn read<'a, const AGAIN_: bool>(
                    reader: &mut #rt::read::Reader<'a, AGAIN_>,
                ) -> #rt::frame::Decoded<Self::View<'a>> {
                    let begin = reader.position();
                    let number = #read;
                    #name::from_number(number)
                        .ok_or_else(|| reader.fail_since(begin, #rt::violation::Rule::Choice))
                }
            }

            impl #rt::frame::Frame for #name {
                fn write(
                    &self,
                    writer: &mut #rt::write::Writer<'_>,
                ) -> #rt::frame::Encoded {
                    #ambiguous
                    #write
                    Ok(())
                }
            }
        }
    }
}
