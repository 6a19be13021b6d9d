//! Binary layouts as the RFCs draw them: 32 bits a row.

use maud::{Markup, html};

use crate::graph::{clean, px};

const BIT: f64 = 20.0;
const ROW_BITS: u64 = 32;
const ROW_HEIGHT: f64 = 34.0;
const RULER: f64 = 22.0;
const LEFT: f64 = 8.0;
/// The width of a character.
const CHARACTER: f64 = 7.0;
/// A field of more bits is drawn as if its length were not known.
const MOST_BITS: u64 = 256;

/// A part of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) label: String,
    /// How many bits it takes, where that is one number.
    pub(super) bits: Option<u64>,
    /// It may be missing.
    pub(super) optional: bool,
    /// How long it is, where that is not one number.
    pub(super) length: String,
}

/// A piece of a cell in one row.
struct Piece<'c> {
    cell: &'c Cell,
    from: u64,
    bits: u64,
    /// How many rows it takes.
    rows: u64,
    /// It goes on for so long as its length says.
    torn: bool,
    /// It carries the label of its cell.
    named: bool,
}

/// The layout as a picture.
pub(super) fn draw(name: &str, cells: &[Cell]) -> Markup {
    if cells.is_empty() {
        return Markup::default();
    }
    let rows = rows(cells);
    let heights: Vec<f64> = rows.iter().map(|row| height(row)).collect();
    let total = RULER + heights.iter().sum::<f64>() + 6.0;
    let width = BIT * 32.0 + 2.0 * LEFT;
    let mut y = RULER;
    let placed: Vec<(f64, &Vec<Piece<'_>>)> = rows
        .iter()
        .zip(&heights)
        .map(|(row, height)| {
            let at = y;
            y += height;
            (at, row)
        })
        .collect();
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="layout" role="img"
            aria-label=(clean(&format!("The layout of {name}, 32 bits a row")))
            viewBox=(format!("0 0 {} {}", px(width), px(total)))
            width=(px(width)) height=(px(total)) {
            @for bit in 0..ROW_BITS {
                @if bit % 8 == 0 || bit == ROW_BITS - 1 {
                    text class="ruler" x=(px(LEFT + (wide(bit) + 0.5) * BIT)) y="15" { (bit) }
                } @else {
                    line class="tick" x1=(px(LEFT + (wide(bit) + 0.5) * BIT)) y1="10"
                        x2=(px(LEFT + (wide(bit) + 0.5) * BIT)) y2="14" {}
                }
            }
            @for ((y, row), height) in placed.iter().zip(&heights) {
                @for piece in *row {
                    (draw_piece(piece, *y, *height))
                }
            }
            // Over the boxes below them.
            @for ((y, row), height) in placed.iter().zip(&heights) {
                @for piece in row.iter().filter(|piece| piece.torn) {
                    @for at in [*y, y + height] {
                        path class="tear" d=(tears(piece, at)) {}
                    }
                }
            }
        }
    }
}

fn draw_piece(piece: &Piece<'_>, y: f64, height: f64) -> Markup {
    let x = LEFT + wide(piece.from) * BIT;
    let (width, height) = (wide(piece.bits) * BIT, height * wide(piece.rows));
    let label = label(piece);
    let upright = wide_text(&label) + 4.0 > width;
    let (middle, center) = (x + width / 2.0, y + height / 2.0);
    let class = if piece.cell.optional { "cell optional" } else { "cell" };
    html! {
        g {
            title { (clean(&tooltip(piece.cell))) }
            rect class=(class) x=(px(x)) y=(px(y)) width=(px(width)) height=(px(height)) {}
            @if !label.is_empty() {
                @if upright {
                    @let place = format!("{} {}", px(-center), px(middle + 4.0));
                    text class="label" transform={ "rotate(-90) translate(" (place) ")" } { (clean(&label)) }
                } @else {
                    text class="label" x=(px(middle)) y=(px(center + 4.0)) { (clean(&label)) }
                }
            }
        }
    }
}

/// What stands in a piece.
fn label(piece: &Piece<'_>) -> String {
    if !piece.named {
        return String::from("…");
    }
    let cell = piece.cell;
    if cell.length.is_empty() {
        return cell.label.clone();
    }
    let whole = format!("{} ({})", cell.label, cell.length);
    let room = wide(piece.bits) * BIT;
    if wide_text(&whole) + 60.0 <= room { whole } else { cell.label.clone() }
}

fn tooltip(cell: &Cell) -> String {
    match cell.bits {
        Some(bits) if bits % 8 == 0 => format!("{}: {}", cell.label, crate::words::bytes(bits / 8)),
        Some(bits) => format!("{}: {}", cell.label, crate::words::count(bits, "bit")),
        None => format!("{}: {}", cell.label, cell.length),
    }
}

