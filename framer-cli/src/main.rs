//! The `framer` command: checks `.frame` descriptions, and shows what they mean.
//!
//! One file of `commands` is one command: its arguments, and what it does with them. What it finds
//! wrong with a description is a finding, and exit status 1; what it cannot read, write or
//! understand of the command line is misuse, and exit status 2.

#![forbid(unsafe_code)]

mod capture;
mod commands;
mod description;
mod doc;
mod error;
mod findings;
mod graph;
mod limits;
mod proxy;
mod wire;
mod words;
mod written;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Checks descriptions of protocols, and shows what they mean
#[derive(Debug, Parser)]
#[command(name = "framer", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    #[command(subcommand)]
    command: Command,
}

/// What a command that could do its work has to say of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Nothing is wrong with it.
    #[default]
    Clean,
    /// Something is, and was told.
    Findings,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Clean => ExitCode::SUCCESS,
            Outcome::Findings => ExitCode::from(1),
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.write_global();
    match cli.command.run() {
        Ok(outcome) => outcome.into(),
        // Who reads the output has seen enough of it.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error.tell();
            ExitCode::from(2)
        }
    }
}
