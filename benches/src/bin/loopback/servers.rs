//! What is asked: programs of the examples, and the servers that people run.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::loads::{Load, Taken};

/// How many names a zone has.
const NAMES: usize = 100;

/// A server that listens until it is dropped.
pub(crate) struct Served {
    name: &'static str,
    child: Child,
    address: SocketAddr,
    /// What it serves, and where it keeps what it is given.
    directory: TempDir,
}

impl Served {
    /// Starts ours or the other one for a load.
    pub(crate) fn start(load: Load, ours: bool) -> Result<Served> {
        let directory = tempfile::tempdir()?;
        prepare(directory.path())?;
        let address = free_port()?;
        let (name, mut command) = match ours {
            true => program(load, address, directory.path())?,
            false => other(load, address, directory.path())?,
        };
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = if ours { Stdio::piped() } else { Stdio::null() };
        let child = command.stdout(output).spawn();
        let child = child.with_context(|| format!("{:?} is missing", command.get_program()))?;
        let mut served = Served { name, child, address, directory };
        served.wait()?;
        Ok(served)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Until it listens.
    fn wait(&mut self) -> Result<()> {
        if let Some(told) = self.child.stdout.take() {
            // Ours tells when.
            let mut line = String::new();
            BufReader::new(told).read_line(&mut line)?;
            ensure!(line.contains("127.0.0.1"), "{} says {line:?}", self.name);
            return Ok(());
        }
        for _ in 0..500 {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("{} does not listen", self.name)
    }

    /// Asks it, and tells what that took.
    pub(crate) fn load(&mut self, load: Load) -> Result<Taken> {
        let before = self.cpu_seconds()?;
        let (requests, seconds) = load.ask(self.address, self.directory.path())?;
        let cpu_seconds = self.cpu_seconds()? - before;
        ensure!(cpu_seconds > 0.0, "{} took no time", self.name);
        Ok(Taken { requests, seconds, cpu_seconds })
    }

    /// The processor time that it has had, with what the system did for it.
    fn cpu_seconds(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // What stands in brackets is its name, which may hold anything.
        let (_, behind) = stat.rsplit_once(") ").context("its state")?;
        let ticks = behind.split(' ').skip(11).take(2).map(str::parse::<f64>);
        // Linux counts in hundredths of a second here, whatever its own clock.
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of the loopback that was free just now.
fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A file of 1 KiB, a zone, and the queries for its names.
fn prepare(directory: &Path) -> Result<()> {
    let (mut zone, mut queries) = (String::new(), String::new());
    zone += "$ORIGIN example.test.\n$TTL 300\n@ SOA ns mail.example.test. 1 3600 600 86400 60\n";
    zone += "@ NS ns\nns A 127.0.0.1\n";
    for number in 0..NAMES {
        writeln!(zone, "host{number} A 192.0.2.{number}")?;
        writeln!(queries, "host{number}.example.test A")?;
    }
    std::fs::write(directory.join("zone"), zone)?;
    std::fs::write(directory.join("queries"), queries)?;
    std::fs::create_dir(directory.join("files"))?;
    std::fs::write(directory.join("files/file"), [b'x'; 1024])?;
    Ok(())
}

/// The program of the examples, which stands beside this one.
fn program(load: Load, address: SocketAddr, directory: &Path) -> Result<(&'static str, Command)> {
    let (name, arguments) = match load {
        Load::Kv | Load::Kv64 => ("kv", None),
        Load::Smtp => ("smtpd", Some(("--maildir", "mail"))),
        Load::Http => ("httpd", Some(("--root", "files"))),
        Load::Dns => ("dns", Some(("--zone", "zone"))),
    };
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(path.exists(), "cargo build --release -p framer-examples --bins makes {name}");
    let mut command = Command::new(path);
    command.args(["--listen", &address.to_string()]);
    if let Some((option, file)) = arguments {
        command.arg(option).arg(directory.join(file));
    }
    Ok((name, command))
}

/// The server that people run.
fn other(load: Load, address: SocketAddr, directory: &Path) -> Result<(&'static str, Command)> {
    let port = address.port().to_string();
    let (name, mut command) = match load {
        Load::Kv | Load::Kv64 => ("redis-server", Command::new("redis-server")),
        Load::Smtp => ("smtp-sink", Command::new("smtp-sink")),
        Load::Http => ("nginx", Command::new("nginx")),
        Load::Dns => ("unbound", Command::new("unbound")),
    };
    match load {
        Load::Kv | Load::Kv64 => {
            command.args(["--port", &port, "--bind", "127.0.0.1", "--save", ""]);
            command.args(["--appendonly", "no"]);
        }
        Load::Smtp => {
            if std::fs::metadata("/proc/self")?.uid() == 0 {
                // It insists on giving up root.
                command.args(["-u", "nobody"]);
            }
            command.args([&address.to_string(), "1024"]);
        }
        Load::Http => {
            let file = directory.join("nginx.conf");
            std::fs::write(&file, nginx(address, directory))?;
            command.arg("-p").arg(directory).arg("-c").arg(file);
        }
        Load::Dns => {
            let file = directory.join("unbound.conf");
            std::fs::write(&file, unbound(address, directory)?)?;
            command.arg("-d").arg("-c").arg(file);
        }
    }
    Ok((name, command))
}

/// One process, which writes no log of what is asked, as ours writes none.
fn nginx(address: SocketAddr, directory: &Path) -> String {
    let place = directory.display();
    format!(
        "daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/error.log;\n\
         events {{}}\nhttp {{\n access_log off;\n keepalive_requests 100000000;\n\
         client_body_temp_path {place}/body;\n proxy_temp_path {place}/proxy;\n\
         fastcgi_temp_path {place}/fastcgi;\n uwsgi_temp_path {place}/uwsgi;\n\
         scgi_temp_path {place}/scgi;\n server {{\n  listen {address};\n  root {place}/files;\n }}\n}}\n"
    )
}

/// The names as its own data, so that it asks nobody.
fn unbound(address: SocketAddr, directory: &Path) -> Result<String> {
    let mut text = format!(
        "server:\n directory: \"{}\"\n chroot: \"\"\n username: \"\"\n pidfile: \"\"\n\
         interface: {}\n port: {}\n use-syslog: no\n do-ip6: no\n num-threads: 1\n\
         module-config: \"iterator\"\n local-zone: \"example.test.\" static\n",
        directory.display(),
        address.ip(),
        address.port(),
    );
    for number in 0..NAMES {
        let name = format!("host{number}.example.test.");
        writeln!(text, " local-data: \"{name} 300 IN A 192.0.2.{number}\"")?;
    }
    text += "remote-control:\n control-enable: no\n";
    Ok(text)
}
