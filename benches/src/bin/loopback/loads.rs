//! What asks: the load generators that people know, each told how much to ask.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

/// A load, by the protocol and what matters of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Load {
    /// Commands of Redis, one at a time on each connection.
    Kv,
    /// Commands of Redis, 64 at a time.
    Kv64,
    /// Messages of SMTP.
    Smtp,
    /// Requests of HTTP.
    Http,
    /// Queries of DNS.
    Dns,
}

/// What a load took.
pub(crate) struct Taken {
    pub(crate) requests: f64,
    /// As the clock on the wall says.
    pub(crate) seconds: f64,
    /// Of the server's processor time, its own and the system's for it.
    pub(crate) cpu_seconds: f64,
}

/// So many commands of each kind.
const COMMANDS: u32 = 100_000;
const PIPELINED: u32 = 1_000_000;
const MESSAGES: u32 = 5_000;
const SECONDS: u32 = 3;

impl Load {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Load::Kv => "kv",
            Load::Kv64 => "kv64",
            Load::Smtp => "smtp",
            Load::Http => "http",
            Load::Dns => "dns",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Load::Kv => "redis-benchmark, SET and GET on 50 connections, one at a time",
            Load::Kv64 => "redis-benchmark -P 64, SET and GET on 50 connections",
            Load::Smtp => "smtp-source, messages of 4 KiB on 10 connections",
            Load::Http => "wrk, a file of 1 KiB on 50 connections",
            Load::Dns => "dnsperf, addresses of 100 names over UDP",
        }
    }

    /// Asks once: how many requests were answered, and in how many seconds.
    pub(crate) fn ask(self, server: SocketAddr, directory: &Path) -> Result<(f64, f64)> {
        let begun = Instant::now();
        let requests = match self {
            Load::Kv => redis_benchmark(server, COMMANDS, 1)?,
            Load::Kv64 => redis_benchmark(server, PIPELINED, 64)?,
            Load::Smtp => {
                let mut command = Command::new("smtp-source");
                command.args(["-s", "10", "-l", "4096", "-m", &MESSAGES.to_string()]);
                output(command.args(["-d", &server.to_string()]))?;
                f64::from(MESSAGES)
            }
            Load::Http => {
                let mut command = Command::new("wrk");
                command.args(["-t", "1", "-c", "50", "-d", &SECONDS.to_string()]);
                let told = output(command.arg(format!("http://{server}/file")))?;
                ensure!(!told.contains("Non-2xx"), "not every request was answered:\n{told}");
                number_before(&told, " requests in ")?
            }
            Load::Dns => {
                let mut command = Command::new("dnsperf");
                command.args(["-s", &server.ip().to_string(), "-p", &server.port().to_string()]);
                command.args(["-l", &SECONDS.to_string(), "-q", "100", "-d"]);
                let told = output(command.arg(directory.join("queries")))?;
                ensure!(told.contains("NOERROR "), "not every query was answered:\n{told}");
                let (_, completed) =
                    told.split_once("Queries completed:").context("dnsperf tells no count")?;
                let count =
                    completed.split_whitespace().next().context("dnsperf tells no count")?;
                count.parse()?
            }
        };
        Ok((requests, begun.elapsed().as_secs_f64()))
    }
}

fn redis_benchmark(server: SocketAddr, commands: u32, pipelined: u32) -> Result<f64> {
    let mut command = Command::new("redis-benchmark");
    command.args(["-h", &server.ip().to_string(), "-p", &server.port().to_string()]);
    command.args(["-c", "50", "-d", "100", "-r", "10000", "-t", "set,get", "--csv"]);
    command.args(["-n", &commands.to_string(), "-P", &pipelined.to_string()]);
    let told = output(&mut command)?;
    ensure!(told.contains("\"GET\""), "redis-benchmark tells of no GET:\n{told}");
    Ok(2.0 * f64::from(commands))
}

/// What a load generator says, once it has ended well.
fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{:?} is missing", command.get_program()))?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{told}{wrong}");
    Ok(told)
}

/// The number that stands before some words.
fn number_before(told: &str, words: &str) -> Result<f64> {
    let (before, _) = told.split_once(words).with_context(|| format!("no{words}in:\n{told}"))?;
    Ok(before.split_whitespace().next_back().context("a number")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::number_before;

    #[test]
    fn what_wrk_tells() {
        let told = "  Latency   1.00ms\n  123456 requests in 3.00s, 40MB read\n";
        assert_eq!(number_before(told, " requests in ").unwrap(), 123_456.0);
        assert!(number_before("", " requests in ").is_err());
    }
}
