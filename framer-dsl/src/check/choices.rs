//! Every choice is decided by what its alternatives begin with.

use super::edges::{ANY, first_of, first_of_all, greedy_of};
use super::runs::goes_to_end;
use crate::diagnostic::{Code, Diagnostic, Witness};
use crate::model::{
    ByteSet, Choice, ChoiceId, Field, Lead, Literal, Member, Model, TransformKind, Type, TypeId,
    Value, ValuesKind,
};
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for (place, choice) in model.choices.iter().enumerate() {
        catch_all(choice, diagnostics);
        if choice.by.is_some() {
            let tags: Vec<Value<u64>> =
                choice.alternatives.iter().filter_map(|of| of.tag.clone()).collect();
            numbers(&tags, diagnostics);
            continue;
        }
        let leads = leads(model, choice, diagnostics);
        behind_each(model, choice, place, diagnostics);
        short(model, choice, &leads, diagnostics);
        disjoint(&leads, diagnostics);
    }
    for field in model.frames.iter().flat_map(|frame| frame.fields()) {
        if let Type::Flag { on, off: Some(off), .. } = &field.ty {
            disjoint(&[begin(on), begin(off)], diagnostics);
        }
    }
    for values in &model.values {
        match &values.kind {
            ValuesKind::Literals(values) => {
                let leads: Vec<Begin> = values.iter().map(|value| begin(&value.value)).collect();
                disjoint(&leads, diagnostics);
            }
            ValuesKind::Numbers { values, .. } => numbers(values, diagnostics),
        }
    }
}

/// No two values have the same number.
fn numbers(values: &[Value<u64>], diagnostics: &mut Vec<Diagnostic>) {
    for (place, value) in values.iter().enumerate() {
        if let Some(first) = values[..place].iter().find(|first| first.value == value.value) {
            diagnostics.push(
                Diagnostic::new(
                    Code::Shadowed,
                    value.span,
                    format!("`{}` and `{}` have the same number", first.name, value.name),
                )
                .label("could be meant as well")
                .also(first.span, "could be meant"),
            );
        }
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

/// Where every alternative begins with what has no one length, it is told apart in a complete frame.
fn behind_each(model: &Model, choice: &Choice, place: usize, diagnostics: &mut Vec<Diagnostic>) {
    let measured = model.measured(TypeId::Choice(ChoiceId(place))).is_some();
    if model.passed(choice) > 0 && choice.region.is_none() && measured {
        diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                choice.span,
                "`each` of no one length without a region cannot be compiled by this version",
            )
            .help("give the choice a region: `in until DELIMITER max N`"),
        );
    }
}

/// A catch-all is told from the others by its own bytes, and not by what follows it.
fn short(model: &Model, choice: &Choice, leads: &[Begin], diagnostics: &mut Vec<Diagnostic>) {
    let all = choice.alternatives.iter().find(|alternative| alternative.catch_all);
    let Some(all) = all.filter(|_| choice.region.is_none()) else { return };
    let ty = TypeId::Frame(all.frame);
    if goes_to_end(model, ty) {
        return;
    }
    let least = usize::try_from(model.least(all.frame)).unwrap_or(usize::MAX);
    let (first, greedy) = (first_of(model, ty), greedy_of(model, ty));
    let last = last_of(model, &model.frames[all.frame.0].body);
    let taken = leads.iter().find(|begin| {
        let pattern = pattern(&begin.lead);
        let begins = first.empty || pattern.first().is_some_and(|of| meets(*of, first.bytes));
        // What it would take itself does not follow it.
        let follows = ANY.without(greedy);
        let ends_with = |before: &[(u8, u8)]| before.last().is_none_or(|of| meets(*of, last));
        let cut = (least..pattern.len()).any(|len| {
            let (before, behind) = pattern.split_at(len);
            behind.first().is_some_and(|of| meets(*of, follows)) && ends_with(before)
        });
        // A word is one by what stands behind it.
        let word = matches!(&begin.lead, Lead::Literal(literal) if literal.word)
            && least <= pattern.len()
            && in_words().any(|byte| follows.contains(byte))
            && ends_with(&pattern);
        begins && (cut || word)
    });
    if let Some(begin) = taken {
        diagnostics.push(
            Diagnostic::new(
                Code::Shadowed,
                all.span,
                "what follows this may make another alternative of it",
            )
            .label(format!("its length may be {least}, less than tells the others"))
            .also(begin.span, "could be meant as well")
            .help("give the choice a region, or let the catch-all have as many bytes"),
        );
    }
}

/// The bytes that members may end with, as far as the last of them tells.
fn last_of(model: &Model, body: &[Member]) -> ByteSet {
    let end = match body.last() {
        Some(Member::Literal(literal)) if !literal.nocase => literal.bytes.last(),
        Some(Member::Field(Field { cond: None, ty: Type::Coded { transform, .. }, .. })) => {
            match &model.transforms[transform.0].kind {
                TransformKind::Whole(coding) => coding.end().last(),
                TransformKind::Escapes(_) => None,
            }
        }
        _ => None,
    };
    let Some(end) = end else { return ANY };
    let mut set = ByteSet::default();
    set.insert(*end, *end);
    set
}

