//! The programs of the examples beside well-known servers, end to end over the loopback: how many requests each answers in
//! a second of its processor time, under the same load, in turns.

mod loads;
mod servers;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use framer_bench::harness::{Measured, Spread};

use loads::Load;
use servers::Served;

/// Loads servers over the loopback, ours and others in turns
#[derive(Debug, Parser)]
#[command(name = "loopback")]
struct Arguments {
    /// What is measured, everything if nothing is named
    #[arg(value_name = "LOAD", ignore_case = true)]
    loads: Vec<Load>,
    /// Print a JSON object a server instead of a table
    #[arg(long)]
    json: bool,
    /// How often each server is loaded
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(3..))]
    rounds: u32,
}

/// A server under a load.
#[derive(serde::Serialize)]
struct Line<'a> {
    load: &'a str,
    server: &'a str,
    kind: &'a str,
    /// In a second of the server's processor time.
    requests_per_cpu_second: f64,
    /// As they came, with whoever asked on the same machine.
    requests_per_second: f64,
    /// Of the processor time for each request, ours to the other's, round by round.
    ratio: Spread,
}

fn main() -> Result<()> {
    let Arguments { loads, json, rounds } = Arguments::parse();
    let loads = if loads.is_empty() { Load::value_variants().to_vec() } else { loads };
    for load in loads {
        let (mut ours, mut other) = (Served::start(load, true)?, Served::start(load, false)?);
        // The first round warms up.
        let mut measured = [Vec::new(), Vec::new()];
        for round in 0..=rounds {
            // Neither is always the first.
            let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            for place in order {
                let server = if place == 0 { &mut ours } else { &mut other };
                let taken = server.load(load)?;
                if round > 0 {
                    measured[place].push(taken);
                }
            }
        }
        let cpu = |place: usize| Measured {
            frames: 1,
            seconds: measured[place].iter().map(|of| of.cpu_seconds / of.requests).collect(),
        };
        let ratio = Spread::ratio(&cpu(0), &cpu(1));
        if !json {
            println!("{}: {}", load.name(), load.title());
            let (cpu, wall) = ("a CPU second", "a second");
            println!("  {:<16} {cpu:>14} {wall:>12}", "server");
        }
        for (place, server) in [&ours, &other].into_iter().enumerate() {
            let median =
                |of: fn(&loads::Taken) -> f64| Spread::of(measured[place].iter().map(of)).median;
            let line = Line {
                load: load.name(),
                server: server.name(),
                kind: if place == 0 { "ours" } else { "peer" },
                requests_per_cpu_second: median(|of| of.requests / of.cpu_seconds),
                requests_per_second: median(|of| of.requests / of.seconds),
                ratio,
            };
            if json {
                println!("{}", serde_json::to_string(&line)?);
            } else {
                let (name, cpu) = (line.server, line.requests_per_cpu_second);
                println!("  {name:<16} {cpu:>14.0} {:>12.0}", line.requests_per_second);
            }
        }
        if !json {
            let Spread { low, median, high } = ratio;
            println!(
                "  processor time of ours to the other's: {median:.2} ({low:.2} to {high:.2})\n"
            );
        }
    }
    Ok(())
}
