//! NMEA 0183 with pynmea2, which speaks and listens.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use framer_protocols::nmea::listener::Event;
use framer_protocols::nmea::{self, Sentence, Start, Value};
use framer_runtime::blocking::Connection;

use crate::peers::Peer;

/// What pynmea2 makes, with noise between that it would not read itself.
const TALKER: &str = r#"
import socket, sys, pynmea2
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def say(sentence):
    s.sendall((str(sentence) + "\r\n").encode())
for i in range(500):
    say(pynmea2.GGA("GP", "GGA", ("184353.07", "1929.045", "S", "02410.506", "E", "1", "04", "2.6", "%d.00" % i, "M", "-33.9", "M", "", "0000")))
    say(pynmea2.GLL("II", "GLL", ("4916.45", "N", "12311.12", "W", "225444", "A", "")))
    s.sendall(b"\xff\x00$GPG\n\r\r\n")
    say(pynmea2.RMC("GN", "RMC", ("225446", "A", "4916.45", "N", "12311.12", "W", "000.5", "054.7", "191194", "020.3", "E")))
    s.sendall(b"$GPGLL,4916.45,N*00\r\n")
say(pynmea2.ProprietarySentence("GRM", ["E", "15.0", "M", "45.0", "M", "25.0", "M"]))
s.close()
"#;

pub(crate) fn pynmea2_talks() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("its address").port().to_string();
    let mut talker =
        Peer::Pynmea2.command().args(["-c", TALKER, &port]).spawn().expect("it starts");
    let (socket, _) = socket.accept().expect("a talker");
    let mut listener = Connection::new(socket, nmea::Listener::new());
    let (mut heard, mut malformed) = (Vec::new(), 0);
    while let Some((event, _)) = listener.next().expect("no fault") {
        match event {
            Event::Sentence(sentence) => {
                let fields: Vec<&str> = sentence.fields.iter().map(|value| value.text).collect();
                heard.push(format!("{},{}", sentence.address, fields.join(",")));
            }
            Event::Malformed(_) => malformed += 1,
        }
    }
    assert!(talker.wait().expect("its status").success());
    assert_eq!((heard.len(), malformed), (1501, 1000));
    assert_eq!(heard[1], "IIGLL,4916.45,N,12311.12,W,225444,A,");
    let gga = "GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,499.00,M,-33.9,M,,0000";
    assert_eq!(heard[1497], gga);
    assert_eq!(heard[1500], "PGRME,15.0,M,45.0,M,25.0,M");
}

const LISTENER: &str = r#"
import sys, pynmea2
lines = sys.stdin.read().split("\n")
assert lines.pop() == "" and len(lines) == 3
gga, ais, pgrme = [line + "\n" for line in lines]
assert gga == str(pynmea2.parse(gga, check=True)) + "\r\n", gga
fix = pynmea2.parse(gga, check=True)
assert (fix.talker, fix.sentence_type, fix.num_sats, fix.altitude) == ("GP", "GGA", "08", 545.4)
assert abs(fix.latitude - 48.1173) < 1e-4, fix.latitude
# It reads no other beginning than `$`.
assert ais == "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n", ais
assert pynmea2.NMEASentence.checksum(ais[1:-5]) == 0x5c
assert pynmea2.parse(pgrme, check=True).manufacturer == "GRM"
print("done")
"#;

fn piped(command: &mut Command, input: &[u8]) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

pub(crate) fn pynmea2_listens() {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address");
    let talk = thread::spawn(move || {
        let socket = TcpStream::connect(address).expect("a listener");
        let mut talker = Connection::new(socket, nmea::Talker::new());
        let mut say = |start, address, fields: &str| {
            let fields: Vec<Value<'_>> = fields.split(',').map(Value::new).collect();
            let sentence = Sentence { start, address, fields: (&fields).into() };
            talker.send(sentence).expect("it may be said");
        };
        let gga = "123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
        say(Start::Parametric, "GPGGA", gga);
        say(Start::Encapsulated, "AIVDM", "1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0");
        say(Start::Parametric, "PGRME", "15.0,M,45.0,M,25.0,M");
        talker.flush().expect("it is read");
    });
    let (mut socket, _) = socket.accept().expect("a talker");
    let mut said = Vec::new();
    std::io::Read::read_to_end(&mut socket, &mut said).expect("what was said");
    talk.join().expect("it ends");
    let out = piped(Peer::Pynmea2.command().args(["-c", LISTENER]), &said);
    assert_eq!(out.trim(), "done");
}
