//! Running servers.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A program that listens on a free port of the loopback; stopped when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts one of our programs.
    pub(crate) fn start(program: &str, arguments: &[&OsStr]) -> Server {
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Server::spawn(&mut command)
    }

    /// Starts a program that prints its address at the end of its first line.
    pub(crate) fn spawn(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let stdout = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let address = address.parse().unwrap_or_else(|_| panic!("no address in {line:?}"));
        Server { child, address }
    }
}

/// A port of the loopback that was free just now.
pub(crate) fn free_port() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    free.expect("a free port")
}

/// Starts a server of others, which does not tell when it listens.
pub(crate) fn foreign(command: &mut Command, address: SocketAddr) -> Server {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let server = Server { child, address };
    for _ in 0..500 {
        if TcpStream::connect(address).is_ok() {
            return server;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{command:?} does not listen");
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A mail server with a maildir of its own.
pub(crate) struct Smtpd {
    server: Server,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

impl Smtpd {
    pub(crate) fn start(arguments: &[&str]) -> Smtpd {
        let directory = TempDir::new().expect("a directory");
        let mail = directory.path().join("mail");
        let mut all = vec![OsStr::new("--maildir"), mail.as_os_str()];
        all.extend(arguments.iter().map(OsStr::new));
        let server = Server::start(env!("CARGO_BIN_EXE_smtpd"), &all);
        let address = server.address;
        Smtpd { server, directory, address }
    }

    /// A place for files beside the maildir.
    pub(crate) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// The messages that have been accepted.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.files("new")
            .iter()
            .map(|file| std::fs::read_to_string(file).expect("a text"))
            .collect()
    }

    /// The files of a part of the maildir.
    pub(crate) fn files(&self, part: &str) -> Vec<PathBuf> {
        let directory = self.directory.path().join("mail").join(part);
        let entries = std::fs::read_dir(directory).expect("the maildir");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// Asks it to stop, with SIGTERM.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg(self.server.child.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until it has stopped.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.server.child.wait().expect("its status")
    }
}
