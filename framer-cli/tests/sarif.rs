//! Logs of SARIF are held against the published schema of its version 2.1.0, which comes with the
//! crate serde-sarif.

mod run;

use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use run::{framer, root};
use serde_json::{Value as Json, json};

/// What cargo says.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The schema, where cargo has put it.
fn schema() -> Validator {
    let version = String::from_utf8(cargo(&["-vV"])).expect("a text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    // What only others need may never have been fetched.
    let metadata =
        cargo(&["metadata", "--format-version=1", "--offline", "--filter-platform", host]);
    let metadata: Json = serde_json::from_slice(&metadata).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "serde-sarif");
    let manifest = package.expect("it is a dependency")["manifest_path"].as_str().expect("a path");
    let path = Path::new(manifest).with_file_name("src").join("schema.json");
    let text = std::fs::read_to_string(path).expect("the schema");
    // A bracket that JavaScript takes for itself.
    let text = text.replace("{2}]?$", r"{2}\\]?$");
    let schema: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(schema["properties"]["version"]["enum"], json!(["2.1.0"]));
    jsonschema::validator_for(&schema).expect("a schema")
}

/// The log of a check.
fn log(files: &[String], status: i32) -> Json {
    let arguments = ["check", "--format", "sarif"].into_iter();
    let arguments: Vec<&str> = arguments.chain(files.iter().map(String::as_str)).collect();
    let output = framer(&arguments, "");
    assert_eq!(output.status.code(), Some(status));
    serde_json::from_slice(&output.stdout).expect("a log")
}

/// A description with each of the mistakes that there are.
fn mistakes() -> Vec<String> {
    let folder = root().join("framer-dsl/tests/ui");
    let entries = std::fs::read_dir(folder).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ext| ext == "frame")).collect();
    paths.sort();
    paths.iter().map(|path| path.to_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_finding_is_one_of_sarif() {
    let (schema, mistakes) = (schema(), mistakes());
    let whole = log(&mistakes, 1);
    let wrong: Vec<String> = schema.iter_errors(&whole).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let results = whole["runs"][0]["results"].as_array().expect("results");
    assert!(results.len() >= mistakes.len(), "{} of {}", results.len(), mistakes.len());
    // A rule is one of those that the log lists.
    for result in results {
        let place = result["ruleIndex"].as_u64().expect("a number");
        let place = usize::try_from(place).expect("a place");
        let rules = &whole["runs"][0]["tool"]["driver"]["rules"];
        assert_eq!(rules[place]["id"], result["ruleId"]);
    }
    let nothing = log(&["protocols/smtp.frame".to_owned()], 0);
    assert!(schema.is_valid(&nothing), "{nothing}");
}

#[test]
fn the_schema_refuses_what_is_none() {
    let schema = schema();
    let mut whole = log(&mistakes()[..1], 1);
    assert!(schema.is_valid(&whole));
    whole["runs"][0]["results"][0]["level"] = json!("fatal");
    assert!(!schema.is_valid(&whole));
}
