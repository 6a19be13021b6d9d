//! The picture as SVG: text stays text, and the colours follow those of the reader's screen.

mod rows;

use maud::{Markup, PreEscaped, html};

use super::layout::{self, Plan, Point};
use super::{Line, Picture, Sort, Word, text};
use rows::{Row, draw};

/// The width of a character of the size that lines are set in, in pixels.
const CHARACTER: f64 = 7.25;
/// The width of a character of a name.
const NAME_CHARACTER: f64 = 9.1;
/// The width of a character of documentation.
const SMALL_CHARACTER: f64 = 6.65;
const ROW_HEIGHT: f64 = 19.0;
const SMALL_ROW_HEIGHT: f64 = 15.0;
const PADDING: f64 = 11.0;
const MARGIN: f64 = 16.0;
/// The most characters in a line of a box or of an edge.
const COLUMNS: usize = 52;
const EDGE_COLUMNS: usize = 52;
/// The room that the mark of the beginning takes.
const BEGIN: f64 = 16.0;

/// The picture as a document of SVG.
pub(crate) fn svg(picture: &Picture) -> String {
    let boxes: Vec<Sheet<'_>> = picture
        .boxes
        .iter()
        .enumerate()
        .map(|(place, block)| sheet(picture, place, block))
        .collect();
    let labels: Vec<Vec<Row>> =
        picture.edges.iter().map(|edge| rows::of(&edge.lines, EDGE_COLUMNS)).collect();
    let edges = picture.edges.iter().zip(&labels).map(|(edge, rows)| {
        let size = rows::size(rows);
        (edge.from, edge.to, Point { x: size.x + 10.0, y: size.y + 6.0 })
    });
    let plan =
        Plan { boxes: boxes.iter().map(|sheet| sheet.size).collect(), edges: edges.collect() };
    let placed = layout::place(&plan);
    let head = heading(picture);
    let legend = legend(picture);
    let (head_size, legend_size) = (rows::size(&head), rows::size(&legend));
    let title_height = 30.0;
    let top = MARGIN + title_height + head_size.y + 18.0;
    let width = placed.size.x.max(head_size.x).max(legend_size.x) + 2.0 * MARGIN;
    let legend_top = top + placed.size.y + 26.0;
    let height = legend_top + legend_size.y + MARGIN;
    let left = MARGIN + ((width - 2.0 * MARGIN - placed.size.x) / 2.0).max(0.0);
    let drawn = html! {
        svg xmlns="http://www.w3.org/2000/svg" class="framer-graph" role="img"
            aria-labelledby="framer-title framer-desc"
            viewBox=(format!("0 0 {} {}", px(width), px(height)))
            width=(px(width)) height=(px(height)) {
            title id="framer-title" { (clean(&picture.name)) ": states and what leads to them" }
            desc id="framer-desc" { (clean(&described(picture))) }
            style { (PreEscaped(include_str!("svg/picture.css"))) }
            defs {
                marker id="framer-arrow" viewBox="0 0 10 10" refX="9" refY="5"
                    markerWidth="7" markerHeight="7" orient="auto-start-reverse" {
                    path class="fg-arrow" d="M0 0L10 5L0 10z" {}
                }
            }
            rect class="fg-paper" width="100%" height="100%" {}
            text class="fg-title" x=(px(MARGIN)) y=(px(MARGIN + 18.0)) { (clean(&picture.name)) }
            (draw(&head, Point { x: MARGIN, y: MARGIN + title_height }))
            g transform=(format!("translate({} {})", px(left), px(top))) {
                @for (place, edge) in placed.edges.iter().enumerate() {
                    path class=(edge_class(picture, place))
                        d=(path(&edge.points)) marker-end="url(#framer-arrow)" {}
                }
                @for (rows, edge) in labels.iter().zip(&placed.edges) {
                    (label(rows, edge.label))
                }
                @for (sheet, at) in boxes.iter().zip(&placed.boxes) {
                    (card(sheet, *at))
                }
            }
            (draw(&legend, Point { x: MARGIN, y: legend_top }))
        }
    };
    drawn.into_string()
}

