//! The pages: what they hold, that browsers take them, and that nothing in them leads nowhere.

mod run;

use std::collections::BTreeSet;
use std::fs;

use framer_dsl::Sources;
use run::{bundled, framer, golden, root, text};
use scraper::{Html, Selector};
use tempfile::TempDir;

/// The pages of a description, by the names of their files.
fn pages(path: &str, input: &str) -> (TempDir, Vec<(String, String)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("new/pages");
    let to = to.to_str().expect("a name");
    let output = framer(&["doc", path, "--output", to], input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
    let mut pages: Vec<(String, String)> = fs::read_dir(to)
        .expect("the folder")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let name = entry.file_name().into_string().expect("a name");
            (name, fs::read_to_string(entry.path()).expect("a text"))
        })
        .collect();
    pages.sort();
    (folder, pages)
}

fn select<'h>(page: &'h Html, selector: &str) -> Vec<scraper::ElementRef<'h>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

/// The values of an attribute of all that a selector finds.
fn attributes(page: &Html, selector: &str, name: &str) -> Vec<String> {
    let found = select(page, selector);
    found.iter().filter_map(|element| element.attr(name)).map(str::to_owned).collect()
}

/// The page is one that browsers take without a complaint, its places have one name each, and its
/// links lead somewhere.
fn judge(name: &str, page: &Html, files: &BTreeSet<&str>) {
    assert!(page.errors.is_empty(), "{name}: {:?}", page.errors);
    let all = attributes(page, "[id]", "id");
    let places: BTreeSet<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(all.len(), places.len(), "{name}: a place has two");
    for link in attributes(page, "a[href], link[href]", "href") {
        let known = match link.strip_prefix('#') {
            Some(place) => places.contains(place),
            None => link.starts_with("https://") || files.contains(link.as_str()),
        };
        assert!(known, "{name}: {link}");
    }
    assert!(select(page, "script, img, iframe").is_empty(), "{name}");
}

#[test]
fn a_small_protocol_is_shown_as_before() {
    let (_folder, pages) = pages("framer-cli/tests/graph/post.frame", "");
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["framer.css", "index.html", "protocol.Post.html"]);
    for (name, page) in &pages[1..] {
        golden(&format!("doc/{name}"), page);
    }
}

#[test]
fn layouts_are_drawn_as_before() {
    let (_folder, pages) = pages("framer-cli/tests/doc/boxes.frame", "");
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["framer.css", "frames.html", "index.html"]);
    golden("doc/frames.html", &pages[1].1);
}

#[test]
fn every_state_and_type_has_its_place() {
    for name in bundled() {
        let path = format!("protocols/{name}.frame");
        let (_folder, pages) = pages(&path, "");
        let files: BTreeSet<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        let sources = Sources::open(root().join(&path)).expect("a text");
        let ir = framer_dsl::analyze(&sources).expect("a description");
        let mut shown: BTreeSet<String> = BTreeSet::new();
        for (file, page) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
            let page = Html::parse_document(page);
            judge(&format!("{name}: {file}"), &page, &files);
            shown.extend(attributes(&page, "[id]", "id"));
        }
        for ty in &ir.types {
            assert!(shown.contains(&format!("type-{}", ty.name)), "{name}: {}", ty.name);
        }
        for machine in &ir.machines {
            assert!(files.contains(format!("protocol.{}.html", machine.name).as_str()));
            for state in &machine.states {
                assert!(shown.contains(&format!("state-{}", state.name)), "{name}: {}", state.name);
            }
        }
    }
}

/// What another file brings along may have the name of something here.
#[test]
fn what_is_imported_has_its_place() {
    let (_folder, pages) = pages("framer-cli/tests/doc/import/here.frame", "");
    let files: BTreeSet<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    let page = pages.iter().find(|(name, _)| name == "frames.html").expect("the page");
    let page = Html::parse_document(&page.1);
    judge("frames.html", &page, &files);
    let types = attributes(&page, "section.type", "id");
    assert_eq!(types.len(), 2, "{types:?}");
    assert_eq!(attributes(&page, "tr[id^=\"class-\"]", "id").len(), 2);
}

/// A description is not trusted.
#[test]
fn documentation_is_no_markup() {
    let hostile = "\
//! <script>alert(1)</script> [x](javascript:alert(1)) ![y](https://example.org/y.png)
delimiter LF = \"\\n\";
/// <img src=x onerror=alert(1)> and [`Line`], [`Nothing`], [web](https://example.org/?a=1&b=2)
///
/// # Heading
///
/// <div onclick=\"alert(1)\">
///
/// - [data](data:text/html,x) \u{1}\u{b}
class odd = '<'..='>' | '&' | '\"' | 0x00..=0x09;
/// </section></main><script>alert(1)</script>
frame Line in until LF max 64 {
    \"<b>&amp;\",
    /// <svg onload=alert(1)> [`Line`] [`Missing`]
    text: bytes run odd [0..=9],
}
/// <style>*{display:none}</style>
protocol P over stream {
    roles a, b;
    a speaks Line;
    b speaks Line;
    /// </title></svg><script>alert(1)</script>
    state Open { a Line => stay; b Line => stay; }
}
";
    let (_folder, pages) = pages("-", hostile);
    let files: BTreeSet<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    for (name, page) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        let page = Html::parse_document(page);
        judge(name, &page, &files);
        let attributes = select(&page, "*");
        let mut attributes = attributes.iter().flat_map(|element| element.value().attrs());
        assert!(attributes.all(|(name, _)| !name.starts_with("on")), "{name}");
        let drawn = usize::from(name.starts_with("protocol"));
        assert_eq!(select(&page, "style").len(), drawn, "{name}");
    }
    let page = pages.iter().find(|(name, _)| name == "protocol.P.html").expect("the page");
    let page = Html::parse_document(&page.1);
    let links = attributes(&page, "td a[href=\"#type-Line\"]", "href");
    assert_eq!(links.len(), 2, "of a name in documentation");
}

/// Only pages that were written by the command, and are not written any more.
#[test]
fn pages_of_what_is_gone_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().to_str().expect("a name");
    let describe = |input: &str| {
        let output = framer(&["doc", "-", "-o", to], input);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    };
    let protocol = |name: &str| {
        format!(
            "protocol {name} over stream {{ roles client, server; client speaks A; \
             server speaks A; pending fifo max 4; \
             state Open within 1 min else close {{ client A => awaits {{ _ => stay }}; }} }}"
        )
    };
    describe(&format!("frame A {{ n: u8 }} frame B {{ n: u8 }} {}", protocol("Old")));
    let own = ["protocol.html", "protocol.Mine.html", "frames.html.bak"];
    for name in own {
        fs::write(folder.path().join(name), "<html><head></head></html>").expect("a file");
    }
    fs::create_dir(folder.path().join("protocol.Folder.html")).expect("a folder");
    describe(&format!("frame A {{ n: u8 }} {}", protocol("New")));
    let entries = fs::read_dir(folder.path()).expect("the folder");
    let names: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    let written = ["framer.css", "index.html", "protocol.New.html", "protocol.Folder.html"];
    let expected: BTreeSet<String> = own.into_iter().chain(written).map(str::to_owned).collect();
    assert_eq!(names, expected);
}

#[test]
fn a_folder_that_cannot_be_made_is_misuse() {
    let output = framer(&["doc", "protocols/smtp.frame", "--output", "/dev/null/pages"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: cannot write `/dev/null/pages`: "));
}
