//! A description that takes frames of others.

/// By its path.
pub mod by_path {
    framer_runtime::framer!("imports.frame");
}

/// By the build script.
pub mod built {
    include!(concat!(env!("OUT_DIR"), "/imports.rs"));
}

/// Inside the macro, where paths are relative to the `Cargo.toml` of the crate.
pub mod inline {
    framer_runtime::framer! {
        import "../protocols/framers.frame" { Slip };
        /// Two of them.
        frame Sealed { kind: u8 = 7, sum: u8 = lrc8(data), data: bytes [4] }
        import "../protocols/modbus.frame" { lrc8 };
    }
}
