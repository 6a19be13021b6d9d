//! Nothing takes a byte of what follows it.

use super::edges::{first, first_of, first_of_all, first_of_element, greedy, greedy_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ByteSet, Extent, Field, Frame, List, ListEnd, Member, Model, Type, TypeId};
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
            let rest = close(rest).and_then(|close| rest.get(..close)).unwrap_or(rest);
            to_end(model, frame, place, diagnostics);
            if let Member::Field(field) = member {
                trimmed(model, field, diagnostics);
            }
            // What is skipped is skipped, by whichever skips it, unless the other must.
            let skips = |next: &&Member| {
                matches!(member, Member::Skip(_))
                    && matches!(next, Member::Skip(next) if next.min == 0)
            };
            late_behind_word(model, &frame.body, place, diagnostics);
            let follows = first_of_all(model, rest.iter().filter(|next| !skips(next))).bytes;
            if let Member::Field(field) = member {
                goes_on(model, field, follows, rest, diagnostics);
                never_ends(model, field, rest, diagnostics);
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

/// What stands behind a word is known when it is written.
fn late_behind_word(
    model: &Model,
    body: &[Member],
    place: usize,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(Member::Field(late)) = body.get(place) else { return };
    if late.derived.as_ref().is_none_or(|derived| model.early(body, derived)) {
        return;
    }
    let mut before = body.iter().take(place).rev();
    let word = loop {
        match before.next() {
            Some(member) if model.member_ends_with_word(member) => break member,
            Some(member) if model.may_be_empty(member) => {}
            _ => return,
        }
    };
    let message = format!("`{}`, which is known later, behind a word", late.name);
    diagnostics.push(
        Diagnostic::new(
            Code::Unsupported,
            late.span,
            format!("{message}, cannot be compiled by this version"),
        )
        .label("may go on with the word")
        .also(word.span(), "nothing may follow that is of a word")
        .help("put a literal between them"),
    );
}

/// Where the region ends in which these members stand, unless another begins before: of what is
/// behind that one nothing is taken, since its end is always there.
fn close(members: &[Member]) -> Option<usize> {
    let edge = |member: &Member| matches!(member, Member::Open(_) | Member::Close(_));
    let place = members.iter().position(edge)?;
    matches!(members[place], Member::Close(_)).then_some(place)
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

/// What is false where the region ends may be false.
fn never_ends(model: &Model, field: &Field, rest: &[Member], diagnostics: &mut Vec<Diagnostic>) {
    let Type::Flag { off: None, or_end: true, .. } = field.ty else { return };
    let behind = rest.iter().find(|member| !first(model, member).empty);
    if let Some(behind) = behind {
        diagnostics.push(
            Diagnostic::new(
                Code::Ambiguous,
                field.span,
                format!("`{}` is never at the end, but something follows", field.name),
            )
            .label("could not be false")
            .also(behind.span(), "always there"),
        );
    }
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

/// What goes to the end is the last member, be it inside of another.
fn to_end(model: &Model, frame: &Frame, place: usize, diagnostics: &mut Vec<Diagnostic>) {
    let Member::Field(field) = &frame.body[place] else { return };
    if let Type::List(list) = &field.ty
        && let Some(element) = list.element.ty()
        && goes_to_end(model, element)
    {
        diagnostics.push(
            Diagnostic::new(
                Code::Ambiguous,
                field.span,
                format!("an element of `{}` goes to the end, but another follows", field.name),
            )
            .label("leaves nothing")
            .also(model.span(element), "the elements"),
        );
    }
    // What may stand behind it is looked for from the end, see [`super::tails`].
    let behind = place + 1 + usize::from(model.tail(&frame.body, place).is_some());
    let follows = frame.body.get(behind..).unwrap_or_default();
    let next = follows.iter().find(|member| !matches!(member, Member::Require { .. }));
    let goes = || field_goes_to_end(model, &field.ty);
    let next = next.filter(|next| !matches!(next, Member::Close(_)) && goes());
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

/// Whether a field takes all that is left.
fn field_goes_to_end(model: &Model, ty: &Type) -> bool {
    match ty {
        Type::Text { extent, .. } => matches!(extent, Extent::ToEnd),
        Type::List(list) => matches!(list.end, ListEnd::Region),
        Type::Named { ty, length: None, .. } | Type::Optional(ty) => goes_to_end(model, *ty),
        _ => false,
    }
}

/// Whether a type takes all that is left. The parts of one that may contain itself are looked at by
/// themselves.
pub(super) fn goes_to_end(model: &Model, ty: TypeId) -> bool {
    let deep = model.limits(ty).is_some_and(|limits| limits.depth.is_some());
    !deep
        && model.region(ty).is_none()
        && model.memo.endless.of(ty, || {
            let frames = model.frames_of(ty).into_iter();
            frames.map(|frame| &model.frames[frame.0]).any(|frame| {
                frame.region.is_none()
                    && !frame.body.iter().any(|of| matches!(of, Member::Rest { .. }))
                    && outside(&frame.body).any(|field| field_goes_to_end(model, &field.ty))
            })
        })
}

/// The fields that stand in no region of their own frame.
fn outside(body: &[Member]) -> impl Iterator<Item = &Field> {
    let mut inside = 0_usize;
    body.iter().filter_map(move |member| {
        match member {
            Member::Open(_) => inside += 1,
            Member::Close(_) => inside = inside.saturating_sub(1),
            Member::Field(field) if inside == 0 => return Some(field),
            _ => {}
        }
        None
    })
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
