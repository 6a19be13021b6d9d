//! Tables.

use maud::{Markup, html};

/// Rows under a head, without the columns in which nothing stands.
pub(super) fn table(head: &[&str], rows: &[Vec<Markup>]) -> Markup {
    let said = |column: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column));
        cells.any(|cell| !cell.0.is_empty())
    };
    let columns: Vec<usize> = (0..head.len()).filter(|column| said(*column)).collect();
    let cell = |row: &Vec<Markup>, column: usize| row.get(column).cloned().unwrap_or_default();
    html! {
        @if !rows.is_empty() {
            div class="wide" {
                table {
                    thead {
                        tr { @for column in &columns { th { (head[*column]) } } }
                    }
                    tbody {
                        @for row in rows {
                            tr { @for column in &columns { td { (cell(row, *column)) } } }
                        }
                    }
                }
            }
        }
    }
}
