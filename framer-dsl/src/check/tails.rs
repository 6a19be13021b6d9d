//! What may stand behind a text that goes to the end can be looked for from there.

use super::edges::digits;
use super::runs::{common, show};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ByteSet, Field, Literal, Member, Model, TailPart, TypeId};

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for frame in &model.frames {
        for place in 0..frame.body.len() {
            let Some(ty) = model.tail(&frame.body, place) else { continue };
            if let Some(Member::Field(field)) = frame.body.get(place + 1) {
                tail(model, field, ty, diagnostics);
            }
        }
    }
}

fn tail(model: &Model, field: &Field, ty: TypeId, diagnostics: &mut Vec<Diagnostic>) {
    let parts = match model.tail_parts(ty) {
        Ok(parts) => parts,
        Err(span) => {
            diagnostics.push(
                Diagnostic::new(
                    Code::Ambiguous,
                    field.span,
                    format!("`{}` cannot be looked for from the end", field.name),
                )
                .label("stands behind a text that goes to the end")
                .also(span, "is found from its beginning only")
                .help("make it a frame of literals, flags, digits and runs of a class"),
            );
            return;
        }
    };
    if !parts.iter().any(|part| matches!(part, TailPart::Literal(_))) {
        let message = format!("nothing tells `{}` from the text before it", field.name);
        diagnostics.push(
            Diagnostic::new(Code::Ambiguous, field.span, message)
                .label("stands behind a text that goes to the end")
                .also(model.span(ty), "has no literal"),
        );
    }
    let pairs = parts.iter().zip(parts.iter().skip(1));
    let taken =
        pairs.filter_map(|(before, part)| common(takes(model, *part), last(model, *before)));
    if let Some(byte) = taken.into_iter().next() {
        diagnostics.push(
            Diagnostic::new(
                Code::Ambiguous,
                model.span(ty),
                format!("a part of `{}` takes what stands before it", model.name(ty)),
            )
            .label(format!("from the end, {} may belong to either", show(byte)))
            .also(field.span, "is looked for from the end"),
        );
    }
}

/// The bytes that a part takes where they stand before it, looked at from the end.
fn takes(model: &Model, part: TailPart<'_>) -> ByteSet {
    match part {
        TailPart::Flag { on, off: None } => ends([on]),
        TailPart::Literal(_) | TailPart::Flag { .. } => ByteSet::default(),
        TailPart::Digits { .. } | TailPart::Run { .. } => last(model, part),
    }
}

/// The bytes that a part may end with.
fn last(model: &Model, part: TailPart<'_>) -> ByteSet {
    match part {
        TailPart::Literal(literal) => ends([literal]),
        TailPart::Flag { on, off } => ends([Some(on), off].into_iter().flatten()),
        TailPart::Digits { hex } => digits(hex),
        TailPart::Run { class, .. } => model.classes[class.0].set,
    }
}

fn ends<'l>(literals: impl IntoIterator<Item = &'l Literal>) -> ByteSet {
    let mut set = ByteSet::default();
    for literal in literals {
        let Some(byte) = literal.bytes.last() else { continue };
        set.insert(*byte, *byte);
        if literal.nocase {
            let (upper, lower) = (byte.to_ascii_uppercase(), byte.to_ascii_lowercase());
            set.insert(upper, upper);
            set.insert(lower, lower);
        }
    }
    set
}
