/// Simple Mail Transfer Protocol: RFC 5321 with PIPELINING (RFC 2920), SIZE (1870),
/// 8BITMIME (6152), CHUNKING (3030), STARTTLS (3207), ENHANCEDSTATUSCODES (2034),
/// AUTH (4954) and SMTPUTF8 (6531).
pub mod smtp {
    use ::framer_runtime::frame::{Decode as _, Frame as _};
    use ::framer_runtime as rt;
    /// The only line ending. A CR or LF of its own is a violation (RFC 5321 section 2.3.8), so no
    /// peer can end a message for one reader and not for the next.
    pub static CRLF: rt::scan::Delimiter = rt::scan::Delimiter::new(b"\r\n", false);
    /// The class `alnum`.
    pub static ALNUM: rt::class::Class = rt::class::Class::new(
        "alnum",
        [0x03ff000000000000, 0x07fffffe07fffffe, 0x0000000000000000, 0x0000000000000000],
    );
    /// What RFC 5321 section 4.1.2 allows in a domain or an address literal, and U-labels.
    pub static DOMAIN_CHAR: rt::class::Class = rt::class::Class::new(
        "domain_char",
        [0x07ff600000000000, 0x07fffffeaffffffe, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// Dot-string of a local part (RFC 5321 section 4.1.2), with UTF-8 (RFC 6531 section 3.3).
    pub static DOT_ATOM: rt::class::Class = rt::class::Class::new(
        "dot_atom",
        [0xa3ffecfa00000000, 0x7fffffffc7fffffe, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// The class `quoted`.
    pub static QUOTED: rt::class::Class = rt::class::Class::new(
        "quoted",
        [0xfffffffb00000000, 0x7fffffffefffffff, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// The class `printable`.
    pub static PRINTABLE: rt::class::Class = rt::class::Class::new(
        "printable",
        [0xffffffff00000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// The class `text_char`.
    pub static TEXT_CHAR: rt::class::Class = rt::class::Class::new(
        "text_char",
        [0xffffffff00000200, 0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// A source route (RFC 5321 section 4.1.2, `A-d-l`), which ends at the first colon.
    pub static ROUTE_CHAR: rt::class::Class = rt::class::Class::new(
        "route_char",
        [0x03ff700000000000, 0x07fffffeafffffff, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// The class `parameter_char`.
    pub static PARAMETER_CHAR: rt::class::Class = rt::class::Class::new(
        "parameter_char",
        [0xdffffffe00000000, 0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff],
    );
    /// The class `keyword`.
    pub static KEYWORD: rt::class::Class = rt::class::Class::new(
        "keyword",
        [0x03ff200000000000, 0x07fffffe07fffffe, 0x0000000000000000, 0x0000000000000000],
    );
    /// The class `mechanism_char`.
    pub static MECHANISM_CHAR: rt::class::Class = rt::class::Class::new(
        "mechanism_char",
        [0x03ff200000000000, 0x07fffffe87fffffe, 0x0000000000000000, 0x0000000000000000],
    );
    /// The class `xtext`.
    pub static XTEXT: rt::class::Class = rt::class::Class::new(
        "xtext",
        [0xdffffffe00000000, 0x7fffffffffffffff, 0x0000000000000000, 0x0000000000000000],
    );
    /// The class `base64`.
    pub static BASE64: rt::class::Class = rt::class::Class::new(
        "base64",
        [0x23ff880000000000, 0x07fffffe07fffffe, 0x0000000000000000, 0x0000000000000000],
    );
    /// Transparency (RFC 5321 section 4.5.2).
    pub static DOT_STUFFING: rt::transform::Escapes = rt::transform::Escapes::new(
        true,
        &CRLF,
        &[
            rt::transform::Token::both(b".", b".."),
            rt::transform::Token::decode(b"", b"."),
            rt::transform::Token::end(b".\r\n"),
        ],
    );
    /// What a client says between messages: one line (RFC 5321 section 4.1).
    ///
    /// 12,288 octets hold the longest initial response of RFC 4954 section 4; other commands are
    /// limited by what they may contain.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Command<'a> {
        /// Introduces the client and asks for the extensions (RFC 5321 section 4.1.1.1).
        Ehlo(Ehlo<'a>),
        /// Introduces a client without extensions (RFC 5321 section 4.1.1.1).
        Helo(Helo<'a>),
        /// Begins a transaction (RFC 5321 section 4.1.1.2).
        Mail(Mail<'a>),
        /// Names one recipient (RFC 5321 section 4.1.1.3).
        Rcpt(Rcpt<'a>),
        /// Asks to send the message (RFC 5321 section 4.1.1.4).
        Data(Data),
        /// Announces a chunk of the message, which follows at once (RFC 3030 section 2).
        Bdat(Bdat),
        /// Asks to go on under TLS (RFC 3207 section 4).
        StartTls(StartTls),
        /// Begins an authentication (RFC 4954 section 4).
        Auth(Auth<'a>),
        /// Gives up the transaction (RFC 5321 section 4.1.1.5).
        Rset(Rset),
        /// Does nothing (RFC 5321 section 4.1.1.9).
        Noop(Noop<'a>),
        /// Ends the session (RFC 5321 section 4.1.1.10).
        Quit(Quit),
        /// Asks whether a mailbox exists (RFC 5321 section 4.1.1.6).
        Vrfy(Vrfy<'a>),
        /// Asks for the members of a list (RFC 5321 section 4.1.1.7).
        Expn(Expn<'a>),
        /// Asks for help (RFC 5321 section 4.1.1.8).
        Help(Help<'a>),
        /// Any other line: `500` is the answer (RFC 5321 section 4.2.4).
        Unknown(Unknown<'a>),
    }
    impl<'a> ::core::convert::From<Ehlo<'a>> for Command<'a> {
        fn from(frame: Ehlo<'a>) -> Self {
            Command::Ehlo(frame)
        }
    }
    impl<'a> ::core::convert::From<Helo<'a>> for Command<'a> {
        fn from(frame: Helo<'a>) -> Self {
            Command::Helo(frame)
        }
    }
    impl<'a> ::core::convert::From<Mail<'a>> for Command<'a> {
        fn from(frame: Mail<'a>) -> Self {
            Command::Mail(frame)
        }
    }
    impl<'a> ::core::convert::From<Rcpt<'a>> for Command<'a> {
        fn from(frame: Rcpt<'a>) -> Self {
            Command::Rcpt(frame)
        }
    }
    impl<'a> ::core::convert::From<Data> for Command<'a> {
        fn from(frame: Data) -> Self {
            Command::Data(frame)
        }
    }
    impl<'a> ::core::convert::From<Bdat> for Command<'a> {
        fn from(frame: Bdat) -> Self {
            Command::Bdat(frame)
        }
    }
    impl<'a> ::core::convert::From<StartTls> for Command<'a> {
        fn from(frame: StartTls) -> Self {
            Command::StartTls(frame)
        }
    }
    impl<'a> ::core::convert::From<Auth<'a>> for Command<'a> {
        fn from(frame: Auth<'a>) -> Self {
            Command::Auth(frame)
        }
    }
    impl<'a> ::core::convert::From<Rset> for Command<'a> {
        fn from(frame: Rset) -> Self {
            Command::Rset(frame)
        }
    }
    impl<'a> ::core::convert::From<Noop<'a>> for Command<'a> {
        fn from(frame: Noop<'a>) -> Self {
            Command::Noop(frame)
        }
    }
    impl<'a> ::core::convert::From<Quit> for Command<'a> {
        fn from(frame: Quit) -> Self {
            Command::Quit(frame)
        }
    }
    impl<'a> ::core::convert::From<Vrfy<'a>> for Command<'a> {
        fn from(frame: Vrfy<'a>) -> Self {
            Command::Vrfy(frame)
        }
    }
    impl<'a> ::core::convert::From<Expn<'a>> for Command<'a> {
        fn from(frame: Expn<'a>) -> Self {
            Command::Expn(frame)
        }
    }
    impl<'a> ::core::convert::From<Help<'a>> for Command<'a> {
        fn from(frame: Help<'a>) -> Self {
            Command::Help(frame)
        }
    }
    impl<'a> ::core::convert::From<Unknown<'a>> for Command<'a> {
        fn from(frame: Unknown<'a>) -> Self {
            Command::Unknown(frame)
        }
    }
    impl Command<'_> {
        #[inline(always)]
        fn read_in_place<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Command<'a>> {
            let frame = {
                let outside = reader.open(&CRLF, 12288)?;
                let frame = match reader.rest().first() {
                    Some(b'E' | b'e') if reader.starts(b"EHLO", true, true) => {
                        Command::Ehlo(rt::frame::told("Ehlo", Ehlo::read(reader))?)
                    }
                    Some(b'H' | b'h') if reader.starts(b"HELO", true, true) => {
                        Command::Helo(rt::frame::told("Helo", Helo::read(reader))?)
                    }
                    Some(b'M' | b'm') if reader.starts(b"MAIL", true, true) => {
                        Command::Mail(rt::frame::told("Mail", Mail::read(reader))?)
                    }
                    Some(b'R' | b'r') if reader.starts(b"RCPT", true, true) => {
                        Command::Rcpt(rt::frame::told("Rcpt", Rcpt::read(reader))?)
                    }
                    Some(b'D' | b'd') if reader.starts(b"DATA", true, true) => {
                        Command::Data(rt::frame::told("Data", Data::read(reader))?)
                    }
                    Some(b'B' | b'b') if reader.starts(b"BDAT", true, true) => {
                        Command::Bdat(rt::frame::told("Bdat", Bdat::read(reader))?)
                    }
                    Some(b'S' | b's') if reader.starts(b"STARTTLS", true, true) => {
                        Command::StartTls(
                            rt::frame::told("StartTls", StartTls::read(reader))?,
                        )
                    }
                    Some(b'A' | b'a') if reader.starts(b"AUTH", true, true) => {
                        Command::Auth(rt::frame::told("Auth", Auth::read(reader))?)
                    }
                    Some(b'R' | b'r') if reader.starts(b"RSET", true, true) => {
                        Command::Rset(rt::frame::told("Rset", Rset::read(reader))?)
                    }
                    Some(b'N' | b'n') if reader.starts(b"NOOP", true, true) => {
                        Command::Noop(rt::frame::told("Noop", Noop::read(reader))?)
                    }
                    Some(b'Q' | b'q') if reader.starts(b"QUIT", true, true) => {
                        Command::Quit(rt::frame::told("Quit", Quit::read(reader))?)
                    }
                    Some(b'V' | b'v') if reader.starts(b"VRFY", true, true) => {
                        Command::Vrfy(rt::frame::told("Vrfy", Vrfy::read(reader))?)
                    }
                    Some(b'E' | b'e') if reader.starts(b"EXPN", true, true) => {
                        Command::Expn(rt::frame::told("Expn", Expn::read(reader))?)
                    }
                    Some(b'H' | b'h') if reader.starts(b"HELP", true, true) => {
                        Command::Help(rt::frame::told("Help", Help::read(reader))?)
                    }
                    _ => {
                        Command::Unknown(
                            rt::frame::told("Unknown", Unknown::read(reader))?,
                        )
                    }
                };
                reader.close(outside)?;
                frame
            };
            Ok(frame)
        }
    }
    impl rt::frame::Decode for Command<'_> {
        type View<'a> = Command<'a>;
        const NAME: &'static str = "Command";
        const FRAME: &'static str = "Command";
        const ENDS: bool = true;
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            Command::read_in_place(reader)
        }
        fn read_again<'a>(
            reader: &mut rt::read::Reader<'a, true>,
        ) -> ::core::option::Option<Self::View<'a>> {
            Command::read_in_place(reader).ok()
        }
    }
    impl rt::frame::Frame for Command<'_> {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            let opened = writer.open();
            match self {
                Command::Ehlo(frame) => {
                    rt::write::told("Ehlo", frame.write(writer))?;
                }
                Command::Helo(frame) => {
                    rt::write::told("Helo", frame.write(writer))?;
                }
                Command::Mail(frame) => {
                    rt::write::told("Mail", frame.write(writer))?;
                }
                Command::Rcpt(frame) => {
                    rt::write::told("Rcpt", frame.write(writer))?;
                }
                Command::Data(frame) => {
                    rt::write::told("Data", frame.write(writer))?;
                }
                Command::Bdat(frame) => {
                    rt::write::told("Bdat", frame.write(writer))?;
                }
                Command::StartTls(frame) => {
                    rt::write::told("StartTls", frame.write(writer))?;
                }
                Command::Auth(frame) => {
                    rt::write::told("Auth", frame.write(writer))?;
                }
                Command::Rset(frame) => {
                    rt::write::told("Rset", frame.write(writer))?;
                }
                Command::Noop(frame) => {
                    rt::write::told("Noop", frame.write(writer))?;
                }
                Command::Quit(frame) => {
                    rt::write::told("Quit", frame.write(writer))?;
                }
                Command::Vrfy(frame) => {
                    rt::write::told("Vrfy", frame.write(writer))?;
                }
                Command::Expn(frame) => {
                    rt::write::told("Expn", frame.write(writer))?;
                }
                Command::Help(frame) => {
                    rt::write::told("Help", frame.write(writer))?;
                }
                Command::Unknown(frame) => {
                    let begin = writer.mark();
                    rt::write::told("Unknown", frame.write(writer))?;
                    let written = writer.since(begin);
                    if rt::read::starts(written, b"EHLO", true, true)
                        || rt::read::starts(written, b"HELO", true, true)
                        || rt::read::starts(written, b"MAIL", true, true)
                        || rt::read::starts(written, b"RCPT", true, true)
                        || rt::read::starts(written, b"DATA", true, true)
                        || rt::read::starts(written, b"BDAT", true, true)
                        || rt::read::starts(written, b"STARTTLS", true, true)
                        || rt::read::starts(written, b"AUTH", true, true)
                        || rt::read::starts(written, b"RSET", true, true)
                        || rt::read::starts(written, b"NOOP", true, true)
                        || rt::read::starts(written, b"QUIT", true, true)
                        || rt::read::starts(written, b"VRFY", true, true)
                        || rt::read::starts(written, b"EXPN", true, true)
                        || rt::read::starts(written, b"HELP", true, true)
                    {
                        return Err(writer.fail("", rt::violation::Rule::Ambiguous));
                    }
                }
            }
            if matches!(self, Command::Unknown(_)) {
                writer.delimiter(opened, &CRLF, 12288)?;
            } else {
                writer.clean_delimiter(opened, &CRLF, 12288)?;
            }
            Ok(())
        }
    }
    /// Introduces the client and asks for the extensions (RFC 5321 section 4.1.1.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Ehlo<'a> {
        /// 1 to 255 bytes of `domain_char`.
        pub domain: &'a str,
    }
    impl<'a> Ehlo<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(domain: &'a str) -> Self {
            Ehlo { domain }
        }
    }
    impl rt::frame::Decode for Ehlo<'_> {
        type View<'a> = Ehlo<'a>;
        const NAME: &'static str = "Ehlo";
        const FRAME: &'static str = "Ehlo";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("EHLO")?;
            reader.literal_nocase(" ")?;
            let domain = reader.utf8_run(&DOMAIN_CHAR, 1, 255)?;
            Ok(Ehlo { domain })
        }
    }
    impl rt::frame::Frame for Ehlo<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Ehlo", "EHLO")?;
            writer.literal(" ");
            writer.run("domain", self.domain.as_bytes(), &DOMAIN_CHAR, 1, 255)?;
            Ok(())
        }
    }
    /// Introduces a client without extensions (RFC 5321 section 4.1.1.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Helo<'a> {
        /// 1 to 255 bytes of `domain_char`.
        pub domain: &'a str,
    }
    impl<'a> Helo<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(domain: &'a str) -> Self {
            Helo { domain }
        }
    }
    impl rt::frame::Decode for Helo<'_> {
        type View<'a> = Helo<'a>;
        const NAME: &'static str = "Helo";
        const FRAME: &'static str = "Helo";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("HELO")?;
            reader.literal_nocase(" ")?;
            let domain = reader.utf8_run(&DOMAIN_CHAR, 1, 255)?;
            Ok(Helo { domain })
        }
    }
    impl rt::frame::Frame for Helo<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Helo", "HELO")?;
            writer.literal(" ");
            writer.run("domain", self.domain.as_bytes(), &DOMAIN_CHAR, 1, 255)?;
            Ok(())
        }
    }
    /// Begins a transaction (RFC 5321 section 4.1.1.2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mail<'a> {
        /// A `ReversePath`.
        pub from: ReversePath<'a>,
        /// At most 16 of `MailParameter`.
        pub parameters: rt::list::List<'a, MailParameter<'a>>,
    }
    impl<'a> Mail<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(from: impl ::core::convert::Into<ReversePath<'a>>) -> Self {
            Mail {
                from: from.into(),
                parameters: ::core::default::Default::default(),
            }
        }
    }
    impl rt::frame::Decode for Mail<'_> {
        type View<'a> = Mail<'a>;
        const NAME: &'static str = "Mail";
        const FRAME: &'static str = "Mail";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("MAIL")?;
            reader.literal_nocase(" FROM:")?;
            let from = rt::frame::told("ReversePath", ReversePath::read(reader))?;
            let parameters = rt::list::List::read_to_end(reader, 16, |_| ())?;
            Ok(Mail { from, parameters })
        }
    }
    impl rt::frame::Frame for Mail<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Mail", "MAIL")?;
            writer.literal(" FROM:");
            rt::write::told("ReversePath", self.from.write(writer))?;
            if self.parameters.len() > 16 {
                return Err(
                    writer
                        .fail(
                            "parameters",
                            rt::violation::Rule::Count {
                                max: 16,
                            },
                        ),
                );
            }
            for element in self.parameters {
                rt::write::told("MailParameter", element.write(writer))?;
            }
            Ok(())
        }
    }
    /// Names one recipient (RFC 5321 section 4.1.1.3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rcpt<'a> {
        /// A `Path`.
        pub to: Path<'a>,
        /// At most 16 of `Parameter`.
        pub parameters: rt::list::List<'a, Parameter<'a>>,
    }
    impl<'a> Rcpt<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(to: impl ::core::convert::Into<Path<'a>>) -> Self {
            Rcpt {
                to: to.into(),
                parameters: ::core::default::Default::default(),
            }
        }
    }
    impl rt::frame::Decode for Rcpt<'_> {
        type View<'a> = Rcpt<'a>;
        const NAME: &'static str = "Rcpt";
        const FRAME: &'static str = "Rcpt";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("RCPT")?;
            reader.literal_nocase(" TO:")?;
            let to = rt::frame::told("Path", Path::read(reader))?;
            let parameters = rt::list::List::read_to_end(reader, 16, |_| ())?;
            Ok(Rcpt { to, parameters })
        }
    }
    impl rt::frame::Frame for Rcpt<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Rcpt", "RCPT")?;
            writer.literal(" TO:");
            rt::write::told("Path", self.to.write(writer))?;
            if self.parameters.len() > 16 {
                return Err(
                    writer
                        .fail(
                            "parameters",
                            rt::violation::Rule::Count {
                                max: 16,
                            },
                        ),
                );
            }
            for element in self.parameters {
                rt::write::told("Parameter", element.write(writer))?;
            }
            Ok(())
        }
    }
    /// Asks to send the message (RFC 5321 section 4.1.1.4).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Data;
    impl rt::frame::Decode for Data {
        type View<'a> = Data;
        const NAME: &'static str = "Data";
        const FRAME: &'static str = "Data";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("DATA")?;
            Ok(Data)
        }
    }
    impl rt::frame::Frame for Data {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Data", "DATA")?;
            Ok(())
        }
    }
    /// Announces a chunk of the message, which follows at once (RFC 3030 section 2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Bdat {
        /// A number, in 1 to 20 decimal digits.
        pub size: u64,
        /// Whether ` LAST` stands here.
        pub last: bool,
    }
    impl Bdat {
        /// A frame of these fields.
        #[must_use]
        pub fn new(size: u64, last: bool) -> Self {
            Bdat { size, last }
        }
    }
    impl rt::frame::Decode for Bdat {
        type View<'a> = Bdat;
        const NAME: &'static str = "Bdat";
        const FRAME: &'static str = "Bdat";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("BDAT")?;
            reader.literal_nocase(" ")?;
            let size = reader
                .decimal(
                    rt::read::Digits {
                        min: 1,
                        max: 20,
                        zeros: false,
                    },
                    0..=u64::MAX,
                )?;
            let last_ = if reader.starts(b" LAST", true, false) {
                reader.skip(5);
                true
            } else {
                false
            };
            Ok(Bdat { size, last: last_ })
        }
    }
    impl rt::frame::Frame for Bdat {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Bdat", "BDAT")?;
            writer.literal(" ");
            writer
                .decimal(
                    "size",
                    self.size,
                    rt::read::Digits {
                        min: 1,
                        max: 20,
                        zeros: false,
                    },
                    0..=u64::MAX,
                )?;
            if self.last {
                writer.literal(" LAST");
            }
            Ok(())
        }
    }
    /// Asks to go on under TLS (RFC 3207 section 4).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct StartTls;
    impl rt::frame::Decode for StartTls {
        type View<'a> = StartTls;
        const NAME: &'static str = "StartTls";
        const FRAME: &'static str = "StartTls";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("STARTTLS")?;
            Ok(StartTls)
        }
    }
    impl rt::frame::Frame for StartTls {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("StartTls", "STARTTLS")?;
            Ok(())
        }
    }
    /// Begins an authentication (RFC 4954 section 4).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Auth<'a> {
        /// 1 to 20 bytes of `mechanism_char`.
        pub mechanism: &'a str,
        /// A `InitialResponse`, if there is one.
        pub initial: ::core::option::Option<InitialResponse<'a>>,
    }
    impl<'a> Auth<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(mechanism: &'a str) -> Self {
            Auth {
                mechanism,
                initial: ::core::default::Default::default(),
            }
        }
    }
    impl rt::frame::Decode for Auth<'_> {
        type View<'a> = Auth<'a>;
        const NAME: &'static str = "Auth";
        const FRAME: &'static str = "Auth";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("AUTH")?;
            reader.literal_nocase(" ")?;
            let mechanism = reader.ascii_run(&MECHANISM_CHAR, 1, 20)?;
            let initial = if reader.starts(b" ", false, false) {
                Some(rt::frame::told("InitialResponse", InitialResponse::read(reader))?)
            } else {
                None
            };
            Ok(Auth { mechanism, initial })
        }
    }
    impl rt::frame::Frame for Auth<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Auth", "AUTH")?;
            writer.literal(" ");
            writer.ascii("mechanism", self.mechanism)?;
            writer.run("mechanism", self.mechanism.as_bytes(), &MECHANISM_CHAR, 1, 20)?;
            if let Some(frame) = &self.initial {
                rt::write::told("InitialResponse", frame.write(writer))?;
            }
            Ok(())
        }
    }
    /// Gives up the transaction (RFC 5321 section 4.1.1.5).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Rset;
    impl rt::frame::Decode for Rset {
        type View<'a> = Rset;
        const NAME: &'static str = "Rset";
        const FRAME: &'static str = "Rset";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("RSET")?;
            Ok(Rset)
        }
    }
    impl rt::frame::Frame for Rset {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Rset", "RSET")?;
            Ok(())
        }
    }
    /// Does nothing (RFC 5321 section 4.1.1.9).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Noop<'a> {
        /// A `Argument`, if there is one.
        pub argument: ::core::option::Option<Argument<'a>>,
    }
    impl rt::frame::Decode for Noop<'_> {
        type View<'a> = Noop<'a>;
        const NAME: &'static str = "Noop";
        const FRAME: &'static str = "Noop";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("NOOP")?;
            let argument = if reader.starts(b" ", false, false) {
                Some(rt::frame::told("Argument", Argument::read(reader))?)
            } else {
                None
            };
            Ok(Noop { argument })
        }
    }
    impl rt::frame::Frame for Noop<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Noop", "NOOP")?;
            if let Some(frame) = &self.argument {
                rt::write::told("Argument", frame.write(writer))?;
            }
            Ok(())
        }
    }
    /// Ends the session (RFC 5321 section 4.1.1.10).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Quit;
    impl rt::frame::Decode for Quit {
        type View<'a> = Quit;
        const NAME: &'static str = "Quit";
        const FRAME: &'static str = "Quit";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("QUIT")?;
            Ok(Quit)
        }
    }
    impl rt::frame::Frame for Quit {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Quit", "QUIT")?;
            Ok(())
        }
    }
    /// Asks whether a mailbox exists (RFC 5321 section 4.1.1.6).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Vrfy<'a> {
        /// 1 to 1000 bytes of `printable`.
        pub argument: &'a str,
    }
    impl<'a> Vrfy<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(argument: &'a str) -> Self {
            Vrfy { argument }
        }
    }
    impl rt::frame::Decode for Vrfy<'_> {
        type View<'a> = Vrfy<'a>;
        const NAME: &'static str = "Vrfy";
        const FRAME: &'static str = "Vrfy";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("VRFY")?;
            reader.literal_nocase(" ")?;
            let argument = reader.utf8_run(&PRINTABLE, 1, 1000)?;
            Ok(Vrfy { argument })
        }
    }
    impl rt::frame::Frame for Vrfy<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Vrfy", "VRFY")?;
            writer.literal(" ");
            writer.run("argument", self.argument.as_bytes(), &PRINTABLE, 1, 1000)?;
            Ok(())
        }
    }
    /// Asks for the members of a list (RFC 5321 section 4.1.1.7).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Expn<'a> {
        /// 1 to 1000 bytes of `printable`.
        pub argument: &'a str,
    }
    impl<'a> Expn<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(argument: &'a str) -> Self {
            Expn { argument }
        }
    }
    impl rt::frame::Decode for Expn<'_> {
        type View<'a> = Expn<'a>;
        const NAME: &'static str = "Expn";
        const FRAME: &'static str = "Expn";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("EXPN")?;
            reader.literal_nocase(" ")?;
            let argument = reader.utf8_run(&PRINTABLE, 1, 1000)?;
            Ok(Expn { argument })
        }
    }
    impl rt::frame::Frame for Expn<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Expn", "EXPN")?;
            writer.literal(" ");
            writer.run("argument", self.argument.as_bytes(), &PRINTABLE, 1, 1000)?;
            Ok(())
        }
    }
    /// Asks for help (RFC 5321 section 4.1.1.8).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Help<'a> {
        /// A `Argument`, if there is one.
        pub argument: ::core::option::Option<Argument<'a>>,
    }
    impl rt::frame::Decode for Help<'_> {
        type View<'a> = Help<'a>;
        const NAME: &'static str = "Help";
        const FRAME: &'static str = "Help";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase("HELP")?;
            let argument = if reader.starts(b" ", false, false) {
                Some(rt::frame::told("Argument", Argument::read(reader))?)
            } else {
                None
            };
            Ok(Help { argument })
        }
    }
    impl rt::frame::Frame for Help<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("Help", "HELP")?;
            if let Some(frame) = &self.argument {
                rt::write::told("Argument", frame.write(writer))?;
            }
            Ok(())
        }
    }
    /// Any other line: `500` is the answer (RFC 5321 section 4.2.4).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Unknown<'a> {
        /// Up to the end.
        pub line: &'a [u8],
    }
    impl<'a> Unknown<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(line: &'a [u8]) -> Self {
            Unknown { line }
        }
    }
    impl rt::frame::Decode for Unknown<'_> {
        type View<'a> = Unknown<'a>;
        const NAME: &'static str = "Unknown";
        const FRAME: &'static str = "Unknown";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let line = reader.take_rest();
            Ok(Unknown { line })
        }
    }
    impl rt::frame::Frame for Unknown<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.rest(self.line);
            Ok(())
        }
    }
    /// The argument of a command that may go without.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Argument<'a> {
        /// 1 to 1000 bytes of `printable`.
        pub text: &'a str,
    }
    impl<'a> Argument<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            Argument { text }
        }
    }
    impl rt::frame::Decode for Argument<'_> {
        type View<'a> = Argument<'a>;
        const NAME: &'static str = "Argument";
        const FRAME: &'static str = "Argument";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal(" ")?;
            let text_ = reader.utf8_run(&PRINTABLE, 1, 1000)?;
            Ok(Argument { text: text_ })
        }
    }
    impl rt::frame::Frame for Argument<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" ");
            writer.run("text", self.text.as_bytes(), &PRINTABLE, 1, 1000)?;
            Ok(())
        }
    }
    /// The first response of an authentication, in base64; `=` stands for an empty one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct InitialResponse<'a> {
        /// 1 to 12288 bytes of `base64`.
        pub text: &'a str,
    }
    impl<'a> InitialResponse<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            InitialResponse { text }
        }
    }
    impl rt::frame::Decode for InitialResponse<'_> {
        type View<'a> = InitialResponse<'a>;
        const NAME: &'static str = "InitialResponse";
        const FRAME: &'static str = "InitialResponse";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal(" ")?;
            let text_ = reader.ascii_run(&BASE64, 1, 12288)?;
            Ok(InitialResponse { text: text_ })
        }
    }
    impl rt::frame::Frame for InitialResponse<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" ");
            writer.ascii("text", self.text)?;
            writer.run("text", self.text.as_bytes(), &BASE64, 1, 12288)?;
            Ok(())
        }
    }
    /// Where a report of failure goes (RFC 5321 section 4.1.2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ReversePath<'a> {
        /// `<>`: nowhere, as in a report of failure itself (RFC 5321 section 4.5.5).
        NullPath(NullPath),
        /// A mailbox.
        Path(Path<'a>),
    }
    impl<'a> ::core::convert::From<NullPath> for ReversePath<'a> {
        fn from(frame: NullPath) -> Self {
            ReversePath::NullPath(frame)
        }
    }
    impl<'a> ::core::convert::From<Path<'a>> for ReversePath<'a> {
        fn from(frame: Path<'a>) -> Self {
            ReversePath::Path(frame)
        }
    }
    impl ReversePath<'_> {
        #[inline(always)]
        fn read_in_place<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<ReversePath<'a>> {
            let frame = if reader.starts(b"<>", false, false) {
                ReversePath::NullPath(
                    rt::frame::told("NullPath", NullPath::read(reader))?,
                )
            } else {
                ReversePath::Path(rt::frame::told("Path", Path::read(reader))?)
            };
            Ok(frame)
        }
    }
    impl rt::frame::Decode for ReversePath<'_> {
        type View<'a> = ReversePath<'a>;
        const NAME: &'static str = "ReversePath";
        const FRAME: &'static str = "ReversePath";
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            ReversePath::read_in_place(reader)
        }
        fn read_again<'a>(
            reader: &mut rt::read::Reader<'a, true>,
        ) -> ::core::option::Option<Self::View<'a>> {
            ReversePath::read_in_place(reader).ok()
        }
    }
    impl rt::frame::Frame for ReversePath<'_> {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            match self {
                ReversePath::NullPath(frame) => {
                    rt::write::told("NullPath", frame.write(writer))?;
                }
                ReversePath::Path(frame) => {
                    let begin = writer.mark();
                    rt::write::told("Path", frame.write(writer))?;
                    let written = writer.since(begin);
                    if rt::read::starts(written, b"<>", false, false) {
                        return Err(writer.fail("", rt::violation::Rule::Ambiguous));
                    }
                }
            }
            Ok(())
        }
    }
    /// `<>`: nowhere, as in a report of failure itself (RFC 5321 section 4.5.5).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct NullPath;
    impl rt::frame::Decode for NullPath {
        type View<'a> = NullPath;
        const NAME: &'static str = "NullPath";
        const FRAME: &'static str = "NullPath";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("<>")?;
            Ok(NullPath)
        }
    }
    impl rt::frame::Frame for NullPath {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("<>");
            Ok(())
        }
    }
    /// A mailbox in angle brackets (RFC 5321 section 4.1.2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Path<'a> {
        /// A `SourceRoute`, if there is one.
        pub route: ::core::option::Option<SourceRoute<'a>>,
        /// A `Mailbox`.
        pub mailbox: Mailbox<'a>,
    }
    impl<'a> Path<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(mailbox: impl ::core::convert::Into<Mailbox<'a>>) -> Self {
            Path {
                route: ::core::default::Default::default(),
                mailbox: mailbox.into(),
            }
        }
    }
    impl rt::frame::Decode for Path<'_> {
        type View<'a> = Path<'a>;
        const NAME: &'static str = "Path";
        const FRAME: &'static str = "Path";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("<")?;
            let route = if reader.starts(b"@", false, false) {
                Some(rt::frame::told("SourceRoute", SourceRoute::read(reader))?)
            } else {
                None
            };
            let mailbox = rt::frame::told("Mailbox", Mailbox::read(reader))?;
            reader.literal(">")?;
            Ok(Path { route, mailbox })
        }
    }
    impl rt::frame::Frame for Path<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("<");
            if let Some(frame) = &self.route {
                rt::write::told("SourceRoute", frame.write(writer))?;
            }
            let after_route = writer.mark();
            rt::write::told("Mailbox", self.mailbox.write(writer))?;
            writer.literal(">");
            if self.route.is_none() {
                let rest = writer.since(after_route);
                if rt::read::starts(rest, b"@", false, false) {
                    return Err(writer.fail("route", rt::violation::Rule::Ambiguous));
                }
            }
            Ok(())
        }
    }
    /// The obsolete source route, accepted and not used (RFC 5321 appendix C).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SourceRoute<'a> {
        /// 1 to 255 bytes of `route_char`.
        pub hosts: &'a str,
    }
    impl<'a> SourceRoute<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(hosts: &'a str) -> Self {
            SourceRoute { hosts }
        }
    }
    impl rt::frame::Decode for SourceRoute<'_> {
        type View<'a> = SourceRoute<'a>;
        const NAME: &'static str = "SourceRoute";
        const FRAME: &'static str = "SourceRoute";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("@")?;
            let hosts = reader.utf8_run(&ROUTE_CHAR, 1, 255)?;
            reader.literal(":")?;
            Ok(SourceRoute { hosts })
        }
    }
    impl rt::frame::Frame for SourceRoute<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("@");
            writer.run("hosts", self.hosts.as_bytes(), &ROUTE_CHAR, 1, 255)?;
            writer.literal(":");
            Ok(())
        }
    }
    /// A mailbox; without a domain it is the server's own, as `Postmaster` is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Mailbox<'a> {
        /// A `LocalPart`.
        pub local: LocalPart<'a>,
        /// A `AtDomain`, if there is one.
        pub domain: ::core::option::Option<AtDomain<'a>>,
    }
    impl<'a> Mailbox<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(local: impl ::core::convert::Into<LocalPart<'a>>) -> Self {
            Mailbox {
                local: local.into(),
                domain: ::core::default::Default::default(),
            }
        }
    }
    impl rt::frame::Decode for Mailbox<'_> {
        type View<'a> = Mailbox<'a>;
        const NAME: &'static str = "Mailbox";
        const FRAME: &'static str = "Mailbox";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let local = rt::frame::told("LocalPart", LocalPart::read(reader))?;
            let domain = if reader.starts(b"@", false, false) {
                Some(rt::frame::told("AtDomain", AtDomain::read(reader))?)
            } else {
                None
            };
            Ok(Mailbox { local, domain })
        }
    }
    impl rt::frame::Frame for Mailbox<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            rt::write::told("LocalPart", self.local.write(writer))?;
            if let Some(frame) = &self.domain {
                rt::write::told("AtDomain", frame.write(writer))?;
            }
            Ok(())
        }
    }
    /// The domain of a mailbox.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AtDomain<'a> {
        /// 1 to 255 bytes of `domain_char`.
        pub name: &'a str,
    }
    impl<'a> AtDomain<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(name: &'a str) -> Self {
            AtDomain { name }
        }
    }
    impl rt::frame::Decode for AtDomain<'_> {
        type View<'a> = AtDomain<'a>;
        const NAME: &'static str = "AtDomain";
        const FRAME: &'static str = "AtDomain";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("@")?;
            let name = reader.utf8_run(&DOMAIN_CHAR, 1, 255)?;
            Ok(AtDomain { name })
        }
    }
    impl rt::frame::Frame for AtDomain<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("@");
            writer.run("name", self.name.as_bytes(), &DOMAIN_CHAR, 1, 255)?;
            Ok(())
        }
    }
    /// What stands before the `@`: at most 64 octets (RFC 5321 section 4.5.3.1.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum LocalPart<'a> {
        /// In quotes, with backslash pairs as they stood on the line.
        QuotedLocal(QuotedLocal<'a>),
        /// Without quotes.
        DottedLocal(DottedLocal<'a>),
    }
    impl<'a> ::core::convert::From<QuotedLocal<'a>> for LocalPart<'a> {
        fn from(frame: QuotedLocal<'a>) -> Self {
            LocalPart::QuotedLocal(frame)
        }
    }
    impl<'a> ::core::convert::From<DottedLocal<'a>> for LocalPart<'a> {
        fn from(frame: DottedLocal<'a>) -> Self {
            LocalPart::DottedLocal(frame)
        }
    }
    impl LocalPart<'_> {
        #[inline(always)]
        fn read_in_place<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<LocalPart<'a>> {
            let frame = if reader.starts(b"\"", false, false) {
                LocalPart::QuotedLocal(
                    rt::frame::told("QuotedLocal", QuotedLocal::read(reader))?,
                )
            } else {
                LocalPart::DottedLocal(
                    rt::frame::told("DottedLocal", DottedLocal::read(reader))?,
                )
            };
            Ok(frame)
        }
    }
    impl rt::frame::Decode for LocalPart<'_> {
        type View<'a> = LocalPart<'a>;
        const NAME: &'static str = "LocalPart";
        const FRAME: &'static str = "LocalPart";
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            LocalPart::read_in_place(reader)
        }
        fn read_again<'a>(
            reader: &mut rt::read::Reader<'a, true>,
        ) -> ::core::option::Option<Self::View<'a>> {
            LocalPart::read_in_place(reader).ok()
        }
    }
    impl rt::frame::Frame for LocalPart<'_> {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            match self {
                LocalPart::QuotedLocal(frame) => {
                    rt::write::told("QuotedLocal", frame.write(writer))?;
                }
                LocalPart::DottedLocal(frame) => {
                    let begin = writer.mark();
                    rt::write::told("DottedLocal", frame.write(writer))?;
                    let written = writer.since(begin);
                    if rt::read::starts(written, b"\"", false, false) {
                        return Err(writer.fail("", rt::violation::Rule::Ambiguous));
                    }
                }
            }
            Ok(())
        }
    }
    /// In quotes, with backslash pairs as they stood on the line.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct QuotedLocal<'a> {
        /// 0 to 62 bytes of `quoted`.
        pub text: &'a str,
    }
    impl<'a> QuotedLocal<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            QuotedLocal { text }
        }
    }
    impl rt::frame::Decode for QuotedLocal<'_> {
        type View<'a> = QuotedLocal<'a>;
        const NAME: &'static str = "QuotedLocal";
        const FRAME: &'static str = "QuotedLocal";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("\"")?;
            let text_ = {
                let begin = reader.position();
                let text = reader.run_escaped(&QUOTED, b'\\', &PRINTABLE, 0, 62)?;
                reader.utf8(begin, text)?
            };
            reader.literal("\"")?;
            Ok(QuotedLocal { text: text_ })
        }
    }
    impl rt::frame::Frame for QuotedLocal<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("\"");
            writer
                .run_escaped(
                    "text",
                    self.text.as_bytes(),
                    &QUOTED,
                    b'\\',
                    &PRINTABLE,
                    0,
                    62,
                )?;
            writer.literal("\"");
            Ok(())
        }
    }
    /// Without quotes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct DottedLocal<'a> {
        /// 1 to 64 bytes of `dot_atom`.
        pub text: &'a str,
    }
    impl<'a> DottedLocal<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            DottedLocal { text }
        }
    }
    impl rt::frame::Decode for DottedLocal<'_> {
        type View<'a> = DottedLocal<'a>;
        const NAME: &'static str = "DottedLocal";
        const FRAME: &'static str = "DottedLocal";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let text_ = reader.utf8_run(&DOT_ATOM, 1, 64)?;
            Ok(DottedLocal { text: text_ })
        }
    }
    impl rt::frame::Frame for DottedLocal<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.run("text", self.text.as_bytes(), &DOT_ATOM, 1, 64)?;
            Ok(())
        }
    }
    /// A parameter of `MAIL` (RFC 5321 section 4.1.1.11).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum MailParameter<'a> {
        /// How long the message will be, in octets (RFC 1870 section 5).
        SizeParameter(SizeParameter),
        /// What the body holds (RFC 6152 section 2, RFC 3030 section 3).
        BodyParameter(BodyParameter),
        /// Addresses and headers may hold UTF-8 (RFC 6531 section 3.4).
        SmtpUtf8(SmtpUtf8),
        /// Who submitted the message, in xtext, or `<>` (RFC 4954 section 5).
        AuthParameter(AuthParameter<'a>),
        /// Any other.
        Parameter(Parameter<'a>),
    }
    impl<'a> ::core::convert::From<SizeParameter> for MailParameter<'a> {
        fn from(frame: SizeParameter) -> Self {
            MailParameter::SizeParameter(frame)
        }
    }
    impl<'a> ::core::convert::From<BodyParameter> for MailParameter<'a> {
        fn from(frame: BodyParameter) -> Self {
            MailParameter::BodyParameter(frame)
        }
    }
    impl<'a> ::core::convert::From<SmtpUtf8> for MailParameter<'a> {
        fn from(frame: SmtpUtf8) -> Self {
            MailParameter::SmtpUtf8(frame)
        }
    }
    impl<'a> ::core::convert::From<AuthParameter<'a>> for MailParameter<'a> {
        fn from(frame: AuthParameter<'a>) -> Self {
            MailParameter::AuthParameter(frame)
        }
    }
    impl<'a> ::core::convert::From<Parameter<'a>> for MailParameter<'a> {
        fn from(frame: Parameter<'a>) -> Self {
            MailParameter::Parameter(frame)
        }
    }
    impl MailParameter<'_> {
        #[inline(always)]
        fn read_in_place<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<MailParameter<'a>> {
            let frame = match reader.rest().first() {
                Some(b' ') if reader.starts(b" SIZE=", true, false) => {
                    MailParameter::SizeParameter(
                        rt::frame::told("SizeParameter", SizeParameter::read(reader))?,
                    )
                }
                Some(b' ') if reader.starts(b" BODY=", true, false) => {
                    MailParameter::BodyParameter(
                        rt::frame::told("BodyParameter", BodyParameter::read(reader))?,
                    )
                }
                Some(b' ') if reader.starts(b" SMTPUTF8", true, true) => {
                    MailParameter::SmtpUtf8(
                        rt::frame::told("SmtpUtf8", SmtpUtf8::read(reader))?,
                    )
                }
                Some(b' ') if reader.starts(b" AUTH=", true, false) => {
                    MailParameter::AuthParameter(
                        rt::frame::told("AuthParameter", AuthParameter::read(reader))?,
                    )
                }
                _ => {
                    MailParameter::Parameter(
                        rt::frame::told("Parameter", Parameter::read(reader))?,
                    )
                }
            };
            Ok(frame)
        }
    }
    impl rt::frame::Decode for MailParameter<'_> {
        type View<'a> = MailParameter<'a>;
        const NAME: &'static str = "MailParameter";
        const FRAME: &'static str = "MailParameter";
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            MailParameter::read_in_place(reader)
        }
        fn read_again<'a>(
            reader: &mut rt::read::Reader<'a, true>,
        ) -> ::core::option::Option<Self::View<'a>> {
            MailParameter::read_in_place(reader).ok()
        }
    }
    impl rt::frame::Frame for MailParameter<'_> {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            match self {
                MailParameter::SizeParameter(frame) => {
                    rt::write::told("SizeParameter", frame.write(writer))?;
                }
                MailParameter::BodyParameter(frame) => {
                    rt::write::told("BodyParameter", frame.write(writer))?;
                }
                MailParameter::SmtpUtf8(frame) => {
                    rt::write::told("SmtpUtf8", frame.write(writer))?;
                }
                MailParameter::AuthParameter(frame) => {
                    rt::write::told("AuthParameter", frame.write(writer))?;
                }
                MailParameter::Parameter(frame) => {
                    let begin = writer.mark();
                    rt::write::told("Parameter", frame.write(writer))?;
                    let written = writer.since(begin);
                    if rt::read::starts(written, b" SIZE=", true, false)
                        || rt::read::starts(written, b" BODY=", true, false)
                        || rt::read::starts(written, b" SMTPUTF8", true, true)
                        || rt::read::starts(written, b" AUTH=", true, false)
                    {
                        return Err(writer.fail("", rt::violation::Rule::Ambiguous));
                    }
                }
            }
            Ok(())
        }
    }
    /// How long the message will be, in octets (RFC 1870 section 5).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SizeParameter {
        /// A number, in 1 to 20 decimal digits.
        pub octets: u64,
    }
    impl SizeParameter {
        /// A frame of these fields.
        #[must_use]
        pub fn new(octets: u64) -> Self {
            SizeParameter { octets }
        }
    }
    impl rt::frame::Decode for SizeParameter {
        type View<'a> = SizeParameter;
        const NAME: &'static str = "SizeParameter";
        const FRAME: &'static str = "SizeParameter";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal_nocase(" SIZE=")?;
            let octets = reader
                .decimal(
                    rt::read::Digits {
                        min: 1,
                        max: 20,
                        zeros: false,
                    },
                    0..=u64::MAX,
                )?;
            Ok(SizeParameter { octets })
        }
    }
    impl rt::frame::Frame for SizeParameter {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" SIZE=");
            writer
                .decimal(
                    "octets",
                    self.octets,
                    rt::read::Digits {
                        min: 1,
                        max: 20,
                        zeros: false,
                    },
                    0..=u64::MAX,
                )?;
            Ok(())
        }
    }
    /// What the body holds (RFC 6152 section 2, RFC 3030 section 3).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BodyParameter {
        /// A `BodyType`.
        pub body: BodyType,
    }
    impl BodyParameter {
        /// A frame of these fields.
        #[must_use]
        pub fn new(body: impl ::core::convert::Into<BodyType>) -> Self {
            BodyParameter { body: body.into() }
        }
    }
    impl rt::frame::Decode for BodyParameter {
        type View<'a> = BodyParameter;
        const NAME: &'static str = "BodyParameter";
        const FRAME: &'static str = "BodyParameter";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal_nocase(" BODY=")?;
            let body = BodyType::read(reader)?;
            Ok(BodyParameter { body })
        }
    }
    impl rt::frame::Frame for BodyParameter {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" BODY=");
            self.body.write(writer)?;
            Ok(())
        }
    }
    /// Addresses and headers may hold UTF-8 (RFC 6531 section 3.4).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct SmtpUtf8;
    impl rt::frame::Decode for SmtpUtf8 {
        type View<'a> = SmtpUtf8;
        const NAME: &'static str = "SmtpUtf8";
        const FRAME: &'static str = "SmtpUtf8";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.word_nocase(" SMTPUTF8")?;
            Ok(SmtpUtf8)
        }
    }
    impl rt::frame::Frame for SmtpUtf8 {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.word("SmtpUtf8", " SMTPUTF8")?;
            Ok(())
        }
    }
    /// Who submitted the message, in xtext, or `<>` (RFC 4954 section 5).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AuthParameter<'a> {
        /// 1 to 500 bytes of `xtext`.
        pub mailbox: &'a str,
    }
    impl<'a> AuthParameter<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(mailbox: &'a str) -> Self {
            AuthParameter { mailbox }
        }
    }
    impl rt::frame::Decode for AuthParameter<'_> {
        type View<'a> = AuthParameter<'a>;
        const NAME: &'static str = "AuthParameter";
        const FRAME: &'static str = "AuthParameter";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal_nocase(" AUTH=")?;
            let mailbox = reader.ascii_run(&XTEXT, 1, 500)?;
            Ok(AuthParameter { mailbox })
        }
    }
    impl rt::frame::Frame for AuthParameter<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" AUTH=");
            writer.ascii("mailbox", self.mailbox)?;
            writer.run("mailbox", self.mailbox.as_bytes(), &XTEXT, 1, 500)?;
            Ok(())
        }
    }
    /// What the body of a message holds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum BodyType {
        /// Lines of US-ASCII.
        SevenBit,
        /// Lines of octets (RFC 6152).
        EightBitMime,
        /// Octets (RFC 3030 section 3).
        BinaryMime,
    }
    impl rt::frame::Decode for BodyType {
        type View<'a> = BodyType;
        const NAME: &'static str = "BodyType";
        const ENDS: bool = true;
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            if reader.starts(b"7BIT", true, false) {
                reader.skip(4usize);
                return Ok(BodyType::SevenBit);
            }
            if reader.starts(b"8BITMIME", true, false) {
                reader.skip(8usize);
                return Ok(BodyType::EightBitMime);
            }
            if reader.starts(b"BINARYMIME", true, false) {
                reader.skip(10usize);
                return Ok(BodyType::BinaryMime);
            }
            Err(reader.fail(rt::violation::Rule::Choice))
        }
    }
    impl rt::frame::Frame for BodyType {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer
                .literal(
                    match self {
                        BodyType::SevenBit => "7BIT",
                        BodyType::EightBitMime => "8BITMIME",
                        BodyType::BinaryMime => "BINARYMIME",
                    },
                );
            Ok(())
        }
    }
    /// A parameter by its keyword (RFC 5321 section 4.1.2, `esmtp-param`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Parameter<'a> {
        /// 1 to 64 bytes of `keyword`.
        pub keyword: &'a str,
        /// A `ParameterValue`, if there is one.
        pub value: ::core::option::Option<ParameterValue<'a>>,
    }
    impl<'a> Parameter<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(keyword: &'a str) -> Self {
            Parameter {
                keyword,
                value: ::core::default::Default::default(),
            }
        }
    }
    impl rt::frame::Decode for Parameter<'_> {
        type View<'a> = Parameter<'a>;
        const NAME: &'static str = "Parameter";
        const FRAME: &'static str = "Parameter";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal(" ")?;
            let keyword = reader.ascii_run(&KEYWORD, 1, 64)?;
            let value = if reader.starts(b"=", false, false) {
                Some(rt::frame::told("ParameterValue", ParameterValue::read(reader))?)
            } else {
                None
            };
            Ok(Parameter { keyword, value })
        }
    }
    impl rt::frame::Frame for Parameter<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal(" ");
            writer.ascii("keyword", self.keyword)?;
            writer.run("keyword", self.keyword.as_bytes(), &KEYWORD, 1, 64)?;
            if let Some(frame) = &self.value {
                rt::write::told("ParameterValue", frame.write(writer))?;
            }
            Ok(())
        }
    }
    /// The value of a parameter.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ParameterValue<'a> {
        /// 1 to 1000 bytes of `parameter_char`.
        pub text: &'a str,
    }
    impl<'a> ParameterValue<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            ParameterValue { text }
        }
    }
    impl rt::frame::Decode for ParameterValue<'_> {
        type View<'a> = ParameterValue<'a>;
        const NAME: &'static str = "ParameterValue";
        const FRAME: &'static str = "ParameterValue";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("=")?;
            let text_ = reader.utf8_run(&PARAMETER_CHAR, 1, 1000)?;
            Ok(ParameterValue { text: text_ })
        }
    }
    impl rt::frame::Frame for ParameterValue<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("=");
            writer.run("text", self.text.as_bytes(), &PARAMETER_CHAR, 1, 1000)?;
            Ok(())
        }
    }
    /// The client's answer to `334` (RFC 4954 section 4).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AuthLine<'a> {
        /// `*`: the client gives up.
        AuthCancel(AuthCancel),
        /// A response in base64, possibly empty.
        AuthResponse(AuthResponse<'a>),
    }
    impl<'a> ::core::convert::From<AuthCancel> for AuthLine<'a> {
        fn from(frame: AuthCancel) -> Self {
            AuthLine::AuthCancel(frame)
        }
    }
    impl<'a> ::core::convert::From<AuthResponse<'a>> for AuthLine<'a> {
        fn from(frame: AuthResponse<'a>) -> Self {
            AuthLine::AuthResponse(frame)
        }
    }
    impl AuthLine<'_> {
        #[inline(always)]
        fn read_in_place<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<AuthLine<'a>> {
            let frame = {
                let outside = reader.open(&CRLF, 12290)?;
                let frame = if reader.starts(b"*", false, false) {
                    AuthLine::AuthCancel(
                        rt::frame::told("AuthCancel", AuthCancel::read(reader))?,
                    )
                } else {
                    AuthLine::AuthResponse(
                        rt::frame::told(
                            "AuthResponse",
                            AuthResponse::read_where::<AGAIN_, true>(reader),
                        )?,
                    )
                };
                reader.close(outside)?;
                frame
            };
            Ok(frame)
        }
    }
    impl rt::frame::Decode for AuthLine<'_> {
        type View<'a> = AuthLine<'a>;
        const NAME: &'static str = "AuthLine";
        const FRAME: &'static str = "AuthLine";
        const ENDS: bool = true;
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            AuthLine::read_in_place(reader)
        }
        fn read_again<'a>(
            reader: &mut rt::read::Reader<'a, true>,
        ) -> ::core::option::Option<Self::View<'a>> {
            AuthLine::read_in_place(reader).ok()
        }
    }
    impl rt::frame::Frame for AuthLine<'_> {
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            let opened = writer.open();
            match self {
                AuthLine::AuthCancel(frame) => {
                    rt::write::told("AuthCancel", frame.write(writer))?;
                }
                AuthLine::AuthResponse(frame) => {
                    let begin = writer.mark();
                    rt::write::told("AuthResponse", frame.write(writer))?;
                    let written = writer.since(begin);
                    if rt::read::starts(written, b"*", false, false) {
                        return Err(writer.fail("", rt::violation::Rule::Ambiguous));
                    }
                }
            }
            writer.clean_delimiter(opened, &CRLF, 12290)?;
            Ok(())
        }
    }
    /// `*`: the client gives up.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct AuthCancel;
    impl rt::frame::Decode for AuthCancel {
        type View<'a> = AuthCancel;
        const NAME: &'static str = "AuthCancel";
        const FRAME: &'static str = "AuthCancel";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            reader.literal("*")?;
            Ok(AuthCancel)
        }
    }
    impl rt::frame::Frame for AuthCancel {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.literal("*");
            Ok(())
        }
    }
    /// A response in base64, possibly empty.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AuthResponse<'a> {
        /// 0 to 12288 bytes of `base64`.
        pub response: &'a str,
    }
    impl<'a> AuthResponse<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(response: &'a str) -> Self {
            AuthResponse { response }
        }
    }
    impl AuthResponse<'_> {
        #[inline(always)]
        fn read_where<'a, const AGAIN_: bool, const LAST_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<AuthResponse<'a>> {
            let response = if LAST_ {
                reader.ascii_run_to(rt::read::Stop::End, &BASE64, 0, 12288)?
            } else {
                reader.ascii_run(&BASE64, 0, 12288)?
            };
            Ok(AuthResponse { response })
        }
    }
    impl rt::frame::Decode for AuthResponse<'_> {
        type View<'a> = AuthResponse<'a>;
        const NAME: &'static str = "AuthResponse";
        const FRAME: &'static str = "AuthResponse";
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            AuthResponse::read_where::<AGAIN_, false>(reader)
        }
    }
    impl rt::frame::Frame for AuthResponse<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer.ascii("response", self.response)?;
            writer.run("response", self.response.as_bytes(), &BASE64, 0, 12288)?;
            Ok(())
        }
    }
    /// The server's answer: one line or more, all with one code (RFC 5321 section 4.2.1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Reply<'a> {
        /// What became of the command: 2 done, 3 go on, 4 try again, 5 no (section 4.2.1).
        pub code: u16,
        /// At most 128 of `ReplyLine`.
        pub lines: rt::list::List<'a, ReplyLine<'a>>,
    }
    impl<'a> Reply<'a> {
        /// A frame of these fields.
        #[must_use]
        pub fn new(
            code: u16,
            lines: impl ::core::convert::Into<rt::list::List<'a, ReplyLine<'a>>>,
        ) -> Self {
            Reply { code, lines: lines.into() }
        }
    }
    impl rt::frame::Decode for Reply<'_> {
        type View<'a> = Reply<'a>;
        const NAME: &'static str = "Reply";
        const FRAME: &'static str = "Reply";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let begin = reader.position();
            let (_, code, mut more) = rt::frame::told(
                "ReplyLine",
                ReplyLine::read_element(reader),
            )?;
            let mut count = 1;
            while more {
                let start = reader.position();
                let (_, next_code, next) = rt::frame::told(
                    "ReplyLine",
                    ReplyLine::read_element(reader),
                )?;
                if next_code != code {
                    return Err(
                        reader.fail_since(start, rt::violation::Rule::Shared("code")),
                    );
                }
                if count == 128 {
                    let rule = rt::violation::Rule::Count {
                        max: 128,
                    };
                    return Err(reader.fail_since(start, rule));
                }
                count += 1;
                more = next;
            }
            let lines = rt::list::List::wire(reader.since(begin), count);
            Ok(Reply { code, lines })
        }
    }
    impl rt::frame::Frame for Reply<'_> {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            let count_ = self.lines.len();
            if count_ > 128 {
                return Err(
                    writer
                        .fail(
                            "lines",
                            rt::violation::Rule::Count {
                                max: 128,
                            },
                        ),
                );
            }
            let Some(last) = count_.checked_sub(1) else {
                return Err(writer.fail("lines", rt::violation::Rule::Truncated));
            };
            for (index, element) in self.lines.iter().enumerate() {
                rt::write::told(
                    "ReplyLine",
                    element.write_element(writer, self.code, index != last),
                )?;
            }
            Ok(())
        }
    }
    /// One line of a reply.
    ///
    /// RFC 5321 section 4.5.3.1.5 stops at 512 octets; extensions such as AUTH go beyond.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ReplyLine<'a> {
        /// The status in detail (RFC 2034 section 4, RFC 3463 section 2).
        pub enhanced: ::core::option::Option<EnhancedStatus>,
        /// For people, or after `EHLO` a keyword with its parameters.
        pub text: &'a str,
    }
    impl<'a> ReplyLine<'a> {
        /// A frame of these fields, without the optional ones.
        #[must_use]
        pub fn new(text: &'a str) -> Self {
            ReplyLine {
                enhanced: ::core::default::Default::default(),
                text,
            }
        }
    }
    impl ReplyLine<'_> {
        /// Reads a frame and `code` and `more`.
        fn read_element<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<(ReplyLine<'a>, u16, bool)> {
            let frame = {
                let outside = reader.open(&CRLF, 12290)?;
                let code = reader
                    .decimal(
                        rt::read::Digits {
                            min: 3,
                            max: 3,
                            zeros: true,
                        },
                        200..=599_u16,
                    )?;
                let more = if reader.starts(b"-", false, false) {
                    reader.skip(1);
                    true
                } else if reader.starts(b" ", false, false) {
                    reader.skip(1);
                    false
                } else if reader.is_empty() {
                    false
                } else {
                    return Err(reader.fail(rt::violation::Rule::Choice));
                };
                let enhanced = EnhancedStatus::read_optional(reader);
                let text_ = reader.utf8_run(&TEXT_CHAR, 0, 12280)?;
                reader.close(outside)?;
                (ReplyLine { enhanced, text: text_ }, code, more)
            };
            Ok(frame)
        }
    }
    impl<'a> ::core::convert::From<&'a str> for ReplyLine<'a> {
        /// The fields as they would stand on the wire.
        fn from(text: &'a str) -> Self {
            let mut reader = rt::read::Reader::new(text.as_bytes());
            ReplyLine {
                enhanced: EnhancedStatus::read_optional(&mut reader),
                text: text.get(reader.position()..).unwrap_or_default(),
            }
        }
    }
    impl rt::frame::Decode for ReplyLine<'_> {
        type View<'a> = ReplyLine<'a>;
        const NAME: &'static str = "ReplyLine";
        const FRAME: &'static str = "ReplyLine";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let (frame, _, _) = ReplyLine::read_element(reader)?;
            Ok(frame)
        }
        fn from_text(text: &str) -> ::core::option::Option<Self::View<'_>> {
            Some(ReplyLine::from(text))
        }
    }
    impl ReplyLine<'_> {
        /// Writes a frame with what it shares with the other elements of its list.
        fn write_element(
            &self,
            writer: &mut rt::write::Writer<'_>,
            code: u16,
            more: bool,
        ) -> rt::frame::Encoded {
            let opened = writer.open();
            writer
                .decimal(
                    "code",
                    code,
                    rt::read::Digits {
                        min: 3,
                        max: 3,
                        zeros: true,
                    },
                    200..=599_u16,
                )?;
            if more {
                writer.literal("-");
            } else {
                writer.literal(" ");
            }
            if let Some(frame) = &self.enhanced {
                rt::write::told("EnhancedStatus", frame.write(writer))?;
            }
            let after_enhanced = writer.mark();
            writer.run("text", self.text.as_bytes(), &TEXT_CHAR, 0, 12280)?;
            if self.enhanced.is_none() {
                let rest = writer.since(after_enhanced);
                if EnhancedStatus::read_optional(&mut rt::read::Reader::new(rest))
                    .is_some()
                {
                    return Err(writer.fail("enhanced", rt::violation::Rule::Ambiguous));
                }
            }
            writer.clean_delimiter(opened, &CRLF, 12290)?;
            Ok(())
        }
    }
    /// `2.1.0 `: the class repeats the first digit of the code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct EnhancedStatus {
        /// A number from 2 to 5, in 1 decimal digits.
        pub class: u8,
        /// A number from 0 to 999, in 1 to 3 decimal digits.
        pub subject: u16,
        /// A number from 0 to 999, in 1 to 3 decimal digits.
        pub detail: u16,
    }
    impl EnhancedStatus {
        /// A frame of these fields.
        #[must_use]
        pub fn new(class: u8, subject: u16, detail: u16) -> Self {
            EnhancedStatus {
                class,
                subject,
                detail,
            }
        }
    }
    impl rt::frame::Decode for EnhancedStatus {
        type View<'a> = EnhancedStatus;
        const NAME: &'static str = "EnhancedStatus";
        const FRAME: &'static str = "EnhancedStatus";
        const ENDS: bool = true;
        #[inline]
        fn read<'a, const AGAIN_: bool>(
            reader: &mut rt::read::Reader<'a, AGAIN_>,
        ) -> rt::frame::Decoded<Self::View<'a>> {
            let class = reader
                .decimal(
                    rt::read::Digits {
                        min: 1,
                        max: 1,
                        zeros: true,
                    },
                    2..=5_u8,
                )?;
            reader.literal(".")?;
            let subject = reader
                .decimal(
                    rt::read::Digits {
                        min: 1,
                        max: 3,
                        zeros: false,
                    },
                    0..=999_u16,
                )?;
            reader.literal(".")?;
            let detail = reader
                .decimal(
                    rt::read::Digits {
                        min: 1,
                        max: 3,
                        zeros: false,
                    },
                    0..=999_u16,
                )?;
            reader.literal(" ")?;
            Ok(EnhancedStatus {
                class,
                subject,
                detail,
            })
        }
    }
    impl rt::frame::Frame for EnhancedStatus {
        #[inline]
        fn write(&self, writer: &mut rt::write::Writer<'_>) -> rt::frame::Encoded {
            writer
                .decimal(
                    "class",
                    self.class,
                    rt::read::Digits {
                        min: 1,
                        max: 1,
                        zeros: true,
                    },
                    2..=5_u8,
                )?;
            writer.literal(".");
            writer
                .decimal(
                    "subject",
                    self.subject,
                    rt::read::Digits {
                        min: 1,
                        max: 3,
                        zeros: false,
                    },
                    0..=999_u16,
                )?;
            writer.literal(".");
            writer
                .decimal(
                    "detail",
                    self.detail,
                    rt::read::Digits {
                        min: 1,
                        max: 3,
                        zeros: false,
                    },
                    0..=999_u16,
                )?;
            writer.literal(" ");
            Ok(())
        }
    }
    pub use table::PROTOCOL;
    use table::{framer, kind, site, layer};
    /// A state of the session.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum State {
        /// The server speaks first (RFC 5321 section 4.3.1).
        Greeting,
        /// The server refused the session: only QUIT is left (RFC 5321 section 3.1).
        Rejected,
        /// Nobody has said EHLO yet, or TLS has made it void.
        Hello,
        /// Between transactions.
        ///
        /// A client waits ten minutes for the answer to a message (RFC 5321 section 4.5.3.2.6), and
        /// a server at least five for a command (4.5.3.2.7).
        Ready,
        /// A transaction is open (RFC 5321 section 3.3).
        Transaction,
        /// Some chunks have come: DATA is out until the last (RFC 3030 section 2).
        Chunks,
    }
    impl State {
        /// The states, in the order of the description.
        pub const ALL: [State; 6] = [
            State::Greeting,
            State::Rejected,
            State::Hello,
            State::Ready,
            State::Transaction,
            State::Chunks,
        ];
    }
    /// A layer that the connection is handed to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Upgrade {
        /// `Tls`
        Tls,
    }
    /// What the client sees and says.
    pub mod client {
        /// What the peer did.
        #[derive(Clone, Copy, Debug)]
        #[repr(usize)]
        pub enum Event<'a> {
            /// The server's answer: one line or more, all with one code (RFC 5321 section 4.2.1).
            Reply(super::Reply<'a>),
            /// The connection is to be handed to another layer now.
            Upgrade(super::Upgrade),
        }
        /// What this side may say.
        #[derive(Clone, Copy, Debug)]
        pub enum Message<'m> {
            /// What a client says between messages: one line (RFC 5321 section 4.1).
            ///
            /// 12,288 octets hold the longest initial response of RFC 4954 section 4; other commands are
            /// limited by what they may contain.
            Command(super::Command<'m>),
            /// The client's answer to `334` (RFC 4954 section 4).
            AuthLine(super::AuthLine<'m>),
            /// The message after `354`, up to a lone dot. Every line ends in CRLF, the last one too.
            Content(&'m [u8]),
            /// The end of the `Content`.
            ContentEnd,
            /// The octets announced by `BDAT` (RFC 3030 section 2).
            Chunk(&'m [u8]),
        }
        impl<'m> ::core::convert::From<super::Command<'m>> for Message<'m> {
            fn from(frame: super::Command<'m>) -> Self {
                Message::Command(frame)
            }
        }
        impl<'m> ::core::convert::From<super::Ehlo<'m>> for Message<'m> {
            fn from(frame: super::Ehlo<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Helo<'m>> for Message<'m> {
            fn from(frame: super::Helo<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Mail<'m>> for Message<'m> {
            fn from(frame: super::Mail<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Rcpt<'m>> for Message<'m> {
            fn from(frame: super::Rcpt<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl ::core::convert::From<super::Data> for Message<'_> {
            fn from(frame: super::Data) -> Self {
                Message::Command(frame.into())
            }
        }
        impl ::core::convert::From<super::Bdat> for Message<'_> {
            fn from(frame: super::Bdat) -> Self {
                Message::Command(frame.into())
            }
        }
        impl ::core::convert::From<super::StartTls> for Message<'_> {
            fn from(frame: super::StartTls) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Auth<'m>> for Message<'m> {
            fn from(frame: super::Auth<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl ::core::convert::From<super::Rset> for Message<'_> {
            fn from(frame: super::Rset) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Noop<'m>> for Message<'m> {
            fn from(frame: super::Noop<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl ::core::convert::From<super::Quit> for Message<'_> {
            fn from(frame: super::Quit) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Vrfy<'m>> for Message<'m> {
            fn from(frame: super::Vrfy<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Expn<'m>> for Message<'m> {
            fn from(frame: super::Expn<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Help<'m>> for Message<'m> {
            fn from(frame: super::Help<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::Unknown<'m>> for Message<'m> {
            fn from(frame: super::Unknown<'m>) -> Self {
                Message::Command(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::AuthLine<'m>> for Message<'m> {
            fn from(frame: super::AuthLine<'m>) -> Self {
                Message::AuthLine(frame)
            }
        }
        impl ::core::convert::From<super::AuthCancel> for Message<'_> {
            fn from(frame: super::AuthCancel) -> Self {
                Message::AuthLine(frame.into())
            }
        }
        impl<'m> ::core::convert::From<super::AuthResponse<'m>> for Message<'m> {
            fn from(frame: super::AuthResponse<'m>) -> Self {
                Message::AuthLine(frame.into())
            }
        }
    }
    /// The client's side of a session.
    #[derive(Clone, Debug)]
    pub struct Client {
        engine: rt::engine::Bounded<100, 0>,
    }
    impl Client {
        /// At the beginning of a session.
        #[must_use]
        pub fn new() -> Self {
            let role = rt::protocol::Role::First;
            Client {
                engine: rt::engine::Bounded::<100, 0>::new(&PROTOCOL, role),
            }
        }
        /// The state of the session, after the replies that have come.
        #[must_use]
        pub fn state(&self) -> State {
            let place = usize::from(self.engine.session().state().0);
            State::ALL.get(place).copied().unwrap_or(State::ALL[0])
        }
    }
    impl ::core::default::Default for Client {
        fn default() -> Self {
            Client::new()
        }
    }
    impl rt::machine::Machine for Client {
        type Event<'a> = client::Event<'a>;
        type Message<'m> = client::Message<'m>;
        type Engine = rt::engine::Bounded<100, 0>;
        const INPUT_BOUND: usize = 1573120;
        const OUTPUT_BOUND: usize = 12290;
        fn engine(&self) -> &Self::Engine {
            &self.engine
        }
        fn engine_mut(&mut self) -> &mut Self::Engine {
            &mut self.engine
        }
        fn receive<'a>(
            &mut self,
            input: &'a [u8],
        ) -> rt::machine::Step<Self::Event<'a>> {
            match self.engine.begin(input)? {
                rt::engine::Found::Frame(framer::REPLY, bytes) => {
                    self.engine
                        .read::<
                            Reply<'a>,
                            _,
                        >(bytes, |frame, _| client::Event::Reply(frame), None)
                }
                rt::engine::Found::Upgrade(layer::TLS) => {
                    Ok(self.engine.announce(client::Event::Upgrade(Upgrade::Tls)))
                }
                found => Ok(found.no_event()),
            }
        }
        fn send(
            &mut self,
            message: &client::Message<'_>,
            out: &mut rt::write::Out<'_>,
        ) -> rt::machine::Sent {
            match message {
                client::Message::Command(frame) => {
                    self.engine.write(framer::COMMAND, frame, out)
                }
                client::Message::AuthLine(frame) => {
                    self.engine.write(framer::AUTH_LINE, frame, out)
                }
                client::Message::Content(data) => {
                    self.engine.write_data(framer::CONTENT, data, out)
                }
                client::Message::ContentEnd => {
                    self.engine.write_end(framer::CONTENT, out)
                }
                client::Message::Chunk(data) => {
                    self.engine.write_data(framer::CHUNK, data, out)
                }
            }
        }
    }
    /// What the server sees and says.
    pub mod server {
        /// What the peer did.
        #[derive(Clone, Copy, Debug)]
        #[repr(usize)]
        pub enum Event<'a> {
            /// Introduces the client and asks for the extensions (RFC 5321 section 4.1.1.1).
            Ehlo(super::Ehlo<'a>),
            /// Introduces a client without extensions (RFC 5321 section 4.1.1.1).
            Helo(super::Helo<'a>),
            /// Begins a transaction (RFC 5321 section 4.1.1.2).
            Mail(super::Mail<'a>),
            /// Names one recipient (RFC 5321 section 4.1.1.3).
            Rcpt(super::Rcpt<'a>),
            /// Asks to send the message (RFC 5321 section 4.1.1.4).
            Data(super::Data),
            /// Announces a chunk of the message, which follows at once (RFC 3030 section 2).
            Bdat(super::Bdat),
            /// Asks to go on under TLS (RFC 3207 section 4).
            StartTls(super::StartTls),
            /// Begins an authentication (RFC 4954 section 4).
            Auth(super::Auth<'a>),
            /// Gives up the transaction (RFC 5321 section 4.1.1.5).
            Rset(super::Rset),
            /// Does nothing (RFC 5321 section 4.1.1.9).
            Noop(super::Noop<'a>),
            /// Ends the session (RFC 5321 section 4.1.1.10).
            Quit(super::Quit),
            /// Asks whether a mailbox exists (RFC 5321 section 4.1.1.6).
            Vrfy(super::Vrfy<'a>),
            /// Asks for the members of a list (RFC 5321 section 4.1.1.7).
            Expn(super::Expn<'a>),
            /// Asks for help (RFC 5321 section 4.1.1.8).
            Help(super::Help<'a>),
            /// Any other line: `500` is the answer (RFC 5321 section 4.2.4).
            Unknown(super::Unknown<'a>),
            /// `*`: the client gives up.
            AuthCancel(super::AuthCancel),
            /// A response in base64, possibly empty.
            AuthResponse(super::AuthResponse<'a>),
            /// The message after `354`, up to a lone dot. Every line ends in CRLF, the last one too.
            Content(&'a [u8]),
            /// The end of the `Content`.
            ContentEnd,
            /// The octets announced by `BDAT` (RFC 3030 section 2).
            Chunk(&'a [u8]),
            /// The end of the `Chunk`.
            ChunkEnd,
            /// A frame that was read, but has no place in the state: say so.
            Refused(super::Command<'a>),
            /// A frame whose content breaks a rule; the session goes on behind it: say so.
            Malformed(super::rt::violation::Violation),
            /// The connection is to be handed to another layer now.
            Upgrade(super::Upgrade),
        }
        /// What this side may say.
        #[derive(Clone, Copy, Debug)]
        pub enum Message<'m> {
            /// The server's answer: one line or more, all with one code (RFC 5321 section 4.2.1).
            Reply(super::Reply<'m>),
        }
        impl<'m> ::core::convert::From<super::Reply<'m>> for Message<'m> {
            fn from(frame: super::Reply<'m>) -> Self {
                Message::Reply(frame)
            }
        }
    }
    /// The server's side of a session.
    #[derive(Clone, Debug)]
    pub struct Server {
        engine: rt::engine::Bounded<100, 0>,
    }
    impl Server {
        /// At the beginning of a session.
        #[must_use]
        pub fn new() -> Self {
            let role = rt::protocol::Role::Second;
            Server {
                engine: rt::engine::Bounded::<100, 0>::new(&PROTOCOL, role),
            }
        }
        /// The state of the session, after the replies that have come.
        #[must_use]
        pub fn state(&self) -> State {
            let place = usize::from(self.engine.session().state().0);
            State::ALL.get(place).copied().unwrap_or(State::ALL[0])
        }
    }
    impl ::core::default::Default for Server {
        fn default() -> Self {
            Server::new()
        }
    }
    impl rt::machine::Machine for Server {
        type Event<'a> = server::Event<'a>;
        type Message<'m> = server::Message<'m>;
        type Engine = rt::engine::Bounded<100, 0>;
        const INPUT_BOUND: usize = 12290;
        const OUTPUT_BOUND: usize = 1573120;
        fn engine(&self) -> &Self::Engine {
            &self.engine
        }
        fn engine_mut(&mut self) -> &mut Self::Engine {
            &mut self.engine
        }
        fn receive<'a>(
            &mut self,
            input: &'a [u8],
        ) -> rt::machine::Step<Self::Event<'a>> {
            match self.engine.begin(input)? {
                rt::engine::Found::Frame(framer::COMMAND, bytes) => {
                    self.engine
                        .read::<
                            Command<'a>,
                            _,
                        >(
                            bytes,
                            |frame, refused| {
                                if refused {
                                    server::Event::Refused(frame)
                                } else {
                                    match frame {
                                        Command::Ehlo(frame) => server::Event::Ehlo(frame),
                                        Command::Helo(frame) => server::Event::Helo(frame),
                                        Command::Mail(frame) => server::Event::Mail(frame),
                                        Command::Rcpt(frame) => server::Event::Rcpt(frame),
                                        Command::Data(frame) => server::Event::Data(frame),
                                        Command::Bdat(frame) => server::Event::Bdat(frame),
                                        Command::StartTls(frame) => server::Event::StartTls(frame),
                                        Command::Auth(frame) => server::Event::Auth(frame),
                                        Command::Rset(frame) => server::Event::Rset(frame),
                                        Command::Noop(frame) => server::Event::Noop(frame),
                                        Command::Quit(frame) => server::Event::Quit(frame),
                                        Command::Vrfy(frame) => server::Event::Vrfy(frame),
                                        Command::Expn(frame) => server::Event::Expn(frame),
                                        Command::Help(frame) => server::Event::Help(frame),
                                        Command::Unknown(frame) => server::Event::Unknown(frame),
                                    }
                                }
                            },
                            Some(server::Event::Malformed),
                        )
                }
                rt::engine::Found::Frame(framer::AUTH_LINE, bytes) => {
                    self.engine
                        .read::<
                            AuthLine<'a>,
                            _,
                        >(
                            bytes,
                            |frame, _| match frame {
                                AuthLine::AuthCancel(frame) => {
                                    server::Event::AuthCancel(frame)
                                }
                                AuthLine::AuthResponse(frame) => {
                                    server::Event::AuthResponse(frame)
                                }
                            },
                            Some(server::Event::Malformed),
                        )
                }
                rt::engine::Found::Data(framer::CONTENT, data) => {
                    Ok(self.engine.piece(|| server::Event::Content(data)))
                }
                rt::engine::Found::End(framer::CONTENT, kind) => {
                    self.engine.end(kind, || server::Event::ContentEnd)
                }
                rt::engine::Found::Data(framer::CHUNK, data) => {
                    Ok(self.engine.piece(|| server::Event::Chunk(data)))
                }
                rt::engine::Found::End(framer::CHUNK, kind) => {
                    self.engine.end(kind, || server::Event::ChunkEnd)
                }
                rt::engine::Found::Overlong => {
                    self.engine.overlong(Some(server::Event::Malformed))
                }
                rt::engine::Found::Upgrade(layer::TLS) => {
                    Ok(self.engine.announce(server::Event::Upgrade(Upgrade::Tls)))
                }
                found => Ok(found.no_event()),
            }
        }
        fn send(
            &mut self,
            message: &server::Message<'_>,
            out: &mut rt::write::Out<'_>,
        ) -> rt::machine::Sent {
            match message {
                server::Message::Reply(frame) => {
                    self.engine.write(framer::REPLY, frame, out)
                }
            }
        }
    }
    impl rt::spoken::Spoken for Command<'_> {
        fn kind(&self, _role: rt::protocol::Role) -> rt::protocol::KindId {
            match self {
                Command::Ehlo(_) => kind::EHLO,
                Command::Helo(_) => kind::HELO,
                Command::Mail(_) => kind::MAIL,
                Command::Rcpt(_) => kind::RCPT,
                Command::Data(_) => kind::DATA,
                Command::Bdat(frame) => {
                    if frame.last { kind::BDAT_IF_LAST } else { kind::BDAT_UNLESS_LAST }
                }
                Command::StartTls(_) => kind::START_TLS,
                Command::Auth(_) => kind::AUTH,
                Command::Rset(_) => kind::RSET,
                Command::Noop(_) => kind::NOOP,
                Command::Quit(_) => kind::QUIT,
                Command::Vrfy(_) => kind::VRFY,
                Command::Expn(_) => kind::EXPN,
                Command::Help(_) => kind::HELP,
                Command::Unknown(_) => kind::UNKNOWN,
            }
        }
        fn site(&self, site: u8) -> u64 {
            match (self, site) {
                (Command::Bdat(frame), site::BDAT_CHUNK) => frame.size,
                _ => 0,
            }
        }
    }
    impl rt::spoken::Spoken for Reply<'_> {
        fn kind(&self, _role: rt::protocol::Role) -> rt::protocol::KindId {
            kind::REPLY
        }
        fn value(&self) -> u64 {
            u64::from(self.code)
        }
        fn site(&self, site: u8) -> u64 {
            match site {
                site::REPLY_CHUNKING => {
                    u64::from(
                        self
                            .lines
                            .iter()
                            .any(|element| rt::read::starts(
                                element.text.as_ref(),
                                b"CHUNKING",
                                true,
                                true,
                            )),
                    )
                }
                site::REPLY_STARTTLS => {
                    u64::from(
                        self
                            .lines
                            .iter()
                            .any(|element| rt::read::starts(
                                element.text.as_ref(),
                                b"STARTTLS",
                                true,
                                true,
                            )),
                    )
                }
                site::REPLY_AUTH => {
                    u64::from(
                        self
                            .lines
                            .iter()
                            .any(|element| rt::read::starts(
                                element.text.as_ref(),
                                b"AUTH",
                                true,
                                true,
                            )),
                    )
                }
                _ => 0,
            }
        }
    }
    impl rt::spoken::Spoken for AuthLine<'_> {
        fn kind(&self, _role: rt::protocol::Role) -> rt::protocol::KindId {
            match self {
                AuthLine::AuthCancel(_) => kind::AUTH_CANCEL,
                AuthLine::AuthResponse(_) => kind::AUTH_RESPONSE,
            }
        }
    }
    /// Whether a line is the last one of a `Reply`.
    fn ends_reply(line: &[u8]) -> rt::frame::Decoded<bool> {
        let reader = &mut rt::read::Reader::cut(line);
        let (_, _, flag) = rt::frame::told(
            "ReplyLine",
            ReplyLine::read_element(reader),
        )?;
        Ok(!flag)
    }
    /// What may be said in which state, and what comes of it.
    mod table {
        use super::rt::protocol::{
            Arm, Barrier, Cut, Effect, Framer, FramerId, KindId, Last, Pairing, Protocol,
            Role, Rule, State, StateId, Target, TimeLimit, Unread, index,
        };
        /// Framers by name.
        pub(super) mod framer {
            use super::FramerId;
            pub(in super::super) const COMMAND: FramerId = FramerId(0);
            pub(in super::super) const REPLY: FramerId = FramerId(1);
            pub(in super::super) const AUTH_LINE: FramerId = FramerId(2);
            pub(in super::super) const CONTENT: FramerId = FramerId(3);
            pub(in super::super) const CHUNK: FramerId = FramerId(4);
        }
        /// Kinds of frames by name.
        pub(super) mod kind {
            use super::KindId;
            pub(in super::super) const EHLO: KindId = KindId(0);
            pub(in super::super) const HELO: KindId = KindId(1);
            pub(in super::super) const MAIL: KindId = KindId(2);
            pub(in super::super) const RCPT: KindId = KindId(3);
            pub(in super::super) const DATA: KindId = KindId(4);
            pub(in super::super) const BDAT_UNLESS_LAST: KindId = KindId(5);
            pub(in super::super) const BDAT_IF_LAST: KindId = KindId(6);
            pub(in super::super) const START_TLS: KindId = KindId(7);
            pub(in super::super) const AUTH: KindId = KindId(8);
            pub(in super::super) const RSET: KindId = KindId(9);
            pub(in super::super) const NOOP: KindId = KindId(10);
            pub(in super::super) const QUIT: KindId = KindId(11);
            pub(in super::super) const VRFY: KindId = KindId(12);
            pub(in super::super) const EXPN: KindId = KindId(13);
            pub(in super::super) const HELP: KindId = KindId(14);
            pub(in super::super) const UNKNOWN: KindId = KindId(15);
            pub(in super::super) const REPLY: KindId = KindId(16);
            pub(in super::super) const AUTH_CANCEL: KindId = KindId(17);
            pub(in super::super) const AUTH_RESPONSE: KindId = KindId(18);
            pub(in super::super) const CONTENT: KindId = KindId(19);
            pub(in super::super) const CHUNK: KindId = KindId(20);
            pub(in super::super) const MALFORMED: KindId = KindId(21);
        }
        /// States by name.
        pub(super) mod state {
            use super::StateId;
            pub(in super::super) const REJECTED: StateId = StateId(1);
            pub(in super::super) const HELLO: StateId = StateId(2);
            pub(in super::super) const READY: StateId = StateId(3);
            pub(in super::super) const TRANSACTION: StateId = StateId(4);
            pub(in super::super) const CHUNKS: StateId = StateId(5);
        }
        /// Places where an effect needs a value of its frame.
        pub(super) mod site {
            pub(in super::super) const BDAT_CHUNK: u8 = 1;
            pub(in super::super) const REPLY_CHUNKING: u8 = 2;
            pub(in super::super) const REPLY_STARTTLS: u8 = 3;
            pub(in super::super) const REPLY_AUTH: u8 = 4;
        }
        /// Layers by name.
        pub(super) mod layer {
            pub(in super::super) const TLS: u8 = 0;
        }
        /// Variables, a bit each.
        mod var {
            /// What the last EHLO reply offered.
            pub(super) const CHUNKING: u32 = 1 << 0;
            /// Of `starttls`.
            pub(super) const STARTTLS: u32 = 1 << 1;
            /// Of `auth`.
            pub(super) const AUTH: u32 = 1 << 2;
        }
        /// A session of mail transfer.
        pub static PROTOCOL: Protocol = Protocol {
            name: "Smtp",
            roles: ["client", "server"],
            speaks: [framer::COMMAND, framer::REPLY],
            framers: &[
                Framer {
                    name: "Command",
                    cut: Cut::Delimited {
                        delimiter: &super::CRLF,
                        max: 12288,
                        skip: true,
                    },
                },
                Framer {
                    name: "Reply",
                    cut: Cut::Lines {
                        delimiter: &super::CRLF,
                        max: 12290,
                        count: 128,
                        last: Last::new(&super::ends_reply),
                    },
                },
                Framer {
                    name: "AuthLine",
                    cut: Cut::Delimited {
                        delimiter: &super::CRLF,
                        max: 12290,
                        skip: false,
                    },
                },
                Framer {
                    name: "Content",
                    cut: Cut::Escaped {
                        rules: &super::DOT_STUFFING,
                        kind: kind::CONTENT,
                    },
                },
                Framer {
                    name: "Chunk",
                    cut: Cut::Counted {
                        kind: kind::CHUNK,
                        tail: b"",
                        mask: 0,
                    },
                },
            ],
            kinds: &[
                "Ehlo",
                "Helo",
                "Mail",
                "Rcpt",
                "Data",
                "Bdat",
                "Bdat",
                "StartTls",
                "Auth",
                "Rset",
                "Noop",
                "Quit",
                "Vrfy",
                "Expn",
                "Help",
                "Unknown",
                "Reply",
                "AuthCancel",
                "AuthResponse",
                "Content",
                "Chunk",
                "malformed",
            ],
            malformed: [Some(kind::MALFORMED), None],
            states: &STATES,
            index: &INDEX,
            asks: [true, false],
            pairing: Pairing::Order,
            pending: 100,
            reply_millis: None,
            variables: 0,
            numbers: &[],
            tests: &[],
            layers: &["Tls"],
        };
        static STATES: [State; 6] = [
            State {
                name: "Greeting",
                time_limit: Some(TimeLimit {
                    millis: 300000,
                    otherwise: None,
                }),
                rules: &[
                    Rule::on(&[kind::REPLY])
                        .values(220, 220)
                        .leads(Target::State(state::HELLO)),
                    Rule::on(&[kind::REPLY]).values(421, 421).leads(Target::Close),
                    Rule::on(&[kind::REPLY])
                        .values(554, 554)
                        .leads(Target::State(state::REJECTED)),
                ],
                any: &[],
            },
            State {
                name: "Rejected",
                time_limit: Some(TimeLimit {
                    millis: 300000,
                    otherwise: None,
                }),
                rules: &[],
                any: &ANY,
            },
            State {
                name: "Hello",
                time_limit: Some(TimeLimit {
                    millis: 300000,
                    otherwise: None,
                }),
                rules: &[
                    Rule::on(&[kind::RSET])
                        .awaits(
                            &[
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                ],
                any: &ANY,
            },
            State {
                name: "Ready",
                time_limit: Some(TimeLimit {
                    millis: 600000,
                    otherwise: None,
                }),
                rules: &[
                    Rule::on(&[kind::MAIL])
                        .awaits(
                            &[
                                Arm::to(Target::State(state::TRANSACTION)).values(250, 250),
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                    Rule::on(&[kind::START_TLS])
                        .guard(var::STARTTLS, var::STARTTLS)
                        .barrier(Barrier::Framing)
                        .framing(1)
                        .awaits(
                            &[
                                Arm::to(Target::State(state::HELLO))
                                    .values(220, 220)
                                    .effects(
                                        &[
                                            Effect::Upgrade {
                                                layer: layer::TLS,
                                                unread: Unread::Reject,
                                            },
                                        ],
                                    ),
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                    Rule::on(&[kind::AUTH])
                        .guard(var::AUTH, var::AUTH)
                        .barrier(Barrier::Framing)
                        .framing(2)
                        .awaits(
                            &[
                                Arm::to(Target::Stay)
                                    .values(334, 334)
                                    .effects(
                                        &[
                                            Effect::Then {
                                                role: Role::First,
                                                framer: framer::AUTH_LINE,
                                                site: 0,
                                                mask: 0,
                                            },
                                        ],
                                    ),
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                ],
                any: &ANY,
            },
            State {
                name: "Transaction",
                time_limit: Some(TimeLimit {
                    millis: 600000,
                    otherwise: None,
                }),
                rules: &[
                    Rule::on(&[kind::RCPT])
                        .awaits(
                            &[
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                    Rule::on(&[kind::DATA])
                        .barrier(Barrier::Framing)
                        .framing(3)
                        .awaits(
                            &[
                                Arm::to(Target::State(state::READY))
                                    .values(354, 354)
                                    .effects(
                                        &[
                                            Effect::Then {
                                                role: Role::First,
                                                framer: framer::CONTENT,
                                                site: 0,
                                                mask: 0,
                                            },
                                        ],
                                    ),
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                    Rule::on(&[kind::BDAT_IF_LAST])
                        .guard(var::CHUNKING, var::CHUNKING)
                        .framing(4)
                        .effects(
                            &[
                                Effect::Then {
                                    role: Role::First,
                                    framer: framer::CHUNK,
                                    site: site::BDAT_CHUNK,
                                    mask: 0,
                                },
                            ],
                        )
                        .awaits(
                            &[
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::State(state::READY)),
                            ],
                        ),
                    Rule::on(&[kind::BDAT_UNLESS_LAST, kind::BDAT_IF_LAST])
                        .guard(var::CHUNKING, var::CHUNKING)
                        .framing(4)
                        .effects(
                            &[
                                Effect::Then {
                                    role: Role::First,
                                    framer: framer::CHUNK,
                                    site: site::BDAT_CHUNK,
                                    mask: 0,
                                },
                            ],
                        )
                        .awaits(
                            &[
                                Arm::to(Target::State(state::CHUNKS)).values(250, 250),
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                ],
                any: &ANY,
            },
            State {
                name: "Chunks",
                time_limit: Some(TimeLimit {
                    millis: 600000,
                    otherwise: None,
                }),
                rules: &[
                    Rule::on(&[kind::BDAT_IF_LAST])
                        .framing(4)
                        .effects(
                            &[
                                Effect::Then {
                                    role: Role::First,
                                    framer: framer::CHUNK,
                                    site: site::BDAT_CHUNK,
                                    mask: 0,
                                },
                            ],
                        )
                        .awaits(
                            &[
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::State(state::READY)),
                            ],
                        ),
                    Rule::on(&[kind::BDAT_UNLESS_LAST, kind::BDAT_IF_LAST])
                        .framing(4)
                        .effects(
                            &[
                                Effect::Then {
                                    role: Role::First,
                                    framer: framer::CHUNK,
                                    site: site::BDAT_CHUNK,
                                    mask: 0,
                                },
                            ],
                        )
                        .awaits(
                            &[
                                Arm::to(Target::Close).values(421, 421),
                                Arm::to(Target::Stay),
                            ],
                        ),
                ],
                any: &ANY,
            },
        ];
        static ANY: [Rule; 14] = [
            Rule::on(&[kind::EHLO])
                .barrier(Barrier::Variable)
                .awaits(
                    &[
                        Arm::to(Target::State(state::READY))
                            .values(250, 250)
                            .effects(
                                &[
                                    Effect::Set {
                                        variable: var::CHUNKING,
                                        site: site::REPLY_CHUNKING,
                                    },
                                    Effect::Set {
                                        variable: var::STARTTLS,
                                        site: site::REPLY_STARTTLS,
                                    },
                                    Effect::Set {
                                        variable: var::AUTH,
                                        site: site::REPLY_AUTH,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::HELO])
                .barrier(Barrier::Variable)
                .awaits(
                    &[
                        Arm::to(Target::State(state::READY))
                            .values(250, 250)
                            .effects(
                                &[
                                    Effect::Assign {
                                        variable: var::CHUNKING,
                                        value: false,
                                    },
                                    Effect::Assign {
                                        variable: var::STARTTLS,
                                        value: false,
                                    },
                                    Effect::Assign {
                                        variable: var::AUTH,
                                        value: false,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::MAIL, kind::RCPT])
                .refuse()
                .awaits(
                    &[Arm::to(Target::Close).values(421, 421), Arm::to(Target::Stay)],
                ),
            Rule::on(&[kind::DATA])
                .refuse()
                .barrier(Barrier::Framing)
                .framing(3)
                .awaits(
                    &[
                        Arm::to(Target::Stay)
                            .values(354, 354)
                            .effects(
                                &[
                                    Effect::Then {
                                        role: Role::First,
                                        framer: framer::CONTENT,
                                        site: 0,
                                        mask: 0,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::CONTENT])
                .awaits(
                    &[Arm::to(Target::Close).values(421, 421), Arm::to(Target::Stay)],
                ),
            Rule::on(&[kind::BDAT_UNLESS_LAST, kind::BDAT_IF_LAST])
                .refuse()
                .framing(4)
                .effects(
                    &[
                        Effect::Then {
                            role: Role::First,
                            framer: framer::CHUNK,
                            site: site::BDAT_CHUNK,
                            mask: 0,
                        },
                    ],
                )
                .awaits(
                    &[Arm::to(Target::Close).values(421, 421), Arm::to(Target::Stay)],
                ),
            Rule::on(&[kind::START_TLS])
                .refuse()
                .barrier(Barrier::Framing)
                .framing(1)
                .awaits(
                    &[
                        Arm::to(Target::State(state::HELLO))
                            .values(220, 220)
                            .effects(
                                &[
                                    Effect::Upgrade {
                                        layer: layer::TLS,
                                        unread: Unread::Reject,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::AUTH])
                .refuse()
                .barrier(Barrier::Framing)
                .framing(2)
                .awaits(
                    &[
                        Arm::to(Target::Stay)
                            .values(334, 334)
                            .effects(
                                &[
                                    Effect::Then {
                                        role: Role::First,
                                        framer: framer::AUTH_LINE,
                                        site: 0,
                                        mask: 0,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::AUTH_RESPONSE])
                .barrier(Barrier::Framing)
                .framing(2)
                .awaits(
                    &[
                        Arm::to(Target::Stay)
                            .values(334, 334)
                            .effects(
                                &[
                                    Effect::Then {
                                        role: Role::First,
                                        framer: framer::AUTH_LINE,
                                        site: 0,
                                        mask: 0,
                                    },
                                ],
                            ),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::AUTH_CANCEL, kind::HELP, kind::UNKNOWN, kind::MALFORMED])
                .awaits(
                    &[Arm::to(Target::Close).values(421, 421), Arm::to(Target::Stay)],
                ),
            Rule::on(&[kind::RSET])
                .awaits(
                    &[
                        Arm::to(Target::State(state::READY)).values(250, 250),
                        Arm::to(Target::Close).values(421, 421),
                        Arm::to(Target::Stay),
                    ],
                ),
            Rule::on(&[kind::QUIT])
                .barrier(Barrier::End)
                .awaits(&[Arm::to(Target::Close)]),
            Rule::on(&[kind::NOOP, kind::VRFY, kind::EXPN])
                .barrier(Barrier::Declared)
                .awaits(
                    &[Arm::to(Target::Close).values(421, 421), Arm::to(Target::Stay)],
                ),
            Rule::on(&[kind::REPLY]).values(421, 421).leads(Target::Close),
        ];
        static INDEX: [&[u8]; 6] = [
            &index::<22>(&STATES[0]),
            &index::<22>(&STATES[1]),
            &index::<22>(&STATES[2]),
            &index::<22>(&STATES[3]),
            &index::<22>(&STATES[4]),
            &index::<22>(&STATES[5]),
        ];
    }
}
