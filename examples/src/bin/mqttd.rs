//! A small MQTT broker.

use std::sync::{Arc, Mutex};

use clap::Parser;
use framer_examples::listen::{Listen, listen};
use framer_examples::mqtt::{Broker, session};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let broker = Arc::new(Mutex::new(Broker::default()));
    let Listen { listen: address } = Listen::parse();
    listen("mqttd", address, move |stream| session(stream, Arc::clone(&broker))).await?;
    Ok(())
}
