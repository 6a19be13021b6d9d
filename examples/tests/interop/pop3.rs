//! POP3 with Python's poplib and curl, and a client with Dovecot.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use framer_protocols::pop3::client::Event as Told;
use framer_protocols::pop3::server::{Event, Message};
use framer_protocols::pop3::{self, Done, Failed, List, Pass, Retr, Top, User};
use framer_runtime::blocking::Connection;
use tempfile::TempDir;

use crate::from_peers::succeeds;
use crate::peers::Peer;
use crate::server::{Server, foreign, free_port};

/// What is in everyone's maildrop: dots where they could be taken for the end, an empty one, and many lines.
fn mail() -> Vec<Vec<u8>> {
    let dots = b"Subject: dots\r\n\r\n.\r\n..\r\n.two\r\n\r\nend\r\n".to_vec();
    let many = [b"Subject: many\r\n\r\n", &b"0123456789abcdef\r\n".repeat(20_000)[..]].concat();
    vec![dots, Vec::new(), many]
}

/// An answer, and what follows it in lines.
enum Said {
    Done(String, Option<Vec<u8>>),
    Failed(&'static str),
}

/// The maildrop of one session.
struct Maildrop {
    mail: Vec<Option<Vec<u8>>>,
}

impl Maildrop {
    fn message(&self, number: u32) -> Option<&[u8]> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.mail.get(place)?.as_deref()
    }

    /// A line for each message that is left.
    fn lines(&self, one: Option<u32>, line: impl Fn(u32, &[u8]) -> String) -> Said {
        let found = |number: u32| self.message(number).map(|message| line(number, message));
        match one.map(found) {
            Some(Some(line)) => Said::Done(format!(" {line}"), None),
            Some(None) => Said::Failed(" no such message"),
            None => {
                let all = (1..).take(self.mail.len()).filter_map(found);
                let lines: String = all.map(|line| line + "\r\n").collect();
                Said::Done(String::new(), Some(lines.into_bytes()))
            }
        }
    }

    fn answer(&mut self, event: &Event<'_>) -> Said {
        let content = |found: Option<Vec<u8>>| match found {
            Some(message) => Said::Done(String::new(), Some(message)),
            None => Said::Failed(" no such message"),
        };
        match event {
            Event::User(_) | Event::Noop(_) | Event::Quit(_) => Said::Done(String::new(), None),
            Event::Pass(pass) if pass.secret == "two words" => Said::Done(String::new(), None),
            Event::Pass(_) => Said::Failed(" [AUTH] no"),
            Event::Capa(_) => Said::Done(String::new(), Some(b"USER\r\nTOP\r\nUIDL\r\n".to_vec())),
            Event::Stat(_) => {
                let left: Vec<usize> = self.mail.iter().flatten().map(Vec::len).collect();
                Said::Done(format!(" {} {}", left.len(), left.iter().sum::<usize>()), None)
            }
            Event::List(list) => {
                self.lines(list.message, |number, message| format!("{number} {}", message.len()))
            }
            Event::Uidl(uidl) => {
                self.lines(uidl.message, |number, _| format!("{number} id{number}"))
            }
            Event::Retr(retr) => content(self.message(retr.message).map(<[u8]>::to_vec)),
            Event::Top(top) => content(self.message(top.message).map(|message| {
                let head =
                    message.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
                let (head, body) = message.split_at(head);
                let lines = usize::try_from(top.lines).expect("a count");
                let lines = body.split_inclusive(|byte| *byte == b'\n').take(lines);
                lines.fold(head.to_vec(), |all, line| [&all[..], line].concat())
            })),
            Event::Dele(dele) => match self.message(dele.message) {
                Some(_) => {
                    let place = usize::try_from(dele.message - 1).expect("a place");
                    self.mail[place] = None;
                    Said::Done(String::new(), None)
                }
                None => Said::Failed(" no such message"),
            },
            Event::Rset(_) => {
                self.mail = mail().into_iter().map(Some).collect();
                Said::Done(String::new(), None)
            }
            _ => Said::Failed(" not here"),
        }
    }
}

