//! Where accepted messages are kept: a maildir, one durable file for each.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt, BufWriter};

/// How much of a message is gathered before it is written, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// When a file in `tmp` that nobody has written to is nobody's any more, as maildirs have it.
const ABANDONED: Duration = Duration::from_secs(36 * 60 * 60);

/// A directory with `tmp`, `new` and `cur`.
#[derive(Clone, Debug)]
pub struct Maildir {
    root: Arc<Path>,
    count: Arc<AtomicU64>,
}

impl Maildir {
    /// Opens the maildir at `root`, and makes it where there is none. Messages that were broken off
    /// by the end of a process, 36 hours ago or longer, are removed from it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Maildir> {
        let root = root.into();
        for name in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(root.join(name))?;
        }
        for entry in std::fs::read_dir(root.join("tmp"))? {
            let entry = entry?;
            // Who shares the maildir may have been quicker.
            let written = entry.metadata().and_then(|file| file.modified());
            if written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= ABANDONED)) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok(Maildir { root: root.into(), count: Arc::default() })
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a message, in `tmp`.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn begin(&self) -> io::Result<Draft> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = name(now, number);
        let path = self.root.join("tmp").join(&name);
        let mut file = File::create_new(&path).await?;
        file.set_max_buf_size(BUFFER_BYTES);
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Draft { root: Arc::clone(&self.root), name, file: Some(file) })
    }
}

/// The name of the message that is begun at `now`, since the epoch. Names that differ in their
/// time sort by it.
fn name(now: Duration, number: u64) -> String {
    let (secs, micros, process) = (now.as_secs(), now.subsec_micros(), std::process::id());
    format!("{secs}.M{micros:06}P{process}Q{number}.localhost")
}

/// A message that is not complete yet; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    root: Arc<Path>,
    name: String,
    file: Option<BufWriter<File>>,
}

impl Draft {
    /// Writes the next part of the message.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn write(&mut self, part: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(part).await,
            None => Ok(()),
        }
    }

    /// Moves the message to `new`, after which no crash can lose it.
    ///
    /// # Errors
    /// What the file system says; then the message is not there.
    pub async fn keep(mut self) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
            file.get_ref().sync_all().await?;
        }
        let new = self.root.join("new");
        let kept = new.join(&self.name);
        fs::rename(self.path(), &kept).await?;
        // The name is durable once its directory is.
        let durable = async { File::open(new).await?.sync_all().await }.await;
        if durable.is_err() {
            // Whoever is told that it is not kept sends it again.
            let _ = fs::remove_file(kept).await;
        }
        durable
    }

    fn path(&self) -> PathBuf {
        self.root.join("tmp").join(&self.name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Kept, the file has gone from here; otherwise what remains in `tmp` is of no use.
        let _ = std::fs::remove_file(self.path());
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, read_dir};
    use std::time::{Duration, SystemTime};

    use super::{ABANDONED, Maildir, name};

    #[test]
    fn what_was_broken_off_long_ago_is_removed() {
        let directory = tempfile::tempdir().expect("a directory");
        Maildir::open(directory.path()).expect("a maildir");
        let minute = Duration::from_secs(60);
        for (name, age) in [("old", ABANDONED + minute), ("young", ABANDONED - minute)] {
            let file = File::create(directory.path().join("tmp").join(name)).expect("a file");
            file.set_modified(SystemTime::now() - age).expect("its time");
        }
        Maildir::open(directory.path()).expect("a maildir");
        let left = read_dir(directory.path().join("tmp")).expect("it is there");
        let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(left, ["young"]);
    }

    #[test]
    fn names_sort_by_time() {
        let names = [9_999, 10_000, 999_999].map(|micros| {
            name(Duration::new(1_795_256_069, micros * 1_000), 100_000 - u64::from(micros) / 10)
        });
        assert!(names.is_sorted(), "{names:?}");
        assert!(names[0].starts_with("1795256069.M009999P"), "{names:?}");
    }
}
