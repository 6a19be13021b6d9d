//! DNS with dig and dnspython against `dns`, and with Unbound.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use framer_protocols::dns::tcp::client::Event as Told;
use framer_protocols::dns::udp::client::Event;
use framer_protocols::dns::{
    self, Additional, Class, Data, Framed, Label, Message, Name, Operation, Opt, Outcome, Question,
};
use framer_runtime::blocking::Connection;
use framer_runtime::datagram::Datagrams;
use framer_runtime::frame::Frame;
use framer_runtime::list::List;
use framer_runtime::machine::Progress;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

/// A zone of every kind of record that has a type, one of others, and an answer longer than a
/// datagram.
fn zone() -> String {
    let mut zone = String::from(
        r#"$ORIGIN example.org.
$TTL 600
@         SOA ns Host\.Master.example.org. 2026 3600 600 86400 60
          NS ns
          NS ns.example.net.
          MX 10 mail
          MX 20 mail.example.net.
          TXT "two" "texts"
          CAA 128 issue "ca.example.net"
ns        A 192.0.2.1
          AAAA 2001:db8::1
mail      A 192.0.2.2
www       CNAME web
web       A 192.0.2.3
          HINFO "PC" "none"
outside   CNAME www.example.net.
_ldap._tcp SRV 1 2 389 mail
*.any     A 192.0.2.9
4.3       PTR host.example.org.
away      NS ns.away
ns.away   A 192.0.2.77
odd       TYPE65280 \# 4 0a000001
"#,
    );
    for number in 0..40 {
        zone += &format!("long      TXT \"number {number} of many texts that do not fit\"\n");
    }
    zone
}

/// Our server with the zone, as long as the directory is there.
fn serve(directory: &TempDir) -> (Server, String) {
    let file = directory.path().join("zone");
    std::fs::write(&file, zone()).expect("the zone");
    let server =
        Server::start(env!("CARGO_BIN_EXE_dns"), &[OsStr::new("--zone"), file.as_os_str()]);
    (server, file.display().to_string())
}

fn dig(server: &Server, arguments: &str) -> String {
    let port = server.address.port().to_string();
    let mut command = Peer::Dig.command();
    command.args(["@127.0.0.1", "-p", &port, "+tries=1", "+time=10"]);
    succeeds(command.args(arguments.split(' ')))
}

pub(crate) fn dig_asks() {
    let directory = TempDir::new().expect("a directory");
    let (server, _) = serve(&directory);
    for how in ["+notcp", "+tcp"] {
        let short = |question: &str| dig(&server, &format!("{question} {how} +short"));
        assert_eq!(short("www.example.org A"), "web.example.org.\n192.0.2.3\n");
        assert_eq!(short("WWW.example.ORG A"), "web.example.org.\n192.0.2.3\n");
        assert_eq!(short("ns.example.org AAAA"), "2001:db8::1\n");
        assert_eq!(short("example.org TXT"), "\"two\" \"texts\"\n");
        assert_eq!(short("example.org CAA"), "128 issue \"ca.example.net\"\n");
        assert_eq!(
            short("example.org SOA"),
            "ns.example.org. Host\\.Master.example.org. 2026 3600 600 86400 60\n"
        );
        assert_eq!(short("_ldap._tcp.example.org SRV"), "1 2 389 mail.example.org.\n");
        assert_eq!(short("4.3.example.org PTR"), "host.example.org.\n");
        assert_eq!(short("odd.example.org TYPE65280"), "\\# 4 0A000001\n");
        assert_eq!(short("x.y.any.example.org A"), "192.0.2.9\n");
        assert_eq!(short("outside.example.org A"), "www.example.net.\n");
        // What lies between is there, and has nothing.
        let answer = dig(&server, &format!("_tcp.example.org A {how}"));
        assert!(answer.contains("status: NOERROR") && answer.contains("ANSWER: 0"), "{answer}");
        let answer = dig(&server, &format!("no.example.org A {how}"));
        assert!(answer.contains("status: NXDOMAIN") && answer.contains("AUTHORITY: 1"), "{answer}");
        let answer = dig(&server, &format!("host.away.example.org A {how}"));
        assert!(answer.contains("flags: qr rd;") && answer.contains("192.0.2.77"), "{answer}");
        let answer = dig(&server, &format!("example.net A {how}"));
        assert!(answer.contains("status: REFUSED"), "{answer}");
        let answer = dig(&server, &format!("example.org SOA +edns=1 +noednsneg {how}"));
        assert!(answer.contains("status: BADVERS"), "{answer}");
        let answer = dig(&server, &format!("example.org SOA +opcode=NOTIFY {how}"));
        assert!(answer.contains("status: NOTIMP"), "{answer}");
    }
    // Without EDNS 512 bytes, with it as many as the client takes; otherwise over TCP.
    let cut = dig(&server, "long.example.org TXT +noedns +ignore");
    assert!(cut.contains("flags: qr aa tc rd") && cut.contains("ANSWER: 0"), "{cut}");
    for how in ["+noedns", "+bufsize=1232", "+tcp +bufsize=512"] {
        let whole = dig(&server, &format!("long.example.org TXT {how}"));
        assert!(whole.contains("ANSWER: 40") && whole.contains("(TCP)"), "{whole}");
    }
    let fits = dig(&server, "example.org ANY +notcp +bufsize=1232");
    assert!(fits.contains("ANSWER: 7") && fits.contains("(UDP)"), "{fits}");
}