fn serve(socket: TcpStream) -> Result<(), framer_runtime::Error> {
    let mut connection = Connection::new(socket, pop3::Server::new());
    let mut maildrop = Maildrop { mail: mail().into_iter().map(Some).collect() };
    connection.send(Done::new(" ready"))?;
    while let Some((event, _)) = connection.next()? {
        match maildrop.answer(&event) {
            Said::Done(text, None) => connection.send(Done::new(&text))?,
            Said::Done(text, Some(lines)) => {
                connection.send(Done::new(&text))?;
                for part in lines.chunks(4096) {
                    connection.send(Message::Content(part))?;
                }
                connection.send(Message::ContentEnd)?;
            }
            Said::Failed(text) => connection.send(Failed::new(text))?,
        }
    }
    Ok(())
}

/// A server on a port of its own, as long as the tests run.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for socket in listener.incoming() {
            let socket = socket.expect("a client");
            // A client may go as it likes.
            thread::spawn(move || drop(serve(socket)));
        }
    });
    address
}

const CLIENT: &str = r#"
import sys, poplib
dots = [b"Subject: dots", b"", b".", b"..", b".two", b"", b"end"]
pop = poplib.POP3("127.0.0.1", int(sys.argv[1]), timeout=10)
assert "TOP" in pop.capa(), pop.capa()
try:
    pop.stat()
    raise SystemExit("it may not be asked")
except poplib.error_proto as error:
    assert b"-ERR" in error.args[0], error
pop.user("someone")
try:
    pop.pass_("wrong")
    raise SystemExit("it is wrong")
except poplib.error_proto as error:
    assert b"[AUTH]" in error.args[0], error
pop.user("someone")
pop.pass_("two words")
count, size = pop.stat()
assert count == 3, count
assert pop.list()[1][1] == b"2 0", pop.list()
assert pop.list(1) == b"+OK 1 37", pop.list(1)
assert pop.uidl()[1] == [b"1 id1", b"2 id2", b"3 id3"]
assert pop.uidl(2) == b"+OK 2 id2"
assert pop.retr(1)[1] == dots, pop.retr(1)
assert pop.retr(2)[1] == []
assert len(pop.retr(3)[1]) == 20002
assert pop.top(1, 1)[1] == dots[:3], pop.top(1, 1)
try:
    pop.retr(4)
    raise SystemExit("there is none")
except poplib.error_proto:
    pass
pop.dele(1)
assert pop.stat()[0] == 2
pop.rset()
assert pop.stat()[0] == 3
pop.noop()
assert pop.quit() == b"+OK"
print("done")
"#;

pub(crate) fn poplib() {
    let port = server().port().to_string();
    let out = succeeds(Peer::Python.command().args(["-c", CLIENT, &port]));
    assert_eq!(out.trim(), "done");
}

pub(crate) fn curl() {
    let address = server();
    let ask = |path: &str| {
        let url = format!("pop3://{address}/{path}");
        let arguments = ["--silent", "--show-error", "--user", "someone:two words", &url];
        succeeds(Peer::Curl.command().args(arguments))
    };
    assert_eq!(ask("1").as_bytes(), mail()[0]);
    assert_eq!(ask("3").as_bytes(), mail()[2]);
    assert_eq!(ask(""), format!("1 37\r\n2 0\r\n3 {}\r\n", mail()[2].len()));
}

