//! What `framer limits` says is so: its bounds are those of the generated code, and no conversation
//! leads to a way of cutting that it does not name.

mod run;

use std::collections::BTreeSet;

use framer_dsl::Sources;
use framer_dsl::ir::{Ir, KindOf, Machine as Table, Role as Of, TypeId, TypeKind};
use framer_protocols::{
    dns, http1, memcached, modbus, mqtt, nats, nmea, packetstream, pop3, resp, smtp, tftp,
    tinyproto, websocket,
};
use framer_runtime::machine::Described;
use framer_runtime::protocol::{Effect, KindId, Protocol, Role, Said};
use framer_runtime::session::{Judgement, Session};
use proptest::prelude::*;
use run::{bundled, framer, golden, root, text};
use serde_json::Value;

/// The limits of a bundled description.
fn limits(name: &str) -> Value {
    let path = format!("protocols/{name}.frame");
    let output = framer(&["limits", "--format", "json", &path], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an object")
}

/// The limits of a protocol.
fn protocol<'v>(limits: &'v Value, name: &str) -> &'v Value {
    let protocols = limits["protocols"].as_array().expect("a list");
    protocols.iter().find(|protocol| protocol["name"] == name).expect("the protocol")
}

/// What a role of the generated code reads and what `limits` says of it.
fn bounds<First: Described, Second: Described>(file: &str, name: &str) {
    let limits = limits(file);
    let directions = &protocol(&limits, name)["directions"];
    // Who reads is the other role.
    let said = [0, 1].map(|place| directions[place]["bound_bytes"].as_u64());
    let bounds = [Second::INPUT_BOUND, First::INPUT_BOUND];
    assert_eq!(said, bounds.map(|bound| u64::try_from(bound).ok()), "{name}");
}

#[test]
fn bounds_are_those_of_the_generated_code() {
    bounds::<dns::udp::Client, dns::udp::Server>("dns", "Udp");
    bounds::<dns::tcp::Client, dns::tcp::Server>("dns", "Tcp");
    bounds::<http1::Client, http1::Server>("http1", "Http1");
    bounds::<memcached::Client, memcached::Server>("memcached", "Memcached");
    bounds::<modbus::tcp::Client, modbus::tcp::Server>("modbus", "Tcp");
    bounds::<modbus::rtu::Client, modbus::rtu::Server>("modbus", "Rtu");
    bounds::<modbus::ascii::Client, modbus::ascii::Server>("modbus", "Ascii");
    bounds::<mqtt::Client, mqtt::Server>("mqtt", "Mqtt");
    bounds::<nats::Client, nats::Server>("nats", "Nats");
    bounds::<nmea::Talker, nmea::Listener>("nmea", "Nmea");
    bounds::<packetstream::Left, packetstream::Right>("packetstream", "Packetstream");
    bounds::<pop3::Client, pop3::Server>("pop3", "Pop3");
    bounds::<resp::Client, resp::Server>("resp", "Resp");
    bounds::<smtp::Client, smtp::Server>("smtp", "Smtp");
    bounds::<tftp::Client, tftp::Server>("tftp", "Tftp");
    bounds::<tinyproto::Client, tinyproto::Server>("tinyproto", "Tinyproto");
    bounds::<websocket::Client, websocket::Server>("websocket", "Websocket");
}

/// RFC 2920 ends a group at these, or the session depends on their replies.
#[test]
fn groups_of_smtp_are_those_of_its_specification() {
    let limits = limits("smtp");
    let groups = &protocol(&limits, "Smtp")["directions"][0]["groups"];
    let named = |list: &Value| -> Vec<(String, Vec<String>)> {
        let entries = list.as_array().expect("a list").iter();
        entries
            .map(|entry| {
                let kind = entry["kind"].as_str().unwrap_or_default().to_owned();
                let frames = entry["frames"].as_array().expect("a list").iter();
                (kind, frames.map(|frame| frame.as_str().expect("a name").to_owned()).collect())
            })
            .collect()
    };
    let of = |kind: &str, frames: &[&str]| {
        (kind.to_owned(), frames.iter().map(|frame| (*frame).to_owned()).collect())
    };
    assert_eq!(
        named(&groups["ends"]),
        [
            of("framing", &["StartTls"]),
            of("framing", &["Auth", "AuthResponse"]),
            of("framing", &["Data"]),
            of("variable", &["Ehlo", "Helo"]),
            of("end", &["Quit"]),
            of("declared", &["Noop", "Vrfy", "Expn"]),
        ]
    );
    let free = [
        of("", &["Rset", "Mail", "Rcpt", "Content", "AuthCancel", "Help", "Unknown", "malformed"]),
        of("", &["Bdat"]),
    ];
    assert_eq!(named(&groups["free"]), free);
    assert_eq!(groups["free"][1]["with"], serde_json::json!(["Chunk"]));
}

