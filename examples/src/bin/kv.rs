//! A store in memory for clients of Redis.

use std::sync::{Arc, Mutex};

use clap::Parser;
use framer_examples::kv::{Store, session};
use framer_examples::listen::{Listen, listen};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let store = Arc::new(Mutex::new(Store::default()));
    let Listen { listen: address } = Listen::parse();
    listen("kv", address, move |stream| session(stream, Arc::clone(&store))).await?;
    Ok(())
}
