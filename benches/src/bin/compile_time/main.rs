//! W10: how long a crate of many message types takes to build, and how much code it becomes: by the
//! macro and by the derive, beside libraries for the same messages.
//!
//! Each crate is made in a temporary directory, with the versions of the workspace's `Cargo.lock`. A
//! message is a few integers, a length, and the bytes that it measures; each type is decoded and
//! encoded by a function of its own. What is built in debug is timed; the code is what stands in
//! the objects of a release build.

mod build;
mod crates;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use framer_bench::harness::Spread;

use build::Project;
use crates::Way;

/// Builds crates of many message types, ours and those of other libraries in turns
#[derive(Debug, Parser)]
#[command(name = "compile_time")]
struct Arguments {
    /// What is built, everything if nothing is named
    #[arg(value_name = "WAY", ignore_case = true)]
    ways: Vec<Way>,
    /// Print a JSON object a way instead of a table
    #[arg(long)]
    json: bool,
    /// How often each crate is built
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many types the clean build has; what a type takes is the slope up to five times as many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    types: u32,
}

/// What was measured of a way.
#[derive(serde::Serialize)]
struct Line {
    way: &'static str,
    types: u32,
    /// A debug build of all, with what it depends on, as the clock on the wall says.
    clean_seconds: Spread,
    /// The same of the processors.
    clean_cpu_seconds: Spread,
    /// Of the processors, for the crate alone, for each type more.
    milliseconds_per_type: Spread,
    /// Of `.text`, in a release build, for each type more.
    code_bytes_per_type: f64,
}

fn main() -> Result<()> {
    let Arguments { ways, json, rounds, types } = Arguments::parse();
    let ways = if ways.is_empty() { Way::value_variants().to_vec() } else { ways };
    let many = 5 * types;
    let projects = ways.iter().map(|way| Project::new(*way)).collect::<Result<Vec<_>>>()?;
    let mut clean = vec![Vec::new(); ways.len()];
    let mut slopes = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (place, project) in projects.iter().enumerate() {
            clean[place].push(project.clean(types)?);
            let (few, more) = (project.alone(types)?, project.alone(many)?);
            let more_seconds = more.cpu_seconds - few.cpu_seconds;
            slopes[place].push(more_seconds * 1e3 / f64::from(many - types));
        }
    }
    if !json {
        println!(
            "{types} message types, built in debug; what each takes is the slope up to {many}:\n"
        );
        println!("| | clean build, s | of the processors, s | ms a type | code a type, bytes |");
        println!("|---|---:|---:|---:|---:|");
    }
    for (place, project) in projects.iter().enumerate() {
        let code = project.code(many)? as f64 - project.code(types)? as f64;
        let line = Line {
            way: ways[place].name(),
            types,
            clean_seconds: Spread::of(clean[place].iter().map(|took| took.seconds)),
            clean_cpu_seconds: Spread::of(clean[place].iter().map(|took| took.cpu_seconds)),
            milliseconds_per_type: Spread::of(slopes[place].iter().copied()),
            code_bytes_per_type: code / f64::from(many - types),
        };
        if json {
            println!("{}", serde_json::to_string(&line)?);
        } else {
            let (clean, cpu) = (line.clean_seconds.median, line.clean_cpu_seconds.median);
            let (each, code) = (line.milliseconds_per_type.median, line.code_bytes_per_type);
            println!("| {} | {clean:.2} | {cpu:.2} | {each:.2} | {code:.0} |", line.way);
        }
    }
    Ok(())
}
