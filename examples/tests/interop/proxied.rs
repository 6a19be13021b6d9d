//! The PROXY protocol with curl and `HAProxy`, which say it, and with the latter, which hears it.

use std::net::SocketAddr;

use framer_examples::proxied::{Behind, Client, Version};
use framer_protocols::http1::server::{Event, Message};
use framer_protocols::http1::{self, Field, Response};
use framer_runtime::Error;
use framer_runtime::net::{Address, Scheme, Schemes, Server, Stream, Tcp};
use framer_runtime::tokio::Connection;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

use crate::peers::Peer;
use crate::server::{foreign, free_port};

/// It speaks both versions to a server of ours, and hears both.
const HAPROXY: &str = r#"
defaults
    timeout connect 5s
    timeout client 10s
    timeout server 10s
listen one
    mode tcp
    bind ONE
    server ours OURS send-proxy
listen two
    mode tcp
    bind TWO
    unique-id-format %[uuid()]
    server ours OURS send-proxy-v2 proxy-v2-options crc32c,unique-id
frontend hears
    mode http
    bind HEARS accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[dst]:%[dst_port]"
"#;

/// Tells each client both of its ends, over HTTP.
async fn tell(stream: Stream) -> Result<(), Error> {
    let told = format!("{} {}", stream.peer(), stream.local());
    let mut connection = Connection::new(stream, http1::Server::new());
    if let Some((Event::Request(_), mut reply)) = connection.next().await? {
        let length = u64::try_from(told.len()).unwrap_or(u64::MAX);
        let length = Field::from(http1::ContentLength::new(length));
        reply.send(Response::new(1, 200, b"OK", &[length]))?;
        reply.send(Message::Body(told.as_bytes()))?;
    }
    connection.shutdown().await
}

/// A server that only proxies speak to, as long as the runtime runs.
fn listen(runtime: &Runtime) -> SocketAddr {
    runtime.block_on(async {
        let scheme = Scheme::new(Tcp).wrapped(Behind::new(Version::Two));
        let schemes = Schemes::default().with("behind", scheme);
        let server = Server::bind(&schemes, ["behind://127.0.0.1:0"]).await.expect("it listens");
        let url = server.urls().next().expect("one").to_owned();
        tokio::spawn(server.serve(|stream, _| tell(stream)));
        url.trim_start_matches("behind://").parse().expect("an address")
    })
}

pub(crate) fn curl_speaks() {
    let runtime = Runtime::new().expect("a runtime");
    let address = listen(&runtime);
    let url = format!("http://{address}/");
    let curl = |arguments: &[&str]| {
        let mut command = Peer::Curl.command();
        let command = command.args(["--silent", "--max-time", "10"]).args(arguments);
        command.arg(&url).output().expect("it runs")
    };
    let ends = ["--haproxy-protocol", "--write-out", "\ntcp://%{local_ip}:%{local_port}"];
    let output = curl(&ends);
    let text = String::from_utf8(output.stdout).expect("a text");
    let (told, local) = text.split_once('\n').expect("two lines");
    assert_eq!(told, format!("{local} tcp://{address}"));
    // Without the header, nothing is said.
    let output = curl(&[]);
    assert!(!output.status.success() && output.stdout.is_empty());
}

/// What is answered to a request.
async fn ask(mut stream: Stream) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("it is written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it ends");
    answer.rsplit("\r\n").next().unwrap_or_default().to_owned()
}

pub(crate) fn haproxy_speaks_and_hears() {
    let runtime = Runtime::new().expect("a runtime");
    let ours = listen(&runtime);
    let (one, two, hears) = (free_port(), free_port(), free_port());
    let directory = TempDir::new().expect("a directory");
    let mut config = HAPROXY.to_owned();
    for (name, address) in [("OURS", ours), ("ONE", one), ("TWO", two), ("HEARS", hears)] {
        config = config.replace(name, &address.to_string());
    }
    let file = directory.path().join("haproxy.cfg");
    std::fs::write(&file, config).expect("a file");
    let mut command = Peer::Haproxy.command();
    let _haproxy = foreign(command.arg("-db").arg("-f").arg(&file), hears);

    let plain = Schemes::default();
    for place in [one, two] {
        for _ in 0..20 {
            let opened = runtime.block_on(plain.connect(&format!("tcp://{place}")));
            let opened = opened.expect("it opens");
            let client = opened.local().to_string();
            assert_eq!(runtime.block_on(ask(opened)), format!("{client} tcp://{place}"));
        }
    }
    let tcp = |peer: &str, local: &str| Client {
        peer: Address::Tcp(peer.parse().expect("an address")),
        local: Address::Tcp(local.parse().expect("an address")),
    };
    let v4 = tcp("192.0.2.1:56324", "198.51.100.2:443");
    let v6 = tcp("[2001:db8::1]:1", "[2001:db8::2]:65535");
    for version in [Version::One, Version::Two] {
        for (client, told) in [
            (Some(&v4), "192.0.2.1:56324 198.51.100.2:443"),
            (Some(&v6), "2001:db8::1:1 2001:db8::2:65535"),
            (None, ""),
        ] {
            let behind = Behind::new(version);
            let behind = match client {
                Some(client) => behind.speaking_for(client.clone()),
                None => behind,
            };
            let schemes = Schemes::default().with("behind", Scheme::new(Tcp).wrapped(behind));
            let opened = runtime.block_on(schemes.connect(&format!("behind://{hears}")));
            let opened = opened.expect("it opens");
            let own = format!("{} {}", opened.local(), opened.peer()).replace("tcp://", "");
            let answer = runtime.block_on(ask(opened));
            assert_eq!(answer, if told.is_empty() { own.as_str() } else { told });
        }
    }
}
