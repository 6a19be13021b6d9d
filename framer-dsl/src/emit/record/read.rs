//! Decoding: bytes into the struct.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::values::{read_number, read_text};
use super::{Member, bits, fields};
use crate::emit::limits::around;
use crate::emit::{Context, expr, generics};
use crate::ir::{
    self, Derived, Expr, ExprKind, Field, FieldKind, Lead, List, ListEnd, Part, Record, Region,
    Step, TextKind, Type, TypeId, TypeKind,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let rt = context.rt;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let body = body(context, ty, record);
    let (read, element) = match record.hoisted.is_empty() {
        true => (body, None),
        false => {
            let ignored = record.hoisted.iter().map(|_| quote!(_));
            let read = quote! {
                let (frame, #(#ignored),*) = #name::read_element(reader)?;
                Ok(frame)
            };
            (read, Some(read_element(context, ty, record, &body)))
        }
    };
    let (from_text, from) = from_text(context, ty, record).unzip();
    quote! {
        #element

        #from

        impl #rt::frame::Decode for #name #any {
            type View<'a> = #name #here;
            const NAME: &'static str = #title;

            fn read<'a>(
                reader: &mut #rt::read::Reader<'a>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #read
            }

            #from_text
        }
    }
}

/// Reads an element with what it shares with the others.
fn read_element(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    body: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let here = generics(ty.borrows, &quote!('a));
    let any = generics(ty.borrows, &quote!('_));
    let types = record.hoisted.iter().map(|name| hoisted_type(context, record, name));
    let lifetime = (!ty.borrows).then(|| quote!('_)).unwrap_or(quote!('a));
    let method = if ty.borrows { quote!(<'a>) } else { TokenStream::new() };
    let list = list_text(&record.hoisted);
    let header = format!(" Reads a frame and {list}.");
    quote! {
        impl #name #any {
            #[doc = #header]
            fn read_element #method(
                reader: &mut #rt::read::Reader<#lifetime>,
            ) -> #rt::frame::Decoded<(#name #here, #(#types),*)> {
                #body
            }
        }
    }
}

fn list_text(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

fn hoisted_type(context: &Context<'_>, record: &Record, name: &str) -> TokenStream {
    let slot = expr::slot(record, name);
    slot.map_or_else(TokenStream::new, |slot| super::field_type(context, slot.kind))
}

fn body(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let values = fields(record).into_iter().map(|field| {
        let (name, local) = (names::value(field.name), names::local(field.name));
        if name == local { quote!(#name) } else { quote!(#name: #local) }
    });
    let values: Vec<TokenStream> = values.collect();
    let frame = match values.is_empty() {
        true => quote!(#name),
        false => quote!(#name { #(#values),* }),
    };
    let hoisted = record.hoisted.iter().map(|name| names::local(name));
    let frame = match record.hoisted.is_empty() {
        true => frame,
        false => quote!((#frame, #(#hoisted),*)),
    };
    let (steps, frame) = Steps { context, record }.read(&frame);
    let (before, behind) = around(ty.limits, &quote!(reader), &quote!(position));
    match &record.region {
        Some(region) => {
            let frame = enclosed(context, region, &steps, &frame);
            quote! {
                let outer = reader.named(#title);
                #before
                let frame = #frame;
                #behind
                reader.named(outer);
                Ok(frame)
            }
        }
        None => quote! {
            let outer = reader.named(#title);
            #before
            #steps
            #behind
            reader.named(outer);
            Ok(#frame)
        },
    }
}

/// An expression that reads `steps` within the region, all of it, and is `value`.
pub(in crate::emit) fn enclosed(
    context: &Context<'_>,
    region: &Region,
    steps: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
    let max = Literal::u64_unsuffixed(region.max);
    quote! {{
        let reader = &mut reader.delimited(&#delimiter, #max)?;
        #steps
        reader.finish()?;
        #value
    }}
}

/// The steps of a record, each into a variable of its name.
struct Steps<'i> {
    context: &'i Context<'i>,
    record: &'i Record,
}

impl Steps<'_> {
    /// What reads all steps, and what their value is then, `frame` being what it is made of.
    fn read(&self, frame: &TokenStream) -> (TokenStream, TokenStream) {
        self.read_from(&self.record.steps, frame)
    }

    fn read_from(&self, steps: &[Step], frame: &TokenStream) -> (TokenStream, TokenStream) {
        let mut tokens = TokenStream::new();
        for (place, step) in steps.iter().enumerate() {
            if let Step::Rest(length) = step {
                let length = self.expr(length);
                let behind = steps.get(place + 1..).unwrap_or_default();
                let (inner, value) = self.read_from(behind, frame);
                tokens.extend(quote! {
                    let frame = {
                        let reader = &mut reader.region(#length)?;
                        #inner
                        reader.finish()?;
                        #value
                    };
                });
                return (tokens, quote!(frame));
            }
            let names = step_names(step);
            let begins = names.iter().filter(|name| self.marks(name).0).map(|name| {
                let mark = expr::begin_of(name);
                quote!(let #mark = reader.position();)
            });
            let ends = names.iter().filter(|name| self.marks(name).1).map(|name| {
                let mark = expr::end_of(name);
                quote!(let #mark = reader.position();)
            });
            let read = self.step(step);
            tokens.extend(quote!(#(#begins)* #read #(#ends)*));
        }
        tokens.extend(self.checks());
        (tokens, frame.clone())
    }

    fn expr(&self, expr: &Expr) -> TokenStream {
        expr::emit(expr, &|name| expr::local(self.context, self.record, name))
    }

    /// Everything that is derived and not so of itself.
    fn unproven(&self) -> impl Iterator<Item = (&String, &Derived)> {
        all_derived(self.record).filter(|(_, derived)| !derived.implied)
    }

    /// Whether it is needed where the field begins, and where it ends.
    fn marks(&self, name: &str) -> (bool, bool) {
        let mut needed = (false, false);
        for (derived_name, derived) in self.unproven() {
            needed.0 |= derived_name == name;
            for part in derived.expr.parts() {
                if *part != Part::Rest {
                    let (from, to) = expr::ends(part);
                    needed.0 |= from == name;
                    needed.1 |= to == name;
                }
            }
        }
        needed
    }

    /// What is derived must be what it was read as.
    fn checks(&self) -> TokenStream {
        let rt = self.context.rt;
        self.unproven()
            .map(|(title, derived)| {
                let read = self.expr(&Expr { kind: ExprKind::Field(title.clone()) });
                let made = expr::grouped(self.expr(&derived.expr));
                let begin = expr::begin_of(title);
                quote! {
                    if #read != #made {
                        return Err(reader.fail_since(#begin, #rt::violation::Rule::Derived(#title)));
                    }
                }
            })
            .collect()
    }

    fn step(&self, step: &Step) -> TokenStream {
        let rt = self.context.rt;
        match step {
            Step::Literal(literal) => read_literal(literal),
            Step::Field(field) => self.field(field),
            Step::Bits(group) => {
                let fail = |rule: &TokenStream| quote!(reader.fail_since(begin_, #rule));
                bits::read(self.context, group, &quote!(reader), &fail, &|_| true)
            }
            Step::Require { cond, error } => {
                let cond = self.expr(cond);
                quote! {
                    if !(#cond) {
                        return Err(reader.fail(#rt::violation::Rule::Require(#error)));
                    }
                }
            }
            Step::Rest(_) => TokenStream::new(),
        }
    }

    fn field(&self, field: &Field) -> TokenStream {
        let name = names::local(&field.name);
        if let Some(derived) = &field.derived
            && let ExprKind::Number(_) = derived.expr.kind
        {
            let number = read_number(self.context, &field.kind, &quote!(reader));
            return quote!(#number;);
        }
        if let FieldKind::List(list) = &field.kind
            && let ListEnd::Flag { field: flag, last } = &list.end
        {
            return read_list(self.context, field, list, flag, *last);
        }
        let value = self.value(&field.kind);
        match &field.cond {
            None => quote!(let #name = #value;),
            Some(cond) => {
                let cond = self.expr(&cond.expr);
                quote!(let #name = if #cond { Some(#value) } else { None };)
            }
        }
    }

    /// An expression that reads a value.
    fn value(&self, kind: &FieldKind) -> TokenStream {
        let (context, rt) = (self.context, self.context.rt);
        match kind {
            FieldKind::Text { kind, extent, .. } => {
                let bytes = read_text(context, extent, &|length| self.expr(length));
                let text = match kind {
                    TextKind::Bytes => return bytes,
                    TextKind::Ascii => quote!(reader.ascii(begin, text)?),
                    TextKind::Utf8 => quote!(reader.utf8(begin, text)?),
                };
                quote!({ let begin = reader.position(); let text = #bytes; #text })
            }
            FieldKind::Flag { on, off, or_end } => read_flag(context, on, off.as_ref(), *or_end),
            FieldKind::Named { ty, length, .. } => {
                let ty = names::ty(&context.ir.ty(*ty).name);
                match length {
                    None => quote!(#ty::read(reader)?),
                    Some(length) => {
                        let length = self.expr(length);
                        quote! {{
                            let region = &mut reader.region(#length)?;
                            let value = #ty::read(region)?;
                            region.finish()?;
                            value
                        }}
                    }
                }
            }
            FieldKind::Optional(id) => {
                let ty = names::ty(&context.ir.ty(*id).name);
                match lead(context, *id) {
                    Some(lead) => {
                        let starts = starts(&lead);
                        quote!(if #starts { Some(#ty::read(reader)?) } else { None })
                    }
                    None => quote!(#ty::read_optional(reader)),
                }
            }
            FieldKind::List(list) => {
                let max = Literal::usize_unsuffixed(list.max);
                match &list.end {
                    ListEnd::Count { count, .. } => {
                        let count = self.expr(count);
                        quote!(#rt::list::List::read_counted(reader, #count, #max)?)
                    }
                    _ => quote!(#rt::list::List::read_to_end(reader, #max)?),
                }
            }
            number => read_number(context, number, &quote!(reader)).unwrap_or_default(),
        }
    }
}

/// Everything that is derived, by its name.
pub(in crate::emit) fn all_derived(record: &Record) -> impl Iterator<Item = (&String, &Derived)> {
    record.steps.iter().flat_map(|step| match step {
        Step::Field(field) => {
            field.derived.iter().map(|derived| (&field.name, derived)).collect::<Vec<_>>()
        }
        Step::Bits(bits) => bits
            .fields
            .iter()
            .filter_map(|field| Some((&field.name, field.derived.as_ref()?)))
            .collect(),
        _ => Vec::new(),
    })
}

/// The fields that a step reads.
pub(super) fn step_names(step: &Step) -> Vec<&String> {
    match step {
        Step::Field(field) => vec![&field.name],
        Step::Bits(bits) => bits.fields.iter().map(|field| &field.name).collect(),
        _ => Vec::new(),
    }
}

pub(in crate::emit) fn read_literal(literal: &ir::Literal) -> TokenStream {
    let Ok(text) = std::str::from_utf8(&literal.bytes) else {
        let bytes = Literal::byte_string(&literal.bytes);
        return quote!(reader.magic(#bytes)?;);
    };
    match (literal.word, literal.nocase) {
        (false, false) => quote!(reader.literal(#text)?;),
        (false, true) => quote!(reader.literal_nocase(#text)?;),
        (true, false) => quote!(reader.word(#text)?;),
        (true, true) => quote!(reader.word_nocase(#text)?;),
    }
}

/// Whether what is left begins so.
pub(in crate::emit) fn starts(lead: &Lead) -> TokenStream {
    match lead {
        Lead::Literal(literal) => starts_literal(literal),
        Lead::Pattern(pattern) => match whole_bytes(pattern) {
            Some(bytes) => quote!(reader.starts(#bytes, false, false)),
            None => {
                let pattern = pattern_tokens(pattern);
                quote!(reader.matches(#pattern))
            }
        },
    }
}

fn starts_literal(literal: &ir::Literal) -> TokenStream {
    let bytes = Literal::byte_string(&literal.bytes);
    let (nocase, word) = (literal.nocase, literal.word);
    quote!(reader.starts(#bytes, #nocase, #word))
}

/// The bytes of a pattern all of whose bits are known.
pub(in crate::emit) fn whole_bytes(pattern: &[(u8, u8)]) -> Option<Literal> {
    let whole = pattern.iter().all(|(mask, _)| *mask == u8::MAX);
    let bytes: Vec<u8> = pattern.iter().map(|(_, value)| *value).collect();
    whole.then(|| Literal::byte_string(&bytes))
}

pub(in crate::emit) fn pattern_tokens(pattern: &[(u8, u8)]) -> TokenStream {
    let pairs = pattern.iter().map(|(mask, value)| {
        let (mask, value) = (hex(*mask), hex(*value));
        quote!((#mask, #value))
    });
    quote!(&[#(#pairs),*])
}

fn hex(byte: u8) -> TokenStream {
    format!("{byte:#04x}").parse().unwrap_or_default()
}

/// What says whether an optional frame is there.
pub(super) fn lead(context: &Context<'_>, id: TypeId) -> Option<Lead> {
    let TypeKind::Record(record) = &context.ir.ty(id).kind else { return None };
    match record.steps.first() {
        Some(Step::Literal(literal)) if record.region.is_none() => {
            Some(Lead::Literal(literal.clone()))
        }
        _ => None,
    }
}

fn read_flag(
    context: &Context<'_>,
    on: &ir::Literal,
    off: Option<&ir::Literal>,
    or_end: bool,
) -> TokenStream {
    let rt = context.rt;
    let take = |literal: &ir::Literal, value: bool| {
        let starts = starts_literal(literal);
        let len = Literal::usize_unsuffixed(literal.bytes.len());
        quote!(if #starts { reader.skip(#len); #value })
    };
    let on = take(on, true);
    let Some(off) = off else { return quote!(#on else { false }) };
    let off = take(off, false);
    let end = or_end.then(|| quote!(else if reader.is_empty() { false }));
    quote!(#on else #off #end else { return Err(reader.fail(#rt::violation::Rule::Choice)); })
}

/// Reads a list whose last element has a flag that says so.
fn read_list(
    context: &Context<'_>,
    field: &Field,
    list: &List,
    flag: &str,
    last: bool,
) -> TokenStream {
    let rt = context.rt;
    let name = names::local(&field.name);
    let max = Literal::usize_unsuffixed(list.max);
    let Some(element) = list.element.ty() else { return TokenStream::new() };
    let element = names::ty(&context.ir.ty(element).name);
    let flag = names::local(flag);
    let goes_on = if last { quote!(!#flag) } else { quote!(#flag) };
    let shared: Vec<_> = list.shared.iter().map(|field| names::local(&field.name)).collect();
    let again: Vec<_> =
        list.shared.iter().map(|field| names::value(&format!("next_{}", field.name))).collect();
    let titles = list.shared.iter().map(|field| &field.name);
    let compare = quote! {
        #(if #again != #shared {
            return Err(reader.fail_since(start, #rt::violation::Rule::Shared(#titles)));
        })*
    };
    quote! {
        let begin = reader.position();
        let (_, #(#shared,)* mut #flag) = #element::read_element(reader)?;
        let mut count = 1;
        while #goes_on {
            let start = reader.position();
            let (_, #(#again,)* next) = #element::read_element(reader)?;
            #compare
            if count == #max {
                let rule = #rt::violation::Rule::Count { max: #max };
                return Err(reader.fail_since(start, rule));
            }
            count += 1;
            #flag = next;
        }
        let #name = #rt::list::List::wire(reader.since(begin), count);
    }
}

/// What a text stands for, for an element that is one: `(in Decode, impl From<&str>)`.
fn from_text(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
) -> Option<(TokenStream, TokenStream)> {
    let rt = context.rt;
    let text = record.from_text.as_ref().filter(|_| !record.hoisted.is_empty())?;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let before = fields(record).into_iter().take_while(|member| member.name != text);
    let optional = before.into_iter().any(|member| matches!(member.kind, FieldKind::Optional(_)));
    let reader =
        optional.then(|| quote!(let mut reader = #rt::read::Reader::new(#title, text.as_bytes());));
    let mut behind = false;
    let values = fields(record).into_iter().map(|Member { name, kind, .. }| {
        let value = names::value(name);
        let is_text = name == text;
        let tokens = match kind {
            _ if is_text && !optional => quote!(#value: text),
            _ if is_text => {
                quote!(#value: text.get(reader.position()..).unwrap_or_default())
            }
            FieldKind::Optional(id) if !behind => {
                let ty = names::ty(&context.ir.ty(*id).name);
                quote!(#value: #ty::read_optional(&mut reader))
            }
            _ => quote!(#value: ::core::default::Default::default()),
        };
        behind |= is_text;
        tokens
    });
    let values: Vec<_> = values.collect();
    let method = quote! {
        fn from_text(text: &str) -> ::core::option::Option<Self::View<'_>> {
            Some(#name::from(text))
        }
    };
    let from = quote! {
        impl<'a> ::core::convert::From<&'a str> for #name<'a> {
            /// The fields as they would stand on the wire.
            fn from(text: &'a str) -> Self {
                #reader
                #name { #(#values),* }
            }
        }
    };
    Some((method, from))
}
