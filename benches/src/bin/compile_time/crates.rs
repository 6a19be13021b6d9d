//! The crates: the same messages in each way.
//!
//! Each type has a limit of its own, so that no two functions are the same, and none of them is put
//! into others: who builds for release would leave out what is.

mod templates;

use std::path::Path;

use clap::ValueEnum;

use templates::Template;

/// How the messages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// By `framer!`.
    Macro,
    /// The same, where the macros and the runtime do not wait for each other.
    Beside,
    /// By `#[derive(Frame)]`.
    Derive,
    Binrw,
    Deku,
    /// What has a fixed length as a struct in place, the rest by hand.
    Zerocopy,
    /// A function of parsers for each, and what writes it by hand.
    Winnow,
}

impl Way {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Way::Macro => "framer!",
            Way::Beside => "framer!, of framer-derive",
            Way::Derive => "#[derive(Frame)]",
            Way::Binrw => "binrw",
            Way::Deku => "deku",
            Way::Zerocopy => "zerocopy",
            Way::Winnow => "winnow",
        }
    }

    /// What it depends on, in the versions that the other benchmarks have.
    pub(crate) fn manifest(self, workspace: &Path) -> String {
        let ours = |name: &str, features: &str| {
            let path = workspace.join(name).display().to_string();
            format!("{name} = {{ path = {path:?}{features} }}")
        };
        let dependency = match self {
            Way::Macro | Way::Derive => ours("framer-runtime", ""),
            Way::Beside => {
                let only_std = ", default-features = false, features = [\"std\"]";
                [ours("framer-derive", ""), ours("framer-runtime", only_std)].join("\n")
            }
            Way::Binrw => "binrw = \"=0.15.2\"".to_owned(),
            Way::Deku => "deku = \"=0.20.3\"".to_owned(),
            Way::Zerocopy => {
                "zerocopy = { version = \"=0.8.63\", features = [\"derive\"] }".to_owned()
            }
            Way::Winnow => "winnow = \"=0.7.13\"".to_owned(),
        };
        format!(
            "[package]\nname = \"messages\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependency}\n\n[workspace]\n"
        )
    }

    /// The crate, with so many types.
    pub(crate) fn source(self, types: u32) -> String {
        let Template { head, message, end, functions } = self.template();
        let each = |text: &str| -> String {
            (0..types).map(|number| text.replace('@', &number.to_string())).collect()
        };
        [head, &*each(message), end, &*each(functions)].concat()
    }

    const fn template(self) -> &'static Template {
        match self {
            Way::Macro => &templates::MACRO,
            Way::Beside => &templates::BESIDE,
            Way::Derive => &templates::DERIVE,
            Way::Binrw => &templates::BINRW,
            Way::Deku => &templates::DEKU,
            Way::Zerocopy => &templates::ZEROCOPY,
            Way::Winnow => &templates::WINNOW,
        }
    }
}
