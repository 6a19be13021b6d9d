//! What was measured, for people and for programs.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::harness::{Group, Kind, Measured, Spread};

/// A case as JSON.
#[derive(Serialize)]
struct Line<'a> {
    work: &'a str,
    case: &'a str,
    kind: Kind,
    ns_per_frame: f64,
    gbps: f64,
    ratio_to_limit: Option<f64>,
    ratio_to_best_peer: Option<f64>,
    /// How long all of it may take, and how much of that it does.
    #[serde(skip)]
    goal_ns: Option<f64>,
    #[serde(skip)]
    ratio_to_goal: Option<f64>,
    /// Of the ratio to the limit, or to the best peer where there is none.
    #[serde(skip)]
    spread: Option<Spread>,
}

impl<'a> Line<'a> {
    fn of(group: &'a Group<'_>, results: &[Measured]) -> Vec<Line<'a>> {
        let limit = fastest(group, results, Kind::Limit);
        let peer = fastest(group, results, Kind::Peer);
        let lines = group.cases.iter().zip(results).map(|(case, measured)| {
            let seconds = Spread::of(measured.seconds.iter().copied()).median;
            let to =
                |other: Option<usize>| other.map(|other| Spread::ratio(measured, &results[other]));
            let (to_limit, to_peer) = (to(limit), to(peer));
            Line {
                work: group.work,
                case: case.name,
                kind: case.kind,
                ns_per_frame: seconds * 1e9 / measured.frames as f64,
                gbps: group.bytes as f64 / seconds / 1e9,
                ratio_to_limit: to_limit.map(|spread| spread.median),
                ratio_to_best_peer: to_peer.map(|spread| spread.median),
                goal_ns: group.goal.map(|goal| goal.as_secs_f64() * 1e9),
                ratio_to_goal: group.goal.map(|goal| seconds / goal.as_secs_f64()),
                spread: to_limit.or(to_peer),
            }
        });
        lines.collect()
    }
}

impl Line<'_> {
    /// To the limit, to the best peer, and how far they spread, for people.
    fn ratios(&self) -> (String, String, String) {
        let ratio =
            |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        let spread = self
            .spread
            .map_or_else(String::new, |spread| format!("{:.2} to {:.2}", spread.low, spread.high));
        (ratio(self.ratio_to_limit), ratio(self.ratio_to_best_peer), spread)
    }
}

/// The fastest case of a kind.
fn fastest(group: &Group<'_>, results: &[Measured], kind: Kind) -> Option<usize> {
    let median = |place: &usize| Spread::of(results[*place].seconds.iter().copied()).median;
    (0..group.cases.len())
        .filter(|place| group.cases[*place].kind == kind)
        .min_by(|one, other| median(one).total_cmp(&median(other)))
}

/// A line for each case.
///
/// # Errors
/// If it cannot be written as JSON.
pub fn json(group: &Group<'_>, results: &[Measured]) -> serde_json::Result<()> {
    for line in Line::of(group, results) {
        println!("{}", serde_json::to_string(&line)?);
    }
    Ok(())
}

/// The head of a page of results: when and where they were measured.
///
/// # Errors
/// If the system does not tell.
pub fn head() -> Result<String> {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().context("the date")?;
    let date = String::from_utf8(date.stdout)?;
    let cpu = std::fs::read_to_string("/proc/cpuinfo").context("the processor")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let (_, model) = model.context("the model of the processor")?;
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "# Results\n\nMeasured on {}, on {cores} cores of {model}, by `cargo run --release -p framer-bench -- \
         --results benches/RESULTS.md`.\n[README.md](README.md) says what the works are. Times hold for this machine and \
         moment; the ratios are medians\nof those within a round, beside what a tenth of them is below and above.\n",
        date.trim()
    ))
}

/// A table of the cases for a page.
#[must_use]
pub fn section(group: &Group<'_>, results: &[Measured]) -> String {
    let mut text = format!("\n## {}: {}\n\n", group.work, group.title);
    text += "| case | kind | ns a frame | GB/s | to the limit | to the best peer | spread |\n";
    text += "|---|---|---:|---:|---:|---:|---|\n";
    for line in Line::of(group, results) {
        let (to_limit, to_peer, spread) = line.ratios();
        let kind = format!("{:?}", line.kind).to_lowercase();
        let (case, ns, gbps) = (line.case, line.ns_per_frame, line.gbps);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {case} | {kind} | {ns:.2} | {gbps:.2} | {to_limit} | {to_peer} | {spread} |"
        );
    }
    text
}

/// A table of the cases.
pub fn table(group: &Group<'_>, results: &[Measured]) {
    println!("{}: {}", group.work, group.title);
    println!(
        "  {:<34} {:<11} {:>10} {:>8} {:>9} {:>9}  {:>13}",
        "case", "kind", "ns/frame", "GB/s", "/ limit", "/ peer", "spread"
    );
    for line in Line::of(group, results) {
        let (to_limit, to_peer, spread) = line.ratios();
        println!(
            "  {:<34} {:<11} {:>10.2} {:>8.2} {:>9} {:>9}  {:>13}",
            line.case,
            format!("{:?}", line.kind).to_lowercase(),
            line.ns_per_frame,
            line.gbps,
            to_limit,
            to_peer,
            spread
        );
        if let (Some(goal), Some(ratio)) = (line.goal_ns, line.ratio_to_goal) {
            println!("  {:.0} ns in all, of {goal:.0} that it may take: {ratio:.3}", goal * ratio);
        }
    }
    println!();
}
