//! What the command prints, and the status it ends with, as users see it.

mod run;

use run::{framer, text};
use serde_sarif::sarif::{ResultLevel, Sarif};

/// The page of the book is a session, too. `TRYCMD=overwrite` writes them anew.
#[test]
fn sessions_are_as_they_are_written() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd").case("../docs/command.md");
}

/// The bundled descriptions, as the command line names them.
fn bundled() -> Vec<String> {
    run::bundled().iter().map(|name| format!("protocols/{name}.frame")).collect()
}

#[test]
fn nothing_is_wrong_with_what_is_bundled() {
    let bundled = bundled();
    let arguments: Vec<&str> = ["check", "--deny-warnings"]
        .into_iter()
        .chain(bundled.iter().map(String::as_str))
        .collect();
    let output = framer(&arguments, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
}

#[test]
fn what_is_bundled_is_laid_out() {
    let bundled = bundled();
    let arguments: Vec<&str> =
        ["fmt", "--check"].into_iter().chain(bundled.iter().map(String::as_str)).collect();
    let output = framer(&arguments, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", ""));
}

#[test]
fn descriptions_are_laid_out_in_their_places() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path.to_str().expect("a name").to_owned()
    };
    let read = |path: &str| std::fs::read_to_string(path).expect("the file");
    let untidy = write("untidy.frame", "frame A{n:u8}// a comment");
    let wrong = write("wrong.frame", "frame  A { n u8 }");
    let missing = directory.path().join("missing.frame");
    let output = framer(&["fmt", &wrong, &untidy], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(read(&untidy), "frame A { n: u8 } // a comment\n");
    assert_eq!(read(&wrong), "frame  A { n u8 }");
    assert!(text(&output.stderr).starts_with("error[F0001]: expected `:` or `=`, found `u8`\n"));
    let output = framer(&["fmt", missing.to_str().expect("a name"), &untidy], "");
    assert_eq!(output.status.code(), Some(2));
    let output = framer(&["fmt", &untidy], "");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    // The standard input is laid out on the standard output.
    let output = framer(&["fmt", "-"], "frame B{}");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "frame B {}\n"));
}

#[test]
fn lines_end_as_they_did() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("lines.frame");
    let name = path.to_str().expect("a name");
    std::fs::write(&path, "// one\r\nframe A{n:u8}\r\n").expect("the file is written");
    assert_eq!(framer(&["fmt", "--check", name], "").status.code(), Some(1));
    assert_eq!(framer(&["fmt", name], "").status.code(), Some(0));
    let laid_out = std::fs::read_to_string(&path).expect("the file");
    assert_eq!(laid_out, "// one\r\nframe A { n: u8 }\r\n");
    let output = framer(&["fmt", "--check", name], "");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
}

#[test]
fn a_description_may_come_from_the_standard_input() {
    let output = framer(&["check", "-"], "frame Line { text utf8 [5] }");
    assert_eq!(output.status.code(), Some(1));
    let expected = "\
error[F0001]: expected `:` or `=`, found `utf8`
 --> <stdin>:1:19
  |
1 | frame Line { text utf8 [5] }
  |                   ^^^^ expected `:` or `=`

";
    assert_eq!((text(&output.stdout), text(&output.stderr)), ("", expected));
}

#[test]
fn colours_are_used_where_they_are_asked_for() {
    let wrong = "frame Line { text utf8 [5] }";
    let output = framer(&["check", "--color", "always", "-"], wrong);
    assert!(text(&output.stderr).starts_with("\u{1b}[1m\u{1b}[91merror[F0001]\u{1b}[0m"));
    for plain in [&["check", "-"][..], &["--color", "never", "check", "-"]] {
        assert!(!text(&framer(plain, wrong).stderr).contains('\u{1b}'));
    }
}

