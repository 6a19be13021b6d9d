//! Bytes of a file, in pieces of the sizes that were asked for.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;

use crate::description;
use crate::error::Error;

/// The sizes where none are asked for, in bytes.
const WHOLE_BYTES: usize = 1 << 16;

/// How large pieces are: one after another, and again from the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Sizes(Vec<NonZeroUsize>);

impl Sizes {
    /// All of one size, or of several in turn; as they come, where none is given.
    pub(crate) fn new(one: Option<NonZeroUsize>, several: &[NonZeroUsize]) -> Sizes {
        Sizes(one.into_iter().chain(several.iter().copied()).collect())
    }

    /// Cuts bytes that came at once.
    pub(crate) fn cut<'b>(&self, mut bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        let mut turn = 0;
        std::iter::from_fn(move || {
            let size = self.size(turn).min(bytes.len());
            turn += 1;
            let (piece, rest) = bytes.split_at(size);
            bytes = rest;
            (!piece.is_empty()).then_some(piece)
        })
    }

    fn size(&self, turn: usize) -> usize {
        match self.0.len() {
            0 => WHOLE_BYTES,
            count => self.0[turn % count].get(),
        }
    }
}

/// A file, or the standard input.
pub(crate) struct Pieces {
    name: String,
    reader: Box<dyn Read>,
    sizes: Sizes,
    turn: usize,
    /// The last piece, as far as it was read.
    piece: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
    ended: bool,
}

impl Pieces {
    /// The file at `path`; the standard input for `-`.
    pub(crate) fn open(path: &Path, sizes: Sizes) -> Result<Pieces, Error> {
        let (name, reader): (String, Box<dyn Read>) = match description::is_stdin(path) {
            true => ("<stdin>".to_owned(), Box::new(io::stdin())),
            false => {
                let path_name = path.display().to_string();
                match File::open(path) {
                    Ok(file) => (path_name, Box::new(file)),
                    Err(error) => return Err(Error::Read { path: path_name, error }),
                }
            }
        };
        let piece = Vec::new();
        Ok(Pieces { name, reader, sizes, turn: 0, piece, taken: 0, ended: false })
    }

    /// What was not taken of the piece at hand, or the next piece; nothing at the end.
    pub(crate) fn piece(&mut self) -> Result<&[u8], Error> {
        if self.taken == self.piece.len() && !self.ended {
            let size = self.sizes.size(self.turn);
            self.turn += 1;
            self.taken = 0;
            self.piece.clear();
            let limit = u64::try_from(size).unwrap_or(u64::MAX);
            let read = self.reader.by_ref().take(limit).read_to_end(&mut self.piece);
            let read = read.map_err(|error| Error::Read { path: self.name.clone(), error })?;
            self.ended = read == 0;
        }
        Ok(&self.piece[self.taken..])
    }

    /// So many bytes of the piece are taken.
    pub(crate) fn take(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.piece.len());
    }
}
