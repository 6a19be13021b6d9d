//! Our programs, as processes.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to let go of what has ended.
const LETS_GO: Duration = Duration::from_secs(60);

/// How much a server that has had sessions may hold over what it held before the first: so much,
/// and for each that there were at once. What an allocator keeps follows that, and what is lost
/// would follow how many there were in all.
const HELD_BYTES: u64 = 4 << 20;
const HELD_BYTES_EACH: u64 = 64 << 10;

/// A program that listens on a free port of the loopback; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// What it held when it began to listen.
    idle_bytes: u64,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a program, which prints its address at the end of its first line. What is wrong with
    /// its clients, it tells nobody.
    pub(crate) fn start(command: &mut Command) -> Server {
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        // An allocator with a heap for each thread gives back less, and each time something else.
        let mut child = command.env("MALLOC_ARENA_MAX", "1").spawn().expect("it starts");
        let stdout = child.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default();
        let address = address.parse().unwrap_or_else(|_| panic!("no address in {line:?}"));
        let mut server = Server { child, idle_bytes: 0, address };
        server.idle_bytes = server.status("VmRSS");
        server
    }

    /// A line of `/proc/PID/status`, in bytes.
    pub(crate) fn status(&self, name: &str) -> u64 {
        let text = std::fs::read_to_string(self.proc("status")).expect("the status");
        let line = text.lines().find(|line| line.starts_with(name)).expect("the line");
        let number = line.split_whitespace().nth(1).and_then(|number| number.parse().ok());
        number.map_or(0, |kibibytes: u64| kibibytes * 1024)
    }

    /// How many descriptors it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(self.proc("fd")).expect("the descriptors").count()
    }

    /// Waits until it has no more descriptors open than these.
    pub(crate) async fn let_go(&self, descriptors: usize) {
        let began = Instant::now();
        while self.descriptors() > descriptors {
            let (now, waited) = (self.descriptors(), began.elapsed());
            assert!(waited < LETS_GO, "{now} descriptors are open, which were {descriptors}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asserts that it does not hold more than that after sessions of which there were so many at
    /// once; how many bytes it holds.
    pub(crate) fn assert_held(&self, at_once: u64) -> u64 {
        let (held, idle) = (self.status("VmRSS"), self.idle_bytes);
        let most = idle + HELD_BYTES + HELD_BYTES_EACH * at_once;
        assert!(held <= most, "{held} bytes are held, which were {idle}");
        held
    }

    /// Something of it below `/proc`.
    pub(crate) fn proc(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(name)
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("its status");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A mail server with a maildir of its own.
pub(crate) struct Smtpd {
    pub(crate) process: Server,
    directory: TempDir,
    /// Before the path of the maildir, where the server has mounted it for itself.
    seen_from: PathBuf,
}

impl Smtpd {
    pub(crate) fn start(arguments: &[&str]) -> Smtpd {
        Smtpd::in_shell(&[], arguments)
    }

    /// The same, started by the command of a shell whose script is given the maildir as `$0` and
    /// ends with `exec "$@"`.
    pub(crate) fn under(shell: &[&str]) -> Smtpd {
        Smtpd::in_shell(shell, &[])
    }

    fn in_shell(shell: &[&str], arguments: &[&str]) -> Smtpd {
        let directory = TempDir::new().expect("a directory");
        let process = smtpd(shell, directory.path(), arguments);
        Smtpd { process, directory, seen_from: PathBuf::new() }
    }

    /// Looks for the maildir where the server sees it.
    pub(crate) fn seen_by_itself(mut self) -> Smtpd {
        self.seen_from = self.process.proc("root");
        self
    }

    /// Starts it again after its end, with the same maildir.
    pub(crate) fn again(&mut self) {
        self.process = smtpd(&[], self.directory.path(), &[]);
    }

    /// A part of the maildir.
    pub(crate) fn part(&self, name: &str) -> PathBuf {
        let root = self.directory.path();
        let below = root.strip_prefix("/").expect("it is absolute");
        match self.seen_from.as_os_str().is_empty() {
            true => root.join(name),
            false => self.seen_from.join(below).join(name),
        }
    }

    /// The files of a part of the maildir.
    pub(crate) fn files(&self, part: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.part(part)).expect("the maildir");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }
}

fn smtpd(shell: &[&str], maildir: &Path, arguments: &[&str]) -> Server {
    let program = OsStr::new(env!("CARGO_BIN_EXE_smtpd"));
    let mut command = match shell {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(maildir).arg(program);
            command
        }
    };
    Server::start(command.arg("--maildir").arg(maildir).args(arguments))
}
