//! A finding as one object of JSON.

use framer_dsl::diagnostic::{Diagnostic, Label, Severity};
use serde::Serialize;

use super::Checked;
use super::place::Place;

/// A finding.
#[derive(Serialize)]
pub(super) struct Finding {
    code: &'static str,
    severity: &'static str,
    message: String,
    #[serde(flatten)]
    primary: Marked,
    /// The other places that have to do with it.
    related: Vec<Marked>,
    help: Option<String>,
    /// What shows it: bytes, or an order of messages.
    witness: Option<String>,
}

/// A place and what is said of it.
#[derive(Serialize)]
struct Marked {
    /// The text that it is in.
    path: String,
    #[serde(flatten)]
    place: Place,
    label: String,
}

impl Marked {
    fn new(checked: &Checked, label: &Label) -> Marked {
        Marked {
            path: checked.path(label.span),
            place: Place::new(checked.text(label.span), label.span),
            label: label.text.clone(),
        }
    }
}

impl Finding {
    pub(super) fn new(checked: &Checked, diagnostic: &Diagnostic) -> Finding {
        let related = diagnostic.secondary.iter().map(|label| Marked::new(checked, label));
        Finding {
            code: diagnostic.code.as_str(),
            severity: match diagnostic.code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: diagnostic.message.clone(),
            primary: Marked::new(checked, &diagnostic.primary),
            related: related.collect(),
            help: diagnostic.help.clone(),
            witness: diagnostic.witness.as_ref().map(ToString::to_string),
        }
    }
}