#[test]
fn each_bundled_description_is_told_as_before() {
    for name in bundled() {
        let output = framer(&["limits", &format!("protocols/{name}.frame")], "");
        assert_eq!(text(&output.stderr), "");
        golden(&format!("limits/{name}.txt"), text(&output.stdout));
    }
}

/// A machine of the IR beside the table of the generated code.
struct Twin {
    ir: Ir,
    table: Table,
    protocol: &'static Protocol,
    limits: Value,
}

impl Twin {
    fn new<M: Described + Default>(file: &str) -> Twin {
        let path = root().join(format!("protocols/{file}.frame"));
        let sources = Sources::open(path).expect("a text");
        let ir = framer_dsl::analyze(&sources).expect("a description");
        let protocol = M::default().engine().session().protocol();
        let mut tables = ir.machines.iter();
        let table = tables.find(|table| table.name == protocol.name).expect("the protocol");
        Twin { table: table.clone(), protocol, limits: limits(file), ir }
    }

    /// The kinds that can be cut out of what a role says now.
    fn kinds(&self, session: &Session, role: Role) -> Vec<KindId> {
        let framer = &self.table.framers[usize::from(session.framer(role).0)];
        let frames: Vec<TypeId> = match &self.ir.ty(framer.ty).kind {
            TypeKind::Choice(choice) => {
                choice.alternatives.iter().map(|of| TypeId::Frame(of.frame)).collect()
            }
            _ => vec![framer.ty],
        };
        let of = if role == Role::First { Of::First } else { Of::Second };
        let kinds = self.table.kinds.iter().enumerate().filter(|(_, kind)| {
            kind.role == of
                && match kind.of {
                    KindOf::Frame(frame) => frames.contains(&TypeId::Frame(frame)),
                    KindOf::Malformed => true,
                }
        });
        kinds.map(|(place, _)| KindId(u8::try_from(place).expect("few"))).collect()
    }

    /// What `limits` says of a role in the state of a session.
    fn named(&self, session: &Session, role: Role) -> BTreeSet<&str> {
        let states = protocol(&self.limits, self.protocol.name)["states"].as_array();
        let mut states = states.expect("a list").iter();
        let state = states.find(|state| state["name"] == session.state_name()).expect("it");
        let framers = &state["directions"][usize::from(role == Role::Second)]["framers"];
        framers.as_array().expect("a list").iter().filter_map(Value::as_str).collect()
    }

    /// Says what the numbers choose; the framers must be among those that `limits` names.
    fn talk(&self, choices: &[(bool, u16, u16, bool)]) {
        let mut session = Session::new(self.protocol, Role::First);
        for (first, kind, value, set) in choices {
            for role in [Role::First, Role::Second] {
                let framer = session.framer_name(role);
                let (state, named) = (session.state_name(), self.named(&session, role));
                assert!(named.contains(framer), "{framer} in {state}: {named:?}");
            }
            let role = if *first { Role::First } else { Role::Second };
            let kinds = self.kinds(&session, role);
            let Some(kind) = kinds.get(usize::from(*kind) % kinds.len().max(1)) else { continue };
            let said = Said { kind: *kind, value: u64::from(*value), key: None, tests: 0 };
            let judgement = session.judge(role, &said);
            if !matches!(judgement, Judgement::Rule { .. } | Judgement::Reply { .. }) {
                continue;
            }
            session.take(role, &said, &judgement);
            for effect in judgement.effects() {
                match effect {
                    Effect::Set { variable, .. } => session.set(*variable, *set),
                    other => session.apply(*other),
                }
            }
            session.upgraded();
            if session.closed() {
                return;
            }
        }
    }
}

#[test]
fn no_conversation_leads_to_a_framer_that_is_not_named() {
    let twins = [
        Twin::new::<http1::Client>("http1"),
        Twin::new::<memcached::Client>("memcached"),
        Twin::new::<mqtt::Client>("mqtt"),
        Twin::new::<nats::Client>("nats"),
        Twin::new::<pop3::Client>("pop3"),
        Twin::new::<resp::Client>("resp"),
        Twin::new::<smtp::Client>("smtp"),
        Twin::new::<tinyproto::Client>("tinyproto"),
        Twin::new::<websocket::Client>("websocket"),
    ];
    // Codes of replies, and kinds by their places.
    let value =
        prop_oneof![Just(101), Just(200), Just(220), Just(250), Just(334), Just(354), 0..600_u16];
    let choices = prop::collection::vec((any::<bool>(), any::<u16>(), value, any::<bool>()), 0..60);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) };
    proptest!(config, |(choices in choices)| {
        for twin in &twins {
            twin.talk(&choices);
        }
    });
}
