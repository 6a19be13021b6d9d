//! Writes what the targets of `fuzz` begin with: `seeds DIRECTORY` makes a directory for each.

use std::path::PathBuf;

use framer_tests::targets;

fn main() -> std::io::Result<()> {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: seeds DIRECTORY");
        std::process::exit(2);
    };
    for target in targets::ALL {
        let directory = directory.join(target.name);
        std::fs::create_dir_all(&directory)?;
        for (place, seed) in targets::seeds(target.name).iter().enumerate() {
            std::fs::write(directory.join(format!("seed-{place:04}")), seed)?;
        }
    }
    Ok(())
}