/// Every set of records of the zone, as dnspython reads the file itself, both ways.
const COMPARE: &str = r#"
import sys, dns.flags, dns.message, dns.query, dns.rdatatype, dns.zone
port, file = int(sys.argv[1]), sys.argv[2]
zone = dns.zone.from_file(file, "example.org.", relativize=False)
asked = 0
for name, rdataset in zone.iterate_rdatasets():
    if str(name).startswith("*") or "away" in str(name):
        continue
    query = dns.message.make_query(name, rdataset.rdtype, use_edns=0, payload=1232)
    for ask in (dns.query.udp, dns.query.tcp):
        answer = ask(query, "127.0.0.1", port=port, timeout=10)
        assert answer.flags & dns.flags.AA, answer
        if answer.flags & dns.flags.TC:
            assert ask is dns.query.udp
            continue
        found = answer.find_rrset(answer.answer, name, 1, rdataset.rdtype)
        assert set(found) == set(rdataset) and found.ttl == rdataset.ttl, (name, found)
        asked += 1
import socket
with socket.create_connection(("127.0.0.1", port)) as stream:
    queries = [dns.message.make_query("ns.example.org.", "A") for number in range(50)]
    ids = {query.id: query for query in queries}
    stream.sendall(b"".join(query.to_wire(prepend_length=True) for query in ids.values()))
    for number in range(len(ids)):
        answer, _ = dns.query.receive_tcp(stream)
        assert ids.pop(answer.id).is_response(answer)
print("asked", asked)
"#;

pub(crate) fn dnspython_asks() {
    let directory = TempDir::new().expect("a directory");
    let (server, file) = serve(&directory);
    let port = server.address.port().to_string();
    let mut command = Peer::Dnspython.command();
    let told = succeeds(command.args(["-c", COMPARE, &port, &file]));
    assert_eq!(told, "asked 31\n");
}

/// Messages as dnspython writes them, one to a line; then what we made of them is compared.
const WRITE: &str = r#"
import random, sys, dns.message, dns.name, dns.rrset, dns.edns, dns.opcode, dns.rcode
random.seed(1035)
labels = ["a", "bb", "ccc", "www", "mail", "Example", "example", "x" * 63]
def name():
    return ".".join(random.choice(labels) for label in range(random.randrange(4))) + "."
