//! Decoding: bytes into the struct.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::lists::{from_text, read_element, read_list};
use super::literals::{lead, read_flag, read_literal, starts};
use super::optional::read_optional;
use super::stops::Last;
use super::values::{read_number, read_text, run};
use super::{bits, own, stops, tails, tally};
use crate::emit::limits::around;
use crate::emit::own::{ends, looked_at, refers};
use crate::emit::{Context, expr, generics, given};
use crate::ir::{
    Derived, Expr, ExprKind, Extent, Field, FieldKind, Jump, List, ListEnd, Part, Record, Region,
    Skip, Step, TextKind, Type, TypeId,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let rt = context.rt;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let (here, any) = (generics(ty.borrows, &quote!('a)), generics(ty.borrows, &quote!('_)));
    let apart = stops::may_end_a_choice(context, ty, record);
    let (steps, frame) = parts(context, ty, record, if apart { Last::Told } else { Last::No });
    let body = quote!(#steps Ok(#frame));
    let (read, element) = match record.hoisted.is_empty() {
        true if apart => (
            quote!(#name::read_where::<AGAIN_, false>(reader)),
            Some(stops::read_where(context, ty, &body)),
        ),
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
    if !record.params.is_empty() {
        return given::reads(context, ty, &read);
    }
    let (from_text, from) = from_text(context, ty, record).unzip();
    let jump = record.jump.as_ref().map(|jump| jump_of(context, jump));
    let refers = refers(context, ty);
    let (ends, looked_at) = (ends(context, ty), looked_at(context, ty));
    quote! {
        #element

        #from

        impl #rt::frame::Decode for #name #any {
            type View<'a> = #name #here;
            const NAME: &'static str = #title;
            const FRAME: &'static str = #title;
            #refers
            #ends

            #[inline]
            fn read<'a, const AGAIN_: bool>(
                reader: &mut #rt::read::Reader<'a, AGAIN_>,
            ) -> #rt::frame::Decoded<Self::View<'a>> {
                #read
            }

            #jump

            #from_text
        }

        #looked_at
    }
}

