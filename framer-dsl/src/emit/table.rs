//! The protocol as a table.

mod numbers;
mod rows;

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use rows::rule_row;

use super::cut::whole;
use super::{Context, docs};
use crate::ir::{
    Framer, KindOf, Machine, Region, Role, Shape, Site, SiteAction, State, StreamExtent, Target,
    TypeId, VarTest,
};
use crate::model::StateId;
use crate::names;

/// The names of the constants by which the table and the code around it speak of things.
pub(super) struct Names {
    pub(super) framers: Vec<Ident>,
    pub(super) kinds: Vec<Ident>,
    pub(super) states: Vec<Ident>,
    pub(super) sites: Vec<Ident>,
    pub(super) vars: Vec<Ident>,
    pub(super) numbers: Vec<Ident>,
    pub(super) tests: Vec<Ident>,
    pub(super) layers: Vec<Ident>,
}

impl Names {
    pub(super) fn new(context: &Context<'_>, machine: &Machine) -> Names {
        let roles = &machine.roles;
        let site_label = |site: &Site| {
            let frame = &context.ir.ty(TypeId::Frame(site.frame)).name;
            match &site.action {
                SiteAction::Parameter { framer, .. } => {
                    format!("{frame} {}", machine.framers[*framer].name)
                }
                SiteAction::Variable { var, .. } => format!("{frame} {}", machine.vars[*var].name),
                SiteAction::Number { number, .. } => {
                    format!("{frame} {}", machine.numbers[*number].name)
                }
            }
        };
        let test_label = |test: &VarTest| {
            let site = |place: usize| {
                let site = place.checked_sub(1).and_then(|place| machine.sites.get(place));
                site.map(site_label).unwrap_or_default()
            };
            numbers::label(machine, test, site)
        };
        Names {
            framers: distinct(machine.framers.iter().map(|framer| {
                let twice =
                    machine.framers.iter().filter(|other| other.ty == framer.ty).count() > 1;
                let role = &roles[framer.role.index()];
                if twice { format!("{role} {}", framer.name) } else { framer.name.clone() }
            })),
            kinds: distinct(machine.kinds.iter().map(|kind| {
                let alike = machine.kinds.iter().filter(|other| other.label == kind.label).count();
                let role = &roles[kind.role.index()];
                if alike > 1 { format!("{role} {}", kind.label) } else { kind.label.clone() }
            })),
            states: distinct(machine.states.iter().map(|state| state.name.clone())),
            sites: distinct(machine.sites.iter().map(site_label)),
            vars: distinct(machine.vars.iter().map(|var| var.name.clone())),
            numbers: distinct(machine.numbers.iter().map(|number| number.name.clone())),
            tests: distinct(machine.tests.iter().map(test_label)),
            layers: distinct(machine.layers.iter().cloned()),
        }
    }
}

/// The names as constants, with a number behind those that have come before.
fn distinct(wanted: impl Iterator<Item = String>) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for name in wanted {
        let plain = names::constant(&name);
        let alike = names.iter().filter(|other| **other == plain).count();
        names.push(match alike {
            0 => plain,
            _ => Ident::new(&format!("{plain}_{}", names.len()), Span::call_site()),
        });
    }
    names
}