/// The pieces of the cells, row by row.
fn rows(cells: &[Cell]) -> Vec<Vec<Piece<'_>>> {
    let mut rows: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    let mut at = 0;
    for cell in cells {
        let known = cell.bits.filter(|bits| *bits <= MOST_BITS);
        let Some(mut left) = known else {
            let piece =
                Piece { cell, from: at, bits: ROW_BITS - at, rows: 1, torn: true, named: true };
            push(&mut rows, piece);
            rows.push(Vec::new());
            at = 0;
            continue;
        };
        // Whole rows are one block.
        if at == 0 && left > ROW_BITS && left.is_multiple_of(ROW_BITS) {
            let piece = Piece {
                cell,
                from: 0,
                bits: ROW_BITS,
                rows: left / ROW_BITS,
                torn: false,
                named: true,
            };
            push(&mut rows, piece);
            for _ in 0..left / ROW_BITS {
                rows.push(Vec::new());
            }
            continue;
        }
        // The larger part has the name.
        let first = left.min(ROW_BITS - at);
        let largest = if first >= (left - first).min(ROW_BITS) { 0 } else { 1 };
        let mut place = 0;
        while left > 0 {
            let bits = left.min(ROW_BITS - at);
            let named = place == largest;
            push(&mut rows, Piece { cell, from: at, bits, rows: 1, torn: false, named });
            left -= bits;
            at += bits;
            place += 1;
            if at == ROW_BITS {
                rows.push(Vec::new());
                at = 0;
            }
        }
    }
    while rows.last().is_some_and(Vec::is_empty) && !last_is_block(&rows) {
        rows.pop();
    }
    rows
}

fn push<'c>(rows: &mut [Vec<Piece<'c>>], piece: Piece<'c>) {
    if let Some(row) = rows.last_mut() {
        row.push(piece);
    }
}

/// Whether the empty rows at the end belong to a block above them.
fn last_is_block(rows: &[Vec<Piece<'_>>]) -> bool {
    let empty = rows.iter().rev().take_while(|row| row.is_empty()).count();
    let block = rows.len().checked_sub(empty + 1).and_then(|place| rows.get(place));
    let Some(piece) = block.and_then(|row| row.last()) else { return false };
    piece.rows > wide_count(empty)
}

/// How high a row is: names that do not fit stand upright.
fn height(row: &[Piece<'_>]) -> f64 {
    let upright = row.iter().filter(|piece| piece.rows == 1).map(|piece| {
        let label = wide_text(&label(piece));
        if label + 4.0 > wide(piece.bits) * BIT { label + 12.0 } else { 0.0 }
    });
    upright.fold(ROW_HEIGHT, f64::max)
}

/// Strokes at both ends of an edge across which the field goes on.
fn tears(piece: &Piece<'_>, y: f64) -> String {
    let (from, to) = (LEFT + wide(piece.from) * BIT, LEFT + wide(piece.from + piece.bits) * BIT);
    format!("{}{}", tear(from + 8.0, y), tear(to - 20.0, y))
}

/// Two strokes across an edge.
fn tear(x: f64, y: f64) -> String {
    let (low, high) = (px(y + 4.0), px(y - 4.0));
    format!("M{} {low}L{} {high}M{} {low}L{} {high}", px(x), px(x + 6.0), px(x + 6.0), px(x + 12.0))
}

fn wide(bits: u64) -> f64 {
    f64::from(u32::try_from(bits).unwrap_or(u32::MAX))
}

fn wide_count(count: usize) -> u64 {
    crate::words::wide(count)
}

fn wide_text(text: &str) -> f64 {
    wide(wide_count(text.chars().count())) * CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells of so many bits; 0 is one whose length is not known.
    fn cells(bits: &[u64]) -> Vec<Cell> {
        let cell = |(place, bits): (usize, &u64)| Cell {
            label: place.to_string(),
            bits: (*bits > 0).then_some(*bits),
            optional: false,
            length: String::new(),
        };
        bits.iter().enumerate().map(cell).collect()
    }

    /// The pieces by their cell, first bit, width and height; a `+` carries the name.
    fn shown(bits: &[u64]) -> Vec<String> {
        let cells = cells(bits);
        let row = |row: &Vec<Piece<'_>>| {
            let pieces = row.iter().map(|piece| {
                let named = if piece.named { "+" } else { "" };
                let Piece { cell, from, bits, rows, .. } = piece;
                format!("{}{named}@{from}:{bits}x{rows}", cell.label)
            });
            pieces.collect::<Vec<_>>().join(" ")
        };
        rows(&cells).iter().map(row).collect()
    }

    #[test]
    fn fields_fill_rows_of_32_bits() {
        assert_eq!(
            shown(&[4, 4, 8, 16, 32]),
            ["0+@0:4x1 1+@4:4x1 2+@8:8x1 3+@16:16x1", "4+@0:32x1"]
        );
    }

    #[test]
    fn a_field_across_rows_has_its_name_in_the_larger_part() {
        assert_eq!(shown(&[24, 16]), ["0+@0:24x1 1+@24:8x1", "1@0:8x1"]);
        assert_eq!(shown(&[24, 24]), ["0+@0:24x1 1@24:8x1", "1+@0:16x1"]);
    }

    #[test]
    fn whole_rows_are_one_block() {
        assert_eq!(shown(&[64, 8]), ["0+@0:32x2", "", "1+@0:8x1"]);
        assert_eq!(shown(&[128]), ["0+@0:32x4", "", "", ""]);
    }

    #[test]
    fn what_has_no_length_takes_the_rest_of_its_row() {
        assert_eq!(shown(&[8, 0, 8]), ["0+@0:8x1 1+@8:24x1", "2+@0:8x1"]);
        assert_eq!(shown(&[0, 0]), ["0+@0:32x1", "1+@0:32x1"]);
        assert_eq!(shown(&[8 * 512]), ["0+@0:32x1"]);
    }
}
