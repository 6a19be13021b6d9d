//! What shows that a description is wrong: the shortest there is.

use std::fmt;

/// Bytes, a value or an order of messages with which it goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Witness {
    /// Bytes of the wire.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// What is wrong with them, to be read behind them.
        says: String,
    },
    /// A payload that is not read as it was written.
    RoundTrip {
        /// The payload.
        payload: Vec<u8>,
        /// What is written for it.
        wire: Vec<u8>,
        /// What is read of that; `None`: it has no end.
        read: Option<Vec<u8>>,
    },
    /// Values of fields.
    Values {
        /// The fields, by their names.
        fields: Vec<(String, i128)>,
        /// What is wrong with them, to be read behind them.
        says: String,
    },
    /// Messages in an order that both sides may keep to.
    Order {
        /// One after the other.
        steps: Vec<Step>,
        /// What is wrong behind the last.
        says: String,
    },
}

/// One message of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who says it.
    pub role: String,
    /// What is said: a frame, and the value that rules look at where there is one.
    pub message: String,
    /// The states that the session may then be in: several while replies are outstanding, none if
    /// it is over.
    pub leads: Vec<String>,
}

impl fmt::Display for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Witness::Bytes { bytes, says } => write!(formatter, "{} {says}", Shown(bytes)),
            Witness::RoundTrip { payload, wire, read } => {
                let (payload, wire) = (Shown(payload), Shown(wire));
                write!(formatter, "the payload {payload} is written as {wire} and read as ")?;
                match read {
                    Some(read) => write!(formatter, "{}", Shown(read)),
                    None => formatter.write_str("a payload without an end"),
                }
            }
            Witness::Values { fields, says } => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    let before = if place == 0 { "with " } else { ", " };
                    write!(formatter, "{before}`{name}` = {value}")?;
                }
                write!(formatter, ", {says}")
            }
            Witness::Order { steps, says } => {
                writeln!(formatter, "in this order:")?;
                for (place, step) in steps.iter().enumerate() {
                    writeln!(formatter, "{}. {step}", place + 1)?;
                }
                formatter.write_str(says)
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} => ", self.role, self.message)?;
        match self.leads.as_slice() {
            [] => formatter.write_str("close"),
            [one] => formatter.write_str(one),
            several => write!(formatter, "{}, which nobody knows yet", several.join(" or ")),
        }
    }
}

/// Bytes as text where they are, and as hexadecimal digits otherwise.
struct Shown<'b>(&'b [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(bytes) = self;
        let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        if bytes.is_empty() {
            return formatter.write_str("nothing");
        }
        if bytes.iter().all(is_text) {
            return write!(formatter, "`\"{}\"`", bytes.escape_ascii());
        }
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        write!(formatter, "`{}`", digits.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, Witness};

    #[test]
    fn bytes_are_shown_as_what_they_are() {
        let shown = |bytes: &[u8]| {
            Witness::Bytes { bytes: bytes.to_vec(), says: "begins both".into() }.to_string()
        };
        assert_eq!(shown(b"AB\r\n"), "`\"AB\\r\\n\"` begins both");
        assert_eq!(shown(b"\x10A\x03"), "`10 41 03` begins both");
        assert_eq!(shown(b""), "nothing begins both");
        let trip = Witness::RoundTrip { payload: vec![0x10], wire: vec![0x10, 3], read: None };
        let text = "the payload `10` is written as `10 03` and read as a payload without an end";
        assert_eq!(trip.to_string(), text);
        let fields = vec![("a".into(), 255), ("b".into(), -1)];
        let values = Witness::Values { fields, says: "it is less than zero".into() };
        assert_eq!(values.to_string(), "with `a` = 255, `b` = -1, it is less than zero");
    }

    #[test]
    fn an_order_is_a_list() {
        let step = |message: &str, leads: &[&str]| Step {
            role: "client".into(),
            message: message.into(),
            leads: leads.iter().map(|lead| (*lead).to_owned()).collect(),
        };
        let steps =
            vec![step("Mail", &["Ready", "Mailing"]), step("Rcpt", &["Ready"]), step("Quit", &[])];
        let order = Witness::Order { steps, says: "nothing is left".into() };
        let text = "in this order:\n1. client Mail => Ready or Mailing, which nobody knows yet\n\
                    2. client Rcpt => Ready\n3. client Quit => close\nnothing is left";
        assert_eq!(order.to_string(), text);
    }
}
