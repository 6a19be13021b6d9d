//! What the programs are made of.
//!
//! The protocols are in `protocols/*.frame`; here is only what a mail server, a mail client or a store
//! do with it: where messages are kept, who may log in, which certificate is shown.
#![forbid(unsafe_code)]

pub mod deliver;
pub mod demo;
pub mod dns;
pub mod http;
pub mod kv;
pub mod lines;
pub mod listen;
pub mod login;
pub mod maildir;
pub mod mqtt;
pub mod proxied;
pub mod serve;
pub mod tls;
pub mod trace;
pub mod websocket;

mod session;
