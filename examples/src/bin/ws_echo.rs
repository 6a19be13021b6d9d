//! A WebSocket server that says what it is told.

use clap::Parser;
use framer_examples::listen::{Listen, listen};
use framer_examples::websocket::session;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Listen { listen: address } = Listen::parse();
    listen("ws_echo", address, session).await?;
    Ok(())
}
