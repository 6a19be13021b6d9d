//! What passes through the proxy arrives, and is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A proxy, and where it listens.
struct Proxy {
    running: Running,
    address: String,
}

impl Proxy {
    fn start(description: &str, to: &str, arguments: &[&str]) -> Proxy {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols").join(description);
        let mut child = Command::new(env!("CARGO_BIN_EXE_framer"))
            .arg("proxy")
            .arg(path)
            .args(["--json", "--listen", "127.0.0.1:0", "--to", to])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the proxy begins");
        let stderr = child.stderr.take().expect("its errors");
        let running = Running(child);
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line).expect("where it listens");
        let address = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        Proxy { running, address }
    }

    fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("a port")
    }

    /// What it has told, up to so many lines.
    fn told(mut self, count: usize) -> Vec<Json> {
        let stdout = self.running.0.stdout.take().expect("its output");
        let lines = BufReader::new(stdout).lines().take(count);
        lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("an object")).collect()
    }
}

/// Whether a program is there; tests without it say so.
fn present(program: &str) -> bool {
    let found = [program.to_owned(), format!("/usr/sbin/{program}")].iter().any(|path| {
        let mut run = Command::new(path);
        run.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    });
    if !found {
        println!("skipped: no {program}");
    }
    found
}

/// A port that is free for TCP and UDP.
fn free_port() -> u16 {
    loop {
        let stream = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = stream.local_addr().expect("an address").port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn wait_for(port: u16) {
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "nothing listens on {port}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// What an event is, in a few words.
fn brief(event: &Json) -> String {
    let of = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let what = match event["event"].as_str() {
        Some("frame") => of("frame"),
        Some("passed") => format!("passed {}..{}", event["start"], event["end"]),
        _ => format!("{} {}", of("event"), of("to")).trim().to_owned(),
    };
    format!("{} {what}", of("role")).trim().to_owned()
}

#[test]
fn redis_answers_through_it() {
    if !present("redis-server") || !present("redis-cli") {
        return;
    }
    let port = free_port();
    let directory = tempfile::tempdir().expect("a directory");
    let server = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--save", "", "--appendonly", "no"])
        .current_dir(directory.path())
        .stdout(Stdio::null())
        .spawn();
    let _server = Running(server.expect("the server begins"));
    wait_for(port);
    let proxy = Proxy::start("resp.frame", &format!("127.0.0.1:{port}"), &[]);
    let ask = |words: &[&str]| {
        let output = Command::new("redis-cli").args(["-p", proxy.port()]).args(words).output();
        String::from_utf8(output.expect("the client runs").stdout).expect("a text")
    };
    assert_eq!(ask(&["SET", "key", "value"]), "OK\n");
    assert_eq!(ask(&["GET", "key"]), "value\n");
    let told = proxy.told(6);
    let brief: Vec<String> = told.iter().map(brief).collect();
    let each = ["connection", "client Command", "server Simple"];
    assert_eq!(brief[..3], each);
    assert_eq!(brief[3..], ["connection", "client Command", "server Bulk"]);
    assert_eq!(told[5]["fields"]["data"], hex::encode("value"));
    assert_eq!(told[5]["connection"], 1);
}

#[test]
fn unbound_answers_through_it() {
    if !present("unbound") || !present("dig") {
        return;
    }
    let port = free_port();
    let directory = tempfile::tempdir().expect("a directory");
    let config = directory.path().join("unbound.conf");
    let text = format!(
        "server:\n interface: 127.0.0.1\n port: {port}\n do-daemonize: no\n username: \"\"\n \
         chroot: \"\"\n pidfile: \"\"\n use-syslog: no\n module-config: \"iterator\"\n \
         local-zone: \"example.\" static\n local-data: \"www.example. 60 IN A 192.0.2.7\"\n\
         remote-control:\n control-enable: no\n"
    );
    std::fs::write(&config, text).expect("the file is written");
    let server = Command::new("/usr/sbin/unbound")
        .arg("-d")
        .arg("-c")
        .arg(&config)
        .stderr(Stdio::null())
        .spawn();
    let _server = Running(server.expect("the server begins"));
    wait_for(port);
    let proxy = Proxy::start("dns.frame", &format!("127.0.0.1:{port}"), &["--protocol", "Udp"]);
    let output = Command::new("dig")
        .args(["@127.0.0.1", "-p", proxy.port(), "+short", "www.example", "A"])
        .output()
        .expect("the client runs");
    assert_eq!(String::from_utf8(output.stdout).expect("a text"), "192.0.2.7\n");
    let told = proxy.told(3);
    let brief: Vec<String> = told.iter().map(brief).collect();
    assert_eq!(brief, ["connection", "client Message", "server Message"]);
    assert_eq!(told[2]["fields"]["answers"][0]["data"]["A"]["address"], 0xc000_0207_u32);
}

/// A mail server that says what it is told, and when something of this length has come.
fn scripted(steps: &'static [(usize, &'static [u8])]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        for (length, answer) in steps {
            let mut heard = vec![0; *length];
            client.read_exact(&mut heard).expect("what the client says");
            client.write_all(answer).expect("the client hears");
        }
    });
    port
}