/// What holds in any state leads elsewhere with dashes.
fn edge_class(picture: &Picture, edge: usize) -> &'static str {
    let from = picture.edges.get(edge).and_then(|edge| picture.boxes.get(edge.from));
    if from.is_some_and(|block| block.any) { "fg-edge fg-any" } else { "fg-edge" }
}

/// A box, measured.
struct Sheet<'p> {
    block: &'p super::Block,
    docs: Vec<String>,
    rows: Vec<Row>,
    size: Point,
    /// The session begins here.
    first: bool,
}

impl Sheet<'_> {
    /// The room before the name.
    fn inset(&self) -> f64 {
        if self.first { BEGIN } else { 0.0 }
    }
}

fn sheet<'p>(picture: &Picture, place: usize, block: &'p super::Block) -> Sheet<'p> {
    let first = place == 0;
    let mut lines = block.lines.clone();
    let several = picture.boxes.len() > 1 || block.any;
    if block.any && several {
        lines.extend(final_line(picture));
    }
    let rows = rows::of(&lines, COLUMNS);
    let inner = rows::size(&rows);
    let time =
        block.time.as_ref().map_or(0.0, |time| wide(time.chars().count() + 4) * SMALL_CHARACTER);
    let name = wide(block.name.chars().count()) * NAME_CHARACTER + time;
    let name = if first { name + BEGIN } else { name };
    let content = inner.x.max(name).max(120.0);
    let columns = (content.max(210.0) / SMALL_CHARACTER).floor();
    let docs = text::rows(&block.docs, narrow(columns));
    let widest = docs.iter().map(|row| wide(row.chars().count()) * SMALL_CHARACTER);
    let content = widest.fold(content, f64::max);
    let below = if rows.is_empty() { 0.0 } else { inner.y + 10.0 };
    let size = Point {
        x: content + 2.0 * PADDING,
        y: 30.0 + wide(docs.len()) * SMALL_ROW_HEIGHT + below + 4.0,
    };
    Sheet { block, docs, rows, size, first }
}

/// The replies that close whatever was asked.
fn final_line(picture: &Picture) -> Option<Line> {
    (!picture.final_replies.is_empty()).then(|| Line {
        inner: false,
        words: vec![
            Word::new(Sort::Said(picture.answering), picture.final_replies.join(" | ")),
            Word::new(Sort::Note, "as the answer to anything"),
            Word::new(Sort::Close, "close"),
        ],
    })
}

fn card(sheet: &Sheet<'_>, at: Point) -> Markup {
    let block = sheet.block;
    let rule = 28.0 + wide(sheet.docs.len()) * SMALL_ROW_HEIGHT + 2.0;
    html! {
        g class=(if block.any { "fg-state fg-any" } else { "fg-state" })
            transform=(format!("translate({} {})", px(at.x), px(at.y))) {
            rect class="fg-card" width=(px(sheet.size.x)) height=(px(sheet.size.y)) rx="8" {}
            @if sheet.first {
                circle class="fg-begin" cx=(px(PADDING + 5.0)) cy="15" r="5" {}
            }
            text class="fg-name" x=(px(PADDING + sheet.inset())) y="20" { (clean(&block.name)) }
            @if let Some(time) = &block.time {
                text class="fg-small fg-end" x=(px(sheet.size.x - PADDING)) y="20" {
                    (format!("≤ {time}"))
                    title { (format!("after {time} without a frame it closes")) }
                }
            }
            @for (place, row) in sheet.docs.iter().enumerate() {
                @let y = 36.0 + wide(place) * SMALL_ROW_HEIGHT;
                text class="fg-small" x=(px(PADDING)) y=(px(y)) { (clean(row)) }
            }
            @if !sheet.rows.is_empty() {
                path class="fg-rule" d={ "M0 " (px(rule + 1.0)) "H" (px(sheet.size.x)) } {}
                (draw(&sheet.rows, Point { x: PADDING, y: rule + 6.0 }))
            }
        }
    }
}

