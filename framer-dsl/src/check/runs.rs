//! Nothing takes a byte of what follows it.

use super::edges::{first_of, first_of_all, first_of_element, greedy, greedy_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ByteSet, Extent, Field, Frame, List, ListEnd, Member, Model, Type};
use crate::syntax::TextKind;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for frame in &model.frames {
        for (place, member) in frame.body.iter().enumerate() {
            let name = match member {
                Member::Field(field) => format!("`{}`", field.name),
                Member::Skip(_) => String::from("what is skipped"),
                _ => continue,
            };
            let rest = frame.body.get(place + 1..).unwrap_or_default();
            // A region holds none of its delimiter, see [`super::encoding`].
            let close = rest.iter().position(|next| matches!(next, Member::Close(_)));
            let rest = close.and_then(|close| rest.get(..close)).unwrap_or(rest);
            to_end(model, frame, place, diagnostics);
            if let Member::Field(field) = member {
                trimmed(model, field, diagnostics);
            }
            // What is skipped is skipped, by whichever skips it.
            let skips =
                |next: &&Member| matches!((member, *next), (Member::Skip(_), Member::Skip(_)));
            let follows = first_of_all(model, rest.iter().filter(|next| !skips(next))).bytes;
            if let Member::Field(field) = member {
                goes_on(model, field, follows, rest, diagnostics);
            }
            if let Some(byte) = common(greedy(model, member), follows) {
                let mut diagnostic = Diagnostic::new(
                    Code::Ambiguous,
                    member.span(),
                    format!("{name} takes what follows it"),
                )
                .label(format!("takes as many bytes as there are, {} among them", show(byte)));
                let mut rest = rest.iter().filter(|next| !matches!(next, Member::Open(_)));
                if let Some(span) = rest.next().map(Member::span) {
                    diagnostic = diagnostic.also(span, format!("can begin with {}", show(byte)));
                }
                diagnostics.push(
                    diagnostic.help("take the byte out of the class, or put a literal between"),
                );
            }
            if let Member::Field(field) = member
                && let Type::List(list) = &field.ty
                && let Some(element) = list.element.ty()
                // One that can be empty is told as that.
                && !first_of(model, element).empty
                && let Some(byte) = common(greedy_of(model, element), next_in(model, list))
            {
                let mut diagnostic = Diagnostic::new(
                    Code::Ambiguous,
                    field.span,
                    format!("an element of `{}` takes what the next begins with", field.name),
                )
                .label(format!("an element can end and begin with {}", show(byte)));
                diagnostic = diagnostic.also(model.span(element), "the elements");
                diagnostics.push(diagnostic);
            }
        }
    }
}

/// What follows a list of as many elements as there are is not taken for another.
fn goes_on(
    model: &Model,
    field: &Field,
    follows: ByteSet,
    rest: &[Member],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Type::List(list) = &field.ty else { return };
    if !matches!(list.end, ListEnd::Run) {
        return;
    }
    let Some(byte) = common(first_of_element(model, list.element).bytes, follows) else {
        return;
    };
    let mut diagnostic = Diagnostic::new(
        Code::Ambiguous,
        field.span,
        format!("`{}` takes what follows it", field.name),
    )
    .label(format!("another element can begin with {}", show(byte)));
    if let Some(span) = rest.first().map(Member::span) {
        diagnostic = diagnostic.also(span, "can begin so, too");
    }
    diagnostics.push(diagnostic);
}

/// What can stand behind an element of a list: the next one, or what ends them.
fn next_in(model: &Model, list: &List) -> ByteSet {
    let mut bytes = first_of_element(model, list.element).bytes;
    if let ListEnd::Literal { literal, .. } = &list.end
        && let Some(byte) = literal.bytes.first()
    {
        bytes.insert(*byte, *byte);
    }
    bytes
}

/// No letter is trimmed in its middle.
fn trimmed(model: &Model, field: &Field, diagnostics: &mut Vec<Diagnostic>) {
    let Type::Text { kind: TextKind::Utf8, extent: Extent::Run { trim: Some(trim), .. } } =
        field.ty
    else {
        return;
    };
    let class = &model.classes[trim.0];
    if (0x80..=u8::MAX).any(|byte| class.set.contains(byte)) {
        let message = format!("`{}` is trimmed by parts of letters", field.name);
        diagnostics.push(
            Diagnostic::new(Code::Unsupported, field.span, message)
                .also(class.span, "holds more than ASCII")
                .help("take the bytes from 0x80 on out of the class, or make the text `bytes`"),
        );
    }
}

/// What goes to the end is the last member.
fn to_end(model: &Model, frame: &Frame, place: usize, diagnostics: &mut Vec<Diagnostic>) {
    let Member::Field(field) = &frame.body[place] else { return };
    let goes = match &field.ty {
        Type::Text { extent, .. } => matches!(extent, Extent::ToEnd),
        Type::List(list) => matches!(list.end, ListEnd::Region),
        _ => false,
    };
    // What may stand behind it is looked for from the end, see [`super::tails`].
    let behind = place + 1 + usize::from(model.tail(&frame.body, place).is_some());
    let follows = frame.body.get(behind..).unwrap_or_default();
    let next = follows.iter().find(|member| !matches!(member, Member::Require { .. }));
    let next = next.filter(|next| goes && !matches!(next, Member::Close(_)));
    if let Some(next) = next {
        let mut diagnostic = Diagnostic::new(
            Code::Ambiguous,
            field.span,
            format!("`{}` goes to the end, but something follows", field.name),
        )
        .label("leaves nothing");
        diagnostic = diagnostic.also(next.span(), "never there");
        diagnostics.push(diagnostic);
    }
}

/// A byte of both sets.
pub(super) fn common(one: ByteSet, other: ByteSet) -> Option<u8> {
    (0..=u8::MAX).find(|byte| one.contains(*byte) && other.contains(*byte))
}

pub(super) fn show(byte: u8) -> String {
    match byte {
        b'\t' | b'\n' | b'\r' | 0x20..=0x7e => format!("`{}`", char::from(byte).escape_default()),
        _ => format!("byte {byte:#04x}"),
    }
}
