//! What the crates are made of.

/// A crate of many types.
pub(super) struct Template {
    pub(super) head: &'static str,
    /// A type; `@` is its number.
    pub(super) message: &'static str,
    /// What stands behind the types.
    pub(super) end: &'static str,
    /// What decodes and encodes a type.
    pub(super) functions: &'static str,
}

pub(super) const MACRO: Template = Template {
    head: "
use framer_runtime::frame::Frame;

framer_runtime::framer! {
",
    message: "
    frame Message@ {
        kind: u8,
        flags: u16,
        id: u32,
        time: u64,
        size: u16 in ..=1@ = len(data),
        data: bytes [size],
    }
",
    end: "
}
",
    functions: FRAMES,
};

pub(super) const BESIDE: Template = Template {
    head: "
use framer_runtime::frame::Frame;

framer_derive::framer! {
",
    ..MACRO
};

pub(super) const DERIVE: Template = Template {
    head: "
use framer_runtime::Frame;
",
    message: "
#[derive(Frame)]
pub struct Message@<'a> {
    pub kind: u8,
    pub flags: u16,
    pub id: u32,
    pub time: u64,
    #[frame(before(size: u16 in ..=1@ = len(data)))]
    #[frame(bytes [size])]
    pub data: &'a [u8],
}
",
    end: "",
    functions: FRAMES,
};

const FRAMES: &str = "
#[inline(never)]
pub fn decode@(bytes: &[u8]) -> Option<Message@<'_>> {
    Message@::decode(bytes).ok()
}

#[inline(never)]
pub fn encode@(message: &Message@<'_>, out: &mut Vec<u8>) -> bool {
    message.encode(out).is_ok()
}
";

pub(super) const BINRW: Template = Template {
    head: "
use std::io::Cursor;

use binrw::{BinRead, BinWrite, binrw};
",
    message: "
#[binrw]
#[brw(big)]
pub struct Message@ {
    pub kind: u8,
    pub flags: u16,
    pub id: u32,
    pub time: u64,
    #[br(temp, assert(size <= 1@))]
    #[bw(calc = data.len() as u16)]
    size: u16,
    #[br(count = size)]
    pub data: Vec<u8>,
}
",
    end: "",
    functions: "
#[inline(never)]
pub fn decode@(bytes: &[u8]) -> Option<Message@> {
    Message@::read(&mut Cursor::new(bytes)).ok()
}

#[inline(never)]
pub fn encode@(message: &Message@, out: &mut Vec<u8>) -> bool {
    message.write(&mut Cursor::new(out)).is_ok()
}
",
};

pub(super) const DEKU: Template = Template {
    head: "
use deku::{DekuContainerRead, DekuContainerWrite, DekuRead, DekuWrite};
",
    message: r#"
#[derive(DekuRead, DekuWrite)]
#[deku(endian = "big")]
pub struct Message@ {
    pub kind: u8,
    pub flags: u16,
    pub id: u32,
    pub time: u64,
    #[deku(update = "self.data.len()", assert = "*size <= 1@")]
    size: u16,
    #[deku(count = "size")]
    pub data: Vec<u8>,
}
"#,
    end: "",
    functions: "
#[inline(never)]
pub fn decode@(bytes: &[u8]) -> Option<Message@> {
    Some(Message@::from_bytes((bytes, 0)).ok()?.1)
}

#[inline(never)]
pub fn encode@(message: &Message@, out: &mut Vec<u8>) -> bool {
    let Ok(bytes) = message.to_bytes() else { return false };
    out.extend_from_slice(&bytes);
    true
}
",
};

pub(super) const ZEROCOPY: Template = Template {
    head: "
use zerocopy::byteorder::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};
",
    message: "
#[derive(FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Message@ {
    pub kind: u8,
    pub flags: U16,
    pub id: U32,
    pub time: U64,
    pub size: U16,
}
",
    end: "",
    functions: "
#[inline(never)]
pub fn decode@(bytes: &[u8]) -> Option<(&Message@, &[u8])> {
    let (message, rest) = Message@::ref_from_prefix(bytes).ok()?;
    let size = usize::from(message.size.get());
    (size <= 1@ && rest.len() == size).then_some((message, rest))
}

#[inline(never)]
pub fn encode@(message: &Message@, data: &[u8], out: &mut Vec<u8>) -> bool {
    if usize::from(message.size.get()) != data.len() || data.len() > 1@ {
        return false;
    }
    out.extend_from_slice(message.as_bytes());
    out.extend_from_slice(data);
    true
}
",
};

pub(super) const WINNOW: Template = Template {
    head: "
use winnow::Parser;
use winnow::binary::{be_u16, be_u32, be_u64, length_take, u8};
use winnow::combinator::eof;
use winnow::error::EmptyError;
",
    message: "
pub struct Message@<'a> {
    pub kind: u8,
    pub flags: u16,
    pub id: u32,
    pub time: u64,
    pub data: &'a [u8],
}
",
    end: "",
    functions: "
#[inline(never)]
pub fn decode@(mut bytes: &[u8]) -> Option<Message@<'_>> {
    let size = be_u16::<_, EmptyError>.verify(|size| *size <= 1@);
    let message = (u8, be_u16, be_u32, be_u64, length_take(size))
        .map(|(kind, flags, id, time, data)| Message@ { kind, flags, id, time, data });
    (message, eof).map(|(message, _)| message).parse_next(&mut bytes).ok()
}

#[inline(never)]
pub fn encode@(message: &Message@<'_>, out: &mut Vec<u8>) -> bool {
    if message.data.len() > 1@ {
        return false;
    }
    out.push(message.kind);
    out.extend_from_slice(&message.flags.to_be_bytes());
    out.extend_from_slice(&message.id.to_be_bytes());
    out.extend_from_slice(&message.time.to_be_bytes());
    out.extend_from_slice(&(message.data.len() as u16).to_be_bytes());
    out.extend_from_slice(message.data);
    true
}
",
};
