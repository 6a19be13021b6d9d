//! What real peers said is told the same, however the bytes are cut.

mod recorded;

use std::process::Command;

use recorded::{conversations, root};

#[test]
fn recorded_conversations_are_told_the_same_in_every_cut() {
    let mut count = 0;
    for protocol in ["smtp", "pop3", "http1", "memcached", "nats", "resp"] {
        for (name, sides) in conversations(protocol) {
            let directory = tempfile::tempdir().expect("a directory");
            let files = ["client", "server"].map(|name| directory.path().join(name));
            for (file, bytes) in files.iter().zip(&sides) {
                std::fs::write(file, bytes).expect("the file is written");
            }
            let told = |cut: &[&str]| {
                let output = Command::new(env!("CARGO_BIN_EXE_framer"))
                    .arg("decode")
                    .arg(root(&format!("protocols/{protocol}.frame")))
                    .args(["--json", "--client"])
                    .arg(&files[0])
                    .arg("--server")
                    .arg(&files[1])
                    .args(cut)
                    .output();
                String::from_utf8(output.expect("the command runs").stdout).expect("a text")
            };
            let whole = told(&[]);
            assert!(!whole.contains("\"violation\""), "{name}: {whole}");
            assert!(whole.lines().count() > 2, "{name}: {whole}");
            for cut in [&["--chunk", "1"][..], &["--chunk", "7"], &["--chunks", "3,1,7"]] {
                assert_eq!(told(cut), whole, "{name} {cut:?}");
            }
            count += 1;
        }
    }
    assert!(count > 10, "{count} conversations");
}
