//! Finding the end of a frame by the numbers in it.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::record::{first_byte, is_one_byte, read_bits, read_number, starts_of};
use super::{Context, expr, generics, given};
use crate::ir::{
    Carrier, Choice, Element, ExprKind, Extent, Field, FieldKind, Fixed, Int, Lead, List, ListEnd,
    Record, Region, Step, Type, TypeId, TypeKind,
};
use crate::names;

/// The region that a type is, where nothing else is to be known to pass over it.
pub(super) fn region(ty: &Type) -> Option<Region> {
    let deep = ty.limits.is_some_and(|limits| limits.depth.is_some());
    let region = match &ty.kind {
        TypeKind::Record(record) => record.region,
        TypeKind::Choice(choice) => choice.region,
        _ => None,
    };
    region.filter(|_| ty.params.is_empty() && !deep)
}

/// What passes over a type, as an element; `of` stands before the runtime's types, `here` before what
/// the description declares.
pub(super) fn node(
    context: &Context<'_>,
    ty: &Type,
    of: &TokenStream,
    here: &TokenStream,
) -> TokenStream {
    if region(ty).is_some() {
        let delimited = context.delimited(ty);
        return quote!(#of Node::delimited(&#here #delimited));
    }
    let measure = context.measure(ty);
    let none = quote!(|_| #of Children::NONE);
    match measure_is_value(ty) {
        true => {
            quote!(#of Node::new(&|ruler: &mut #of Ruler<'_>| #here #measure(ruler).map(#none)))
        }
        false => quote!(#of Node::new(&#here #measure)),
    }
}

/// The same of a type that ends with a delimiter.
fn delimited(context: &Context<'_>, ty: &Type, region: Region) -> TokenStream {
    let rt = context.rt;
    let (name, title, constant) = (names::ty(&ty.name), &ty.name, context.delimited(ty));
    let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
    let max = Literal::u64_unsuffixed(region.max);
    let any = generics(ty.borrows, &quote!('_));
    let value = quote!(#rt::measure::Delimited::new(#title, &#delimiter, #max));
    if context.ir.own {
        return quote!(const #constant: #rt::measure::Delimited = #value;);
    }
    quote! {
        impl #name #any {
            /// One is passed over up to behind its delimiter.
            const DELIMITED: #rt::measure::Delimited = #value;
        }
    }
}

/// Passes over a record as far as the numbers in it say.
pub(super) fn record(context: &Context<'_>, ty: &Type, record: &Record) -> TokenStream {
    if let Some(region) = region(ty) {
        return delimited(context, ty, region);
    }
    let all = Steps { context, record };
    let (steps, children) = all.all();
    let needed = all.record.needed();
    let given = given::parameters(ty, &|name| needed.contains(name));
    function(context, ty, &given, &steps, &children)
}

/// Passes over a choice.
pub(super) fn choice(context: &Context<'_>, ty: &Type, choice: &Choice) -> TokenStream {
    let rt = context.rt;
    if let Some(region) = region(ty) {
        return delimited(context, ty, region);
    }
    if let Some(region) = choice.region {
        let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
        let max = Literal::u64_unsuffixed(region.max);
        let pass = quote!(ruler.until(&#delimiter, #max)?;);
        let given = given::parameters(ty, &|_| false);
        return function(context, ty, &given, &pass, &quote!(#rt::measure::Children::NONE));
    }
    let measure = |frame| {
        let of = context.ir.ty(TypeId::Frame(frame));
        given::measure(context, TypeId::Frame(frame), &given::names_of(of))
    };
    let given = given::parameters(ty, &|_| true);
    if let Some(by) = &choice.by {
        let by = given::by(ty, by);
        let arms = choice.alternatives.iter().map(|alternative| {
            let measure = measure(alternative.frame);
            match alternative.tag.map(Literal::u64_unsuffixed) {
                Some(tag) => quote!(#tag => #measure,),
                None => quote!(_ => #measure,),
            }
        });
        let closed = choice.alternatives.iter().all(|alternative| alternative.tag.is_some());
        let none = closed
            .then(|| quote!(_ => return Err(ruler.fail_before(#rt::violation::Rule::Choice)),));
        let steps = quote!(let children = match #by { #(#arms)* #none };);
        return function(context, ty, &given, &steps, &quote!(children));
    }
    let led: Vec<(&Lead, TokenStream)> = choice
        .led()
        .into_iter()
        .filter_map(|alternative| Some((alternative.lead.as_ref()?, measure(alternative.frame))))
        .collect();
    let rest = choice.alternatives.iter().find(|alternative| alternative.lead.is_none());
    let rest = match rest {
        Some(alternative) => measure(alternative.frame),
        None => quote!(return Err(ruler.fail(#rt::violation::Rule::Choice));),
    };
    let children = by_lead(&led, &rest);
    let steps = quote!(let children = #children;);
    function(context, ty, &given, &steps, &quote!(children))
}

/// The first of `led` whose lead stands there, or `rest`.
fn by_lead(led: &[(&Lead, TokenStream)], rest: &TokenStream) -> TokenStream {
    if led.is_empty() {
        return rest.clone();
    }
    let arms = led.iter().map(|(lead, measure)| {
        let first = first_byte(lead).unwrap_or_else(|| quote!(_));
        let starts = (!is_one_byte(lead)).then(|| {
            let starts = starts_of(lead, &quote!(ruler));
            quote!(if #starts?)
        });
        quote!(#first #starts => #measure,)
    });
    quote! {
        match ruler.first()? {
            #(#arms)*
            _ => { #rest }
        }
    }
}

/// Reads a choice of numbers.
pub(super) fn values(context: &Context<'_>, ty: &Type, int: Int, little: bool) -> TokenStream {
    let rt = context.rt;
    let name = names::ty(&ty.name);
    let fixed = FieldKind::Fixed(Fixed { int, little, low: 0, high: int.max() });
    let number = read_number(context, &fixed, &quote!(ruler));
    quote! {
        impl #name {
            /// Reads one, if it is there.
            fn measure(ruler: &mut #rt::measure::Ruler<'_>) -> #rt::measure::Measured<Self> {
                let begin = ruler.position();
                let number = #number;
                #name::from_number(number)
                    .ok_or_else(|| ruler.fail_since(begin, #rt::violation::Rule::Choice))
            }
        }
    }
}

fn function(
    context: &Context<'_>,
    ty: &Type,
    given: &TokenStream,
    steps: &TokenStream,
    children: &TokenStream,
) -> TokenStream {
    let rt = context.rt;
    let (name, title) = (names::ty(&ty.name), &ty.name);
    let any = generics(ty.borrows, &quote!('_));
    // Its elements are deeper, and itself has nothing behind them.
    let descend = ty.limits.and_then(|limits| limits.depth).map(|depth| {
        let depth = Literal::u16_unsuffixed(depth);
        quote!(ruler.descend(#depth)?;)
    });
    // A type of the user's own gets no method that it did not ask for.
    let function = match context.ir.own {
        true => context.measure(ty),
        false => quote!(measure),
    };
    let function = quote! {
        /// Passes over one, as far as the numbers in it say.
        fn #function(
            ruler: &mut #rt::measure::Ruler<'_>,
            #given
        ) -> #rt::measure::Measured<#rt::measure::Children> {
            let outer = ruler.named(#title);
            #descend
            #steps
            ruler.named(outer);
            Ok(#children)
        }
    };
    if context.ir.own { function } else { quote!(impl #name #any { #function }) }
}

struct Steps<'i> {
    context: &'i Context<'i>,
    record: &'i Record,
}

impl Steps<'_> {
    /// What passes over the steps, and the elements that are left then.
    fn all(&self) -> (TokenStream, TokenStream) {
        let rt = self.context.rt;
        let needed = self.record.needed();
        let mut tokens = TokenStream::new();
        let mut children = quote!(#rt::measure::Children::NONE);
        // Bytes of known number that nothing needs are passed over together.
        let mut known = 0_u64;
        if let Some(region) = self.record.region {
            return (self.region(region), children);
        }
        // How many regions are around the step: they are looked at for their end only.
        let mut inside = 0_usize;
        for (place, step) in self.record.steps.iter().enumerate() {
            match step {
                Step::Open(region) => {
                    if inside == 0 {
                        tokens.extend(skip(&mut known));
                        tokens.extend(self.region(*region));
                    }
                    inside += 1;
                }
                Step::Close(_) => inside = inside.saturating_sub(1),
                _ => {}
            }
            if inside > 0 {
                continue;
            }
            let rest = self.record.steps.get(place + 1..).unwrap_or_default();
            let last = rest.iter().all(|step| matches!(step, Step::Require { .. }));
            if let Some((read, elements)) = self.elements(step).filter(|_| last) {
                tokens.extend(skip(&mut known));
                tokens.extend(read);
                children = elements;
                break;
            }
            let (bytes, read) = self.step(step, &needed);
            known += bytes;
            if !read.is_empty() {
                tokens.extend(skip(&mut known));
                tokens.extend(read);
            }
            if matches!(step, Step::Rest(_)) {
                break;
            }
        }
        tokens.extend(skip(&mut known));
        (tokens, children)
    }

    /// Passes over a region.
    fn region(&self, region: Region) -> TokenStream {
        let delimiter = names::constant(&self.context.ir.delimiters[region.delimiter.0].name);
        let max = Literal::u64_unsuffixed(region.max);
        quote!(ruler.until(&#delimiter, #max)?;)
    }

    /// The last step, if it has elements that are passed over one by one.
    fn elements(&self, step: &Step) -> Option<(TokenStream, TokenStream)> {
        let rt = self.context.rt;
        let Step::Field(Field { kind, cond: None, .. }) = step else { return None };
        match kind {
            FieldKind::List(List {
                element: Element::Type(ty),
                end: ListEnd::Count { count, .. },
                ..
            }) if self.context.ir.ty(*ty).size.is_none() => {
                let count = self.expr(count);
                let of = self.context.ir.ty(*ty);
                let node = node(self.context, of, &quote!(#rt::measure::), &TokenStream::new());
                let children = quote!(#rt::measure::Children::of(#count, #node));
                Some((TokenStream::new(), children))
            }
            FieldKind::List(List {
                element: Element::Type(ty),
                end: ListEnd::Literal { literal, .. },
                max,
                ..
            }) => {
                let of = self.context.ir.ty(*ty);
                let end = Literal::byte_string(&literal.bytes);
                let max = Literal::usize_unsuffixed(*max);
                let node = node(self.context, of, &quote!(#rt::measure::), &TokenStream::new());
                let children = quote!(#rt::measure::Children::until(#end, #max, #node));
                Some((TokenStream::new(), children))
            }
            FieldKind::Named { ty, args, length: None, .. } => {
                let of = self.context.ir.ty(*ty);
                if of.size.is_some() || measure_is_value(of) {
                    return None;
                }
                let measure = given::measure(self.context, *ty, args);
                Some((quote!(let children = #measure;), quote!(children)))
            }
            _ => None,
        }
    }

    /// How many bytes a step takes that need not be looked at, or what passes over it.
    fn step(&self, step: &Step, needed: &BTreeSet<&str>) -> (u64, TokenStream) {
        let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        match step {
            Step::Literal(literal) => (0, expect(literal)),
            Step::Require { .. }
            | Step::Open(_)
            | Step::Close(_)
            | Step::Before(_)
            | Step::Behind
            | Step::Skip(_) => (0, TokenStream::new()),
            Step::Rest(length) => {
                let length = self.expr(length);
                (0, quote!(ruler.skip(#length);))
            }
            Step::Bits(bits) => {
                let constant = |field: &crate::ir::BitField| {
                    let derived = field.derived.as_ref().map(|derived| &derived.expr.kind);
                    matches!(derived, Some(ExprKind::Number(_) | ExprKind::Bool(_)))
                };
                let looked_at = bits.fields.iter().any(|field| {
                    constant(field)
                        || needed.contains(field.name.as_str())
                        || matches!(field.kind, FieldKind::Varint(_))
                });
                if let Carrier::Fixed(fixed) = &bits.carrier
                    && !looked_at
                {
                    return (wide(fixed.int.bytes()), TokenStream::new());
                }
                let fail = |rule: &TokenStream| quote!(ruler.fail_since(begin_, #rule));
                let wanted = |field: &crate::ir::BitField| needed.contains(field.name.as_str());
                (0, read_bits(self.context, bits, &quote!(ruler), &fail, &wanted))
            }
            Step::Field(field) => self.field(field, needed),
        }
    }

    fn field(&self, field: &Field, needed: &BTreeSet<&str>) -> (u64, TokenStream) {
        let name = names::local(&field.name);
        if let Some(cond) = &field.cond {
            let cond = self.expr(&cond.expr);
            let (mut known, read) = self.value(field);
            let skip = skip(&mut known);
            return (0, quote!(if #cond { #skip #read }));
        }
        let constant = field
            .derived
            .as_ref()
            .is_some_and(|derived| matches!(derived.expr.kind, ExprKind::Number(_)));
        if constant || needed.contains(field.name.as_str()) {
            let read = match &field.kind {
                FieldKind::Named { ty, .. } => {
                    let measure = self.context.measure(self.context.ir.ty(*ty));
                    Some(quote!(#measure(ruler)?))
                }
                // The other literal is as long, or this would not be measured.
                FieldKind::Flag { on, .. } => {
                    let (bytes, len) = (Literal::byte_string(&on.bytes), on.bytes.len());
                    let (nocase, word) = (on.nocase, on.word);
                    let len = Literal::u64_unsuffixed(u64::try_from(len).unwrap_or(u64::MAX));
                    Some(quote! {{
                        let on = ruler.starts(#bytes, #nocase, #word)?;
                        ruler.skip(#len);
                        on
                    }})
                }
                kind => read_number(self.context, kind, &quote!(ruler)),
            };
            return match constant {
                true => (0, quote!(#read;)),
                false => (0, quote!(let #name = #read;)),
            };
        }
        self.value(field)
    }

    /// Passes over a value that nothing needs.
    fn value(&self, field: &Field) -> (u64, TokenStream) {
        let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let known = |bytes: usize| (wide(bytes), TokenStream::new());
        match &field.kind {
            FieldKind::Fixed(fixed) => known(fixed.int.bytes()),
            FieldKind::Number(number)
                if number.min_digits == number.max_digits && !number.int.signed =>
            {
                known(number.max_digits)
            }
            FieldKind::Flag { on, .. } => known(on.bytes.len()),
            FieldKind::Text { extent: Extent::Exactly(len), .. } => known(*len),
            FieldKind::Text { extent: Extent::Until { delimiter, max }, .. } => {
                let delimiter = names::constant(&self.context.ir.delimiters[delimiter.0].name);
                let max = Literal::u64_unsuffixed(*max);
                (0, quote!(ruler.until(&#delimiter, #max)?;))
            }
            FieldKind::Coded { transform, max } => {
                let coding = names::constant(&self.context.ir.transforms[transform.0].name);
                let max = Literal::u64_unsuffixed(*max);
                (0, quote!(ruler.coded(&#coding, #max)?;))
            }
            FieldKind::Text { extent: Extent::Sized(length), .. }
            | FieldKind::Named { length: Some(length), .. } => {
                let length = self.expr(length);
                (0, quote!(ruler.skip(#length);))
            }
            FieldKind::Named { ty, args, length: None, .. } => {
                let measure = given::measure(self.context, *ty, args);
                (0, quote!(#measure;))
            }
            FieldKind::List(List { element, end: ListEnd::Count { count, .. }, .. }) => {
                let count = self.expr(count);
                let each = Literal::u64_unsuffixed(self.element(*element));
                let product = match each.to_string().as_str() {
                    "1" => quote!(#count),
                    _ => expr::product(&count, &each),
                };
                (0, quote!(ruler.skip(#product);))
            }
            kind => {
                let read = read_number(self.context, kind, &quote!(ruler));
                (0, read.map_or_else(TokenStream::new, |read| quote!(#read;)))
            }
        }
    }

    /// How many bytes an element of a list takes; each takes the same.
    fn element(&self, element: Element) -> u64 {
        let wide = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        match element {
            Element::Int { int, .. } => wide(int.bytes()),
            Element::Type(ty) => self.context.ir.ty(ty).size.unwrap_or(0),
        }
    }

    fn expr(&self, expr: &crate::ir::Expr) -> TokenStream {
        expr::emit(expr, &|name| expr::local(self.context, self.record, name))
    }
}

fn skip(known: &mut u64) -> TokenStream {
    match std::mem::take(known) {
        0 => TokenStream::new(),
        bytes => {
            let bytes = Literal::u64_unsuffixed(bytes);
            quote!(ruler.skip(#bytes);)
        }
    }
}

/// What must stand at the place, whatever follows.
fn expect(literal: &crate::ir::Literal) -> TokenStream {
    match (std::str::from_utf8(&literal.bytes), literal.nocase) {
        (Ok(text), false) => quote!(ruler.literal(#text)?;),
        (Ok(text), true) => quote!(ruler.literal_nocase(#text)?;),
        (Err(_), _) => {
            let bytes = Literal::byte_string(&literal.bytes);
            quote!(ruler.magic(#bytes)?;)
        }
    }
}

/// Whether what passes over it gives its value.
fn measure_is_value(ty: &Type) -> bool {
    matches!(ty.kind, TypeKind::Values(_))
}
