//! The pictures: what they hold, and that those who read them take them.

mod run;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use framer_dsl::Sources;
use framer_dsl::ir::Machine;
use roxmltree::Document;
use run::{bundled, framer, golden, root, text};

/// The picture of a protocol of a file.
fn graph(path: &str, protocol: &str, format: &str) -> String {
    let output = framer(&["graph", path, "--protocol", protocol, "--format", format], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

/// Every bundled protocol, with the path of its description.
fn protocols() -> Vec<(String, Machine)> {
    let mut found = Vec::new();
    for name in bundled() {
        let path = format!("protocols/{name}.frame");
        let sources = Sources::open(root().join(&path)).expect("a text");
        let ir = framer_dsl::analyze(&sources).expect("a description");
        found.extend(ir.machines.iter().map(|machine| (path.clone(), machine.clone())));
    }
    assert!(found.len() >= 17, "{}", found.len());
    found
}

/// All text of a picture, as it is read.
fn words(svg: &Document<'_>) -> String {
    let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_small_protocol_is_drawn_as_before() {
    let path = "framer-cli/tests/graph/post.frame";
    for (format, name) in [("svg", "post.svg"), ("dot", "post.dot"), ("mermaid", "post.mmd")] {
        golden(&format!("graph/{name}"), &graph(path, "Post", format));
    }
}

/// The book shows it.
#[test]
fn the_picture_in_the_book_is_what_is_drawn() {
    golden("../../../docs/smtp.svg", &graph("protocols/smtp.frame", "Smtp", "svg"));
}

#[test]
fn every_state_and_frame_is_in_its_picture() {
    for (path, machine) in protocols() {
        let svg = graph(&path, &machine.name, "svg");
        let document = Document::parse(&svg).expect("a document of XML");
        let names =
            document.descendants().filter(|node| node.attribute("class") == Some("fg-name"));
        let names: BTreeSet<&str> = names.filter_map(|node| node.text()).collect();
        for state in &machine.states {
            assert!(names.contains(state.name.as_str()), "{}: {}", machine.name, state.name);
        }
        let words = words(&document);
        let rules = machine.states.iter().flat_map(|state| &state.rules).chain(&machine.any);
        for rule in rules.filter(|rule| (rule.low, rule.high) == (0, u64::MAX)) {
            let named = |place: &usize| words.contains(&machine.kinds[*place].name);
            let shown = rule.kinds.iter().all(named) || words.contains("anything");
            assert!(shown, "{}: {:?}", machine.name, rule.kinds);
        }
    }
}

#[test]
fn graphviz_takes_every_picture() {
    for (path, machine) in protocols() {
        let child = Command::new("dot")
            .arg("-Tplain")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            eprintln!("skipped: no dot");
            return;
        };
        let drawn = graph(&path, &machine.name, "dot");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(drawn.as_bytes()).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(text(&output.stderr), "", "{}", machine.name);
        let nodes = text(&output.stdout).lines().filter(|line| line.starts_with("node "));
        // The beginning, and what holds in any state.
        let any = usize::from(!machine.any.is_empty());
        assert_eq!(nodes.count(), machine.states.len() + 1 + any, "{}", machine.name);
    }
}

#[test]
fn mermaid_takes_every_picture() {
    let script = root().join("target/peers/mermaid.min.js");
    if !script.exists() {
        eprintln!("Mermaid is not looked at: it comes by npm");
        return;
    }
    let all = protocols();
    let drawn: Vec<String> =
        all.iter().map(|(path, machine)| graph(path, &machine.name, "mermaid")).collect();
    let script = script.canonicalize().expect("a path");
    let page = format!(
        "<!doctype html><meta charset=utf-8><pre id=said></pre><script src=\"{}\"></script><script>
        const drawn = {};
        (async () => {{
            mermaid.initialize({{ startOnLoad: false }});
            let said = '';
            for (const text of drawn) {{
                try {{ await mermaid.parse(text); said += '+'; }} catch (error) {{ said += error; }}
            }}
            document.getElementById('said').textContent = said + '.';
        }})();
        </script>",
        script.display(),
        serde_json::to_string(&drawn).expect("a list")
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.html");
    std::fs::write(&path, page).expect("it is written");
    let output = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", path.display()))
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: no chromium");
        return;
    };
    let expected = format!("<pre id=\"said\">{}.</pre>", "+".repeat(all.len()));
    assert!(text(&output.stdout).contains(&expected), "{}", text(&output.stdout));
}

/// What a description says is text in its picture, and nothing else.
#[test]
fn documentation_is_no_markup() {
    let hostile = "\
delimiter LF = \"\\n\";
/// <b>&amp;]]></style><script>alert(1)</script>
frame Line in until LF max 64 { text: bytes to end }
/// P <script>alert(1)</script> \u{1} \u{1b}[31m & \"quotes\"
protocol P over stream {
    roles a, b;
    a speaks Line;
    b speaks Line;
    /// </text></svg><script>alert(1)</script> \u{b} %% end {
    state Open { a Line => stay; b Line => stay; }
}
";
    let output = framer(&["graph", "-"], hostile);
    let svg = text(&output.stdout);
    let document = Document::parse(svg).expect("a document of XML");
    assert!(!document.descendants().any(|node| node.has_tag_name("script")));
    assert!(words(&document).contains("</text></svg><script>alert(1)</script>"));
}

#[test]
fn which_protocol_is_meant_is_asked() {
    let output = framer(&["graph", "protocols/dns.frame"], "");
    assert_eq!(output.status.code(), Some(2));
    let expected = "error: which of the protocols Udp, Tcp? `--protocol` says it\n";
    assert_eq!(text(&output.stderr), expected);
    let output = framer(&["graph", "protocols/dns.frame", "--protocol", "Smtp"], "");
    assert_eq!(text(&output.stderr), "error: no protocol is called `Smtp`; there is Udp, Tcp\n");
    let output = framer(&["graph", "protocols/framers.frame"], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "error: there is no protocol in this description\n");
}
