//! Captures of every link, with whatever a network does to packets.

use std::path::Path;
use std::process::Command;

use etherparse::{IpNumber, Ipv4Header, PacketBuilder, UdpHeader};
use serde_json::Value as Json;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];
const PORTS: (u16, u16) = (40_000, 6379);

/// A file of pcap with these packets of a link.
fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(link.to_le_bytes());
    for packet in packets {
        let length = u32::try_from(packet.len()).expect("a short packet").to_le_bytes();
        file.extend([0; 8]);
        file.extend(length);
        file.extend(length);
        file.extend(packet);
    }
    file
}

/// What a capture tells, a line each.
fn told(description: &str, file: &[u8], arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("capture.pcap");
    std::fs::write(&path, file).expect("the file is written");
    let protocols = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols");
    let output = Command::new(env!("CARGO_BIN_EXE_framer"))
        .args(["decode", "--json", "--pcap"])
        .arg(path)
        .arg(protocols.join(description))
        .args(arguments)
        .output()
        .expect("the command runs");
    let text = String::from_utf8(output.stdout).expect("a text");
    let brief = |line: &str| {
        let event: Json = serde_json::from_str(line).expect("an object");
        let role = event["role"].as_str().unwrap_or_default();
        let what = event["frame"].as_str().or(event["event"].as_str()).expect("a name");
        format!("{role} {what} {}..{}", event["start"], event["end"])
    };
    (output.status.code(), text.lines().map(brief).collect())
}

/// A packet of TCP without the link's own header.
fn ip(from_client: bool, sequence: u32, syn: bool, payload: &[u8]) -> Vec<u8> {
    let (from, to) = if from_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    let ports = if from_client { PORTS } else { (PORTS.1, PORTS.0) };
    let step = PacketBuilder::ipv4(from, to, 64).tcp(ports.0, ports.1, sequence, 1024);
    let step = if syn { step.syn() } else { step };
    let step = if syn && from_client { step } else { step.ack(1) };
    written(|out| step.write(out, payload).expect("it is written"))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

/// A command and its answer, from the first packets of a connection on.
fn conversation() -> Vec<Vec<u8>> {
    vec![
        ip(true, 99, true, b""),
        ip(false, 499, true, b""),
        ip(true, 100, false, b"*1\r\n$4\r\nPING\r\n"),
        ip(false, 500, false, b"+PONG\r\n"),
    ]
}

const EXPECTED: [&str; 3] =
    [" connection null..null", "client Command 0..14", "server Simple 0..7"];

fn with(header: &[u8], packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    packets.iter().map(|packet| [header, packet].concat()).collect()
}

#[test]
fn links_of_every_sort() {
    let packets = conversation();
    let ethernet = [&[2; 12][..], &[8, 0]].concat();
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18]].concat();
    let vlan = [&[2; 12][..], &[0x81, 0, 0, 7, 8, 0]].concat();
    let links: [(u32, &[u8]); 7] = [
        (1, &ethernet),
        (1, &vlan),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
        (101, &[]),
        (113, &cooked),
        (276, &cooked_2),
    ];
    for (link, header) in links {
        let file = pcap(link, &with(header, &packets));
        let expected = EXPECTED.map(str::to_owned).to_vec();
        assert_eq!(told("resp.frame", &file, &[]), (Some(0), expected), "link {link}");
    }
    // Another link holds nothing that is read.
    assert_eq!(told("resp.frame", &pcap(105, &packets), &[]), (Some(0), Vec::new()));
}

#[test]
fn segments_in_any_order() {
    let packets = conversation();
    let [syn, answered, _, pong] = &packets[..] else { panic!("four packets") };
    let segment = |at: u32, bytes: &[u8]| ip(true, 100 + at, false, bytes);
    let shuffled = [
        syn.clone(),
        answered.clone(),
        segment(8, b"PING\r\n"),
        segment(0, b"*1\r\n"),
        segment(0, b"*1\r\n"),
        // Overlaps both, with other bytes where they are known.
        segment(2, b"XX$4\r\nXXX"),
        pong.clone(),
        segment(8, b"PING\r\n"),
    ];
    let expected: Vec<String> = EXPECTED.map(str::to_owned).to_vec();
    for cut in [&[][..], &["--chunk", "1"]] {
        assert_eq!(told("resp.frame", &pcap(101, &shuffled), cut), (Some(0), expected.clone()));
    }
}