#[test]
fn what_is_behind_an_upgrade_passes_unread() {
    const STEPS: &[(usize, &[u8])] = &[
        (0, b"220 here\r\n"),
        (b"EHLO a\r\n".len(), b"250-here\r\n250 STARTTLS\r\n"),
        (b"STARTTLS\r\n".len(), b"220 go\r\n"),
        // As TLS begins.
        (5, b"\x16\x03\x03\x00\x02ab"),
    ];
    let port = scripted(STEPS);
    let proxy = Proxy::start("smtp.frame", &format!("127.0.0.1:{port}"), &[]);
    let mut client = TcpStream::connect(&proxy.address).expect("the proxy listens");
    let mut say = |said: &[u8], answer: &[u8]| {
        client.write_all(said).expect("the proxy hears");
        let mut heard = vec![0; answer.len()];
        client.read_exact(&mut heard).expect("an answer");
        assert_eq!(heard, answer);
    };
    say(b"", b"220 here\r\n");
    say(b"EHLO a\r\n", b"250-here\r\n250 STARTTLS\r\n");
    say(b"STARTTLS\r\n", b"220 go\r\n");
    say(b"\x16\x03\x01\x00\x00", b"\x16\x03\x03\x00\x02ab");
    drop(client);
    let brief: Vec<String> = proxy.told(9).iter().map(brief).collect();
    let expected = [
        "connection",
        "server Reply",
        "client Ehlo",
        "server Reply",
        "client StartTls",
        "server Reply",
        "upgrade Tls",
        "client passed 18..23",
        "server passed 42..49",
    ];
    assert_eq!(brief, expected);
}

/// Who reads what is told has seen enough: then nothing is passed on unseen.
#[test]
fn it_ends_with_who_reads_it() {
    let port = scripted(&[(8, b"220 here\r\n")]);
    let mut proxy = Proxy::start("smtp.frame", &format!("127.0.0.1:{port}"), &[]);
    let stdout = proxy.running.0.stdout.take().expect("its output");
    let mut client = TcpStream::connect(&proxy.address).expect("it listens");
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).expect("that a client came");
    let _ = client.write_all(b"EHLO a\r\n");
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = proxy.running.0.try_wait().expect("its status") {
            break status;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "it goes on");
        thread::sleep(Duration::from_millis(20));
        // A process that is just begun beside this one holds all pipes for a moment, and what was told
        // then has gone there: there is more to tell.
        drop(TcpStream::connect(&proxy.address));
    };
    assert_eq!(status.code(), Some(0));
}

/// One client and one server that are gone early are no reason to fail the next.
#[test]
fn it_goes_on_behind_who_is_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let proxy = Proxy::start("smtp.frame", &format!("127.0.0.1:{port}"), &[]);
    let connect = || TcpStream::connect(&proxy.address).expect("the proxy listens");
    // A client that says half a line and is gone: the server hears of its end.
    let mut client = connect();
    let (mut server, _) = listener.accept().expect("the proxy comes");
    client.write_all(b"EHL").expect("the proxy hears");
    drop(client);
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).expect("the end of it");
    assert_eq!(heard, b"EHL");
    drop(server);
    // A server that is gone after half a line: so does the client.
    let mut client = connect();
    let (mut server, _) = listener.accept().expect("the proxy comes");
    server.write_all(b"220 he").expect("the proxy hears");
    drop(server);
    let mut heard = Vec::new();
    client.read_to_end(&mut heard).expect("the end of it");
    assert_eq!(heard, b"220 he");
    drop(client);
    // The next two speak as if nothing had been.
    let mut client = connect();
    let (mut server, _) = listener.accept().expect("the proxy comes");
    server.write_all(b"220 here\r\n").expect("the proxy hears");
    let mut heard = [0; 10];
    client.read_exact(&mut heard).expect("a greeting");
    assert_eq!(&heard, b"220 here\r\n");
    // Nobody listens any more: a client is told by the end of its connection, and the proxy goes on.
    drop(listener);
    let mut refused = connect();
    assert_eq!(refused.read(&mut heard).unwrap_or(0), 0);
    client.write_all(b"NOOP\r\n").expect("the proxy hears");
    let mut heard = [0; 6];
    server.read_exact(&mut heard).expect("what the client says");
    assert_eq!(&heard, b"NOOP\r\n");
}
