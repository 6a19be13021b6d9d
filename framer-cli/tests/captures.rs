//! Recorded conversations of real peers, read as tshark reads them.
//!
//! `captures/record` recorded them and what tshark says of them: of each packet the fields that it
//! has, several of one name between semicolons. What is said in each direction is compared field by
//! field, in order, however the bytes are cut.

mod captured;

use captured::{Said, Tshark, decode, encode, frames};
use serde_json::Value as Json;

/// How the bytes are cut.
const CUTS: [&[&str]; 4] = [&[], &["--chunk", "1"], &["--chunk", "7"], &["--chunks", "3,1,7"]];

/// A column of tshark, and what stands for it in a frame.
type Column = (&'static str, fn(&Said) -> Vec<String>);

/// Compares a conversation with what tshark read in it.
fn compare(name: &str, arguments: &[&str], server: &[&str], columns: &[Column]) {
    let tshark = Tshark::read(name);
    let whole = decode(name, arguments, &[]);
    for cut in CUTS {
        let said = decode(name, arguments, cut);
        assert_eq!(said, whole, "{name} {cut:?}");
        for (role, from_server) in [("client", false), ("server", true)] {
            for (column, value) in columns {
                let frames = said.iter().filter(|said| said.role == role);
                let found: Vec<String> = frames.flat_map(value).collect();
                let expected = tshark.column(column, server, from_server);
                assert_eq!(found, expected, "{name}: {column} of the {role}");
            }
        }
    }
    assert!(tshark.rows() > 10, "{name}: {} packets", tshark.rows());
}

/// The text of a number or text, nothing if it is missing.
fn text(json: &Json) -> Vec<String> {
    match json {
        Json::String(text) => vec![text.clone()],
        Json::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// The text of bytes.
fn unhex(json: &Json) -> Vec<String> {
    let bytes = json.as_str().map(|digits| hex::decode(digits).expect("digits"));
    bytes.into_iter().map(|bytes| String::from_utf8(bytes).expect("a text")).collect()
}

#[test]
fn smtp() {
    fn path(path: &Json) -> String {
        let part = |json: &Json| text(json).concat();
        let local = &path["mailbox"]["local"]["DottedLocal"]["text"];
        format!("<{}@{}>", part(local), part(&path["mailbox"]["domain"]["name"]))
    }
    compare(
        "smtp",
        &["smtp.frame"],
        &["2525"],
        &[
            ("smtp.req.command", |said| match said.frame.as_str() {
                "Content" | "Reply" => Vec::new(),
                command => vec![command.to_uppercase()],
            }),
            ("smtp.req.parameter", |said| match said.frame.as_str() {
                "Ehlo" => text(&said.fields["domain"]),
                "Mail" if said.fields["from"]["Path"].is_null() => vec!["FROM:<>".to_owned()],
                "Mail" => vec![format!("FROM:{}", path(&said.fields["from"]["Path"]))],
                "Rcpt" => vec![format!("TO:{}", path(&said.fields["to"]))],
                _ => Vec::new(),
            }),
            ("smtp.response.code", |said| text(&said.fields["code"])),
            ("smtp.rsp.parameter", |said| {
                let lines = said.fields["lines"].as_array().into_iter().flatten();
                let line = |line: &Json| {
                    let status = &line["enhanced"];
                    let digits =
                        ["class", "subject", "detail"].map(|part| text(&status[part]).concat());
                    let status =
                        if status.is_null() { String::new() } else { digits.join(".") + " " };
                    status + &text(&line["text"]).concat()
                };
                // tshark leaves out a line without a text.
                lines.map(line).filter(|line| !line.is_empty()).collect()
            }),
        ],
    );
}

/// Every value in a value of RESP that is of the name, as `field` says, in order.
fn values(json: &Json, name: &str, field: &str) -> Vec<String> {
    match json {
        Json::Object(members) => members
            .iter()
            .flat_map(|(key, inner)| {
                let own = if key == name { text(&inner[field]) } else { Vec::new() };
                [own, values(inner, name, field)].concat()
            })
            .collect(),
        Json::Array(all) => all.iter().flat_map(|inner| values(inner, name, field)).collect(),
        _ => Vec::new(),
    }
}

/// The same of a frame, which is a value of this name.
fn of_frame(said: &Said, name: &str, field: &str) -> Vec<String> {
    let own = if said.frame == name { text(&said.fields[field]) } else { Vec::new() };
    [own, values(&said.fields, name, field)].concat()
}

#[test]
fn resp() {
    fn texts(said: &Said, name: &str) -> Vec<String> {
        of_frame(said, name, "text").iter().flat_map(|it| unhex(&Json::from(it.as_str()))).collect()
    }
    compare(
        "resp",
        &["resp.frame"],
        &["6390"],
        &[
            ("resp.array.length", |said| match said.frame.as_str() {
                "Command" => text(&said.fields["count"]),
                _ => of_frame(said, "Array", "count"),
            }),
            ("resp.bulk_string.value", |said| match said.frame.as_str() {
                "Command" => {
                    let arguments = said.fields["args"].as_array().into_iter().flatten();
                    let all = std::iter::once(&said.fields["name"]).chain(arguments);
                    all.flat_map(|argument| text(&argument["data"])).collect()
                }
                _ => of_frame(said, "Bulk", "data"),
            }),
            ("resp.string", |said| texts(said, "Simple")),
            ("resp.error", |said| texts(said, "Error")),
            ("resp.integer", |said| of_frame(said, "Integer", "value")),
        ],
    );
}

#[test]
fn http1() {
    fn field(said: &Said, name: &str) -> Json {
        let fields = said.fields["fields"].as_array().into_iter().flatten();
        let mut found = fields.filter(|field| {
            let other = &field["Other"]["name"];
            !field[name].is_null() || other == name
        });
        found.next().cloned().unwrap_or_default()
    }
    compare(
        "http1",
        &["http1.frame"],
        &["8081"],
        &[
            ("http.request.method", |said| text(&said.fields["method"])),
            ("http.request.uri", |said| text(&said.fields["target"])),
            ("http.host", |said| text(&field(said, "Host")["Host"]["host"])),
            ("http.response.code", |said| text(&said.fields["status"])),
            ("http.response.phrase", |said| unhex(&said.fields["reason"])),
            ("http.server", |said| unhex(&field(said, "Server")["Other"]["value"])),
            ("http.content_length_header", |said| {
                text(&field(said, "ContentLength")["ContentLength"]["length"])
            }),
        ],
    );
}

#[test]
fn dns() {
    /// What a message holds: over TCP it is a field.
    fn message(said: &Said) -> &Json {
        let inside = &said.fields["message"];
        if inside.is_null() { &said.fields } else { inside }
    }
    fn name(json: &Json) -> String {
        let labels = json["labels"].as_array().into_iter().flatten();
        let labels: Vec<String> = labels.flat_map(|label| unhex(&label["text"])).collect();
        if labels.is_empty() { "<Root>".to_owned() } else { labels.join(".") }
    }
    fn list<'j>(json: &'j Json, names: &[&str]) -> Vec<&'j Json> {
        names.iter().flat_map(|name| json[*name].as_array().into_iter().flatten()).collect()
    }
    /// The records of a message, those without a name and without a time apart.
    fn records(said: &Said) -> Vec<&Json> {
        let all = list(message(said), &["answers", "authorities", "additionals"]);
        let inside = |record: &'_ Json| -> bool { record["Record"].is_object() };
        all.into_iter().map(|it| if inside(it) { &it["Record"] } else { it }).collect()
    }
    fn data(said: &Said, kind: &str, value: impl Fn(&Json) -> Vec<String>) -> Vec<String> {
        let data = records(said).into_iter().map(|record| &record["data"][kind]);
        data.filter(|data| data.is_object()).flat_map(value).collect()
    }
    compare(
        "dns",
        &["dns.frame"],
        &["5354"],
        &[
            ("dns.id", |said| {
                let id = message(said)["id"].as_u64();
                id.map(|id| format!("0x{id:04x}")).into_iter().collect()
            }),
            ("dns.flags.response", |said| {
                let flag = message(said)["response"].as_bool();
                flag.map(|flag| u8::from(flag).to_string()).into_iter().collect()
            }),
            ("dns.flags.rcode", |said| {
                match (&message(said)["response"], &message(said)["code"]) {
                    (Json::Bool(true), Json::String(code)) if code == "NameError" => {
                        vec!["3".to_owned()]
                    }
                    (Json::Bool(true), _) => vec!["0".to_owned()],
                    _ => Vec::new(),
                }
            }),
            ("dns.qry.name", |said| {
                list(message(said), &["questions"]).iter().map(|it| name(&it["name"])).collect()
            }),
            ("dns.qry.type", |said| {
                list(message(said), &["questions"])
                    .iter()
                    .flat_map(|it| text(&it["kind"]))
                    .collect()
            }),
            ("dns.resp.name", |said| {
                records(said).iter().map(|record| name(&record["name"])).collect()
            }),
            ("dns.resp.type", |said| {
                let kind = |record: &&Json| match &record["Opt"] {
                    Json::Object(_) => text(&record["Opt"]["kind"]),
                    _ => text(&record["kind"]),
                };
                records(said).iter().flat_map(kind).collect()
            }),
            ("dns.resp.ttl", |said| {
                records(said).iter().flat_map(|record| text(&record["ttl"])).collect()
            }),
            ("dns.a", |said| {
                data(said, "A", |data| {
                    let number = data["address"].as_u64().expect("a number");
                    let number = u32::try_from(number).expect("of 32 bits");
                    vec![std::net::Ipv4Addr::from(number).to_string()]
                })
            }),
            ("dns.aaaa", |said| {
                data(said, "Aaaa", |data| {
                    let bytes = hex::decode(data["address"].as_str().expect("bytes"));
                    let bytes: [u8; 16] = bytes.expect("digits").try_into().expect("16 bytes");
                    vec![std::net::Ipv6Addr::from(bytes).to_string()]
                })
            }),
            ("dns.mx.mail_exchange", |said| data(said, "Mx", |data| vec![name(&data["exchange"])])),
            ("dns.cname", |said| data(said, "Cname", |data| vec![name(&data["target"])])),
            ("dns.txt", |said| {
                data(said, "Txt", |data| {
                    list(data, &["texts"]).iter().flat_map(|it| unhex(&it["text"])).collect()
                })
            }),
        ],
    );
}

#[test]
fn mqtt() {
    fn topics(said: &Said) -> Vec<String> {
        let filters = said.fields["filters"].as_array().into_iter().flatten();
        let filters = filters.flat_map(|filter| text(&filter["topic"]["text"]));
        text(&said.fields["topic"]["text"]).into_iter().chain(filters).collect()
    }
    compare(
        "mqtt",
        &["mqtt.frame"],
        &["1884"],
        &[
            ("mqtt.msgtype", |said| text(&said.fields["kind"])),
            ("mqtt.topic", topics),
            ("mqtt.msgid", |said| text(&said.fields["id"])),
            ("mqtt.msg", |said| text(&said.fields["payload"])),
            ("mqtt.clientid", |said| text(&said.fields["client"]["text"])),
        ],
    );
}

#[test]
fn websocket() {
    fn flag(said: &Said, name: &str) -> Vec<String> {
        let flag = said.fields[name].as_bool();
        flag.map(|flag| u8::from(flag).to_string()).into_iter().collect()
    }
    let layer = format!("Switched={}", captured::protocol("websocket.frame"));
    compare(
        "websocket",
        &["http1.frame", "--layer", &layer],
        &["8766"],
        &[
            ("websocket.fin", |said| flag(said, "fin")),
            ("websocket.mask", |said| flag(said, "masked")),
            ("websocket.opcode", |said| {
                let names = [
                    ("Continuation", 0),
                    ("Text", 1),
                    ("Binary", 2),
                    ("Close", 8),
                    ("Ping", 9),
                    ("Pong", 10),
                ];
                let number = names.iter().find(|(name, _)| said.fields["opcode"] == *name);
                number.map(|(_, number)| number.to_string()).into_iter().collect()
            }),
            ("websocket.payload_length", |said| match said.fields["opcode"] {
                // A longer one stands behind the first seven bits.
                Json::String(_) => {
                    let size = said.fields["size"].as_u64().expect("a number");
                    vec![size.min(126).to_string()]
                }
                _ => Vec::new(),
            }),
        ],
    );
}

/// The server answers from ports of its own, one of them twice to the same port of a client.
#[test]
fn tftp() {
    fn settings(said: &Said, part: &str) -> Vec<String> {
        let options = said.fields["options"].as_array().into_iter().flatten();
        options.flat_map(|option| text(&option[part])).collect()
    }
    compare(
        "tftp",
        &["tftp.frame", "--port", "6970"],
        &["7070", "7071", "7072", "7073", "7074", "7075", "7076", "7077", "7078", "7079"],
        &[
            ("tftp.opcode", |said| text(&said.fields["operation"])),
            ("tftp.type", |said| text(&said.fields["mode"])),
            ("tftp.block", |said| text(&said.fields["block"])),
            ("tftp.option.name", |said| settings(said, "name")),
            ("tftp.option.value", |said| settings(said, "value")),
            ("tftp.error.message", |said| unhex(&said.fields["text"])),
        ],
    );
    let all = decode("tftp", &["tftp.frame", "--port", "6970"], &[]);
    let beginnings = all.iter().filter(|said| said.frame.ends_with("Request"));
    let beginnings: Vec<u64> = beginnings.map(|said| said.connection).collect();
    assert_eq!(beginnings, [0, 1, 2, 3, 4]);
}

/// The client acknowledges that there is no such file, which ends the transfer.
#[test]
fn what_comes_behind_the_end_is_passed() {
    let events = captured::events("tftp_missing", &["tftp.frame", "--port", "6970"], &[]);
    let told: Vec<(&str, &Json)> = events
        .iter()
        .map(|event| (event["event"].as_str().expect("an event"), &event["start"]))
        .collect();
    let nothing = Json::Null;
    let (zero, behind) = (Json::from(0), Json::from(17));
    let expected =
        [("connection", &nothing), ("frame", &zero), ("frame", &zero), ("passed", &behind)];
    assert_eq!(told, expected);
}

/// What was read is written, and read again.
fn comes_back(name: &str, file: &str, role: &str, schema: &str, is_of: fn(&str) -> bool) {
    let said = decode(name, &[file], &[]);
    let said = said.into_iter().filter(|said| said.role == role && said.fields.is_object());
    let said: Vec<Said> = said.filter(|said| is_of(&said.frame)).collect();
    assert!(!said.is_empty(), "{name}");
    let bytes = encode(file, schema, &said);
    for cut in CUTS {
        let again = frames(file, schema, &bytes, cut);
        let expected: Vec<(String, Json)> =
            said.iter().map(|said| (said.frame.clone(), said.fields.clone())).collect();
        assert_eq!(again, expected, "{name} {schema}");
    }
}

#[test]
fn what_is_decoded_is_encoded() {
    comes_back("smtp", "smtp.frame", "client", "Command", |_| true);
    comes_back("smtp", "smtp.frame", "server", "Reply", |_| true);
    comes_back("resp", "resp.frame", "client", "Request", |_| true);
    comes_back("resp", "resp.frame", "server", "Value", |_| true);
    comes_back("http1", "http1.frame", "client", "Request", |name| name == "Request");
    comes_back("http1", "http1.frame", "server", "Response", |name| name == "Response");
    comes_back("dns", "dns.frame", "server", "Framed", |name| name == "Framed");
    comes_back("mqtt", "mqtt.frame", "client", "ClientPacket", |name| !name.ends_with('5'));
    comes_back("mqtt", "mqtt.frame", "server", "ServerPacket5", |name| name.ends_with('5'));
}
