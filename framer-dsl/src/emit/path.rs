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
    let elements = elements(context, list, Some(alternative));
    let (choice, variant) = (choice_name(context, *choice), names::ty(name));
    quote! {
        #rt::read::wide(
            #elements.filter(|element| matches!(element, #choice::#variant(_))).count(),
        )
    }
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

/// The elements of a list that may be what `step` asks for: the others are passed over, where that is
/// less than to read them.
fn elements(context: &Context<'_>, list: &TokenStream, step: Option<&Way>) -> TokenStream {
    let all = quote!(#list.iter());
    let Some(Way::Alternative { choice, frame, .. }) = step else { return all };
    let TypeKind::Choice(of) = &context.ir.ty(TypeId::Choice(*choice)).kind else { return all };
    let place = of.alternatives.iter().position(|alternative| alternative.frame == *frame);
    let alternative = place.and_then(|place| of.alternatives.get(place));
    let lead = alternative.and_then(|alternative| alternative.lead.as_ref());
    let told = of.head == 0 && of.by.is_none() && !context.ir.own;
    let (Some(lead), Some(region), true) = (lead, &of.region, told) else { return all };
    // A word ends where its line does, and so where a byte of the line's end stands that is none of a
    // word.
    let of_words = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let delimiter = &context.ir.delimiters[region.delimiter.0];
    let word = matches!(lead, Lead::Literal(literal) if literal.word);
    if word && delimiter.set.iter().any(of_words) {
        return all;
    }
    let starts = record::starts_of(lead, &quote!(reader));
    let (delimiter, max) = (names::constant(&delimiter.name), Literal::u64_unsuffixed(region.max));
    let bit = alternative_bit(place.unwrap_or_default());
    quote!(#list.iter_led(#bit, |reader| #starts, |reader| reader.until(&#delimiter, #max)))
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
                let elements = elements(self.context, value, rest.first());
                quote!(#elements.any(|element| #inner))
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
                Has::Perhaps(inner) => {
                    let elements = elements(self.context, value, rest.first());
                    quote!(#elements.find_map(|element| #inner))
                }
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
