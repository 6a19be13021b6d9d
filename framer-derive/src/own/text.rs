//! The description of a type of the user's own: its text, each token where it stood.

use std::collections::{BTreeMap, BTreeSet};

use framer_dsl::own::Field;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DataEnum, Error, Expr, ExprLit, Fields, Ident, Index, Result, Variant};

use super::attributes::{Attributes, find_braces, find_mark, first_word, is_mark, items_and_head};
use super::holds::{Held, Implied, here};
use crate::rebuilt::Rebuilt;

/// A description that is being written.
pub(crate) struct Text {
    pub(crate) rebuilt: Rebuilt,
    /// How Rust knows the types that fields have without an attribute.
    pub(crate) paths: BTreeMap<String, TokenStream>,
    /// The fields of the struct, or of each variant.
    pub(crate) bodies: Vec<Vec<Field>>,
    pub(crate) errors: Vec<Error>,
}

impl Text {
    /// Nothing yet, of a type that is declared at `span`.
    pub(crate) fn at(span: Span) -> Text {
        Text {
            rebuilt: Rebuilt::at(span),
            paths: BTreeMap::new(),
            bodies: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn check<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    fn write(&mut self, span: Span, token: &str) {
        self.rebuilt.write_as(span, token);
    }

    fn name(&mut self, name: &Ident) {
        self.rebuilt.write_as(name.span(), &name.unraw().to_string());
    }

    /// What stands before the type, and behind its name.
    fn header(&mut self, keyword: &str, name: &Ident, attributes: &Attributes) -> bool {
        let mut heads = Vec::new();
        for own in &attributes.own {
            let (items, head) = items_and_head(own.clone());
            self.rebuilt.write_all(items);
            heads.push(head);
        }
        self.write(name.span(), keyword);
        self.name(name);
        let mut has_repr = false;
        for head in heads {
            if keyword == "enum" && first_word(&head).is_some_and(|word| is_integer(&word)) {
                self.write(head.span(), ":");
                has_repr = true;
            }
            self.rebuilt.write_all(head);
        }
        has_repr
    }

    /// Writes a struct.
    pub(crate) fn of_struct(&mut self, name: &Ident, fields: &Fields, attributes: &Attributes) {
        self.header("frame", name, attributes);
        self.body(name.span(), fields, attributes);
    }

    /// Writes an enum.
    pub(crate) fn of_enum(&mut self, name: &Ident, data: &DataEnum, attributes: &Attributes) {
        let has_repr = self.header("enum", name, attributes);
        if let Some(members) = attributes.before.first().or(attributes.after.first()) {
            let message = "what every alternative begins or ends with stands in each of them";
            self.errors.push(Error::new_spanned(members, message));
        }
        let mut variants = Vec::new();
        for variant in &data.variants {
            let attributes = self.check(Attributes::read(&variant.attrs)).unwrap_or_default();
            let own = self.check(attributes.single().map(|own| own.cloned())).flatten();
            variants.push((variant, attributes, own.unwrap_or_default()));
        }
        let are_values = variants.iter().all(|(variant, attributes, own)| {
            let value = own.clone().into_iter().next().is_some_and(|first| is_mark(&first, '='));
            let unit = matches!(variant.fields, Fields::Unit);
            let bare = attributes.before.is_empty() && attributes.after.is_empty();
            let has_value = unit && (variant.discriminant.is_some() || value);
            bare && (has_value || (has_repr && is_catch_all(own) && variant.fields.len() == 1))
        });
        self.write(name.span(), "{");
        for (variant, attributes, own) in &variants {
            if is_catch_all(own) {
                self.write(own.span(), "_");
            }
            self.name(&variant.ident);
            self.value(variant, own);
            if !are_values {
                self.body(variant.ident.span(), &variant.fields, attributes);
            }
            self.write(variant.ident.span(), ",");
        }
        self.write(name.span(), "}");
    }

    /// The number or literal of a variant.
    fn value(&mut self, variant: &Variant, own: &TokenStream) {
        let first = own.clone().into_iter().next();
        match (&variant.discriminant, first) {
            (None, None) => {}
            (None, Some(first)) if is_mark(&first, '=') => {
                if let Some(span) = find_mark(own, ',').or(find_mark(own, ';')) {
                    let message = "what stands before or behind a variant is said by \
                                   `#[frame(before(...))]` or `#[frame(after(...))]`";
                    self.errors.push(Error::new(span, message));
                }
                self.rebuilt.write_all(own.clone());
            }
            (None, Some(_)) if is_catch_all(own) => {}
            (Some((equals, Expr::Lit(ExprLit { lit, .. }))), None) => {
                self.rebuilt.write_all(quote!(#equals #lit));
            }
            (Some((_, expr)), None) => {
                self.errors.push(Error::new_spanned(expr, "a number is needed here"));
            }
            (_, Some(first)) => self.errors.push(Error::new(
                first.span(),
                "a variant has a number, `#[frame(= 3)]`, or takes all others, `#[frame(_)]`; what \
                 it begins with is said by `#[frame(before(...))]`",
            )),
        }
    }

    /// The members of a frame, in braces.
    fn body(&mut self, span: Span, fields: &Fields, attributes: &Attributes) {
        self.write(span, "{");
        self.members(&attributes.before);
        let mut own = Vec::new();
        let mut covered = BTreeSet::new();
        for (place, field) in fields.iter().enumerate() {
            let attributes = self.check(Attributes::read(&field.attrs)).unwrap_or_default();
            let (name, member) = match &field.ident {
                Some(name) => (name.clone(), name.to_token_stream()),
                None => {
                    let name = Ident::new(&format!("_{place}"), field.ty.span());
                    (name, Index::from(place).to_token_stream())
                }
            };
            let held = Held::by(&field.ty);
            own.push(Field {
                name: name.unraw().to_string(),
                member,
                optional: held.optional,
                holds: held.holds.clone(),
                span: held.span(),
            });
            let result = self.field(&name, &held, &attributes, &mut covered);
            self.check(result);
        }
        self.bodies.push(own);
        self.members(&attributes.after);
        self.write(span, "}");
    }

    fn members(&mut self, groups: &[TokenStream]) {
        for group in groups {
            let Some(last) = group.clone().into_iter().last() else { continue };
            self.rebuilt.write_all(group.clone());
            if !is_mark(&last, ',') {
                self.write(last.span(), ",");
            }
        }
    }

    /// A field, with what stands before and behind it; `covered` are those that bits before it are.
    fn field(
        &mut self,
        name: &Ident,
        held: &Held<'_>,
        attributes: &Attributes,
        covered: &mut BTreeSet<String>,
    ) -> Result<()> {
        if covered.contains(&name.unraw().to_string()) {
            return attributes.refuse("the bits before say what it is");
        }
        self.members(&attributes.before);
        let end = match attributes.single()? {
            Some(own) => {
                self.described(name, own, covered)?;
                own.clone().into_iter().last().map_or(name.span(), |last| last.span())
            }
            None => {
                self.implied(name, held)?;
                held.span()
            }
        };
        self.write(end, ",");
        self.members(&attributes.after);
        Ok(())
    }

    /// A field whose attribute says what it is.
    fn described(
        &mut self,
        name: &Ident,
        own: &TokenStream,
        covered: &mut BTreeSet<String>,
    ) -> Result<()> {
        if let Some(span) = find_mark(own, ',').or(find_mark(own, ';')) {
            let message = "this is the type of one field; what stands before or behind it is said \
                           by `#[frame(before(...))]` or `#[frame(after(...))]`";
            return Err(Error::new(span, message));
        }
        match find_braces(own).filter(|_| first_word(own).is_some_and(|word| word == "bits")) {
            Some(group) => {
                covered.extend(names_of(group.stream()));
                let own_name = name.unraw().to_string();
                if !covered.contains(&own_name) {
                    let message = format!("`{own_name}` is none of these bits");
                    return Err(Error::new(group.span(), message));
                }
            }
            None => {
                self.name(name);
                self.write(name.span(), ":");
            }
        }
        self.rebuilt.write_all(own.clone());
        Ok(())
    }

    /// A field whose type in Rust says what it is.
    fn implied(&mut self, name: &Ident, held: &Held<'_>) -> Result<()> {
        let implied = held.implied().map_err(|message| {
            let span = held.span();
            Error::new(
                span,
                format!("nothing says what `{}` is on the wire; {message}", name.unraw()),
            )
        })?;
        self.name(name);
        self.write(name.span(), ":");
        match implied {
            Implied::Built(text) => self.write(held.span(), &text),
            Implied::Named(mut called, path) => {
                let same = |known: &TokenStream| known.to_string() == path.to_string();
                while self.paths.get(&called).is_some_and(|known| !same(known)) {
                    called.push('_');
                }
                self.write(held.span(), &called);
                self.paths.insert(called, path);
                if held.optional {
                    self.write(held.span(), "?");
                }
            }
        }
        Ok(())
    }

    /// How Rust knows a type that the description names.
    pub(crate) fn external(&self, name: &str, span: Span) -> TokenStream {
        match self.paths.get(name) {
            Some(path) => path.clone(),
            None => Ident::new(name, here(span)).to_token_stream(),
        }
    }
}

fn is_integer(word: &str) -> bool {
    let digits = word.strip_prefix(['u', 'i']);
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn is_catch_all(own: &TokenStream) -> bool {
    let mut trees = own.clone().into_iter();
    let first = matches!(trees.next(), Some(TokenTree::Ident(word)) if word == "_");
    first && trees.next().is_none()
}

/// The names before a `:` at the beginning or behind a `,`.
fn names_of(tokens: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut names = Vec::new();
    for (place, pair) in trees.windows(2).enumerate() {
        let begins = place.checked_sub(1).is_none_or(|before| is_mark(&trees[before], ','));
        if let [TokenTree::Ident(name), colon] = pair
            && begins
            && is_mark(colon, ':')
        {
            names.push(name.unraw().to_string());
        }
    }
    names
}
