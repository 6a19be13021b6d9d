//! Lines in rows, measured and drawn.

use framer_dsl::ir::Role;
use maud::{Markup, html};

use super::super::layout::Point;
use super::super::{Line, Sort, Word, text};
use super::{CHARACTER, ROW_HEIGHT, clean, px, wide};

/// The width of the mark of a role, with the space behind it.
const MARK: f64 = 12.0;
/// The room around the text of a badge.
const BADGE: f64 = 5.0;

/// Words side by side.
pub(super) struct Row {
    /// In characters.
    indent: usize,
    words: Vec<Word>,
}

/// Lines as rows of at most so many characters.
pub(super) fn of(lines: &[Line], columns: usize) -> Vec<Row> {
    let rows = lines.iter().flat_map(|line| text::wrapped(line, columns));
    rows.map(|(indent, words)| Row { indent, words }).collect()
}

/// How much room rows take.
pub(super) fn size(rows: &[Row]) -> Point {
    let widths = rows.iter().map(|row| {
        let words = row.words.iter().map(width).sum::<f64>();
        wide(row.indent) * CHARACTER + words
    });
    Point { x: widths.fold(0.0, f64::max), y: wide(rows.len()) * ROW_HEIGHT }
}

/// The width of a word and of the space behind it.
fn width(word: &Word) -> f64 {
    let text = wide(word.text.chars().count()) * CHARACTER;
    let extra = match word.sort {
        Sort::Said(_) | Sort::More(_) => MARK,
        Sort::Switch(_) => MARK + 2.0 * BADGE,
        Sort::Upgrade | Sort::Close => 2.0 * BADGE,
        Sort::Guard | Sort::Note => 0.0,
    };
    text + extra + CHARACTER
}

/// Draws rows, one below the other.
pub(super) fn draw(rows: &[Row], at: Point) -> Markup {
    html! {
        @for (place, row) in rows.iter().enumerate() {
            @let y = at.y + wide(place) * ROW_HEIGHT;
            @for (x, word) in places(row, at.x) {
                (draw_word(word, Point { x, y }))
            }
        }
    }
}

/// The words of a row with where each begins.
fn places(row: &Row, left: f64) -> Vec<(f64, &Word)> {
    let mut x = left + wide(row.indent) * CHARACTER;
    let places = row.words.iter().map(|word| {
        let at = x;
        x += width(word);
        (at, word)
    });
    places.collect()
}

fn draw_word(word: &Word, at: Point) -> Markup {
    let text = |class: &str, x: f64| {
        html! { text class=(class) x=(px(x)) y=(px(at.y + 13.5)) { (clean(&word.text)) } }
    };
    match word.sort {
        Sort::Said(role) => html! {
            (mark(role, at))
            (text(role_class(role), at.x + MARK))
        },
        Sort::More(role) => text(role_class(role), at.x + MARK),
        Sort::Switch(role) => html! {
            (badge("fg-badge fg-switch", word, at))
            (mark(role, Point { x: at.x + BADGE, ..at }))
            (text("fg-switch-text", at.x + BADGE + MARK))
        },
        Sort::Upgrade => html! {
            (badge("fg-badge fg-upgrade", word, at))
            (text("fg-upgrade-text", at.x + BADGE))
        },
        Sort::Close => html! {
            (badge("fg-badge fg-close", word, at))
            (text("fg-close-text", at.x + BADGE))
        },
        Sort::Guard => text("fg-guard", at.x),
        Sort::Note => text("fg-note", at.x),
    }
}

fn badge(class: &str, word: &Word, at: Point) -> Markup {
    html! {
        rect class=(class) x=(px(at.x)) y=(px(at.y + 1.0)) rx="4"
            width=(px(width(word) - CHARACTER)) height=(px(ROW_HEIGHT - 2.5)) {}
    }
}

/// A triangle in the direction in which a role speaks.
fn mark(role: Role, at: Point) -> Markup {
    let (x, y) = (at.x, at.y + 5.0);
    let (base, tip) = match role {
        Role::First => (x, x + 8.0),
        Role::Second => (x + 8.0, x),
    };
    let [base, tip] = [base, tip].map(px);
    let path = format!("M{base} {}L{tip} {}L{base} {}z", px(y), px(y + 4.5), px(y + 9.0));
    html! { path class=(format!("fg-mark {}", role_class(role))) d=(path) {} }
}

fn role_class(role: Role) -> &'static str {
    match role {
        Role::First => "fg-first",
        Role::Second => "fg-second",
    }
}