/// What an edge is for, on the paper so that the line does not show through.
fn label(rows: &[Row], at: Point) -> Markup {
    let size = rows::size(rows);
    html! {
        rect class="fg-paper" x=(px(at.x)) y=(px(at.y)) rx="4"
            width=(px(size.x + 10.0)) height=(px(size.y + 6.0)) {}
        (draw(rows, Point { x: at.x + 5.0, y: at.y + 3.0 }))
    }
}

/// A line by these points, with round corners.
fn path(points: &[Point]) -> String {
    let Some((first, rest)) = points.split_first() else { return String::new() };
    let mut path = format!("M{} {}", px(first.x), px(first.y));
    for (place, point) in rest.iter().enumerate() {
        match rest.get(place + 1) {
            Some(next) => {
                let middle = Point { x: (point.x + next.x) / 2.0, y: (point.y + next.y) / 2.0 };
                let [x, y, to_x, to_y] = [point.x, point.y, middle.x, middle.y].map(px);
                path.push_str(&format!("Q{x} {y} {to_x} {to_y}"));
            }
            None => path.push_str(&format!("L{} {}", px(point.x), px(point.y))),
        }
    }
    path
}

fn heading(picture: &Picture) -> Vec<Row> {
    let mut lines = Vec::new();
    if !picture.docs.is_empty() {
        lines.push(Line { inner: false, words: vec![Word::new(Sort::Note, &picture.docs)] });
    }
    let mut words = Vec::new();
    for (role, speaks) in crate::limits::ROLES.into_iter().zip(&picture.speaks) {
        let name = &picture.roles[role.index()];
        words.push(Word::new(Sort::Said(role), format!("{name} speaks {speaks}")));
    }
    lines.push(Line { inner: false, words });
    rows::of(&lines, 110)
}

fn legend(picture: &Picture) -> Vec<Row> {
    let [first, second] = &picture.roles;
    let line = |words: Vec<Word>| Line { inner: false, words };
    let [one, other] = crate::limits::ROLES;
    let mut lines = vec![
        line(vec![
            Word::new(Sort::Said(one), format!("what the {first} says")),
            Word::new(Sort::Said(other), format!("what the {second} says")),
            Word::new(Sort::Note, "a reply stands behind or below what it answers"),
        ]),
        line(vec![
            Word::new(Sort::Switch(one), "then"),
            Word::new(Sort::Note, "how one frame is read"),
            Word::new(Sort::Switch(one), "speaks"),
            Word::new(Sort::Note, "how all are read from now on"),
        ]),
        line(vec![
            Word::new(Sort::Upgrade, "upgrade"),
            Word::new(Sort::Note, "another layer goes on"),
            Word::new(Sort::Close, "close"),
            Word::new(Sort::Note, "the session ends"),
            Word::new(Sort::Note, "≤ the longest silence, then it closes"),
        ]),
        line(vec![Word::new(
            Sort::Note,
            "● the session begins here; a reply that is not shown leaves the state as it is",
        )]),
    ];
    if !picture.boxes.iter().any(|block| block.any) {
        lines.extend(final_line(picture));
    }
    rows::of(&lines, 110)
}

/// All that the picture shows, in words.
fn described(picture: &Picture) -> String {
    let name = |place: usize| &picture.boxes[place].name;
    let edges = picture.edges.iter().map(|edge| {
        let lines = edge.lines.iter().map(|line| text::plain(line, &picture.roles));
        let lines: Vec<String> = lines.collect();
        format!("From {} to {}: {}.", name(edge.from), name(edge.to), lines.join("; "))
    });
    let begin = format!("It begins in {}.", name(0));
    std::iter::once(begin).chain(edges).collect::<Vec<_>>().join(" ")
}

/// A text without the characters that no document of XML may hold.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\t' || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

/// A length, to a tenth of a pixel.
pub(crate) fn px(length: f64) -> String {
    let tenths = format!("{length:.1}");
    tenths.strip_suffix(".0").map(str::to_owned).unwrap_or(tenths)
}

/// A number of characters or rows.
fn wide(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A width in characters.
fn narrow(columns: f64) -> usize {
    // At most a few hundred.
    columns.clamp(1.0, 1000.0) as usize
}
