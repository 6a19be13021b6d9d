//! Paths from a frame to what is in it.

use framer_dsl::ir::{Path, Test, Way};
use framer_runtime::read;

use crate::value::Value;

/// Whether something at the end of the path is so, `at` being what its first name stands for.
pub(crate) fn any<'v>(
    path: &Path,
    test: &Test,
    at: &dyn Fn(&str) -> Option<&'v Value<'v>>,
) -> bool {
    let Some((first, rest)) = path.steps.split_first() else { return false };
    let rest = if *test == Test::There { certain(rest) } else { rest };
    name(first).and_then(at).is_some_and(|value| any_from(test, value, first, rest))
}

/// The first number at the end of the path.
pub(crate) fn first<'v>(path: &Path, at: &dyn Fn(&str) -> Option<&'v Value<'v>>) -> Option<u64> {
    let (first, rest) = path.steps.split_first()?;
    first_from(name(first).and_then(at)?, first, rest)
}

/// How many elements of a list are of one alternative.
pub(crate) fn count(list: Option<&Value<'_>>, alternative: &Way) -> u64 {
    let Way::Alternative { name, .. } = alternative else { return 0 };
    let elements = list.map_or(&[][..], Value::elements);
    read::wide(elements.iter().filter(|element| is(&element.value, name)).count())
}

fn name(step: &Way) -> Option<&str> {
    match step {
        Way::Field(name) | Way::Maybe(name) | Way::Each(name) => Some(name),
        Way::Alternative { .. } => None,
    }
}

/// Whether a choice is this alternative.
fn is(value: &Value<'_>, alternative: &str) -> bool {
    value.frame().is_some_and(|frame| frame.name == alternative)
}

/// The steps up to the last that may lead nowhere.
fn certain(steps: &[Way]) -> &[Way] {
    let last = steps.iter().rposition(|way| !matches!(way, Way::Field(_)));
    last.and_then(|last| steps.get(..=last)).unwrap_or_default()
}

fn any_from(test: &Test, value: &Value<'_>, step: &Way, rest: &[Way]) -> bool {
    match step {
        Way::Each(_) => {
            value.elements().iter().any(|element| any_behind(test, &element.value, rest))
        }
        Way::Maybe(_) => value.is_there() && any_behind(test, value, rest),
        _ => any_behind(test, value, rest),
    }
}

fn any_behind(test: &Test, value: &Value<'_>, rest: &[Way]) -> bool {
    let Some((step, rest)) = rest.split_first() else {
        return match test {
            Test::There => true,
            Test::Holds => *value == Value::Flag(true),
            Test::Is(literal) => read::is(value.text(), &literal.bytes, literal.nocase),
            Test::Starts(literal) => {
                read::starts(value.text(), &literal.bytes, literal.nocase, literal.word)
            }
            Test::Contains(literal) => {
                read::contains(value.text(), &literal.bytes, literal.nocase, literal.word)
            }
        };
    };
    match step {
        Way::Alternative { name, .. } => is(value, name) && any_behind(test, value, rest),
        Way::Field(name) | Way::Maybe(name) | Way::Each(name) => {
            let field = value.frame().and_then(|frame| frame.get(name));
            field.is_some_and(|field| any_from(test, field, step, rest))
        }
    }
}

fn first_from(value: &Value<'_>, step: &Way, rest: &[Way]) -> Option<u64> {
    match step {
        Way::Each(_) => {
            value.elements().iter().find_map(|element| first_behind(&element.value, rest))
        }
        _ => first_behind(value, rest),
    }
}

fn first_behind(value: &Value<'_>, rest: &[Way]) -> Option<u64> {
    let Some((step, rest)) = rest.split_first() else { return value.number() };
    match step {
        Way::Alternative { name, .. } => is(value, name).then(|| first_behind(value, rest))?,
        Way::Field(name) | Way::Maybe(name) | Way::Each(name) => {
            let field = value.frame().and_then(|frame| frame.get(name))?;
            first_from(field, step, rest)
        }
    }
}
