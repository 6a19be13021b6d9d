//! What the attributes `#[frame(...)]` of a type, a variant or a field say.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Attribute, Error, Meta, Path, Result};

/// The attributes of one thing.
#[derive(Default)]
pub(crate) struct Attributes {
    /// `crate = path`
    pub(crate) runtime: Option<Path>,
    /// What stands before it on the wire: members with commas between.
    pub(crate) before: Vec<TokenStream>,
    /// What stands behind it.
    pub(crate) after: Vec<TokenStream>,
    /// What is said of itself, as often as it was.
    pub(crate) own: Vec<TokenStream>,
}

impl Attributes {
    /// Takes the attributes apart.
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Attributes> {
        let mut read = Attributes::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("frame")) {
            let Meta::List(list) = &attribute.meta else {
                let message = "say what it is on the wire: `#[frame(u16 le)]`";
                return Err(Error::new_spanned(attribute, message));
            };
            read.take(list.tokens.clone())?;
        }
        Ok(read)
    }

    fn take(&mut self, tokens: TokenStream) -> Result<()> {
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        match trees.as_slice() {
            [TokenTree::Ident(word), TokenTree::Group(members)]
                if members.delimiter() == Delimiter::Parenthesis && *word == "before" =>
            {
                self.before.push(members.stream());
            }
            [TokenTree::Ident(word), TokenTree::Group(members)]
                if members.delimiter() == Delimiter::Parenthesis && *word == "after" =>
            {
                self.after.push(members.stream());
            }
            [TokenTree::Ident(word), TokenTree::Punct(equals), path @ ..]
                if *word == "crate" && equals.as_char() == '=' =>
            {
                let path = path.iter().cloned().collect();
                self.runtime = Some(Path::parse_mod_style.parse2(path)?);
            }
            _ => self.own.push(tokens),
        }
        Ok(())
    }

    /// What is said of itself, where that is said once at most.
    pub(crate) fn single(&self) -> Result<Option<&TokenStream>> {
        match self.own.as_slice() {
            [] => Ok(None),
            [own] => Ok(Some(own)),
            [_, second, ..] => Err(Error::new_spanned(second, "its type is said already")),
        }
    }

    /// Nothing may be said.
    pub(crate) fn refuse(&self, message: &str) -> Result<()> {
        let said = self.before.iter().chain(&self.after).chain(&self.own).next();
        match (said, &self.runtime) {
            (Some(tokens), _) => Err(Error::new_spanned(tokens, message)),
            (None, Some(path)) => Err(Error::new_spanned(path, message)),
            (None, None) => Ok(()),
        }
    }
}

/// The items, of which each ends with a `;` or a `}`, and what stands behind them.
pub(crate) fn items_and_head(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        tree => is_mark(tree, ';'),
    };
    let head = trees.iter().rposition(ends).map_or(0, |last| last + 1);
    let head = trees.split_off(head);
    (trees.into_iter().collect(), head.into_iter().collect())
}

/// The first token that is the mark.
pub(crate) fn find_mark(tokens: &TokenStream, mark: char) -> Option<Span> {
    let found = tokens.clone().into_iter().find(|tree| is_mark(tree, mark));
    found.map(|tree| tree.span())
}

pub(crate) fn is_mark(tree: &TokenTree, mark: char) -> bool {
    let TokenTree::Punct(punct) = tree else { return false };
    punct.as_char() == mark && punct.spacing() == Spacing::Alone
}

/// The first group in braces.
pub(crate) fn find_braces(tokens: &TokenStream) -> Option<proc_macro2::Group> {
    tokens.clone().into_iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    })
}

/// The word that the tokens begin with.
pub(crate) fn first_word(tokens: &TokenStream) -> Option<String> {
    match tokens.clone().into_iter().next() {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}
