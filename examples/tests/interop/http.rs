//! HTTP/1.1 with curl, wrk, Python's http.client and nginx.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use framer_protocols::http1::client::Event;
use framer_protocols::http1::{self, Field, Host, Request};
use framer_runtime::blocking::Connection;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

fn httpd(root: Option<&Path>) -> Server {
    let root = root.map(|root| ["--root".as_ref(), root.as_os_str()]);
    Server::start(env!("CARGO_BIN_EXE_httpd"), root.as_ref().map_or(&[], |root| root))
}

/// What curl prints for these arguments, each with the address of the server behind it.
fn curl(server: &Server, paths: &[&str], arguments: &[&str]) -> String {
    let urls = paths.iter().map(|path| format!("http://{}{path}", server.address));
    succeeds(Peer::Curl.command().args(["-sS", "-m", "20"]).args(arguments).args(urls))
}

pub(crate) fn curl_asks() {
    let directory = TempDir::new().expect("a directory");
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(|n| [n.to_le_bytes()[0], 10]).collect();
    std::fs::write(directory.path().join("large"), &large).expect("a file");
    std::fs::write(directory.path().join("small"), "some text\n").expect("a file");
    let outside = TempDir::new().expect("a directory");
    std::fs::write(outside.path().join("secret"), "not for all").expect("a file");
    for (name, of) in [("away", "secret"), ("gone", "nothing"), ("there", "")] {
        let link = directory.path().join(name);
        std::os::unix::fs::symlink(outside.path().join(of), link).expect("a link");
    }
    std::os::unix::fs::symlink("small", directory.path().join("same")).expect("a link");
    let server = httpd(Some(directory.path()));
    assert_eq!(curl(&server, &["/same"], &[]), "some text\n");
    assert_eq!(curl(&server, &["/small", "/small?x=y"], &[]), "some text\nsome text\n");
    // One connection for both.
    let two = curl(&server, &["/small", "/small"], &["-v", "--stderr", "-"]);
    assert!(two.contains("Re-using existing"), "{two}");
    let head = curl(&server, &["/small"], &["-I"]);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"), "{head}");
    let got = directory.path().join("got");
    let name = got.to_str().expect("a name");
    curl(&server, &["/large"], &["-o", name]);
    assert!(std::fs::read(&got).expect("the copy") == large);
    for target in [
        "/nothing",
        "/../small",
        "/%2e%2e/small",
        "/small/",
        "/.",
        "/small%00",
        "/\\..\\small",
        "/away",
        "/there/secret",
        "/there",
        "/gone",
    ] {
        let arguments = ["--path-as-is", "-w", "%{http_code}", "-o", "/dev/null"];
        assert_eq!(curl(&server, &[target], &arguments), "404", "{target}");
    }
    // What is posted comes back, with its length, in chunks, and after 100.
    let body = directory.path().join("large");
    let data = format!("@{}", body.display());
    for extra in [&[][..], &["-H", "Transfer-Encoding: chunked"], &["-H", "Expect: 100-continue"]] {
        let arguments = ["--data-binary", &data, "-o", name];
        curl(&server, &["/echo"], &[&arguments[..], extra].concat());
        assert!(std::fs::read(&got).expect("the copy") == large, "{extra:?}");
    }
    // HTTP/1.0 ends with the connection, and so does what asks for it.
    let old = curl(&server, &["/small"], &["-0", "-i"]);
    assert!(old.contains("\r\nConnection: close\r\n") && old.ends_with("some text\n"), "{old}");
    // It knows no 100 either (RFC 9110, section 10.1.1).
    let arguments = ["-0", "-H", "Expect: 100-continue", "--data-binary", "x", "-i"];
    let old = curl(&server, &["/echo"], &arguments);
    assert!(old.starts_with("HTTP/1.1 200 OK\r\n"), "{old}");
    let last = curl(&server, &["/small"], &["-H", "Connection: close", "-i"]);
    assert!(last.contains("\r\nConnection: close\r\n") && last.ends_with("some text\n"), "{last}");
}

const CLIENT: &str = r#"
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
def ask(*args, **kwargs):
    c.request(*args, **kwargs)
    r = c.getresponse()
    return r.status, r.read()
assert ask("GET", "/") == (200, b"hello\n")
assert ask("HEAD", "/") == (200, b"")
assert ask("GET", "/nothing") == (404, b"no such page\n")
assert ask("DELETE", "/") == (405, b"GET, HEAD, POST and PUT\n")
assert ask("POST", "/", body=b"") == (200, b"")
assert ask("PUT", "/", body=bytes(range(256)) * 1000) == (200, bytes(range(256)) * 1000)
parts = [b"x" * n for n in (1, 10, 100000, 3)]
assert ask("POST", "/", body=iter(parts), encode_chunked=True,
           headers={"Transfer-Encoding": "chunked"}) == (200, b"".join(parts))