pub(super) fn emit(context: &Context<'_>, machine: &Machine, names: &Names) -> TokenStream {
    let rt = context.rt;
    let ids = ids(machine, names);
    let protocol = protocol(context, machine, names);
    let states = machine.states.iter().map(|state| state_row(machine, names, state));
    let any = machine.any.iter().map(|rule| rule_row(machine, names, rule));
    let any_len = Literal::usize_unsuffixed(machine.any.len());
    let any =
        (!machine.any.is_empty()).then(|| quote!(static ANY: [Rule; #any_len] = [#(#any),*];));
    let count = machine.states.len();
    let kinds = machine.kinds.len();
    let rows = (0..count).map(Literal::usize_unsuffixed);
    let states_len = Literal::usize_unsuffixed(count);
    let kinds_len = Literal::usize_unsuffixed(kinds);
    let table = quote! {
        #ids

        #protocol

        static STATES: [State; #states_len] = [#(#states),*];

        #any

        static INDEX: [&[u8]; #states_len] = [#(&index::<#kinds_len>(&STATES[#rows])),*];
    };
    let words = idents(table.clone());
    let imports = IMPORTS.iter().filter(|name| words.contains(**name)).map(|name| names::ty(name));
    quote! {
        /// What may be said in which state, and what comes of it.
        mod table {
            use super::#rt::protocol::{#(#imports,)* index};

            #table
        }
    }
}

/// What the table may need of the runtime.
const IMPORTS: [&str; 23] = [
    "Amount",
    "Arm",
    "Barrier",
    "Change",
    "Cut",
    "Effect",
    "Framer",
    "FramerId",
    "KindId",
    "Last",
    "Node",
    "Number",
    "Pairing",
    "Protocol",
    "Relation",
    "Role",
    "Rule",
    "State",
    "StateId",
    "Target",
    "Test",
    "TimeLimit",
    "Unread",
];

/// Every identifier in the tokens.
fn idents(tokens: TokenStream) -> BTreeSet<String> {
    tokens
        .into_iter()
        .flat_map(|tree| match tree {
            TokenTree::Ident(ident) => BTreeSet::from([ident.to_string()]),
            TokenTree::Group(group) => idents(group.stream()),
            _ => BTreeSet::new(),
        })
        .collect()
}

/// The constants that name things.
fn ids(machine: &Machine, names: &Names) -> TokenStream {
    let entered = entered(machine);
    let module = |name: &str, header: &str, ty: TokenStream, items: &[Ident], wrap: bool, from| {
        // The state that a session begins in may be entered by no rule.
        let used = |place: &usize| name != "state" || entered.contains(place);
        if !(0..items.len()).any(|place| used(&place)) {
            return TokenStream::new();
        }
        let name = names::module(name);
        let outer = wrap.then(|| quote!(use super::#ty;));
        let items = items.iter().enumerate().filter(|(place, _)| used(place));
        let items = items.map(|(place, item)| {
            let place = Literal::usize_unsuffixed(place + from);
            let value = if wrap { quote!(#ty(#place)) } else { quote!(#place) };
            quote!(pub(in super::super) const #item: #ty = #value;)
        });
        quote! {
            #[doc = #header]
            pub(super) mod #name {
                #outer
                #(#items)*
            }
        }
    };
    let framers = module("framer", " Framers by name.", quote!(FramerId), &names.framers, true, 0);
    let kinds = module("kind", " Kinds of frames by name.", quote!(KindId), &names.kinds, true, 0);
    let states = module("state", " States by name.", quote!(StateId), &names.states, true, 0);
    let header = " Places where an effect needs a value of its frame.";
    let sites = module("site", header, quote!(u8), &names.sites, false, 1);
    let layers = module("layer", " Layers by name.", quote!(u8), &names.layers, false, 0);
    let vars = (!names.vars.is_empty()).then(|| {
        let items = names.vars.iter().zip(&machine.vars).enumerate().map(|(place, (name, var))| {
            let header = docs(&var.docs, &format!("Of `{}`.", var.name));
            let place = Literal::usize_unsuffixed(place);
            quote!(#header pub(super) const #name: u32 = 1 << #place;)
        });
        quote! {
            /// Variables, a bit each.
            mod var {
                #(#items)*
            }
        }
    });
    let numbers = numbers::ids(machine, names);
    quote!(#framers #kinds #states #sites #layers #vars #numbers)
}

/// The states that some rule leads to.
fn entered(machine: &Machine) -> BTreeSet<usize> {
    let rules = machine.states.iter().flat_map(|state| &state.rules).chain(&machine.any);
    let targets = rules.flat_map(|rule| {
        let arms = rule.arms.iter().map(|arm| arm.target);
        arms.chain([rule.target])
    });
    let entered = targets.filter_map(|target| match target {
        Target::State(StateId(place)) => Some(place),
        _ => None,
    });
    let late = machine.states.iter().filter_map(|state| state.within?.otherwise);
    entered.chain(late.map(|StateId(place)| place)).collect()
}

fn protocol(context: &Context<'_>, machine: &Machine, names: &Names) -> TokenStream {
    let (name, roles) = (&machine.name, &machine.roles);
    let header = docs(&machine.docs, &format!("The protocol `{name}`."));
    let speaks = machine.speaks.map(|place| &names.framers[place]);
    let framers = machine.framers.iter().map(|item| framer(context, machine, names, item));
    let kinds = machine.kinds.iter().map(|kind| &kind.name);
    let malformed = [Role::First, Role::Second].map(|role| {
        let mut kinds = machine.kinds.iter();
        let place = kinds.position(|kind| kind.role == role && kind.of == KindOf::Malformed);
        match place.map(|place| &names.kinds[place]) {
            Some(kind) => quote!(Some(kind::#kind)),
            None => quote!(None),
        }
    });
    let [first_asks, second_asks] = machine.asks;
    let pairing = if machine.key.is_some() { quote!(Key) } else { quote!(Order) };
    let pending = Literal::u64_unsuffixed(machine.pending);
    let reply_millis = match machine.reply_millis.map(Literal::u64_unsuffixed) {
        Some(millis) => quote!(Some(#millis)),
        None => quote!(None),
    };
    let mut variables =
        machine.vars.iter().zip(&names.vars).filter(|(var, _)| var.initial).map(|(_, name)| name);
    let variables = match variables.next() {
        None => quote!(0),
        Some(first) => quote!(var::#first #(| var::#variables)*),
    };
    let layers = &machine.layers;
    let (numbers, tests) = (numbers::rows(machine), numbers::tests(machine, names));
    quote! {
        #header
        pub static PROTOCOL: Protocol = Protocol {
            name: #name,
            roles: [#(#roles),*],
            speaks: [#(framer::#speaks),*],
            framers: &[#(#framers),*],
            kinds: &[#(#kinds),*],
            malformed: [#(#malformed),*],
            states: &STATES,
            index: &INDEX,
            asks: [#first_asks, #second_asks],
            pairing: Pairing::#pairing,
            pending: #pending,
            reply_millis: #reply_millis,
            variables: #variables,
            numbers: &[#(#numbers),*],
            tests: &[#(#tests),*],
            layers: &[#(#layers),*],
        };
    }
}

fn framer(context: &Context<'_>, machine: &Machine, names: &Names, framer: &Framer) -> TokenStream {
    let name = &framer.name;
    let region = |region: Region| {
        let delimiter = names::constant(&context.ir.delimiters[region.delimiter.0].name);
        (delimiter, Literal::u64_unsuffixed(region.max))
    };
    let kind = || {
        let TypeId::Frame(frame) = framer.ty else { return None };
        let of = KindOf::Frame(frame);
        let place = machine.kinds.iter().position(|kind| kind.role == framer.role && kind.of == of);
        place.map(|place| &names.kinds[place])
    };
    let cut = match framer.shape {
        shape @ (Shape::Delimited(_) | Shape::Measured { .. } | Shape::Coded { .. }) => {
            let ty = context.ir.ty(framer.ty);
            whole(context, ty, shape, &TokenStream::new(), &quote!(super::)).unwrap_or_default()
        }
        Shape::Datagram => {
            let max = Literal::u64_unsuffixed(framer.bound);
            quote!(Cut::Datagram { max: #max })
        }
        Shape::Lines { region: at, max: count, .. } => {
            let (delimiter, max) = region(at);
            let count = Literal::usize_unsuffixed(count);
            let last = names::value(&format!("ends {name}"));
            quote! {
                Cut::Lines {
                    delimiter: &super::#delimiter,
                    max: #max,
                    count: #count,
                    last: Last::new(&super::#last),
                }
            }
        }
        Shape::Stream(StreamExtent::Via(transform)) => {
            let rules = names::constant(&context.ir.transforms[transform.0].name);
            let kind = kind();
            quote!(Cut::Escaped { rules: &super::#rules, kind: kind::#kind })
        }
        Shape::Stream(StreamExtent::ToEnd) => {
            let kind = kind();
            quote!(Cut::Rest { kind: kind::#kind })
        }
        Shape::Stream(StreamExtent::Param { mask, .. }) => {
            let (kind, tail) = (kind(), Literal::byte_string(&framer.tail));
            let mask = Literal::u8_unsuffixed(mask.map_or(0, |mask| mask.bytes));
            quote!(Cut::Counted { kind: kind::#kind, tail: #tail, mask: #mask })
        }
    };
    quote!(Framer { name: #name, cut: #cut })
}

fn state_row(machine: &Machine, names: &Names, state: &State) -> TokenStream {
    let name = &state.name;
    let limit = match state.within {
        None => quote!(None),
        Some(within) => {
            let millis = Literal::u64_unsuffixed(within.millis);
            let otherwise = match within.otherwise {
                None => quote!(None),
                Some(StateId(place)) => {
                    let state = &names.states[place];
                    quote!(Some(state::#state))
                }
            };
            quote!(Some(TimeLimit { millis: #millis, otherwise: #otherwise }))
        }
    };
    let rules = state.rules.iter().map(|rule| rule_row(machine, names, rule));
    let any = if state.any && !machine.any.is_empty() { quote!(&ANY) } else { quote!(&[]) };
    quote! {
        State { name: #name, time_limit: #limit, rules: &[#(#rules),*], any: #any }
    }
}

/// The states as an enum for the user.
pub(super) fn state_enum(machine: &Machine) -> TokenStream {
    let variants = machine.states.iter().map(|state| {
        let header = docs(&state.docs, &format!("The state `{}`.", state.name));
        let name = names::ty(&state.name);
        quote!(#header #name,)
    });
    let places = machine.states.iter().map(|state| names::ty(&state.name));
    let count = Literal::usize_unsuffixed(machine.states.len());
    quote! {
        /// A state of the session.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum State {
            #(#variants)*
        }

        impl State {
            /// The states, in the order of the description.
            pub const ALL: [State; #count] = [#(State::#places),*];
        }
    }
}
