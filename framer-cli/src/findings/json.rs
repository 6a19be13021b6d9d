//! A finding as one object of JSON.

use framer_dsl::diagnostic::{Diagnostic, Label};
use serde::Serialize;

use super::Checked;
use super::place::Place;

/// A finding.
#[derive(Serialize)]
pub(super) struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    path: String,
    #[serde(flatten)]
    primary: Marked,
    /// The other places that have to do with it.
    related: Vec<Marked>,
    help: Option<String>,
}

/// A place and what is said of it.
#[derive(Serialize)]
struct Marked {
    #[serde(flatten)]
    place: Place,
    label: String,
}

impl Marked {
    fn new(text: &str, label: &Label) -> Marked {
        Marked { place: Place::new(text, label.span), label: label.text.clone() }
    }
}

impl Finding {
    pub(super) fn new(checked: &Checked, diagnostic: &Diagnostic) -> Finding {
        let text = checked.source.text();
        let related = diagnostic.secondary.iter().map(|label| Marked::new(text, label));
        Finding {
            code: diagnostic.code.as_str(),
            severity: "error",
            message: diagnostic.message.clone(),
            path: checked.path(),
            primary: Marked::new(text, &diagnostic.primary),
            related: related.collect(),
            help: diagnostic.help.clone(),
        }
    }
}