/// Whether a byte of the set is one of which some bits are known.
fn meets((mask, value): (u8, u8), set: ByteSet) -> bool {
    (0..=u8::MAX).any(|byte| byte & mask == value && set.contains(byte))
}

/// The bytes that go on a word.
fn in_words() -> impl Iterator<Item = u8> {
    (0..=u8::MAX).filter(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
}

/// What an alternative begins with.
struct Begin {
    lead: Lead,
    span: Span,
    /// What can stand behind a literal, if something must.
    follows: Option<ByteSet>,
}

/// A literal, whatever stands behind it.
fn begin(literal: &Literal) -> Begin {
    Begin { lead: Lead::Literal(literal.clone()), span: literal.span, follows: None }
}

/// What the alternatives begin with.
fn leads(model: &Model, choice: &Choice, diagnostics: &mut Vec<Diagnostic>) -> Vec<Begin> {
    let mut leads = Vec::new();
    for alternative in choice.alternatives.iter().filter(|alternative| !alternative.catch_all) {
        let frame = &model.frames[alternative.frame.0];
        match model.lead_in(choice, alternative.frame) {
            Some(lead) => {
                let place = model.passed(choice);
                let span = frame.body.get(place).map_or(alternative.span, Member::span);
                let rest = frame.body.get(place + 1..).unwrap_or_default();
                let first = first_of_all(model, rest);
                // What ends with the region is told by its end from what goes on.
                let told = !first.empty || choice.region.is_some();
                let follows = told.then_some(first.bytes);
                leads.push(Begin { lead, span, follows });
            }
            None => diagnostics.push(
                Diagnostic::new(
                    Code::Unsupported,
                    alternative.span,
                    format!("`{}` does not begin with a literal or constant", frame.name),
                )
                .label("cannot be told from the other alternatives")
                .help("begin it with a literal or a constant, or make it the catch-all: `_ NAME`"),
            ),
        }
    }
    leads
}

/// No two begin with the same bytes.
fn disjoint(leads: &[Begin], diagnostics: &mut Vec<Diagnostic>) {
    for (place, later) in leads.iter().enumerate() {
        let found =
            leads[..place].iter().find_map(|earlier| Some((common(earlier, later)?, earlier.span)));
        let Some((bytes, first)) = found else { continue };
        diagnostics.push(
            Diagnostic::new(
                Code::Shadowed,
                later.span,
                "two alternatives begin with the same bytes",
            )
            .label("could be meant as well")
            .also(first, "could be meant")
            .witness(Witness::Bytes { bytes, says: "begins both".to_owned() })
            .help("begin one of them otherwise, or end the shorter one with `word`"),
        );
    }
}

/// Bytes that both begin with, whatever stands behind them.
pub(super) fn begin_alike(one: &Lead, other: &Lead) -> Option<Vec<u8>> {
    let begin = |lead: &Lead| Begin { lead: lead.clone(), span: Span::default(), follows: None };
    common(&begin(one), &begin(other))
}

/// Bytes that begin with both.
fn common(one: &Begin, other: &Begin) -> Option<Vec<u8>> {
    if let (Lead::Literal(left), Lead::Literal(right)) = (&one.lead, &other.lead) {
        let bytes = both(left, right).map(<[u8]>::to_vec)?;
        // The longer one may go on as the shorter cannot.
        let told = |begin: &Begin, literal: &Literal| {
            let next = bytes.get(literal.bytes.len());
            begin.follows.zip(next).is_some_and(|(follows, next)| !follows.contains(*next))
        };
        let told = told(one, left) || told(other, right);
        return (!told).then_some(bytes);
    }
    let (one, other) = (pattern(&one.lead), pattern(&other.lead));
    let longest = one.len().max(other.len());
    (0..longest)
        .map(|place| {
            let (mask, value) = one.get(place).copied().unwrap_or_default();
            let (other_mask, other_value) = other.get(place).copied().unwrap_or_default();
            let differ = (value ^ other_value) & mask & other_mask;
            (differ == 0).then_some(value | other_value)
        })
        .collect()
}

/// For each byte which of its bits are known. Those that tell letter cases apart are not, where
/// case is ignored.
fn pattern(lead: &Lead) -> Vec<(u8, u8)> {
    match lead {
        Lead::Pattern(pattern) => pattern.clone(),
        Lead::Literal(literal) => {
            let bytes = literal.bytes.iter();
            bytes
                .map(|byte| match literal.nocase && byte.is_ascii_alphabetic() {
                    true => (!0x20, byte & !0x20),
                    false => (0xff, *byte),
                })
                .collect()
        }
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
