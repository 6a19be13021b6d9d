//! Builds a crate, and looks at what came of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, SectionKind};
use tempfile::TempDir;

use crate::crates::Way;

/// How long something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// As the clock on the wall says.
    pub(crate) seconds: f64,
    /// Of the processors, by cargo and all that it ran.
    pub(crate) cpu_seconds: f64,
}

/// A crate of one way, whose types change.
pub(crate) struct Project {
    way: Way,
    directory: TempDir,
}

impl Project {
    /// Writes it, and fetches what it depends on.
    pub(crate) fn new(way: Way) -> Result<Project> {
        let directory = tempfile::tempdir()?;
        let project = Project { way, directory };
        fs::create_dir(project.path("src"))?;
        fs::write(project.path("Cargo.toml"), way.manifest(&workspace()?))?;
        fs::copy(workspace()?.join("Cargo.lock"), project.path("Cargo.lock"))?;
        project.write(1)?;
        project.cargo(&["fetch"], "clean")?;
        Ok(project)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, types: u32) -> Result<()> {
        Ok(fs::write(self.path("src/lib.rs"), self.way.source(types))?)
    }

    /// Runs cargo as a user would, whatever this one was run with.
    fn cargo(&self, arguments: &[&str], target: &str) -> Result<Took> {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(self.directory.path());
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            if shown.starts_with("CARGO_PROFILE_") || shown.ends_with("RUSTFLAGS") {
                command.env_remove(&name);
            }
        }
        // What is built before would help what is built next.
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", self.path(target));
        let (begun, before) = (Instant::now(), children_cpu_seconds()?);
        let output = command.output().context("cargo cannot be run")?;
        let seconds = begun.elapsed().as_secs_f64();
        let cpu_seconds = children_cpu_seconds()? - before;
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {told}", self.way.name());
        Ok(Took { seconds, cpu_seconds })
    }

    /// A debug build of everything.
    pub(crate) fn clean(&self, types: u32) -> Result<Took> {
        self.write(types)?;
        remove(&self.path("clean"))?;
        self.cargo(&["build", "--offline"], "clean")
    }

    /// The same of the crate alone, what it depends on being there.
    pub(crate) fn alone(&self, types: u32) -> Result<Took> {
        self.write(types)?;
        self.cargo(&["clean", "--offline", "--package", "messages"], "clean")?;
        self.cargo(&["build", "--offline"], "clean")
    }

    /// How many bytes of code the crate becomes in a release build, without what it depends on.
    pub(crate) fn code(&self, types: u32) -> Result<u64> {
        self.write(types)?;
        self.cargo(&["build", "--offline", "--release"], "release")?;
        let library = fs::read(self.path("release/release/libmessages.rlib"))?;
        let mut bytes = 0;
        for member in ArchiveFile::parse(&*library)?.members() {
            let member = member?;
            if !member.name().ends_with(b".o") {
                continue;
            }
            let file = object::File::parse(member.data(&*library)?)?;
            let text = file.sections().filter(|section| section.kind() == SectionKind::Text);
            bytes += text.map(|section| section.size()).sum::<u64>();
        }
        ensure!(bytes > 0, "{} becomes no code", self.way.name());
        Ok(bytes)
    }
}

/// Where the workspace is.
fn workspace() -> Result<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a workspace")?;
    Ok(directory.to_owned())
}

/// The processor time of all that this process has run and waited for.
fn children_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, behind) = stat.rsplit_once(") ").context("its state")?;
    let ticks = behind.split(' ').skip(13).take(2).map(str::parse::<f64>);
    // Linux counts in hundredths of a second here, whatever its own clock.
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

fn remove(directory: &Path) -> Result<()> {
    match directory.exists() {
        true => Ok(fs::remove_dir_all(directory)?),
        false => Ok(()),
    }
}
