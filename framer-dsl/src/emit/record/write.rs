//! Encoding: the struct into bytes.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::lists::write_list;
use super::literals::write_literal;
use super::optional::{absent, reads_as};
use super::own::{self, text};
use super::read::step_names;
use super::values::{constant, write_number, write_number_at, write_text};
use super::{bits, field_type, int_type, tails};
use crate::emit::limits::around;
use crate::emit::{Context, expr, generics, given, region};
use crate::ir::{
    Derived, Expr, ExprKind, Extent, Field, FieldKind, Int, Part, Record, Step, Tail, Type, TypeId,
    TypeKind,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let any = generics(ty.borrows, &quote!('_));
    let statements = statements(context, ty, record);
    let body = quote!(#statements Ok(()));
    if !record.params.is_empty() {
        return given::writes(context, ty, &body);
    }
    if record.hoisted.is_empty() {
        return quote! {
            impl #rt::frame::Frame for #name #any {
                #[inline]
                fn write(
                    &self,
                    writer: &mut #rt::write::Writer<'_>,
                ) -> #rt::frame::Encoded {
                    #body
                }
            }
        };
    }
    let parameters = record.steps.iter().filter_map(|step| match step {
        Step::Field(field) if record.hoisted.contains(&field.name) => {
            let (name, ty) = (names::value(&field.name), field_type(context, &field.kind));
            Some(quote!(#name: #ty))
        }
        _ => None,
    });
    quote! {
        impl #name #any {
            /// Writes a frame with what it shares with the other elements of its list.
            fn write_element(
                &self,
                writer: &mut #rt::write::Writer<'_>,
                #(#parameters),*
            ) -> #rt::frame::Encoded {
                #body
            }
        }
    }
}

/// What writes a frame.
pub(in crate::emit) fn statements(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
) -> TokenStream {
    let mut steps = TokenStream::new();
    let mut checks = TokenStream::new();
    let mut checked = Vec::new();
    let mut ends = TokenStream::new();
    for (place, step) in record.steps.iter().enumerate() {
        let names = step_names(step);
        for name in names.iter().filter(|name| marks(record, name).0) {
            let mark = expr::begin_of(name);
            steps.extend(quote!(let #mark = writer.mark();));
        }
        match step {
            Step::Literal(literal) => steps.extend(write_literal(&ty.name, literal)),
            Step::Bits(group) => steps.extend(bits::write(context, record, group)),
            Step::Rest(_) if !region::has_edges(context.ir, behind(record, place)) => {}
            Step::Rest(_) => {
                let rest = format_ident!("rest_{place}");
                steps.extend(quote!(let #rest = writer.open();));
                // The inner one ends first.
                ends = quote!(writer.end_region(#rest)?; #ends);
            }
            Step::Before(_) => steps.extend(quote!(let text_ = writer.mark();)),
            Step::Behind => steps.extend(quote!(let behind_ = writer.mark();)),
            Step::Open(_) => steps.extend(quote!(let line_ = writer.open();)),
            Step::Close(region) => {
                let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
                let max = Literal::u64_unsuffixed(region.max);
                steps.extend(quote!(writer.delimiter(line_, &#delimiter, #max)?;));
            }
            Step::Skip(skip) => {
                if !skip.written.bytes.is_empty() {
                    steps.extend(write_literal(&ty.name, &skip.written));
                }
            }
            Step::Require { cond, error } => steps.extend(require(context, record, cond, error)),
            Step::Field(field) => {
                let value = match record.hoisted.contains(&field.name) {
                    true => {
                        let name = names::value(&field.name);
                        quote!(#name)
                    }
                    false => own::place(context, record, &quote!(self), &field.name),
                };
                steps.extend(match &field.derived {
                    Some(derived) => write_derived(context, ty, record, field, derived),
                    None => write_field(context, ty, record, field, &value),
                });
                if region::holds_word(context.ir, step) {
                    let frame = &ty.name;
                    steps.extend(quote!(writer.held_by(#frame);));
                }
                let follows = behind(record, place);
                if let Some(tail) = tail_of(record, place) {
                    steps.extend(tails::check(context, field, tail));
                } else if let Some(reads) = reads_as(context, &field.kind, follows) {
                    let mark = format_ident!("after_{}", names::snake(&field.name));
                    steps.extend(quote!(let #mark = writer.mark();));
                    let value = match &field.derived {
                        Some(_) => {
                            let name = ExprKind::Field(field.name.clone());
                            expr::grouped(expr::leaf(context, record, &name, &quote!(self)))
                        }
                        None => value,
                    };
                    checks.extend(absent(context, field, &value, &mark, &reads));
                    checked.push((place, mark));
                }
            }
        }
        for name in names.iter().filter(|name| marks(record, name).1) {
            let mark = expr::end_of(name);
            steps.extend(quote!(let #mark = writer.mark();));
        }
    }
    // What is nearest to the end goes back first, so that no place before it moves; checksums
    // come last, when what they are of is whole.
    let (sums, lengths): (Vec<_>, Vec<_>) =
        late(record).into_iter().partition(|(_, _, derived)| is_sum(&derived.expr));
    for (place, field, derived) in lengths.into_iter().rev().chain(sums) {
        let behind = checked.iter().filter(|(other, _)| *other > place);
        let behind: Vec<_> = behind.map(|(_, mark)| mark).collect();
        steps.extend(write_late(context, record, field, derived, &behind));
    }
    let body = quote!(#steps #checks #ends);
    let body = region::of_record(context, record, &body);
    let (mut before, mut behind) = around(ty.limits, &quote!(writer), &quote!(mark));
    if record.base {
        before = quote!(let message_ = writer.enter(); #before);
        behind = quote!(#behind writer.leave(message_););
    }
    quote!(#before #body #behind)
}

/// The steps behind that at this place.
fn behind(record: &Record, place: usize) -> &[Step] {
    record.steps.get(place + 1..).unwrap_or_default()
}

/// The shape of the field at this place, where it stands behind a text that goes to the end.
fn tail_of(record: &Record, place: usize) -> Option<&[Tail]> {
    let before = record.steps.get(place.checked_sub(3)?..place)?;
    match before {
        [Step::Before(tail), _, Step::Behind] => Some(tail),
        _ => None,
    }
}

/// Whether a checksum is in it.
fn is_sum(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Checksum(..) => true,
        ExprKind::Binary { left, right, .. } => is_sum(left) || is_sum(right),
        _ => false,
    }
}

/// The derived fields that are known only once what follows is written, each with its place.
fn late(record: &Record) -> Vec<(usize, &Field, &Derived)> {
    let fields = record.steps.iter().enumerate().filter_map(|(place, step)| match step {
        Step::Field(field) => Some((place, field, field.derived.as_ref()?)),
        _ => None,
    });
    fields.filter(|(_, _, derived)| !derived.early).collect()
}

/// The longest of them that is written behind the rest before it goes into its place, in bytes.
pub(in crate::emit) fn late_bytes(ty: &Type) -> usize {
    let TypeKind::Record(record) = &ty.kind else { return 0 };
    let late = late(record).into_iter().filter_map(|(_, field, _)| match &field.kind {
        FieldKind::Fixed(fixed) if !fixed.int.signed => None,
        kind => fixed_bytes(kind),
    });
    late.max().unwrap_or(0)
}

/// Whether a late field needs to know where the field of this name begins, and where it ends.
fn marks(record: &Record, name: &str) -> (bool, bool) {
    let mut needed = (false, false);
    for (_, field, derived) in late(record) {
        needed.0 |= field.name == name;
        for part in derived.expr.parts() {
            match part {
                Part::Rest => needed.1 |= field.name == name,
                part => {
                    let (from, to) = part.ends();
                    needed.0 |= from == name;
                    needed.1 |= to == name;
                }
            }
        }
    }
    needed
}

/// A field that others make: at once, or a place for it.
fn write_derived(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    field: &Field,
    derived: &Derived,
) -> TokenStream {
    if !derived.early {
        return match fixed_bytes(&field.kind) {
            Some(bytes) => {
                let bytes = Literal::usize_unsuffixed(bytes);
                quote!(writer.zeros(#bytes);)
            }
            None => TokenStream::new(),
        };
    }
    let leaf = |name: &ExprKind| expr::leaf(context, record, name, &quote!(self));
    let value = match (&derived.expr.kind, field.kind.width()) {
        (ExprKind::Number(number), Some(width)) => constant(Int::unsigned(width), *number),
        _ if matches!(field.kind, FieldKind::Flag { .. }) => {
            let value = expr::emit(&derived.expr, &leaf);
            return write_value(context, ty, record, field, &value);
        }
        _ => of_type(field, &expr::emit(&derived.expr, &leaf)),
    };
    write_number(context, &field.name, &field.kind, &value).unwrap_or_default()
}

/// Puts what is known now into its place. The marks `behind` move with what stands there.
fn write_late(
    context: &Context<'_>,
    record: &Record,
    field: &Field,
    derived: &Derived,
    behind: &[&Ident],
) -> TokenStream {
    let rt = context.rt;
    let place = expr::begin_of(&field.name);
    let value = expr::emit(&derived.expr, &|name| match name {
        ExprKind::Len(Part::Rest) => {
            let behind = expr::end_of(&field.name);
            quote!(#rt::read::between(#behind, end_))
        }
        ExprKind::Len(part) => {
            let (from, to) = part.ends();
            let (from, to) = (expr::begin_of(from), expr::end_of(to));
            quote!(#rt::read::between(#from, #to))
        }
        ExprKind::Checksum(id, part) => {
            let (from, to) = part.ends();
            let (from, to) = (expr::begin_of(from), expr::end_of(to));
            let checksum = names::constant(&context.ir.checksums[id.0].name);
            quote!(#checksum.of(writer.range(#from, #to)))
        }
        other => expr::leaf(context, record, other, &quote!(self)),
    });
    let value = of_type(field, &value);
    if let Some(write) = write_number_at(&field.name, &field.kind, &place, &value) {
        return quote! {
            let end_ = writer.mark();
            #write
        };
    }
    let write = write_number(context, &field.name, &field.kind, &value).unwrap_or_default();
    let moved = match fixed_bytes(&field.kind) {
        Some(_) => quote!(writer.fill(#place, end_);),
        None if behind.is_empty() => quote!(writer.insert(#place, end_);),
        None => quote! {
            let moved_ = writer.insert(#place, end_);
            #(let #behind = #behind.saturating_add(moved_);)*
        },
    };
    quote! {
        let end_ = writer.mark();
        #write
        #moved
    }
}

/// A computed number as the type of its field.
fn of_type(field: &Field, value: &TokenStream) -> TokenStream {
    let title = &field.name;
    let ty = int_type(Int::unsigned(field.kind.width().unwrap_or(64)));
    quote!(writer.derived::<#ty>(#title, #value)?)
}

/// The width of a number that has but one.
fn fixed_bytes(kind: &FieldKind) -> Option<usize> {
    match kind {
        FieldKind::Fixed(fixed) => Some(fixed.int.bytes()),
        FieldKind::Number(number) if number.min_digits == number.max_digits => {
            Some(number.max_digits)
        }
        _ => None,
    }
}

fn require(context: &Context<'_>, record: &Record, cond: &Expr, error: &str) -> TokenStream {
    let rt = context.rt;
    let cond = over_self(context, record, cond);
    quote! {
        if !(#cond) {
            return Err(writer.fail("", #rt::violation::Rule::Require(#error)));
        }
    }
}

fn over_self(context: &Context<'_>, record: &Record, expr: &Expr) -> TokenStream {
    expr::emit(expr, &|name| expr::leaf(context, record, name, &quote!(self)))
}

fn write_field(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    field: &Field,
    value: &TokenStream,
) -> TokenStream {
    let (rt, title) = (context.rt, &field.name);
    let Some(cond) = &field.cond else {
        return write_value(context, ty, record, field, value);
    };
    // What is the user's own need not be one to copy.
    let (inner, outer) = match &record.own {
        Some(_) => (quote!((*value)), quote!(&#value)),
        None => (quote!(value), quote!(#value)),
    };
    let write = write_value(context, ty, record, field, &inner);
    let check = (!cond.implied).then(|| {
        let cond = over_self(context, record, &cond.expr);
        quote! {
            if #value.is_some() != (#cond) {
                return Err(writer.fail(#title, #rt::violation::Rule::Condition));
            }
        }
    });
    quote! {
        #check
        if let Some(value) = #outer {
            #write
        }
    }
}

/// Writes a field that is there.
fn write_value(
    context: &Context<'_>,
    ty: &Type,
    record: &Record,
    field: &Field,
    value: &TokenStream,
) -> TokenStream {
    let title = &field.name;
    match &field.kind {
        FieldKind::Text { kind, extent, exact } => {
            let value = &text(context, record, &field.name, *kind, value);
            let write = write_text(context, title, value, *kind, extent);
            let check = match extent {
                Extent::Sized(length) if !exact => Some((length, quote!(#value.len()))),
                _ => None,
            };
            let check = check.map(|(length, len)| agrees(context, record, title, length, &len));
            quote!(#check #write)
        }
        FieldKind::Coded { transform, max } => {
            let coding = names::constant(&context.ir.transforms[transform.0].name);
            let max = Literal::u64_unsuffixed(*max);
            quote!(writer.coded(#title, &#value, &#coding, #max)?;)
        }
        FieldKind::Flag { on, off, or_end } => {
            let frame = &ty.name;
            let on = write_literal(frame, on);
            let off = match off {
                Some(off) => write_literal(frame, off),
                None if *or_end => quote!(writer.nothing(#frame)?;),
                None => return quote!(if #value { #on }),
            };
            quote!(if #value { #on } else { #off })
        }
        FieldKind::Named { ty, args, agrees: told, length, exact } => {
            let write = given::write(context, record, *ty, value, args);
            let write = match length {
                Some(length) => {
                    let len = quote!(writer.since(begin).len());
                    let check = (!exact).then(|| agrees(context, record, title, length, &len));
                    let edges = region::holds_edges(context.ir, *ty);
                    let open = edges.then(|| quote!(let opened = writer.open();));
                    let end = edges.then(|| quote!(writer.end_region(opened)?;));
                    let begin = check.is_some().then(|| quote!(let begin = writer.mark();));
                    quote! {
                        #open
                        #begin
                        #write
                        #end
                        #check
                    }
                }
                None => write,
            };
            let check = told.as_ref().map(|arg| {
                let name = ExprKind::Field(arg.clone());
                let arg = expr::leaf(context, record, &name, &quote!(self));
                let rt = context.rt;
                quote! {
                    if #arg != u64::from(#value.number()) {
                        return Err(writer.fail(#title, #rt::violation::Rule::Derived(#title)));
                    }
                }
            });
            quote!(#check #write)
        }
        FieldKind::Optional(ty) => {
            let write = write_frame(context, *ty, &quote!(frame));
            quote!(if let Some(frame) = &#value { #write })
        }
        FieldKind::List(list) => write_list(context, record, field, list, value),
        number => write_number(context, title, number, value).unwrap_or_default(),
    }
}

/// Writes a frame, or what is one by reference.
pub(in crate::emit) fn write_frame(
    context: &Context<'_>,
    ty: TypeId,
    value: &TokenStream,
) -> TokenStream {
    let of = context.ir.ty(ty);
    let write = match &of.kind {
        TypeKind::External(_) => {
            let write = context.item(ty, "Frame", "write");
            quote!(#write(&#value, writer))
        }
        _ => quote!(#value.write(writer)),
    };
    let write = given::told_written(context, of, &write);
    quote!(#write;)
}

/// What is to be written is as long as the fields say that are made of it.
pub(super) fn agrees(
    context: &Context<'_>,
    record: &Record,
    title: &str,
    length: &Expr,
    len: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let length = over_self(context, record, length);
    quote! {
        if #rt::read::wide(#len) != #length {
            return Err(writer.fail(#title, #rt::violation::Rule::Derived(#title)));
        }
    }
}
