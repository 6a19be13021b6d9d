//! A running smtpd.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

/// A server on a free port of the loopback; stopped when dropped.
pub(crate) struct Smtpd {
    child: Child,
    directory: TempDir,
    pub(crate) address: SocketAddr,
}

impl Smtpd {
    pub(crate) fn start(arguments: &[&str]) -> Smtpd {
        let directory = TempDir::new().expect("a directory");
        let mut child = Command::new(env!("CARGO_BIN_EXE_smtpd"))
            .args(["--listen", "127.0.0.1:0", "--maildir"])
            .arg(directory.path().join("mail"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("smtpd starts");
        let stdout = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let address = address.parse().unwrap_or_else(|_| panic!("no address in {line:?}"));
        Smtpd { child, directory, address }
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
        let status = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until it has stopped.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("its status")
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
