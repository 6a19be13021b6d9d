//! The crates: the same messages in each way.
//!
//! Each type has a limit of its own, so that no two functions are the same, and none of them is put into others: who
//! builds for release would leave out what is.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;

/// How the messages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// By `framer!`.
    Macro,
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
            Way::Derive => "#[derive(Frame)]",
            Way::Binrw => "binrw",
            Way::Deku => "deku",
            Way::Zerocopy => "zerocopy",
            Way::Winnow => "winnow",
        }
    }

    /// What it depends on, in the versions that the other benchmarks have.
    pub(crate) fn manifest(self, workspace: &Path) -> String {
        let runtime = workspace.join("framer-runtime");
        let dependency = match self {
            Way::Macro | Way::Derive => {
                format!("framer-runtime = {{ path = {:?} }}", runtime.display().to_string())
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
        let mut text = self.head().to_owned();
        let mut functions = String::new();
        for number in 0..types {
            let number = number.to_string();
            text += &self.message().replace("@", &number);
            functions += &self.functions().replace("@", &number);
        }
        if self == Way::Macro {
            text += "}\n";
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{functions}");
        text
    }

    const fn head(self) -> &'static str {
        match self {
            Way::Macro => "use framer_runtime::frame::Frame;\nframer_runtime::framer! {\n",
            Way::Derive => "use framer_runtime::Frame;\n",
            Way::Binrw => "use binrw::{BinRead, BinWrite, binrw};\nuse std::io::Cursor;\n",
            Way::Deku => {
                "use deku::{DekuContainerRead, DekuContainerWrite, DekuRead, DekuUpdate, DekuWrite};\n"
            }
            Way::Zerocopy => {
                "use zerocopy::byteorder::big_endian::{U16, U32, U64};\n\
                 use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};\n"
            }
            Way::Winnow => {
                "use winnow::Parser;\nuse winnow::binary::{be_u16, be_u32, be_u64, length_take, u8};\n\
                 type Wrong = winnow::error::EmptyError;\n"
            }
        }
    }

    /// A type; `@` is its number.
    const fn message(self) -> &'static str {
        match self {
            Way::Macro => {
                "frame Message@ {\n    kind: u8,\n    flags: u16,\n    id: u32,\n    time: u64,\n    \
                 size: u16 in ..=1@ = len(data),\n    data: bytes [size],\n}\n"
            }
            Way::Derive => {
                "#[derive(Frame)]\npub struct Message@<'a> {\n    pub kind: u8,\n    pub flags: u16,\n    \
                 pub id: u32,\n    pub time: u64,\n    \
                 #[frame(before(size: u16 in ..=1@ = len(data)))]\n    #[frame(bytes [size])]\n    \
                 pub data: &'a [u8],\n}\n"
            }
            Way::Binrw => {
                "#[binrw]\n#[brw(big)]\npub struct Message@ {\n    pub kind: u8,\n    pub flags: u16,\n    \
                 pub id: u32,\n    pub time: u64,\n    #[br(temp, assert(size <= 1@))]\n    \
                 #[bw(calc = data.len() as u16)]\n    size: u16,\n    #[br(count = size)]\n    \
                 pub data: Vec<u8>,\n}\n"
            }
            Way::Deku => {
                "#[derive(DekuRead, DekuWrite)]\n#[deku(endian = \"big\")]\npub struct Message@ {\n    \
                 pub kind: u8,\n    pub flags: u16,\n    pub id: u32,\n    pub time: u64,\n    \
                 #[deku(update = \"self.data.len()\", assert = \"*size <= 1@\")]\n    size: u16,\n    \
                 #[deku(count = \"size\")]\n    pub data: Vec<u8>,\n}\n"
            }
            Way::Zerocopy => {
                "#[derive(FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]\n#[repr(C)]\n\
                 pub struct Message@ {\n    pub kind: u8,\n    pub flags: U16,\n    pub id: U32,\n    \
                 pub time: U64,\n    pub size: U16,\n}\n"
            }
            Way::Winnow => {
                "pub struct Message@<'a> {\n    pub kind: u8,\n    pub flags: u16,\n    pub id: u32,\n    \
                 pub time: u64,\n    pub data: &'a [u8],\n}\n"
            }
        }
    }

    /// What decodes and encodes a type.
    const fn functions(self) -> &'static str {
        match self {
            Way::Macro | Way::Derive => {
                "#[inline(never)]\n\
                 pub fn decode@(bytes: &[u8]) -> Option<Message@<'_>> {\n    \
                 Message@::decode(bytes).ok()\n}\n\
                 #[inline(never)]\n\
                 pub fn encode@(message: &Message@<'_>, out: &mut Vec<u8>) -> bool {\n    \
                 message.encode(out).is_ok()\n}\n"
            }
            Way::Binrw => {
                "#[inline(never)]\n\
                 pub fn decode@(bytes: &[u8]) -> Option<Message@> {\n    \
                 Message@::read(&mut Cursor::new(bytes)).ok()\n}\n\
                 #[inline(never)]\n\
                 pub fn encode@(message: &Message@, out: &mut Vec<u8>) -> bool {\n    \
                 message.write(&mut Cursor::new(out)).is_ok()\n}\n"
            }
            Way::Deku => {
                "#[inline(never)]\n\
                 pub fn decode@(bytes: &[u8]) -> Option<Message@> {\n    \
                 Some(Message@::from_bytes((bytes, 0)).ok()?.1)\n}\n\
                 #[inline(never)]\n\
                 pub fn encode@(message: &mut Message@, out: &mut Vec<u8>) -> bool {\n    \
                 let Ok(bytes) = message.to_bytes() else { return false };\n    \
                 out.extend_from_slice(&bytes);\n    true\n}\n"
            }
            Way::Zerocopy => {
                "#[inline(never)]\n\
                 pub fn decode@(bytes: &[u8]) -> Option<(&Message@, &[u8])> {\n    \
                 let (message, rest) = Message@::ref_from_prefix(bytes).ok()?;\n    \
                 let size = usize::from(message.size.get());\n    \
                 (size <= 1@ && rest.len() == size).then_some((message, rest))\n}\n\
                 #[inline(never)]\n\
                 pub fn encode@(message: &Message@, data: &[u8], out: &mut Vec<u8>) -> bool {\n    \
                 if usize::from(message.size.get()) != data.len() || data.len() > 1@ {\n        \
                 return false;\n    }\n    out.extend_from_slice(message.as_bytes());\n    \
                 out.extend_from_slice(data);\n    true\n}\n"
            }
            Way::Winnow => {
                "#[inline(never)]\n\
                 pub fn decode@(mut bytes: &[u8]) -> Option<Message@<'_>> {\n    \
                 let size = be_u16::<_, Wrong>.verify(|size| *size <= 1@);\n    \
                 let message = (u8, be_u16, be_u32, be_u64, length_take(size)).map(\n        \
                 |(kind, flags, id, time, data)| Message@ { kind, flags, id, time, data },\n    );\n    \
                 let mut message = (message, winnow::combinator::eof).map(|(message, _)| message);\n    \
                 message.parse_next(&mut bytes).ok()\n}\n\
                 #[inline(never)]\n\
                 pub fn encode@(message: &Message@<'_>, out: &mut Vec<u8>) -> bool {\n    \
                 if message.data.len() > 1@ {\n        return false;\n    }\n    \
                 out.push(message.kind);\n    out.extend_from_slice(&message.flags.to_be_bytes());\n    \
                 out.extend_from_slice(&message.id.to_be_bytes());\n    \
                 out.extend_from_slice(&message.time.to_be_bytes());\n    \
                 out.extend_from_slice(&(message.data.len() as u16).to_be_bytes());\n    \
                 out.extend_from_slice(message.data);\n    true\n}\n"
            }
        }
    }
}