#[test]
fn a_gap_is_told() {
    let packets = conversation();
    let lost = [
        packets[0].clone(),
        packets[1].clone(),
        packets[2].clone(),
        packets[3].clone(),
        ip(true, 120, false, b"PING\r\n"),
    ];
    let (status, lines) = told("resp.frame", &pcap(101, &lost), &["--port", "6379"]);
    assert_eq!(status, Some(1));
    assert_eq!(lines[..3], EXPECTED);
    assert_eq!(lines[3], "client gap 14..20");
    // What came behind it is not read.
    assert_eq!(lines[4..], ["client passed 20..26"]);
}

#[test]
fn a_capture_may_begin_in_the_middle_and_end_anywhere() {
    let packets = conversation();
    let file = pcap(101, &packets[2..]);
    let expected = EXPECTED.map(str::to_owned).to_vec();
    assert_eq!(told("resp.frame", &file, &["--port", "6379"]), (Some(0), expected.clone()));
    assert_eq!(told("resp.frame", &file, &["--port", "80"]), (Some(0), Vec::new()));
    // Without a beginning the lower port is taken for the server's.
    assert_eq!(told("resp.frame", &file, &[]), (Some(0), expected));
    // The file is cut off inside its last packet.
    let (status, lines) = told("resp.frame", &file[..file.len() - 3], &[]);
    assert_eq!(status, Some(0));
    assert_eq!(lines, EXPECTED[..2]);
    let (status, lines) = told("resp.frame", &pcap(101, &[ip(true, 5, false, b"*1\r\n$4")]), &[]);
    assert_eq!(status, Some(1));
    assert_eq!(lines[1], "client Request 0..null");
}

#[test]
fn fragments_are_put_together() {
    // A question of DNS, in two fragments of its datagram.
    let question =
        b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x00\x00\x01\x00\x01";
    let mut datagram = Vec::new();
    let header = UdpHeader::without_ipv4_checksum(40_000, 53, question.len()).expect("a header");
    header.write(&mut datagram).expect("it is written");
    datagram.extend(question);
    let fragment = |range: std::ops::Range<usize>, last: bool| {
        let payload = &datagram[range.clone()];
        let length = u16::try_from(payload.len()).expect("a short payload");
        let mut header =
            Ipv4Header::new(length, 64, IpNumber::UDP, CLIENT, SERVER).expect("a header");
        header.identification = 9;
        header.dont_fragment = false;
        header.more_fragments = !last;
        let offset = u16::try_from(range.start / 8).expect("a short datagram");
        header.fragment_offset = offset.try_into().expect("an offset");
        written(|out| {
            header.write(out).expect("it is written");
            out.extend(payload);
        })
    };
    let (first, second) = (fragment(0..16, false), fragment(16..datagram.len(), true));
    for order in [[first.clone(), second.clone()], [second, first]] {
        let (status, lines) = told("dns.frame", &pcap(101, &order), &["--port", "53"]);
        assert_eq!(status, Some(0));
        assert_eq!(lines, [" connection null..null", "client Message 0..29"]);
    }
}

#[test]
fn bytes_of_any_sort_are_no_panic() {
    let whole = pcap(1, &with(&[&[2; 12][..], &[8, 0]].concat(), &conversation()));
    for place in 0..whole.len() {
        if place % 5 == 0 {
            let mut changed = whole.clone();
            changed[place] ^= 0xff;
            let (status, _) = told("resp.frame", &changed, &[]);
            assert!(matches!(status, Some(0..=2)), "byte {place}: {status:?}");
        }
    }
}
