//! Any bytes as a frame.

use std::sync::OnceLock;

use framer_interpret::Description;
use framer_runtime::violation::Rule;

use crate::twin::{Ty, interpreted, types};

/// A type of a bundled protocol or of the language reference.
pub(super) struct Typed {
    /// How its description is called.
    pub(super) of: &'static str,
    pub(super) ty: &'static Ty,
    pub(super) description: &'static Description,
}

/// Every one, in order.
pub(super) fn typed() -> &'static [Typed] {
    static ALL: OnceLock<Vec<Typed>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = types::ALL.iter().map(|of| (of.name, of.load(), of.types));
        all.flat_map(|(of, description, types)| {
            types.iter().map(move |ty| Typed { of, ty, description })
        })
        .collect()
    })
}

/// The type that the first two bytes choose, and what is behind them.
pub(super) fn chosen(data: &[u8]) -> Option<(&'static Typed, &[u8])> {
    let (choice, rest) = data.split_first_chunk::<2>()?;
    let all = typed();
    Some((all.get(usize::from(u16::from_be_bytes(*choice)) % all.len())?, rest))
}

/// Both engines decode and encode bytes alike. What was decoded is encoded to what decodes to the
/// same, and is encoded so again.
///
/// # Panics
/// Where that is not so.
pub fn recoding(data: &[u8]) {
    let Some((Typed { of, ty, description }, bytes)) = chosen(data) else { return };
    let shown = || format!("{of} {}: {}", ty.name, bytes.escape_ascii());
    let compiled = (ty.compiled)(bytes);
    assert_eq!(interpreted(description, ty.name, bytes), compiled, "{}", shown());
    match compiled {
        Err(_) => {}
        Ok((text, Ok(written))) => {
            let again = (ty.compiled)(&written);
            assert_eq!(again, Ok((text, Ok(written.clone()))), "{}", shown());
        }
        // A shorter delimiter was read than is written, or elements that are told from the end of
        // their list only by what follows.
        Ok((_, Err(error))) => {
            let known = matches!(error.rule, Rule::TooLong { .. } | Rule::Ambiguous);
            assert!(known, "{}: {error}", shown());
        }
    }
}
