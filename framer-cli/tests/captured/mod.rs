//! What was recorded, as this command and as tshark read it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

/// A bundled description.
pub(crate) fn protocol(name: &str) -> String {
    path("../protocols", name)
}

fn path(folder: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    path.to_str().expect("a name").to_owned()
}

/// A frame, or a payload that came in pieces.
#[derive(Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) connection: u64,
    pub(crate) role: String,
    pub(crate) frame: String,
    /// Of a payload its bytes.
    pub(crate) fields: Json,
}

/// What is told of a capture, in which nothing is wrong; the last argument is how it is cut.
pub(crate) fn events(capture: &str, arguments: &[&str], cut: &[&str]) -> Vec<Json> {
    let (file, rest) = arguments.split_first().expect("a description");
    let output = Command::new(env!("CARGO_BIN_EXE_framer"))
        .args(["decode", &protocol(file), "--json", "--pcap"])
        .arg(path("tests/captures", &format!("{capture}.pcap")))
        .args(rest)
        .args(cut)
        .output()
        .expect("the command runs");
    let text = std::str::from_utf8(&output.stdout).expect("a text");
    assert_eq!(output.status.code(), Some(0), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

/// What is said in it.
pub(crate) fn decode(capture: &str, arguments: &[&str], cut: &[&str]) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for event in events(capture, arguments, cut) {
        let of = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let (role, frame) = (of("role"), of("frame"));
        let connection = event["connection"].as_u64().expect("a number");
        let fields = match event["event"].as_str() {
            Some("frame") => event["fields"].clone(),
            Some("chunk") => {
                // Where pieces end is not of the conversation.
                let data = of("data");
                if let Some(last) = said.last_mut()
                    && (last.connection, &last.role, &last.frame) == (connection, &role, &frame)
                {
                    last.fields =
                        Json::from(last.fields.as_str().unwrap_or_default().to_owned() + &data);
                    continue;
                }
                Json::from(data)
            }
            Some("connection" | "switch" | "end" | "upgrade") => continue,
            other => panic!("{other:?}: {event}"),
        };
        said.push(Said { connection, role, frame, fields });
    }
    said
}

/// Runs a command with these bytes on its standard input.
fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_framer"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command begins");
    let mut stdin = child.stdin.take().expect("its input");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).expect("it reads"));
        child.wait_with_output().expect("it ends")
    });
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    output.stdout
}

/// The bytes of what was said.
pub(crate) fn encode(file: &str, schema: &str, said: &[Said]) -> Vec<u8> {
    let lines: String = said
        .iter()
        .map(|said| {
            let event = json!({ "event": "frame", "frame": said.frame, "fields": said.fields });
            format!("{event}\n")
        })
        .collect();
    run(&["encode", &protocol(file), "--frame", schema], lines.as_bytes())
}

/// The names and fields of bare frames.
pub(crate) fn frames(file: &str, schema: &str, bytes: &[u8], cut: &[&str]) -> Vec<(String, Json)> {
    let file = protocol(file);
    let arguments = [&["decode", &file, "--json", "--frame", schema][..], cut].concat();
    let text = String::from_utf8(run(&arguments, bytes)).expect("a text");
    let event = |line: &str| {
        let event: Json = serde_json::from_str(line).expect("an object");
        assert_eq!(event["event"], "frame", "{line}");
        (event["frame"].as_str().expect("a name").to_owned(), event["fields"].clone())
    };
    text.lines().map(event).collect()
}

/// What tshark reads in a capture.
pub(crate) struct Tshark {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Tshark {
    pub(crate) fn read(capture: &str) -> Tshark {
        let path = path("tests/captures", &format!("{capture}.tsv"));
        let table = std::fs::read_to_string(path).expect("a table");
        let mut rows = table.lines().map(|line| line.split('\t').map(str::to_owned).collect());
        let columns = rows.next().expect("the names of the columns");
        Tshark { columns, rows: rows.collect() }
    }

    /// How many packets there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// All values of a column in packets that come from a port of the server's, or from another.
    pub(crate) fn column(&self, name: &str, server: &[&str], from_server: bool) -> Vec<String> {
        let place = |name: &str| self.columns.iter().position(|column| column == name);
        let ports = [place("tcp.srcport"), place("udp.srcport")];
        let column = place(name).unwrap_or_else(|| panic!("no column {name}"));
        let comes = |row: &&Vec<String>| {
            ports.iter().flatten().any(|place| server.contains(&row[*place].as_str()))
                == from_server
        };
        let rows = self.rows.iter().filter(comes);
        rows.flat_map(|row| row[column].split(';').filter(|value| !value.is_empty()))
            .map(str::to_owned)
            .collect()
    }
}