assert ask("GET", "/", headers={f"X-{n}": "v" * 100 for n in range(60)}) == (200, b"hello\n")
# Many at once, answered in their order.
import socket
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
bodies = [b"%d" % n * (n % 50) for n in range(300)]
s.sendall(b"".join(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(b) + b for b in bodies))
f = s.makefile("rb")
for body in bodies:
    assert f.readline() == b"HTTP/1.1 200 OK\r\n"
    fields = iter(f.readline, b"\r\n")
    fields = dict(line.rstrip().split(b": ", 1) for line in fields)
    assert f.read(int(fields[b"Content-Length"])) == body
# What is wrong is answered, and nothing behind it is.
for bad in (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET / HTTP/1.1\nHost: a\n\n", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x00\x05\r\n\r\n"):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
    s.sendall(bad + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    got = b"".join(iter(lambda: s.recv(4096), b""))
    assert got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1") == 1, (bad, got)
"#;

pub(crate) fn http_client_asks() {
    let server = httpd(None);
    let port = server.address.port().to_string();
    succeeds(Peer::Python.command().args(["-c", CLIENT, &port]));
}

pub(crate) fn wrk_asks() {
    let server = httpd(None);
    let url = format!("http://{}/", server.address);
    let out = succeeds(Peer::Wrk.command().args(["-t1", "-c8", "-d1s", &url]));
    assert!(out.contains("Requests/sec") && !out.contains("Non-2xx"), "{out}");
    assert!(!out.contains("Socket errors"), "{out}");
}

const NGINX: &str = r#"
daemon off;
master_process off;
worker_processes 1;
pid PREFIX/pid;
error_log PREFIX/error.log;
events {}
http {
    access_log off;
    client_body_temp_path PREFIX/body;
    proxy_temp_path PREFIX/proxy;
    fastcgi_temp_path PREFIX/fastcgi;
    uwsgi_temp_path PREFIX/uwsgi;
    scgi_temp_path PREFIX/scgi;
    server {
        listen ADDRESS;
        root PREFIX;
        location = /chunks { ssi on; ssi_types *; try_files /page =404; }
        location = /none { return 204; }
        location = /last { keepalive_timeout 0; return 200 "the last"; }
    }
}
"#;

/// Our client, asking for everything at once.
pub(crate) fn nginx_answers() {
    let directory = TempDir::new().expect("a directory");
    let prefix = directory.path();
    let large: Vec<u8> = (0..2_000_000_u32).map(|n| n.to_be_bytes()[2]).collect();
    std::fs::write(prefix.join("large"), &large).expect("a file");
    std::fs::write(prefix.join("page"), "one <!--# echo var=\"uri\" --> two").expect("a file");
    let address = free_port();
    let prefix = prefix.to_str().expect("a name");
    let config = NGINX.replace("PREFIX", prefix).replace("ADDRESS", &address.to_string());
    let file = directory.path().join("nginx.conf");
    std::fs::write(&file, config).expect("a file");
    // What nginx starts runs as nobody, who has to find the files.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(directory.path(), open).expect("a mode");
    let mut command: Command = Peer::Nginx.command();
    let server = foreign(command.arg("-c").arg(&file).args(["-p", prefix]), address);
    let socket = TcpStream::connect(server.address).expect("a connection");
    let mut client = Connection::new(socket, http1::Client::new());
    let host = [Field::Host(Host { host: "localhost" })];
    let asked = [
        ("GET", "/large"),
        ("HEAD", "/large"),
        ("GET", "/chunks"),
        ("GET", "/none"),
        ("GET", "/nothing"),
        ("GET", "/last"),
    ];
    for (method, target) in asked {
        client.send(Request::new(method, target, 1, &host)).expect("a request");
    }
    let (mut seen, mut body, mut chunks) = (Vec::new(), Vec::new(), 0);
    while let Some((event, _)) = client.next().expect("an answer") {
        match event {
            Event::Response(response) => seen.push((response.status, Vec::new())),
            Event::Body(part) | Event::ChunkData(part) => body.extend_from_slice(part),
            Event::BodyEnd | Event::Trailers(_) => {
                seen.last_mut().expect("a head").1 = std::mem::take(&mut body);
            }
            Event::Chunk(_) => chunks += 1,
            Event::ChunkDataEnd => {}
            other => panic!("{other:?}"),
        }
    }
    let status: Vec<u16> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(status, [200, 200, 200, 204, 404, 200]);
    assert!(seen[0].1 == large && seen[1].1.is_empty() && seen[3].1.is_empty());
    assert_eq!(seen[2].1, b"one /page two");
    assert!(chunks >= 2 && !seen[4].1.is_empty());
    assert_eq!(seen[5].1, b"the last");
}
