//! AUTH PLAIN and LOGIN (RFC 4616, RFC 4954).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A name and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::str::FromStr for Login {
    type Err = String;

    fn from_str(text: &str) -> Result<Login, String> {
        let (user, password) = text.split_once(':').ok_or("must be USER:PASS")?;
        Ok(Login { user: user.to_owned(), password: password.to_owned() })
    }
}

impl Login {
    /// The response of PLAIN (RFC 4616 section 2), in base64.
    #[must_use]
    pub fn plain(&self) -> String {
        BASE64_STANDARD.encode(format!("\0{}\0{}", self.user, self.password))
    }
}

/// Base64 of a text.
#[must_use]
pub fn encode(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// What a client has to say next to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// `334` with this text, and then the answer in this state.
    Ask(&'static str, Pending),
    /// The client may come in.
    Granted,
    /// It may not.
    Denied,
    /// Its response is not base64, or not of the mechanism.
    Nonsense,
}

/// A login that waits for the client's next line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// PLAIN's only response.
    Plain,
    /// LOGIN's name.
    User,
    /// LOGIN's password, of this user.
    Password(String),
}

impl Pending {
    /// The first step of a mechanism; `None` for one that is not offered.
    #[must_use]
    pub fn begin(mechanism: &str, initial: Option<&str>, login: &Login) -> Option<Challenge> {
        let (pending, challenge) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => (Pending::Plain, ""),
            // "Username:"
            "LOGIN" => (Pending::User, "VXNlcm5hbWU6"),
            _ => return None,
        };
        Some(match initial {
            // RFC 4954 section 4: `=` is an empty response.
            Some("=") => pending.answer("", login),
            Some(initial) => pending.answer(initial, login),
            None => Challenge::Ask(challenge, pending),
        })
    }

    /// The next step after a line of the client.
    #[must_use]
    pub fn answer(self, response: &str, login: &Login) -> Challenge {
        let decoded = BASE64_STANDARD.decode(response).ok();
        let Some(text) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Challenge::Nonsense;
        };
        let judge = |user: &str, password: &str| match (user, password) {
            pair if pair == (login.user.as_str(), login.password.as_str()) => Challenge::Granted,
            _ => Challenge::Denied,
        };
        match self {
            Pending::Plain => match text.split('\0').collect::<Vec<_>>().as_slice() {
                [_, user, password] => judge(user, password),
                _ => Challenge::Nonsense,
            },
            // "Password:"
            Pending::User => Challenge::Ask("UGFzc3dvcmQ6", Pending::Password(text)),
            Pending::Password(user) => judge(&user, &text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Challenge, Login, Pending, encode};

    #[test]
    fn both_mechanisms() {
        let login: Login = "tim:tanstaaf:tanstaaf".parse().expect("a login");
        assert_eq!(Pending::begin("plain", Some(&login.plain()), &login), Some(Challenge::Granted));
        assert_eq!(
            Pending::begin("PLAIN", Some(&encode("\0tim\0no")), &login),
            Some(Challenge::Denied)
        );
        assert_eq!(Pending::begin("PLAIN", Some("="), &login), Some(Challenge::Nonsense));
        assert_eq!(Pending::begin("CRAM-MD5", None, &login), None);
        let ask = Pending::User.answer(&encode("tim"), &login);
        let Challenge::Ask(_, pending) = ask else { panic!("{ask:?}") };
        assert_eq!(pending.clone().answer(&encode("no"), &login), Challenge::Denied);
        assert_eq!(pending.answer(&encode("tanstaaf:tanstaaf"), &login), Challenge::Granted);
    }
}
