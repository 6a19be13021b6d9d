//! Findings as a log of SARIF 2.1.0, which editors and code hosts read.

use framer_dsl::diagnostic::{Diagnostic, Label, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif;

use super::Checked;
use super::place::Place;

/// What a path is not written with as it is, where a reference to a URI is asked for (RFC 3986).
const NOT_IN_A_URI: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The log of one run over all of them.
pub(super) fn log(all: &[Checked]) -> sarif::Sarif {
    let mut codes: Vec<&str> =
        all.iter().flat_map(|checked| &checked.diagnostics).map(|it| it.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<_> =
        codes.iter().map(|code| sarif::ReportingDescriptor::builder().id(*code).build()).collect();
    let results: Vec<_> = all
        .iter()
        .flat_map(|checked| checked.sorted().into_iter().map(|it| result(checked, it, &codes)))
        .collect();
    let driver = sarif::ToolComponent::builder()
        .name("framer")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules)
        .build();
    let tool = sarif::Tool::builder().driver(driver).build();
    let run =
        sarif::Run::builder().tool(tool).results(results).column_kind("unicodeCodePoints").build();
    sarif::Sarif::builder().schema(sarif::SCHEMA_URL).version("2.1.0").runs(vec![run]).build()
}

fn result(checked: &Checked, diagnostic: &Diagnostic, codes: &[&str]) -> sarif::Result {
    let mut text = diagnostic.message.clone();
    if let Some(witness) = &diagnostic.witness {
        text = format!("{text}\nnote: {witness}");
    }
    if let Some(help) = &diagnostic.help {
        text = format!("{text}\nhelp: {help}");
    }
    let level = match diagnostic.code.severity() {
        Severity::Error => sarif::ResultLevel::Error,
        Severity::Warning => sarif::ResultLevel::Warning,
    };
    let code = diagnostic.code.as_str();
    let rule = codes.iter().position(|known| *known == code).unwrap_or_default();
    let related: Vec<_> = (0..).zip(&diagnostic.secondary).collect();
    let related = related.into_iter().map(|(id, label)| {
        let mut location = location(checked, label);
        location.id = Some(id);
        location
    });
    sarif::Result::builder()
        .rule_id(code)
        .rule_index(rule as i64)
        .level(level)
        .message(sarif::Message::builder().text(text).build())
        .locations(vec![location(checked, &diagnostic.primary)])
        .related_locations(related.collect::<Vec<_>>())
        .build()
}

fn location(checked: &Checked, label: &Label) -> sarif::Location {
    let place = Place::new(checked.text(label.span), label.span);
    let region = sarif::Region::builder()
        .start_line(place.line as i64)
        .start_column(place.column as i64)
        .end_line(place.end_line as i64)
        .end_column(place.end_column as i64)
        .byte_offset(i64::from(place.start))
        .byte_length(i64::from(place.end.saturating_sub(place.start)))
        .build();
    let uri = utf8_percent_encode(&checked.path(label.span), NOT_IN_A_URI).to_string();
    let artifact = sarif::ArtifactLocation::builder().uri(uri).build();
    let physical =
        sarif::PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    let mut location = sarif::Location::builder().physical_location(physical).build();
    if !label.text.is_empty() {
        location.message = Some(sarif::Message::builder().text(&label.text).build());
    }
    location
}
