//! SMTP, frame by frame: values that were made up come back, and what would not is refused.

use framer_protocols::smtp::{
    Argument, AtDomain, Auth, AuthCancel, AuthLine, AuthParameter, AuthResponse, Bdat,
    BodyParameter, BodyType, Command, Data, DottedLocal, Ehlo, EnhancedStatus, Expn, Helo, Help,
    InitialResponse, LocalPart, Mail, MailParameter, Mailbox, Noop, NullPath, Parameter,
    ParameterValue, Path, Quit, QuotedLocal, Rcpt, Reply, ReplyLine, ReversePath, Rset,
    SizeParameter, SmtpUtf8, SourceRoute, StartTls, Unknown, Vrfy,
};
use framer_runtime::frame::Frame;
use framer_runtime::violation::Rule;
use framer_tests::frames::{encoded, refused};
use proptest::prelude::*;

const DOMAIN: &str = "[a-zA-Z0-9._:é\\[\\]-]{1,40}";
const LOCAL: &str = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.ü-]{1,30}";
const PRINTABLE: &str = "[ -~é]{1,60}";
const BASE64: &str = "[a-zA-Z0-9+/=]{1,60}";

/// What the local part of a mailbox is made of, in quotes or without.
#[derive(Clone, Debug)]
struct Words {
    local: String,
    quoted: Option<String>,
    domain: Option<String>,
    route: Option<String>,
}

impl Words {
    fn path(&self) -> Path<'_> {
        let local: LocalPart<'_> = match &self.quoted {
            Some(text) => QuotedLocal::new(text).into(),
            None => DottedLocal::new(&self.local).into(),
        };
        let domain = self.domain.as_deref().map(AtDomain::new);
        let route = self.route.as_deref().map(SourceRoute::new);
        Path { route, mailbox: Mailbox { local, domain } }
    }
}

fn words() -> impl Strategy<Value = Words> {
    let quoted = prop::option::of("([ !#-\\[\\]-~ß]|\\\\[ -~]){0,20}");
    let (domain, route) = (prop::option::of(DOMAIN), prop::option::of("[a-zA-Z0-9._@,-]{1,40}"));
    (LOCAL, quoted, domain, route).prop_map(|(local, quoted, domain, route)| Words {
        local,
        quoted,
        domain,
        route,
    })
}

/// Whether a keyword is one that has a meaning of its own, with this value or without.
fn has_meaning(parameter: &Parameter<'_>) -> bool {
    let Parameter { keyword, value } = parameter;
    let known = ["SIZE", "BODY", "AUTH", "SMTPUTF8"];
    known
        .iter()
        .any(|one| one.eq_ignore_ascii_case(keyword) && (value.is_some() == (one.len() == 4)))
}

proptest! {
    #[test]
    fn every_command_comes_back(
        domain in DOMAIN,
        (one, other) in (words(), words()),
        (keyword, value) in ("[a-zA-Z0-9-]{1,20}", prop::option::of("[!-<>-~é]{1,40}")),
        (xtext, printable, base64) in ("[!-<>-~]{1,40}", PRINTABLE, BASE64),
        mechanism in "[A-Za-z0-9_-]{1,20}",
        line: Vec<u8>,
        number: u64,
        flag: bool,
        body in prop::sample::select(vec![
            BodyType::SevenBit, BodyType::EightBitMime, BodyType::BinaryMime,
        ]),
    ) {
        let value = value.as_deref().map(ParameterValue::new);
        let parameter = Parameter { keyword: &keyword, value };
        prop_assume!(!has_meaning(&parameter));
        let parameters: [MailParameter<'_>; 5] = [
            SizeParameter::new(number).into(),
            BodyParameter::new(body).into(),
            SmtpUtf8.into(),
            AuthParameter::new(&xtext).into(),
            parameter.into(),
        ];
        let others = [parameter];
        let from: ReversePath<'_> = if flag { NullPath.into() } else { one.path().into() };
        let initial = flag.then(|| InitialResponse::new(&base64));
        let argument = flag.then(|| Argument::new(&printable));
        let commands: [Command<'_>; 14] = [
            Ehlo::new(&domain).into(),
            Helo::new(&domain).into(),
            Mail { from, parameters: (&parameters).into() }.into(),
            Rcpt { to: other.path(), parameters: (&others).into() }.into(),
            Data.into(),
            Bdat::new(number, flag).into(),
            StartTls.into(),
            Auth { mechanism: &mechanism, initial }.into(),
            Rset.into(),
            Noop { argument }.into(),
            Quit.into(),
            Vrfy::new(&printable).into(),
            Expn::new(&printable).into(),
            Help { argument }.into(),
        ];
        for command in commands {
            let wire = encoded(command);
            prop_assert_eq!(Command::decode(&wire), Ok(command));
        }
        // Whatever else stands on a line is written where it is read as nothing else.
        let unknown = Command::from(Unknown::new(&line));
        let mut wire = Vec::new();
        match unknown.encode(&mut wire) {
            Ok(()) => prop_assert_eq!(Command::decode(&wire), Ok(unknown)),
            Err(error) => prop_assert!(
                error.rule == Rule::Ambiguous || line.contains(&b'\r') || line.contains(&b'\n'),
                "{}", error
            ),
        }
        let responses = [AuthResponse::new(&base64), AuthResponse::new("")].map(AuthLine::from);
        for response in responses.into_iter().chain([AuthCancel.into()]) {
            let wire = encoded(response);
            prop_assert_eq!(AuthLine::decode(&wire), Ok(response));
        }
    }

    #[test]
    fn every_reply_comes_back(
        code in 200..=599_u16,
        lines in prop::collection::vec(
            ("[\t -~é]{0,40}", prop::option::of((0..=999_u16, 0..=999_u16))),
            1..6,
        ),
    ) {
        let class = u8::try_from(code / 100).expect("a digit");
        let lines: Vec<ReplyLine<'_>> = lines
            .iter()
            .map(|(text, status)| {
                let status = status.filter(|_| class != 3);
                let enhanced =
                    status.map(|(subject, detail)| EnhancedStatus::new(class, subject, detail));
                ReplyLine { enhanced, text }
            })
            .collect();
        let reply = Reply { code, lines: (&lines[..]).into() };
        let mut wire = Vec::new();
        // A text that begins like a status in detail would be read as one.
        prop_assume!(reply.encode(&mut wire).is_ok());
        prop_assert_eq!(Reply::decode(&wire), Ok(reply));
        prop_assert_eq!(encoded(Reply::decode(&wire).expect("it was read")), wire);
    }
}

/// Each is refused at its field, and nothing is written.
#[test]
fn what_cannot_be_written() {
    let long = "a".repeat(256);
    assert_eq!(refused(Ehlo::new(&long)).0, "domain");
    assert_eq!(refused(Ehlo::new("")), ("domain", Rule::TooShort { class: "domain_char", min: 1 }));
    assert_eq!(refused(Ehlo::new("a b")), ("domain", Rule::Class { class: "domain_char" }));
    assert_eq!(refused(Vrfy::new("a\r\nDATA")), ("argument", Rule::Class { class: "printable" }));
    assert_eq!(refused(Command::from(Unknown::new(b"QUIT"))).1, Rule::Ambiguous);
    assert_eq!(refused(AuthLine::from(AuthResponse::new("*"))).0, "response");
    let lines = [ReplyLine::new("2.1.0 as it seems")];
    assert_eq!(refused(Reply { code: 250, lines: (&lines).into() }).1, Rule::Ambiguous);
}
