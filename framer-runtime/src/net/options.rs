//! What the query of a URL asks for.

use std::borrow::{Cow, ToOwned};
use std::collections::BTreeMap;
use std::format;
use std::io;
use std::str::FromStr;
use std::string::String;

use url::Url;

use super::invalid;

/// The options in the query of a URL, `?nodelay=false&backlog=64`. Each must be known, and stand
/// there once.
///
/// ```
/// use framer_runtime::net::Options;
///
/// let url = url::Url::parse("tcp://[::1]:25?backlog=64").unwrap();
/// let mut options = Options::of(&url)?;
/// assert_eq!(options.take("backlog")?, Some(64));
/// assert_eq!(options.take::<bool>("nodelay")?, None);
/// options.none_left()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    url: String,
    left: BTreeMap<String, String>,
}

impl Options {
    /// Those of `url`.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`], where one stands there twice.
    pub fn of(url: &Url) -> io::Result<Options> {
        let mut options = Options { url: url.as_str().to_owned(), left: BTreeMap::new() };
        for (name, value) in url.query_pairs() {
            if options.left.insert(name.clone().into_owned(), Cow::into_owned(value)).is_some() {
                return Err(options.error(&name, "it stands there twice"));
            }
        }
        Ok(options)
    }

    /// Takes the option called `name`, if it is there.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`], where its value is none of the type.
    pub fn take<T: FromStr>(&mut self, name: &str) -> io::Result<Option<T>> {
        let Some(value) = self.left.remove(name) else { return Ok(None) };
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(self.error(name, &format!("`{value}` is no value of it"))),
        }
    }

    /// Whatever was not taken is not known.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`], where there is any.
    pub fn none_left(&self) -> io::Result<()> {
        match self.left.keys().next() {
            Some(name) => Err(self.error(name, "it is not known here")),
            None => Ok(()),
        }
    }

    fn error(&self, name: &str, reason: &str) -> io::Error {
        invalid(format!("`{}`: option `{name}`: {reason}", self.url))
    }
}
