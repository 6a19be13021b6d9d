//! Paths from a frame to what is in it.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::choice::alternative_bit;
use super::expr::Has;
use super::{Context, expr, record};
use crate::ir::{Lead, Path, Record, Test, TypeId, TypeKind, Way};
use crate::names;

/// Whether something at the end of the path is so, `at` being what its first name stands for.
pub(super) fn any(
    context: &Context<'_>,
    path: &Path,
    test: &Test,
    at: &dyn Fn(&str) -> TokenStream,
) -> TokenStream {
    let (first, rest) = split(path, at);
    let rest = if *test == Test::There { certain(rest) } else { rest };
    AnyOf { context, test }.from(&first, path.steps.first(), rest)
}

/// The first number at the end of the path, as a `u64`.
pub(super) fn first(
    context: &Context<'_>,
    record: &Record,
    path: &Path,
    at: &dyn Fn(&str) -> TokenStream,
) -> Has {
    let (value, rest) = split(path, at);
    First { context }.from(Some(record), &value, path.steps.first(), rest)
}

/// How many elements of a list are of one alternative.
pub(super) fn count(context: &Context<'_>, list: &TokenStream, alternative: &Way) -> TokenStream {
    let rt = context.rt;
    let Way::Alternative { choice, name, .. } = alternative else { return TokenStream::new() };
    let (choice, variant) = (choice_name(context, *choice), names::ty(name));
    let count = match led(context, Some(alternative)) {
        None => quote! {
            #list.iter().filter(|element| matches!(element, #choice::#variant(_))).count()
        },
        Some(led) => quote! {{
            let mut count_ = 0_usize;
            #list.find_led(#led, |element| {
                count_ += usize::from(matches!(element, #choice::#variant(_)));
                None::<()>
            });
            count_
        }},
    };
    quote!(#rt::read::wide(#count))
}

/// What the first step of a path stands for, and the steps behind it.
fn split<'p>(path: &'p Path, at: &dyn Fn(&str) -> TokenStream) -> (TokenStream, &'p [Way]) {
    let first = match path.steps.first() {
        Some(Way::Field(name) | Way::Maybe(name) | Way::Each(name)) => at(name),
        _ => TokenStream::new(),
    };
    (first, path.steps.get(1..).unwrap_or_default())
}

/// The steps up to the last that may lead nowhere.
fn certain(steps: &[Way]) -> &[Way] {
    let last = steps.iter().rposition(|way| !matches!(way, Way::Field(_)));
    last.and_then(|last| steps.get(..=last)).unwrap_or_default()
}

