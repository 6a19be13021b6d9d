//! What the tables of `requirements` name is there: in the description, and among the tests.

use std::path::Path;

use framer_tests::bundled::ALL;

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

/// The text of a file beside the tests.
fn read(path: String) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether there is a test of this file and name.
fn is_test(test: &str) -> bool {
    let (file, name) = test.split_once("::").expect("a file and a test");
    let code = read(format!("tests/{file}.rs"));
    let forms = ["#[test]\nfn", "#[test]\n    fn", "#[tokio::test]\nasync fn"];
    name == "each" && code.contains("each_bundled!")
        || forms.iter().any(|form| code.contains(&format!("{form} {name}(")))
        || code.contains(&format!("start_paused = true)]\nasync fn {name}("))
}

fn traced(protocol: &str) {
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
            assert!(is_test(test), "{protocol}, {section}: there is no test `{test}`");
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

/// What is no bundled protocol, and is bundled all the same.
const WITHOUT_A_SESSION: [&str; 2] = ["framers", "proxy"];

/// Whether this shows something of a protocol.
fn shows(shown: &str, protocol: &str) -> bool {
    if let Some((of, _)) = shown.strip_prefix("hostile/").and_then(|shown| shown.split_once(": ")) {
        return of == protocol;
    }
    let (file, name) = shown.split_once("::").expect("a file and a test");
    let base = protocol.split('-').next().expect("a name");
    let code = read(format!("tests/{file}.rs"));
    // Floods stand in a table of their own.
    let table = if file == "memory" { read("src/floods.rs".to_owned()) } else { String::new() };
    name == "each"
        || file.starts_with(base)
        || [code, table].iter().any(|text| {
            text.contains(&format!("\"{protocol}\"")) || text.contains(&format!("{base}::"))
        })
}

#[test]
fn security() {
    let table = read("requirements/security.md".to_owned());
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut concerned = std::collections::BTreeSet::new();
    let mut count = 0;
    for line in lines {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [attack, protocols, place, shown] = cells[..] else { panic!("four cells: {line}") };
        for place in quoted(place) {
            let (file, construct) = place.split_once(": ").expect("a file, and what stands there");
            // What is quoted there for its reader is quoted here.
            let text = words(&read(format!("../{file}"))).replace(['`', '/'], "");
            let there = text.contains(&words(construct).replace(['`', '/'], ""));
            assert!(there, "{attack}: `{construct}` is not in {file}");
        }
        let shown = quoted(shown);
        for shown in &shown {
            let there = match shown.strip_prefix("hostile/") {
                None => is_test(shown),
                Some(attacks) => {
                    let (of, row) = attacks.split_once(": ").expect("a protocol and a row");
                    format!("\n{}", read(format!("hostile/{of}.txt")))
                        .contains(&format!("\n# {row}"))
                }
            };
            assert!(there, "{attack}: there is no `{shown}`");
        }
        for protocol in quoted(protocols) {
            let known = ALL.iter().any(|of| of.name == protocol);
            assert!(known || WITHOUT_A_SESSION.contains(&protocol), "{attack}: {protocol}?");
            let any = shown.iter().any(|shown| shows(shown, protocol));
            assert!(any, "{attack}: nothing is shown of {protocol}");
            concerned.insert(protocol);
        }
        assert!(!quoted(place).is_empty() && !shown.is_empty(), "{attack}");
        count += 1;
    }
    assert!(count > 30, "{count} attacks");
    assert_eq!(concerned.len(), ALL.len() + WITHOUT_A_SESSION.len());
}
