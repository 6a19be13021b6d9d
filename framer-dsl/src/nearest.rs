//! What a misspelt name means.

/// A longer name, in bytes, is not looked for: it costs its square.
const LONGEST_NAME: usize = 64;

/// The name that a misspelt one most probably means: at most a third of it changed.
pub(crate) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .filter(|candidate| name.len().max(candidate.len()) <= LONGEST_NAME)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= name.len().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are changed, added, left out or swapped with the next, letter case aside.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
    for line in 0..=left.len() {
        for column in 0..=right.len() {
            table[line][column] = if line == 0 || column == 0 {
                line + column
            } else {
                let changed = usize::from(left[line - 1] != right[column - 1]);
                let swapped = line > 1
                    && column > 1
                    && left[line - 1] == right[column - 2]
                    && left[line - 2] == right[column - 1];
                let mut least = table[line - 1][column - 1] + changed;
                least = least.min(table[line - 1][column] + 1).min(table[line][column - 1] + 1);
                if swapped { least.min(table[line - 2][column - 2] + 1) } else { least }
            };
        }
    }
    table[left.len()][right.len()]
}
