//! Measures the works.

use std::path::PathBuf;

use clap::Parser;

use framer_bench::harness::Rounds;
use framer_bench::report;
use framer_bench::works::Work;

/// Measures works on frames: ours, those of peers, what is written by hand, and copying alone
#[derive(Debug, Parser)]
#[command(name = "framer-bench")]
struct Arguments {
    /// The works to measure, all of them if none is named
    #[arg(value_name = "WORK", ignore_case = true)]
    works: Vec<Work>,
    /// Print a JSON object a case instead of a table
    #[arg(long)]
    json: bool,
    /// Write a page of results there, too
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// How many rounds a work is measured in
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(3..))]
    rounds: u32,
    /// How large the input of a work is, in MiB
    #[arg(long, default_value_t = 64)]
    mib: usize,
}

fn main() -> anyhow::Result<()> {
    let Arguments { works, json, results: page, rounds, mib } = Arguments::parse();
    let works = if works.is_empty() { Work::ALL.to_vec() } else { works };
    let mut text = String::new();
    for work in works {
        let group = work.group(mib << 20);
        let results = Rounds::new(rounds).measure(&group);
        if json {
            report::json(&group, &results)?;
        } else {
            report::table(&group, &results);
        }
        text += &report::section(&group, &results);
    }
    if let Some(page) = page {
        std::fs::write(page, report::head()? + &text)?;
    }
    Ok(())
}