/// What reads a frame, and what it is then; `last` says whether it goes to the end of a region.
pub(in crate::emit) fn parts(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    last: Last,
) -> (TokenStream, TokenStream) {
    let frame = own::value(context, ty, record);
    let hoisted = record.hoisted.iter().map(|name| names::local(name));
    let frame = match record.hoisted.is_empty() {
        true => frame,
        false => quote!((#frame, #(#hoisted),*)),
    };
    let last = if record.region.is_some() { Last::Yes } else { last };
    let (steps, frame) = Steps { context, record, last }.read(&frame);
    let (mut before, mut behind) = around(ty.limits, &quote!(reader), &quote!(position));
    if record.base {
        before = quote!(let message_ = reader.enter(); #before);
        behind = quote!(#behind reader.leave(message_););
    }
    match &record.region {
        Some(region) => {
            let frame = enclosed(context, region, &steps, &frame);
            let steps = quote! {
                #before
                let frame = #frame;
                #behind
            };
            (steps, quote!(frame))
        }
        None => {
            let steps = quote! {
                #before
                #steps
                #behind
            };
            (steps, frame)
        }
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
        let outside = reader.open(&#delimiter, #max)?;
        #steps
        reader.close(outside)?;
        #value
    }}
}

/// Reads what stands in the place of an element where a list goes on elsewhere.
fn jump_of(context: &Context<'_>, jump: &Jump) -> TokenStream {
    let rt = context.rt;
    let title = &context.ir.ty(TypeId::Frame(jump.frame)).name;
    let frame = names::ty(title);
    let starts = starts(&jump.lead);
    let field = Expr { kind: ExprKind::Field(jump.field.clone()) };
    let offset = expr::of_frame(context, &field, jump.frame, &quote!(frame));
    quote! {
        #[inline]
        fn jump<const AGAIN_: bool>(
            reader: &mut #rt::read::Reader<'_, AGAIN_>,
        ) -> ::core::option::Option<#rt::frame::Decoded<u64>> {
            if !#starts {
                return None;
            }
            Some(#rt::frame::told(#title, #frame::read(reader).map(|frame| #offset)))
        }
    }
}

/// A limit in bytes; `u64::MAX` is none.
pub(super) fn most(bytes: u64) -> TokenStream {
    match bytes {
        u64::MAX => quote!(u64::MAX),
        bytes => {
            let bytes = Literal::u64_unsuffixed(bytes);
            quote!(#bytes)
        }
    }
}

/// The steps of a record, each into a variable of its name.
struct Steps<'i> {
    context: &'i Context<'i>,
    record: &'i Record,
    /// Whether what stands last in it goes to the end of a region, where that may be.
    last: Last,
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
                let within = Steps { last: Last::Yes, ..*self };
                let (inner, value) = within.read_from(behind, frame);
                tokens.extend(quote! {
                    let frame = {
                        let outside = reader.open_sized(#length)?;
                        #inner
                        reader.close(outside)?;
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
            let behind = steps.get(place + 1..).unwrap_or_default();
            let read = match (place.checked_sub(1).and_then(|before| steps.get(before)), step) {
                (Some(Step::Behind), Step::Field(field)) => tails::read(self.context, field),
                _ => self.step(step, behind),
            };
            tokens.extend(quote!(#(#begins)* #read #(#ends)*));
        }
        tokens.extend(self.checks());
        (tokens, frame.clone())
    }

    fn expr(&self, expr: &Expr) -> TokenStream {
        expr::emit(expr, &|name| match tally::count(self.record, name) {
            Some(count) => quote!(#count),
            None => expr::local(self.context, self.record, name),
        })
    }

    /// Everything that is derived and not so of itself.
    fn unproven(&self) -> impl Iterator<Item = (&str, &Derived)> {
        self.record.derived().filter(|(_, derived)| !derived.implied)
    }

    /// Whether it is needed where the field begins, and where it ends.
    fn marks(&self, name: &str) -> (bool, bool) {
        let mut needed = (false, false);
        for (derived_name, derived) in self.unproven() {
            if derived_name == name {
                needed = (true, true);
            }
            for part in derived.expr.parts() {
                if *part != Part::Rest {
                    let (from, to) = part.ends();
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
                let read = self.expr(&Expr { kind: ExprKind::Field(title.to_owned()) });
                let made = expr::grouped(self.expr(&derived.expr));
                let (begin, end) = (expr::begin_of(title), expr::end_of(title));
                quote! {
                    if #read != #made {
                        let rule = #rt::violation::Rule::Derived(#title);
                        return Err(reader.fail_between(#begin, #end, rule));
                    }
                }
            })
            .collect()
    }

    fn step(&self, step: &Step, behind: &[Step]) -> TokenStream {
        let rt = self.context.rt;
        match step {
            Step::Literal(literal) => read_literal(literal),
            Step::Field(field) => self.field(field, behind),
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
            Step::Open(region) => {
                let delimiter =
                    names::constant(&self.context.ir.delimiters[region.delimiter.0].name);
                let max = Literal::u64_unsuffixed(region.max);
                quote! {
                    let opened = reader.open(&#delimiter, #max)?;
                }
            }
            Step::Close(_) => quote!(reader.close(opened)?;),
            Step::Before(tail) => tails::before(self.context, tail),
            Step::Behind => tails::behind(),
            Step::Skip(skip) => read_skip(self.context, skip),
        }
    }

    fn field(&self, field: &Field, behind: &[Step]) -> TokenStream {
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
        let mut before = TokenStream::new();
        let value = match own::collected(self.context, self.record, field, &|e| self.expr(e)) {
            Some(collected) => collected,
            None => match &field.kind {
                FieldKind::List(list) => {
                    let counted = tally::counted(self.context, self.record, field);
                    before = counted.before;
                    self.list(list, &counted.seen)
                }
                kind => self.value(kind, behind),
            },
        };
        match &field.cond {
            None => quote!(#before let #name = #value;),
            Some(cond) => {
                let cond = self.expr(&cond.expr);
                quote!(let #name = if #cond { Some(#value) } else { None };)
            }
        }
    }

    /// An expression that reads a text, with what is trimmed of it.
    fn text(&self, kind: TextKind, extent: &Extent, behind: &[Step]) -> TokenStream {
        if let Some(read) = stops::run(self.context, kind, extent, behind, self.last) {
            return read;
        }
        let bytes = read_text(self.context, extent, &|length| self.expr(length));
        match (kind, run(self.context, extent)) {
            (TextKind::Bytes, _) => bytes,
            (TextKind::Ascii, Some(run)) => quote!(reader.ascii_run(#run)?),
            (TextKind::Utf8, Some(run)) => quote!(reader.utf8_run(#run)?),
            (kind, None) => {
                let checked = match kind {
                    TextKind::Utf8 => quote!(reader.utf8(begin, text)?),
                    _ => quote!(reader.ascii(begin, text)?),
                };
                quote!({ let begin = reader.position(); let text = #bytes; #checked })
            }
        }
    }

    /// An expression that reads a list, `seen` being told of each element.
    fn list(&self, list: &List, seen: &TokenStream) -> TokenStream {
        let rt = self.context.rt;
        let max = Literal::usize_unsuffixed(list.max);
        match &list.end {
            ListEnd::Count { count, .. } => {
                let count = self.expr(count);
                quote!(#rt::list::List::read_counted(reader, #count, #max, #seen)?)
            }
            ListEnd::Literal { literal, max: bytes, .. } => {
                let literal = Literal::byte_string(&literal.bytes);
                let bytes = most(*bytes);
                quote!(#rt::list::List::read_until(reader, #literal, #bytes, #max, #seen)?)
            }
            ListEnd::Run { leads } => {
                let starts = leads.iter().map(starts);
                let another = quote!(|reader| #(#starts)||*);
                quote!(#rt::list::List::read_run(reader, #max, #another, #seen)?)
            }
            _ => quote!(#rt::list::List::read_to_end(reader, #max, #seen)?),
        }
    }

    /// An expression that reads a value.
    fn value(&self, kind: &FieldKind, behind: &[Step]) -> TokenStream {
        let context = self.context;
        match kind {
            FieldKind::Text { kind, extent, .. } => {
                let trim = match extent {
                    Extent::Run { class, trim: Some(trim), min, .. } => {
                        let class = names::constant(&context.ir.classes[class.0].name);
                        let trim = names::constant(&context.ir.classes[trim.0].name);
                        let min = Literal::usize_unsuffixed(*min);
                        Some(quote!(&#class, &#trim, #min))
                    }
                    _ => None,
                };
                let text = self.text(*kind, extent, behind);
                match trim {
                    Some(trim) => quote! {{
                        let begin = reader.position();
                        let text = #text;
                        reader.trimmed(begin, text, #trim)?
                    }},
                    None => text,
                }
            }
            FieldKind::Coded { transform, max } => {
                let coding = names::constant(&context.ir.transforms[transform.0].name);
                let max = Literal::u64_unsuffixed(*max);
                quote!(reader.coded(&#coding, #max)?)
            }
            FieldKind::Flag { on, off, or_end } => read_flag(context, on, off.as_ref(), *or_end),
            FieldKind::Named { ty, args, length, .. } => match length {
                None => given::read(context, *ty, &quote!(reader), args),
                Some(length) => {
                    let length = self.expr(length);
                    let read = given::read(context, *ty, &quote!(reader), args);
                    quote! {{
                        let outside = reader.open_sized(#length)?;
                        let value = #read;
                        reader.close(outside)?;
                        value
                    }}
                }
            },
            FieldKind::Optional(id) => match lead(context, *id) {
                Some(lead) => {
                    let starts = starts(&lead);
                    let read = given::read(context, *id, &quote!(reader), &[]);
                    quote!(if #starts { Some(#read) } else { None })
                }
                None => read_optional(context, *id, &quote!(reader), behind),
            },
            FieldKind::List(list) => self.list(list, &quote!(|_| ())),
            number => read_number(context, number, &quote!(reader)).unwrap_or_default(),
        }
    }
}

/// What passes over the first steps of a record.
pub(in crate::emit) fn passed(context: &Context<'_>, record: &Record, count: usize) -> TokenStream {
    let steps = Steps { context, record, last: Last::No };
    let pass = |step: &Step| match step {
        Step::Field(field) => {
            let value = steps.value(&field.kind, &[]);
            quote!(let _ = #value;)
        }
        other => steps.step(other, &[]),
    };
    record.steps.iter().take(count).map(pass).collect()
}

/// What passes over bytes of a class.
pub(super) fn read_skip(context: &Context<'_>, skip: &Skip) -> TokenStream {
    let class = names::constant(&context.ir.classes[skip.class.0].name);
    let (min, max) = (skip.min, skip.max);
    let (min, max) = (Literal::usize_unsuffixed(min), Literal::usize_unsuffixed(max));
    quote!(reader.run(&#class, #min, #max)?;)
}

/// The fields that a step reads.
pub(super) fn step_names(step: &Step) -> Vec<&String> {
    match step {
        Step::Field(field) => vec![&field.name],
        Step::Bits(bits) => bits.fields.iter().map(|field| &field.name).collect(),
        _ => Vec::new(),
    }
}
