//! Variables that hold numbers, and what is asked about them.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::{Names, rows};
use crate::emit::docs;
use crate::ir::{Amount, Change, Machine, Relation, VarTest};

/// The constants that name them.
pub(super) fn ids(machine: &Machine, names: &Names) -> TokenStream {
    let numbers = names.numbers.iter().zip(&machine.numbers).enumerate();
    let numbers: Vec<TokenStream> = numbers
        .map(|(place, (name, number))| {
            let header = docs(&number.docs, &format!("Of `{}`.", number.name));
            let place = Literal::usize_unsuffixed(place);
            quote!(#header pub(super) const #name: u8 = #place;)
        })
        .collect();
    let tests = names.tests.iter().enumerate().map(|(place, name)| {
        let place = Literal::usize_unsuffixed(machine.vars.len() + place);
        quote!(pub(super) const #name: u32 = 1 << #place;)
    });
    let tests: Vec<TokenStream> = tests.collect();
    let numbers = (!numbers.is_empty()).then(|| {
        quote! {
            /// Variables that hold numbers, by name.
            mod number {
                #(#numbers)*
            }
        }
    });
    let tests = (!tests.is_empty()).then(|| {
        quote! {
            /// What is asked about numbers, a bit each.
            mod test {
                #(#tests)*
            }
        }
    });
    quote!(#numbers #tests)
}

/// What a test is called.
pub(super) fn label(machine: &Machine, test: &VarTest, site: impl Fn(usize) -> String) -> String {
    let name = |place: usize| machine.numbers[place].name.clone();
    let is = match test.is {
        Relation::Equal => "is",
        Relation::Less => "below",
        Relation::AtMost => "at most",
    };
    let to = match test.to {
        Amount::Constant(value) => value.to_string(),
        Amount::Site(place) => site(place),
        Amount::Number(place) => name(place),
    };
    format!("{} {is} {to}", name(test.number))
}

/// The rows of the numbers.
pub(super) fn rows(machine: &Machine) -> Vec<TokenStream> {
    let rows = machine.numbers.iter().map(|number| {
        let name = &number.name;
        let [initial, low, high] = [number.initial, number.low, number.high].map(value);
        quote!(Number { name: #name, initial: #initial, low: #low, high: #high })
    });
    rows.collect()
}

/// The rows of the tests.
pub(super) fn tests(machine: &Machine, names: &Names) -> Vec<TokenStream> {
    let rows = machine.tests.iter().zip(&names.tests).map(|(test, bit)| {
        let (number, to) = (&names.numbers[test.number], amount(names, test.to));
        let is = match test.is {
            Relation::Equal => quote!(Equal),
            Relation::Less => quote!(Less),
            Relation::AtMost => quote!(AtMost),
        };
        quote! {
            Test { bit: test::#bit, number: number::#number, is: Relation::#is, to: #to }
        }
    });
    rows.collect()
}

/// The effect that changes a number.
pub(super) fn effect(names: &Names, number: usize, change: Change, by: Amount) -> TokenStream {
    let (number, by) = (&names.numbers[number], amount(names, by));
    let change = match change {
        Change::To => quote!(To),
        Change::Add => quote!(Add),
        Change::Subtract => quote!(Subtract),
    };
    quote!(Effect::Change { number: number::#number, change: Change::#change, by: #by })
}

fn amount(names: &Names, amount: Amount) -> TokenStream {
    match amount {
        Amount::Constant(amount) => {
            let amount = value(amount);
            quote!(Amount::Constant(#amount))
        }
        Amount::Site(place) => {
            let site = rows::site_of(names, place);
            quote!(Amount::Site(#site))
        }
        Amount::Number(place) => {
            let number = &names.numbers[place];
            quote!(Amount::Number(number::#number))
        }
    }
}

fn value(value: u64) -> TokenStream {
    match value {
        u64::MAX => quote!(u64::MAX),
        value => Literal::u64_unsuffixed(value).into_token_stream(),
    }
}
