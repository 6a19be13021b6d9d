//! Every choice is decided by what its alternatives begin with.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Choice, Literal, Member, Model};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for choice in &model.choices {
        catch_all(choice, diagnostics);
        let leads = leads(model, choice, diagnostics);
        disjoint(&leads, diagnostics);
    }
    for values in &model.values {
        let leads: Vec<(&Literal, Span)> =
            values.values.iter().map(|value| (&value.literal, value.literal.span)).collect();
        disjoint(&leads, diagnostics);
    }
}

/// A catch-all takes what is left, so it is the last one.
fn catch_all(choice: &Choice, diagnostics: &mut Vec<Diagnostic>) {
    let all = choice.alternatives.iter().position(|alternative| alternative.catch_all);
    let Some(place) = all else { return };
    for alternative in choice.alternatives.iter().skip(place + 1) {
        diagnostics.push(
            Diagnostic::new(Code::Shadowed, alternative.span, "this alternative is never chosen")
                .also(choice.alternatives[place].span, "takes everything that is left")
                .help("put the catch-all last"),
        );
    }
}

/// The literals that the alternatives begin with.
fn leads<'m>(
    model: &'m Model,
    choice: &Choice,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'m Literal, Span)> {
    let mut leads = Vec::new();
    for alternative in choice.alternatives.iter().filter(|alternative| !alternative.catch_all) {
        let frame = &model.frames[alternative.frame.0];
        match frame.body.first() {
            Some(Member::Literal(literal)) if frame.region.is_none() => {
                leads.push((literal, literal.span));
            }
            _ => diagnostics.push(
                Diagnostic::new(
                    Code::Unsupported,
                    alternative.span,
                    format!("`{}` does not begin with a literal", frame.name),
                )
                .label("cannot be told from the other alternatives")
                .help("begin it with a literal, or make it the catch-all: `_ NAME`"),
            ),
        }
    }
    leads
}

/// No literal is the beginning of another.
fn disjoint(leads: &[(&Literal, Span)], diagnostics: &mut Vec<Diagnostic>) {
    for (place, (later, span)) in leads.iter().enumerate() {
        let earlier = leads[..place].iter().find(|(earlier, _)| both(earlier, later).is_some());
        let Some((earlier, first)) = earlier else { continue };
        let Some(bytes) = both(earlier, later) else { continue };
        let shown = String::from_utf8_lossy(bytes);
        diagnostics.push(
            Diagnostic::new(Code::Shadowed, *span, "two alternatives begin with the same bytes")
                .label("could be meant as well")
                .also(*first, "could be meant")
                .help(format!("`{}` begins both", shown.escape_debug())),
        );
    }
}

/// Bytes that both literals accept.
fn both<'l>(one: &'l Literal, other: &'l Literal) -> Option<&'l [u8]> {
    let (short, long) =
        if one.bytes.len() <= other.bytes.len() { (one, other) } else { (other, one) };
    let (begin, rest) = long.bytes.split_at(short.bytes.len());
    let alike = match one.nocase || other.nocase {
        true => begin.eq_ignore_ascii_case(&short.bytes),
        false => begin == short.bytes,
    };
    let goes_on =
        rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
    (alike && !(short.word && goes_on)).then_some(long.bytes.as_slice())
}