def text():
    number = random.randrange
    return random.choice([
        lambda: ("A", f"192.0.2.{number(256)}"), lambda: ("AAAA", f"2001:db8::{number(9999)}"),
        lambda: ("NS", name()), lambda: ("CNAME", name()), lambda: ("PTR", name()),
        lambda: ("MX", f"{number(65536)} {name()}"), lambda: ("TXT", f'"{"t" * number(256)}" ""'),
        lambda: ("SOA", f"{name()} {name()} {number(9)} 2 3 4 {number(2**31)}"),
        lambda: ("SRV", f"1 2 {number(65536)} {name()}"),
        lambda: ("CAA", f'{random.choice([0, 128])} issue "{"c" * number(9)}"'),
        lambda: ("HINFO", '"a" "b"'), lambda: ("TYPE65280", "\\# 3 c00c00"),
    ])()
for number in range(500):
    query = dns.message.make_query(name(), random.choice(["A", "ANY", "SOA", "TYPE1000"]))
    message = query if number % 5 == 0 else dns.message.make_response(query)
    if number % 5:
        message.set_rcode(random.choice(list(range(11))))
        for section in (message.answer, message.authority, message.additional):
            for record in range(random.randrange(6)):
                kind, data = text()
                section.append(dns.rrset.from_text(name(), random.randrange(2**31), "IN", kind, data))
    if number % 3 == 0:
        options = [dns.edns.GenericOption(random.randrange(20, 99), b"o" * random.randrange(9))]
        message.use_edns(0, 0, random.randrange(512, 65536), options=options)
    print(message.to_wire().hex())
"#;

const READ: &str = r#"
import sys, dns.message
for theirs, ours in (line.split() for line in sys.stdin):
    theirs, ours = bytes.fromhex(theirs), bytes.fromhex(ours)
    one, other = dns.message.from_wire(theirs), dns.message.from_wire(ours)
    assert one == other and one.opt == other.opt and one.flags == other.flags, (one, other)
    for left, right in zip(one.sections, other.sections):
        assert [r.to_text() for r in left] == [r.to_text() for r in right], (left, right)
print("the same")
"#;

pub(crate) fn dnspython_reads_the_same() {
    let written = succeeds(Peer::Dnspython.command().args(["-c", WRITE]));
    let mut lines = String::new();
    for line in written.lines() {
        let theirs: Vec<u8> = (0..line.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&line[at..at + 2], 16).expect("hexadecimal"))
            .collect();
        let read = Message::decode(&theirs).expect("what dnspython wrote");
        let mut ours = Vec::new();
        read.encode(&mut ours).expect("what was read");
        assert_eq!(Message::decode(&ours).expect("what was written"), read);
        let hex: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
        lines += &format!("{line} {hex}\n");
    }
    assert_eq!(written.lines().count(), 500);
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("messages");
    std::fs::write(&file, lines).expect("a file");
    let mut command = Peer::Dnspython.command();
    command.args(["-c", READ]).stdin(std::fs::File::open(&file).expect("the file"));
    assert_eq!(succeeds(&mut command), "the same\n");
}

/// A resolver that knows a zone by heart.
fn unbound(directory: &TempDir) -> Server {
    let address = free_port();
    let mut text = format!(
        "server:\n directory: \"{0}\"\n chroot: \"\"\n username: \"\"\n pidfile: \"\"\n\
         interface: 127.0.0.1\n port: {1}\n use-syslog: no\n do-ip6: no\n\
         module-config: \"iterator\"\n local-zone: \"example.org.\" static\n\
         local-data: \"www.example.org. 60 IN A 192.0.2.3\"\n\
         local-data: \"www.example.org. 60 IN MX 10 mail.example.org.\"\n",
        directory.path().display(),
        address.port(),
    );
    for number in 0..40 {
        text +=
            &format!(" local-data: 'long.example.org. TXT \"number {number} of many texts\"'\n");
    }
    text += "remote-control:\n control-enable: no\n";
    let file = directory.path().join("unbound.conf");
    std::fs::write(&file, text).expect("its configuration");
    foreign(Peer::Unbound.command().arg("-d").arg("-c").arg(&file), address)
}

fn labels(name: &str) -> Vec<Label<'_>> {
    name.split('.').map(|label| Label::new(label.as_bytes())).collect()
}

