//! A web server: the files of a directory, and whatever is sent to it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use framer_examples::http::session;
use framer_examples::listen::listen;

/// Serves files, and gives back what is posted.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one, which is printed
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The directory whose files are served; without one there is a greeting at `/`
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen: address, root } = Arguments::parse();
    let real = |root: PathBuf| root.canonicalize().with_context(|| root.display().to_string());
    let root = root.map(real).transpose()?;
    let root: Option<Arc<Path>> = root.map(Arc::from);
    listen("httpd", address, move |stream| session(stream, root.clone())).await?;
    Ok(())
}
