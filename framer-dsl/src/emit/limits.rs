//! How large something may be as a whole, and how deep in itself.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ir::Limits;

/// What stands before and behind whatever reads or writes something with limits; `at` is where
/// it stands.
pub(super) fn around(
    limits: Option<Limits>,
    on: &TokenStream,
    at: &TokenStream,
) -> (TokenStream, TokenStream) {
    let Some(limits) = limits else { return (TokenStream::new(), TokenStream::new()) };
    let max = Literal::u64_unsuffixed(limits.max);
    let mut before = quote!(let whole_ = #on.#at(););
    let mut behind = quote!(#on.at_most(whole_, #max)?;);
    if let Some(depth) = limits.depth {
        let depth = Literal::u16_unsuffixed(depth);
        before.extend(quote!(let depth_ = #on.descend(#depth)?;));
        behind.extend(quote!(#on.ascend(depth_);));
    }
    (before, behind)
}