/// A server of one maildrop for everyone. Root may not serve it: it has Debian's users for that.
fn configuration(protocol: &str, directory: &Path, port: u16) -> String {
    let root = directory.display();
    let id = |option| succeeds(Command::new("id").arg(option)).trim().to_owned();
    let user = id("-un");
    let (login, internal, user, group) = match user.as_str() {
        "root" => {
            succeeds(Command::new("chown").args(["-R", "nobody"]).arg(directory.join("mail")));
            succeeds(Command::new("chmod").arg("755").arg(directory));
            ("dovenull", "dovecot", "nobody", "nogroup".to_owned())
        }
        user => (user, user, user, id("-gn")),
    };
    format!(
        "protocols = {protocol}
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
default_login_user = {login}
default_internal_user = {internal}
first_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:{root}/mail
ssl = no
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}
}}
service anvil {{
  chroot =
}}
service {protocol}-login {{
  chroot =
  inet_listener {protocol} {{
    port = {port}
  }}
  inet_listener {protocol}s {{
    port = 0
  }}
}}
"
    )
}

/// Dovecot for a protocol, in a directory, with mail.
pub(crate) fn dovecot_of(protocol: &str, directory: &Path, mail: &[(&str, &[u8])]) -> Server {
    let address = free_port();
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(directory.join("mail").join(part)).expect("a maildir");
    }
    for (name, text) in mail {
        std::fs::write(directory.join("mail/new").join(name), text).expect("a message");
    }
    let config = directory.join("dovecot.conf");
    std::fs::write(&config, configuration(protocol, directory, address.port())).expect("a file");
    foreign(Peer::Dovecot.command().arg("-F").arg("-c").arg(&config), address)
}

pub(crate) fn dovecot() {
    let directory = TempDir::new().expect("a directory");
    let texts = mail();
    let there = [("1.a", texts[0].as_slice()), ("2.b", &texts[2])];
    let server = dovecot_of("pop3", directory.path(), &there);
    fetch(server.address, &[&texts[0], &texts[2]]);
}

/// The next thing the server says.
fn next(connection: &mut Connection<TcpStream, pop3::Client>) -> Told<'_> {
    connection.next().expect("no fault").expect("not the end").0
}

fn done(connection: &mut Connection<TcpStream, pop3::Client>) -> String {
    match next(connection) {
        Told::Done(done) => done.text.to_owned(),
        other => panic!("{other:?}"),
    }
}

/// What follows a reply.
fn lines(connection: &mut Connection<TcpStream, pop3::Client>) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        match next(connection) {
            Told::Content(part) => all.extend_from_slice(part),
            Told::ContentEnd => return all,
            other => panic!("{other:?}"),
        }
    }
}

/// Everything asked at once, answered in order.
fn fetch(server: SocketAddr, messages: &[&[u8]]) {
    let socket = TcpStream::connect(server).expect("a server");
    let mut connection = Connection::new(socket, pop3::Client::new());
    done(&mut connection);
    connection.send(pop3::Capa).expect("it may be asked");
    done(&mut connection);
    let extensions = String::from_utf8(lines(&mut connection)).expect("text");
    assert!(extensions.contains("PIPELINING\r\n"), "{extensions}");
    connection.send(User::new("someone")).expect("it may be asked");
    connection.send(Pass::new("secret")).expect("it may be asked");
    done(&mut connection);
    done(&mut connection);
    connection.send(pop3::Stat).expect("it may be asked");
    connection.send(List { message: None }).expect("it may be asked");
    for number in (1..).take(messages.len()) {
        connection.send(Retr::new(number)).expect("it may be asked");
        connection.send(Top::new(number, 1)).expect("it may be asked");
    }
    connection.send(Retr::new(99)).expect("it may be asked");
    connection.send(pop3::Quit).expect("it may be asked");
    assert!(done(&mut connection).starts_with(&format!(" {} ", messages.len())));
    done(&mut connection);
    assert!(lines(&mut connection).starts_with(b"1 "));
    for message in messages {
        done(&mut connection);
        assert_eq!(&lines(&mut connection), message);
        done(&mut connection);
        assert!(message.starts_with(&lines(&mut connection)));
    }
    assert!(matches!(next(&mut connection), Told::Failed(_)));
    done(&mut connection);
    assert!(connection.next().expect("no fault").is_none());
}
