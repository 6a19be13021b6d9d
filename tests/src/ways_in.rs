//! SMTP in the three ways a description can be compiled.
//!
//! [`built`] is also what clippy and rustdoc see of generated code: clippy does not look into
//! macros, but into the file that the build script writes, which is the golden file.

/// What the build script has written.
pub const BUILT: &str = include_str!(concat!(env!("OUT_DIR"), "/smtp.rs"));

/// By the path of the description.
pub mod by_path {
    framer_runtime::framer!("../protocols/smtp.frame");
}

/// The description inside the macro.
pub mod inline {
    include!(concat!(env!("OUT_DIR"), "/inline.rs"));
}

/// By the build script.
pub mod built {
    include!(concat!(env!("OUT_DIR"), "/smtp.rs"));
}