/// Asks over UDP and says it again until it is answered; how `look` sees the answer.
fn ask<T>(server: SocketAddr, query: Message<'_>, look: impl FnOnce(Message<'_>) -> T) -> T {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(server).expect("an address");
    let mut session = Datagrams::new(dns::udp::Client::new(), 64 * 1024);
    let begin = Instant::now();
    let mut buffer = vec![0; 65_536];
    for _ in 0..5 {
        session.send(query).expect("the number is free");
        while let Some(datagram) = session.transmit() {
            socket.send(datagram).expect("it is sent");
            session.transmitted();
        }
        while session.unanswered().is_none() {
            session.handle_time(begin.elapsed()).expect("no limit of the state");
            let Some(next) = session.next_time() else { break };
            let wait = next.saturating_sub(begin.elapsed()).max(Duration::from_millis(1));
            socket.set_read_timeout(Some(wait)).expect("a time limit");
            let Ok(len) = socket.recv(&mut buffer) else { continue };
            // What is no answer is dropped.
            if let Ok(Progress::Event((Event::Message(answer), _))) =
                session.receive(&buffer[..len])
            {
                return look(answer);
            }
        }
    }
    panic!("no answer");
}

pub(crate) fn unbound_answers() {
    let directory = TempDir::new().expect("a directory");
    let server = unbound(&directory);
    let www = labels("www.example.org");
    let opt = [Additional::Opt(Opt {
        payload: 1232,
        extended_code: 0,
        version: 0,
        dnssec_ok: false,
        reserved: 0,
        options: List::default(),
    })];
    let question = |name, kind| [Question::new(Name::new(name), kind, Class::Internet)];
    let query = |id, questions| Message {
        id,
        response: false,
        operation: Operation::Query,
        authoritative: false,
        truncated: false,
        recursion_desired: true,
        recursion_available: false,
        authentic: false,
        checking_disabled: false,
        code: Outcome::NoError,
        questions,
        answers: List::default(),
        authorities: List::default(),
        additionals: (&opt).into(),
    };
    let asked = question(&www, 1);
    ask(server.address, query(1, (&asked).into()), |answer| {
        assert!(answer.response && answer.recursion_available && !answer.truncated);
        assert_eq!(answer.code, Outcome::NoError);
        assert_eq!(answer.questions.iter().next(), Some(asked[0]));
        let record = answer.answers.iter().next().expect("a record");
        let Data::A(address) = record.data else { panic!("{record:?}") };
        assert_eq!(Ipv4Addr::from(address.address), Ipv4Addr::new(192, 0, 2, 3));
        assert!(record.name.labels.iter().eq(www.iter().copied()));
        assert!(matches!(answer.additionals.iter().next(), Some(Additional::Opt(_))));
    });
    let asked = question(&www, 15);
    ask(server.address, query(2, (&asked).into()), |answer| {
        let Some(Data::Mx(mx)) = answer.answers.iter().next().map(|record| record.data) else {
            panic!("{answer:?}")
        };
        assert!(mx.exchange.labels.iter().eq(labels("mail.example.org")));
    });
    let missing = labels("no.example.org");
    let asked = question(&missing, 1);
    ask(server.address, query(3, (&asked).into()), |answer| {
        assert_eq!((answer.code, answer.answers.len()), (Outcome::NameError, 0));
    });
    // Too long for UDP; over TCP with others, answered as they come.
    let long = labels("long.example.org");
    let asked = question(&long, 16);
    ask(server.address, query(4, (&asked).into()), |answer| assert!(answer.truncated));
    let socket = std::net::TcpStream::connect(server.address).expect("it listens");
    let mut connection = Connection::new(socket, dns::tcp::Client::new());
    let short = question(&www, 1);
    for id in 0..20 {
        let questions = if id % 2 == 0 { (&asked).into() } else { (&short).into() };
        connection.send(Framed::new(query(id, questions))).expect("a query");
    }
    let mut counts = vec![0; 20];
    for _ in 0..20 {
        let (Told::Framed(answer), _) = connection.next().expect("an answer").expect("no end");
        counts[usize::from(answer.message.id)] = answer.message.answers.len();
    }
    assert_eq!(counts, [40, 1].repeat(10));
}
