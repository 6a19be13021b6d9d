//! What the tables of `requirements` name is there: in the description, and among the tests.

use std::path::Path;

/// A row of a table.
struct Row<'t> {
    section: &'t str,
    /// Parts of the description, as they stand there but for blanks.
    constructs: Vec<&'t str>,
    /// `file::test` for each.
    tests: Vec<&'t str>,
    /// All that is said in the place of tests.
    shown: &'t str,
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter(|line| line.starts_with("| "));
    let cells = lines.skip(1).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        <[&str; 4]>::try_from(cells).unwrap_or_else(|_| panic!("four cells: {line}"))
    });
    cells
        .map(|[section, asked, place, shown]| {
            assert!(!section.is_empty() && !asked.is_empty(), "{section}: {asked}");
            Row { section, constructs: quoted(place), tests: quoted(shown), shown }
        })
        .collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn traced(protocol: &str) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: String| {
        std::fs::read_to_string(here.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let table = read(format!("requirements/{protocol}.md"));
    let description = words(&read(format!("../protocols/{protocol}.frame")));
    let rows = rows(&table);
    assert!(rows.len() > 15, "{} rows of {protocol}", rows.len());
    for Row { section, constructs, tests, shown } in rows {
        for construct in &constructs {
            let there = description.contains(&words(construct));
            assert!(there, "{protocol}, {section}: `{construct}` is not in the description");
        }
        for test in &tests {
            let (file, name) = test.split_once("::").expect("a file and a test");
            let code = read(format!("tests/{file}.rs"));
            let there = code.contains(&format!("#[test]\nfn {name}()"))
                || code.contains(&format!("#[test]\n    fn {name}("));
            assert!(there, "{protocol}, {section}: there is no test `{test}`");
        }
        // What is not in the description is said why; what is, is shown.
        assert_eq!(
            constructs.is_empty(),
            tests.is_empty() || shown.starts_with("in "),
            "{section}"
        );
        assert!(!shown.is_empty(), "{protocol}, {section}: nothing shows it, and nothing says why");
    }
}

#[test]
fn smtp() {
    traced("smtp");
}

#[test]
fn http1() {
    traced("http1");
}

#[test]
fn websocket() {
    traced("websocket");
}

#[test]
fn mqtt() {
    traced("mqtt");
}