/// How elements of a list that may be what `step` asks for are told, and others are passed over, where
/// that is less than to read them.
fn led(context: &Context<'_>, step: Option<&Way>) -> Option<TokenStream> {
    let Some(Way::Alternative { choice, frame, .. }) = step else { return None };
    let TypeKind::Choice(of) = &context.ir.ty(TypeId::Choice(*choice)).kind else { return None };
    let place = of.alternatives.iter().position(|alternative| alternative.frame == *frame)?;
    let lead = of.alternatives.get(place)?.lead.as_ref()?;
    let region = of.region.as_ref()?;
    if of.head > 0 || of.by.is_some() || context.ir.own {
        return None;
    }
    // A word ends where its line does, and so where a byte of the line's end stands that is none of a
    // word.
    let of_words = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let delimiter = &context.ir.delimiters[region.delimiter.0];
    let word = matches!(lead, Lead::Literal(literal) if literal.word);
    if word && delimiter.set.iter().any(of_words) {
        return None;
    }
    let starts = record::starts_of(lead, &quote!(reader));
    let (delimiter, max) = (names::constant(&delimiter.name), Literal::u64_unsuffixed(region.max));
    let bit = alternative_bit(place);
    Some(quote!(#bit, |reader| #starts, |reader| reader.until(&#delimiter, #max)))
}

fn choice_name(context: &Context<'_>, choice: crate::ir::ChoiceId) -> proc_macro2::Ident {
    names::ty(&context.ir.ty(TypeId::Choice(choice)).name)
}

struct AnyOf<'e, 'i> {
    context: &'e Context<'i>,
    test: &'e Test,
}

impl AnyOf<'_, '_> {
    /// The same where `value` is what `step` has led to.
    fn from(&self, value: &TokenStream, step: Option<&Way>, rest: &[Way]) -> TokenStream {
        match step {
            Some(Way::Each(_)) if rest.is_empty() && *self.test == Test::There => {
                quote!(!#value.is_empty())
            }
            Some(Way::Each(_)) => {
                let inner = self.behind(&quote!(element), rest);
                match led(self.context, rest.first()) {
                    None => quote!(#value.iter().any(|element| #inner)),
                    Some(led) => {
                        let inner = quote!(|element| (#inner).then_some(()));
                        quote!(#value.find_led(#led, #inner).is_some())
                    }
                }
            }
            Some(Way::Maybe(_)) if rest.is_empty() && *self.test == Test::There => {
                quote!(#value.is_some())
            }
            Some(Way::Maybe(_)) => {
                let inner = self.behind(&quote!(value), rest);
                quote!(#value.is_some_and(|value| #inner))
            }
            _ => self.behind(value, rest),
        }
    }

    fn behind(&self, value: &TokenStream, rest: &[Way]) -> TokenStream {
        let rt = self.context.rt;
        let Some((step, rest)) = rest.split_first() else {
            return match self.test {
                Test::There => quote!(true),
                Test::Holds => quote!(#value),
                Test::Is(literal) => {
                    let bytes = Literal::byte_string(&literal.bytes);
                    let nocase = literal.nocase;
                    quote!(#rt::read::is(#value.as_ref(), #bytes, #nocase))
                }
                Test::Starts(literal) => {
                    let bytes = Literal::byte_string(&literal.bytes);
                    let (nocase, word) = (literal.nocase, literal.word);
                    quote!(#rt::read::starts(#value.as_ref(), #bytes, #nocase, #word))
                }
                Test::Contains(literal) => {
                    let bytes = Literal::byte_string(&literal.bytes);
                    let (nocase, word) = (literal.nocase, literal.word);
                    quote!(#rt::read::contains(#value.as_ref(), #bytes, #nocase, #word))
                }
            };
        };
        match step {
            Way::Alternative { choice, name, .. } => {
                let (choice, variant) = (choice_name(self.context, *choice), names::ty(name));
                if rest.is_empty() && *self.test == Test::There {
                    return quote!(matches!(#value, #choice::#variant(_)));
                }
                let inner = self.behind(&quote!(frame), rest);
                quote! {
                    match #value {
                        #choice::#variant(frame) => #inner,
                        _ => false,
                    }
                }
            }
            Way::Field(name) | Way::Maybe(name) | Way::Each(name) => {
                let name = names::value(name);
                self.from(&quote!(#value.#name), Some(step), rest)
            }
        }
    }
}

struct First<'e, 'i> {
    context: &'e Context<'i>,
}

impl First<'_, '_> {
    /// The same where `value` is what `step` of a record has led to.
    fn from(
        &self,
        record: Option<&Record>,
        value: &TokenStream,
        step: Option<&Way>,
        rest: &[Way],
    ) -> Has {
        let Some(Way::Field(name) | Way::Maybe(name) | Way::Each(name)) = step else {
            return Has::Perhaps(quote!(None));
        };
        let part = record.and_then(|record| expr::part(record, name));
        let inner = |value: &TokenStream| match (rest.is_empty(), record) {
            (true, Some(record)) => {
                let number = expr::native(self.context, record, name, value);
                Has::Always(number)
            }
            _ => self.behind(part, value, rest),
        };
        match step {
            Some(Way::Each(_)) => Has::Perhaps(match inner(&quote!(element)) {
                Has::Always(number) => quote!(#value.iter().next().map(|element| #number)),
                Has::Perhaps(inner) => match led(self.context, rest.first()) {
                    None => quote!(#value.iter().find_map(|element| #inner)),
                    Some(led) => quote!(#value.find_led(#led, |element| #inner)),
                },
            }),
            Some(Way::Maybe(_)) => Has::Perhaps(match inner(&quote!(value)) {
                Has::Always(number) => quote!(#value.map(|value| #number)),
                Has::Perhaps(inner) => quote!(#value.and_then(|value| #inner)),
            }),
            _ => inner(value),
        }
    }

    fn behind(&self, ty: Option<TypeId>, value: &TokenStream, rest: &[Way]) -> Has {
        let Some((step, rest)) = rest.split_first() else { return Has::Perhaps(quote!(None)) };
        match step {
            Way::Alternative { choice, frame, name } => {
                let (choice, variant) = (choice_name(self.context, *choice), names::ty(name));
                let inner = self.behind(Some(TypeId::Frame(*frame)), &quote!(frame), rest);
                let inner = match inner {
                    Has::Always(number) => quote!(Some(#number)),
                    Has::Perhaps(number) => number,
                };
                Has::Perhaps(quote! {
                    match #value {
                        #choice::#variant(frame) => #inner,
                        _ => None,
                    }
                })
            }
            Way::Field(name) | Way::Maybe(name) | Way::Each(name) => {
                let record = ty.and_then(|ty| match &self.context.ir.ty(ty).kind {
                    TypeKind::Record(record) => Some(record),
                    _ => None,
                });
                let name = names::value(name);
                self.from(record, &quote!(#value.#name), Some(step), rest)
            }
        }
    }
}
