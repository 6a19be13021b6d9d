//! The rules of the table.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::{Names, numbers};
use crate::ir::{Arm, Barrier, Effect, KindOf, Machine, Received, Role, Rule, Target};
use crate::model::StateId;

pub(super) fn rule_row(machine: &Machine, names: &Names, rule: &Rule) -> TokenStream {
    let kinds = rule.kinds.iter().map(|place| &names.kinds[*place]);
    let mut row = quote!(Rule::on(&[#(kind::#kinds),*]));
    if let Some(values) = values(rule.low, rule.high) {
        row.extend(values);
    }
    row.extend(guard(names, rule.mask, rule.value));
    if rule.refuse {
        row.extend(quote!(.refuse()));
    }
    if let Some(barrier) = rule.barrier {
        let barrier = match barrier {
            Barrier::Framing => quote!(Framing),
            Barrier::Variable => quote!(Variable),
            Barrier::End => quote!(End),
            Barrier::Order => quote!(Order),
            Barrier::Declared => quote!(Declared),
        };
        row.extend(quote!(.barrier(Barrier::#barrier)));
    }
    if rule.framing != 0 {
        let framing = Literal::u16_unsuffixed(rule.framing);
        row.extend(quote!(.framing(#framing)));
    }
    if rule.target != Target::Stay {
        let target = target(names, rule.target);
        row.extend(quote!(.leads(#target)));
    }
    row.extend(effects(machine, names, &rule.effects));
    if !rule.arms.is_empty() {
        let arms = rule.arms.iter().map(|arm| arm_row(machine, names, arm));
        row.extend(quote!(.awaits(&[#(#arms),*])));
    }
    row
}

fn arm_row(machine: &Machine, names: &Names, arm: &Arm) -> TokenStream {
    let target = target(names, arm.target);
    let mut row = quote!(Arm::to(#target));
    // Where a role speaks one kind only, its value says it all.
    let role = arm.kinds.first().map(|place| machine.kinds[*place].role);
    let all = machine.kinds.iter().filter(|kind| Some(kind.role) == role).count();
    if !arm.kinds.is_empty() && arm.kinds.len() < all {
        let kinds = arm.kinds.iter().map(|place| &names.kinds[*place]);
        row.extend(quote!(.on(&[#(kind::#kinds),*])));
    }
    if let Some(values) = values(arm.low, arm.high) {
        row.extend(values);
    }
    row.extend(guard(names, arm.mask, arm.value));
    row.extend(effects(machine, names, &arm.effects));
    row
}

fn guard(names: &Names, mask: u32, value: u32) -> Option<TokenStream> {
    let (mask, value) = ((mask != 0).then(|| bits(names, mask))?, bits(names, value));
    Some(quote!(.guard(#mask, #value)))
}

fn values(low: u64, high: u64) -> Option<TokenStream> {
    if (low, high) == (0, u64::MAX) {
        return None;
    }
    let low = Literal::u64_unsuffixed(low);
    let high = match high {
        u64::MAX => quote!(u64::MAX),
        high => Literal::u64_unsuffixed(high).into_token_stream(),
    };
    Some(quote!(.values(#low, #high)))
}

fn bits(names: &Names, set: u32) -> TokenStream {
    let vars = names.vars.iter().map(|name| quote!(var::#name));
    let all = vars.chain(names.tests.iter().map(|name| quote!(test::#name)));
    let mut set = all.enumerate().filter(|(place, _)| set >> place & 1 == 1).map(|(_, name)| name);
    let Some(first) = set.next() else { return quote!(0) };
    quote!(#first #(| #set)*)
}

/// A place where an effect or a test needs a value; 0 is none.
pub(super) fn site_of(names: &Names, place: usize) -> TokenStream {
    match place.checked_sub(1) {
        Some(place) => {
            let site = &names.sites[place];
            quote!(site::#site)
        }
        None => quote!(0),
    }
}

fn role(role: Role) -> TokenStream {
    match role {
        Role::First => quote!(Role::First),
        Role::Second => quote!(Role::Second),
    }
}

fn target(names: &Names, target: Target) -> TokenStream {
    match target {
        Target::Stay => quote!(Target::Stay),
        Target::Close => quote!(Target::Close),
        Target::Again => quote!(Target::Again),
        Target::State(StateId(place)) => {
            let state = &names.states[place];
            quote!(Target::State(state::#state))
        }
    }
}

fn effects(machine: &Machine, names: &Names, effects: &[Effect]) -> Option<TokenStream> {
    if effects.is_empty() {
        return None;
    }
    let effects = effects.iter().map(|effect| match effect {
        Effect::Then { role: of, framer, site, mask } => {
            let (of, framer) = (role(*of), &names.framers[*framer]);
            let (site, mask) = (site_of(names, *site), site_of(names, *mask));
            quote! {
                Effect::Then { role: #of, framer: framer::#framer, site: #site, mask: #mask }
            }
        }
        Effect::Hold { role: of, until } => {
            let kinds = machine.kinds.iter().zip(&names.kinds);
            let until =
                kinds.filter(|(kind, _)| kind.role != *of && kind.of == KindOf::Frame(*until));
            let (of, until) = (role(*of), until.map(|(_, name)| name));
            quote!(Effect::Hold { role: #of, until: &[#(kind::#until),*] })
        }
        Effect::Speaks { role: of, framer } => {
            let (of, framer) = (role(*of), &names.framers[*framer]);
            quote!(Effect::Speaks { role: #of, framer: framer::#framer })
        }
        Effect::Upgrade { layer, received } => {
            let layer = &names.layers[*layer];
            let received = match received {
                Received::Reject => quote!(Reject),
                Received::Discard => quote!(Discard),
                Received::Carry => quote!(Carry),
            };
            quote!(Effect::Upgrade { layer: layer::#layer, unread: Unread::#received })
        }
        Effect::Assign { var, value } => {
            let var = &names.vars[*var];
            quote!(Effect::Assign { variable: var::#var, value: #value })
        }
        Effect::Set { var, site } => {
            let (var, site) = (&names.vars[*var], site_of(names, *site));
            quote!(Effect::Set { variable: var::#var, site: #site })
        }
        Effect::Change { number, change, by } => numbers::effect(names, *number, *change, *by),
    });
    Some(quote!(.effects(&[#(#effects),*])))
}
