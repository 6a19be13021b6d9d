//! How the rules see the frames that a role speaks: their kinds and the values effects need.

use proc_macro2::TokenStream;
use quote::quote;

use super::expr::KeyOf;
use super::table::Names;
use super::{Context, expr, generics};
use crate::ir::{
    Expr, ExprKind, FrameId, Key, KindOf, Machine, Role, Shape, Site, SiteAction, TypeId, TypeKind,
};
use crate::names;

pub(super) fn emit(context: &Context<'_>, machine: &Machine, table: &Names) -> TokenStream {
    let mut done: Vec<TypeId> = Vec::new();
    let mut tokens = TokenStream::new();
    for framer in &machine.framers {
        if matches!(framer.shape, Shape::Stream(_)) || done.contains(&framer.ty) {
            continue;
        }
        done.push(framer.ty);
        tokens.extend(implement(context, machine, table, framer.ty));
    }
    tokens
}

fn implement(context: &Context<'_>, machine: &Machine, table: &Names, id: TypeId) -> TokenStream {
    let rt = context.rt;
    let ty = context.ir.ty(id);
    let (name, any) = (names::ty(&ty.name), generics(ty.borrows, &quote!('_)));
    let speakers: Vec<Role> =
        machine.framers.iter().filter(|framer| framer.ty == id).map(|framer| framer.role).collect();
    let (role, kind) = match speakers.as_slice() {
        [role] => (quote!(_role), kinds(context, machine, table, id, *role)),
        _ => {
            let first = kinds(context, machine, table, id, Role::First);
            let second = kinds(context, machine, table, id, Role::Second);
            let kind = quote! {
                match role {
                    #rt::protocol::Role::First => #first,
                    #rt::protocol::Role::Second => #second,
                }
            };
            (quote!(role), kind)
        }
    };
    let by = machine.framers.iter().find(|framer| framer.ty == id && framer.by.is_some());
    let value = by.and_then(|framer| framer.by.as_ref()).zip(frame_of(id)).map(|(by, frame)| {
        let value = by_value(context, frame, by);
        quote! {
            fn value(&self) -> u64 {
                #value
            }
        }
    });
    let key = machine.key.as_ref().and_then(|of| key(context, of, id));
    let site = sites(context, machine, table, id);
    quote! {
        impl #rt::spoken::Spoken for #name #any {
            fn kind(&self, #role: #rt::protocol::Role) -> #rt::protocol::KindId {
                #kind
            }

            #value

            #key

            #site
        }
    }
}

/// What pairs a frame with its reply.
fn key(context: &Context<'_>, key: &Key, id: TypeId) -> Option<TokenStream> {
    let rt = context.rt;
    let of = |frame: FrameId, value: &TokenStream| {
        let TypeKind::Record(record) = &context.ir.ty(TypeId::Frame(frame)).kind else {
            return None;
        };
        let number = match expr::key_at(context, record, &key.field, value)? {
            KeyOf::Number(number) => number,
            KeyOf::Text(text) => return Some(quote!(Some(#rt::protocol::Key::text(#text)))),
        };
        let within = key.within.as_ref();
        let within = within.and_then(|within| expr::key_at(context, record, within, value));
        Some(match (number, within) {
            (number, Some(KeyOf::Number(within))) => {
                let within = within.or_zero();
                number.option(
                    |number| quote!(#rt::protocol::Key::Number { within: #within, number: #number }),
                )
            }
            (number, _) => number.option(|number| quote!(#rt::protocol::Key::from(#number))),
        })
    };
    let body = match (id, &context.ir.ty(id).kind) {
        (TypeId::Frame(frame), _) => of(frame, &quote!(self))?,
        (_, TypeKind::Choice(choice)) => {
            let name = names::ty(&context.ir.ty(id).name);
            let arms: Vec<TokenStream> = choice
                .alternatives
                .iter()
                .filter_map(|alternative| {
                    let key = of(alternative.frame, &quote!(frame))?;
                    let ty = context.ir.ty(TypeId::Frame(alternative.frame));
                    let variant = names::ty(&ty.name);
                    Some(quote!(#name::#variant(frame) => #key,))
                })
                .collect();
            let rest = (arms.len() < choice.alternatives.len()).then(|| quote!(_ => None,));
            if arms.is_empty() {
                return None;
            }
            quote!(match self { #(#arms)* #rest })
        }
        _ => return None,
    };
    Some(quote! {
        fn key(&self) -> ::core::option::Option<#rt::protocol::Key> {
            #body
        }
    })
}

fn by_value(context: &Context<'_>, frame: FrameId, by: &str) -> TokenStream {
    let field = Expr { kind: ExprKind::Field(by.to_owned()) };
    expr::of_frame(context, &field, frame, &quote!(self))
}

fn frame_of(id: TypeId) -> Option<FrameId> {
    match id {
        TypeId::Frame(frame) => Some(frame),
        _ => None,
    }
}

/// The expression for the kind of `self`.
fn kinds(
    context: &Context<'_>,
    machine: &Machine,
    table: &Names,
    id: TypeId,
    role: Role,
) -> TokenStream {
    let ty = context.ir.ty(id);
    match (id, &ty.kind) {
        (TypeId::Frame(frame), _) => kind(context, machine, table, frame, role, &quote!(self)),
        (_, TypeKind::Choice(choice)) => {
            let name = names::ty(&ty.name);
            let arms = choice.alternatives.iter().map(|alternative| {
                let frame = alternative.frame;
                let variant = names::ty(&context.ir.ty(TypeId::Frame(frame)).name);
                let kind = kind(context, machine, table, frame, role, &quote!(frame));
                match has_guards(machine, frame, role) {
                    true => quote!(#name::#variant(frame) => #kind,),
                    false => quote!(#name::#variant(_) => #kind,),
                }
            });
            quote!(match self { #(#arms)* })
        }
        _ => TokenStream::new(),
    }
}

fn has_guards(machine: &Machine, frame: FrameId, role: Role) -> bool {
    machine
        .kinds
        .iter()
        .any(|kind| kind.role == role && kind.of == KindOf::Frame(frame) && !kind.own.is_empty())
}

/// The kind of one frame, by the answers of its guards.
fn kind(
    context: &Context<'_>,
    machine: &Machine,
    table: &Names,
    frame: FrameId,
    role: Role,
    value: &TokenStream,
) -> TokenStream {
    let mut found = machine
        .kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| kind.role == role && kind.of == KindOf::Frame(frame))
        .peekable();
    let Some((place, first)) = found.peek() else { return TokenStream::new() };
    let guards: Vec<&Expr> = first.own.iter().map(|(guard, _)| guard).collect();
    let only = &table.kinds[*place];
    match guards.as_slice() {
        [] => quote!(kind::#only),
        [guard] => {
            let guard = expr::of_frame(context, guard, frame, value);
            let place_of = |wanted: bool| {
                let mut kinds = found.clone();
                let place = kinds.find(|(_, kind)| kind.own[0].1 == wanted).map(|(place, _)| place);
                place.map(|place| &table.kinds[place])
            };
            let (yes, no) = (place_of(true), place_of(false));
            quote!(if #guard { kind::#yes } else { kind::#no })
        }
        guards => {
            let guards = guards.iter().map(|guard| expr::of_frame(context, guard, frame, value));
            let arms = found.map(|(place, kind)| {
                let answers = kind.own.iter().map(|(_, answer)| *answer);
                let name = &table.kinds[place];
                quote!((#(#answers),*) => kind::#name,)
            });
            quote!(match (#(#guards),*) { #(#arms)* })
        }
    }
}

/// The values that effects compute from the frames of a type.
fn sites(
    context: &Context<'_>,
    machine: &Machine,
    table: &Names,
    id: TypeId,
) -> Option<TokenStream> {
    let ty = context.ir.ty(id);
    let mut arms = Vec::new();
    for (place, site) in machine.sites.iter().enumerate() {
        let name = &table.sites[place];
        match &ty.kind {
            TypeKind::Choice(choice) => {
                let belongs = choice.alternatives.iter().any(|a| a.frame == site.frame);
                if belongs {
                    let (choice, variant) = (
                        names::ty(&ty.name),
                        names::ty(&context.ir.ty(TypeId::Frame(site.frame)).name),
                    );
                    let value = site_value(context, site, &quote!(frame));
                    arms.push(quote!((#choice::#variant(frame), site::#name) => #value,));
                }
            }
            _ if id == TypeId::Frame(site.frame) => {
                let value = site_value(context, site, &quote!(self));
                arms.push(quote!(site::#name => #value,));
            }
            _ => {}
        }
    }
    if arms.is_empty() {
        return None;
    }
    let subject = match ty.kind {
        TypeKind::Choice(_) => quote!((self, site)),
        _ => quote!(site),
    };
    Some(quote! {
        fn site(&self, site: u8) -> u64 {
            match #subject {
                #(#arms)*
                _ => 0,
            }
        }
    })
}

fn site_value(context: &Context<'_>, site: &Site, frame: &TokenStream) -> TokenStream {
    match &site.action {
        SiteAction::Variable { value, .. } => {
            let value = expr::of_frame(context, value, site.frame, frame);
            quote!(u64::from(#value))
        }
        SiteAction::Parameter { value, .. } | SiteAction::Number { value, .. } => {
            expr::of_frame(context, value, site.frame, frame)
        }
    }
}