#[test]
fn a_log_is_what_sarif_asks_for() {
    let output = framer(&["check", "--format", "sarif", "-"], "frame A { x: Bee }");
    assert_eq!(output.status.code(), Some(1));
    let log: Sarif = serde_json::from_slice(&output.stdout).expect("a log of SARIF");
    let results = log.runs[0].results.as_deref().expect("results");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].rule_id.as_deref(), Some("F0102"));
    assert!(matches!(results[0].level, Some(ResultLevel::Error)));
    // Nothing is wrong: a log without results, which is not the same as no log.
    let output = framer(&["check", "--format", "sarif", "-"], "");
    assert_eq!(output.status.code(), Some(0));
    let log: Sarif = serde_json::from_slice(&output.stdout).expect("a log of SARIF");
    assert_eq!(log.runs[0].results.as_deref().map(<[_]>::len), Some(0));
}

#[test]
fn a_folder_is_no_file() {
    let folder = "protocols";
    for arguments in [
        &["check", folder][..],
        &["decode", folder, "--as", "client"],
        &["decode", "protocols/smtp.frame", "--as", "client", "--input", folder],
        &["decode", "protocols/smtp.frame", "--pcap", folder],
    ] {
        let output = framer(arguments, "");
        let told = "error: cannot read `protocols`: Is a directory (os error 21)\n";
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), told), "{arguments:?}");
    }
}

#[test]
fn a_description_is_expanded_as_the_macro_does_it() {
    let golden = include_str!("../../tests/golden/smtp.rs");
    let output = framer(&["expand", "protocols/smtp.frame"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout) == golden, "it is not tests/golden/smtp.rs");
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("smtp.rs");
    let path = file.to_str().expect("a name");
    let runtime = ["--runtime", "crate::framing"];
    let arguments = [&["expand", "protocols/smtp.frame", "-o", path][..], &runtime].concat();
    let output = framer(&arguments, "");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    let written = std::fs::read_to_string(file).expect("the Rust");
    assert!(written.contains("crate::framing::frame") && !written.contains("framer_runtime"));
}

#[test]
fn frames_are_encoded_from_json() {
    let kinds = "framer-cli/tests/cmd/decode.in/kinds.frame";
    let encode = |frame: &str, input: &str| {
        let output = framer(&["encode", kinds, "--frame", frame], input);
        (output.status.code(), output.stdout, text(&output.stderr).trim().to_owned())
    };
    // Fields alone, an alternative, a value; and whole events, of which only frames count.
    assert_eq!(encode("Name", r#"{"text": "abc"}"#), (Some(0), b"#abc".to_vec(), String::new()));
    let right = r#"{"Right": {"digits": 7}} {"event": "switch"}
        {"event": "frame", "frame": "Left", "fields": {"text": "ab"}}"#;
    assert_eq!(encode("What", right), (Some(0), b">07<ab".to_vec(), String::new()));
    assert_eq!(encode("Code", r#""Two" {"Other": 9}"#), (Some(0), vec![2, 9], String::new()));
    let refused = [
        (
            "Name",
            r#"{"text": "abc"} {"text": 7}"#,
            "object 2 of the input: `text`: expected a text",
        ),
        (
            "Name",
            r#"{"text": "abc", "more": 1}"#,
            "object 1 of the input: Name has no field `more`",
        ),
        ("Name", r#"{"text": "abcd"}"#, "object 1 of the input: Name.text: bytes behind the end"),
        ("Name", "{", "object 1 of the input: EOF while parsing an object at line 1 column 1"),
        (
            "What",
            r#"{"Up": {}}"#,
            "object 1 of the input: expected an object of one of Left, Right",
        ),
        ("Code", r#""Three""#, "object 1 of the input: expected one of One, Two"),
        ("Code", r#"{"Other": 1}"#, "object 1 of the input: Code: would be read as something else"),
    ];
    for (frame, input, message) in refused {
        let told = format!("error: {message}");
        assert_eq!(encode(frame, input), (Some(2), Vec::new(), told), "{input}");
    }
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = framer(&["completions", shell], "");
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("expand"), "{shell}");
    }
    let output = framer(&["man"], "");
    assert!(text(&output.stdout).contains(".TH framer 1"));
    let directory = tempfile::tempdir().expect("a directory");
    let output = framer(&["man", directory.path().to_str().expect("a name")], "");
    assert_eq!(output.status.code(), Some(0));
    let page = std::fs::read_to_string(directory.path().join("framer-check.1"));
    assert!(page.expect("a page").contains("standard input"));
}
