//! How many instructions the small works take, counted by valgrind: a figure without noise, and a
//! budget that a change may not go over unless it means to.
//!
//! Each case runs in a process of its own under callgrind, which counts only what one run of it does. Which
//! instructions those are depends on the compiler and on what the machine has (AVX2 or not), and
//! not on what else it does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use framer_bench::harness::{Case, Kind};
use framer_bench::works::Work;

/// How large an input is that is counted over, in bytes, where that can be chosen.
const INPUT_BYTES: usize = 256 * 1024;

/// How much more than its budget a case may take.
const OVER: f64 = 1.05;

/// How much less it takes when its budget says too little of it.
const BELOW: f64 = 0.9;

const HEADER: &str = "\
# Instructions for each frame, as `cargo run --release -p framer-bench --bin instructions` counts them.
# More than 5% above fails. `-- --write` behind that changes the budget, on purpose.
";

/// Counts the instructions of works, and compares those of generated code with their budget
#[derive(Debug, Parser)]
#[command(name = "instructions")]
struct Arguments {
    /// The works to count, all small ones if none is named
    #[arg(value_name = "WORK", ignore_case = true)]
    works: Vec<Work>,
    /// Count peers and what is written by hand, too
    #[arg(long)]
    all: bool,
    /// Make what was counted the budget
    #[arg(long)]
    write: bool,
    /// Where the budget stands
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt"))]
    budget: PathBuf,
    /// Runs a case of the work, twice, and tells how many frames there are
    #[arg(long, hide = true, value_name = "PLACE")]
    run: Option<usize>,
}

/// A case by its work and its name.
type Name = (String, String);

/// Instructions for each frame.
type Counts = BTreeMap<Name, f64>;

fn main() -> Result<ExitCode> {
    let Arguments { works, all, write, budget: path, run } = Arguments::parse();
    if let (Some(place), [work]) = (run, works.as_slice()) {
        run_once(*work, place)?;
        return Ok(ExitCode::SUCCESS);
    }
    let every = works.is_empty();
    let works = if every { Work::SMALL.to_vec() } else { works };
    let mut budget = read(&path)?;
    let mut counts = Counts::new();
    let mut counted = Vec::new();
    for work in works {
        counted.push(count(work, all, &budget, &mut counts)?);
    }
    let concerned = |(work, _): &Name| every || counted.contains(&work.as_str());
    if write {
        budget.retain(|name, _| !concerned(name));
        budget.extend(counts);
        std::fs::write(&path, text(&budget)).context("the budget cannot be written")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut wrong: Vec<String> =
        counts.iter().filter_map(|(name, count)| judge(name, *count, budget.get(name))).collect();
    let gone = budget.keys().filter(|name| concerned(name) && !counts.contains_key(*name));
    wrong.extend(gone.map(|(work, case)| format!("{work}, {case}: a budget, and no such case")));
    if wrong.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{}\nIf that is meant, `-- --write` makes it the budget.", wrong.join("\n"));
    Ok(ExitCode::FAILURE)
}

/// What runs under valgrind.
fn run_once(work: Work, place: usize) -> Result<()> {
    let group = work.group(INPUT_BYTES);
    let case = group.cases.get(place).context("there is no such case")?;
    // What is asked of the machine only once, and what is allocated only once.
    let warm = case.run();
    let tally = case.counted();
    ensure!(warm == tally, "two runs see different frames");
    println!("{}", tally.frames);
    Ok(())
}

/// Counts the cases of a work, prints them, and puts those of ours into `counts`; what it is called.
fn count(work: Work, all: bool, budget: &Counts, counts: &mut Counts) -> Result<&'static str> {
    let group = work.group(INPUT_BYTES);
    println!("{}: {}", group.work, group.title);
    println!("  {:<34} {:<11} {:>12} {:>12}", "case", "kind", "a frame", "budget");
    let wanted = |case: &Case<'_>| match case.kind {
        Kind::Ours => true,
        // It tells no frames apart.
        Kind::Floor => false,
        _ => all,
    };
    for (place, case) in group.cases.iter().enumerate().filter(|(_, case)| wanted(case)) {
        let each = instructions(work, place)?;
        let name = (group.work.to_owned(), case.name.to_owned());
        let allowed = budget.get(&name).map_or("-".to_owned(), |budget| format!("{budget:.1}"));
        let kind = format!("{:?}", case.kind).to_lowercase();
        println!("  {:<34} {kind:<11} {each:>12.1} {allowed:>12}", case.name);
        if case.kind == Kind::Ours {
            if budget.get(&name).is_some_and(|budget| each < budget * BELOW) {
                println!("  less than 90% of its budget, which could be lowered: `-- --write`");
            }
            counts.insert(name, each);
        }
    }
    Ok(group.work)
}

/// How many instructions one frame of a case takes.
fn instructions(work: Work, place: usize) -> Result<f64> {
    let own = work.to_possible_value().context("a work that can be named")?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*Case*counted*"])
        .arg(std::env::current_exe()?)
        .args([own.get_name(), "--run", &place.to_string()])
        .output()
        .context("valgrind cannot be run: is it installed?")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed:\n{told}");
    let frames: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    let (_, collected) = collected.context("valgrind tells no count")?;
    let collected: f64 = collected.trim().parse()?;
    ensure!(collected > 0.0, "valgrind counted nothing");
    Ok(collected / frames)
}

/// What is wrong with a count.
fn judge((work, case): &Name, count: f64, budget: Option<&f64>) -> Option<String> {
    match budget {
        Some(budget) if count <= budget * OVER => None,
        Some(budget) => {
            let more = (count / budget - 1.0) * 100.0;
            Some(format!("{work}, {case}: {count:.1}, {more:.1}% over its budget of {budget:.1}"))
        }
        None => Some(format!("{work}, {case}: {count:.1}, and no budget")),
    }
}

/// The budget, a line a case; an empty one if there is no such file.
fn read(path: &Path) -> Result<Counts> {
    if !path.exists() {
        return Ok(Counts::new());
    }
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let parts: Vec<&str> = line.split('\t').collect();
        let [work, count, case] = parts[..] else { bail!("no line of a budget: {line}") };
        Ok(((work.to_owned(), case.to_owned()), count.parse().context(line.to_owned())?))
    });
    parsed.collect()
}

fn text(budget: &Counts) -> String {
    let mut text = HEADER.to_owned();
    for ((work, case), count) in budget {
        let _ = writeln!(text, "{work}\t{count:.1}\t{case}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Counts, judge, read, text};

    #[test]
    fn a_budget_is_read_as_it_is_written() {
        let name = ("W1".to_owned(), "framer, borrowed".to_owned());
        let budget = Counts::from([(name.clone(), 12.3)]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text(&budget)).unwrap();
        assert_eq!(read(file.path()).unwrap(), budget);
        assert_eq!(judge(&name, 12.9, budget.get(&name)), None);
        let over = "W1, framer, borrowed: 13.0, 5.7% over its budget of 12.3";
        assert_eq!(judge(&name, 13.0, budget.get(&name)).as_deref(), Some(over));
        assert_eq!(
            judge(&name, 13.0, None).as_deref(),
            Some("W1, framer, borrowed: 13.0, and no budget")
        );
    }
}
