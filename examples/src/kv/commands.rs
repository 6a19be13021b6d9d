//! What each command does.

use std::time::Duration;

use framer_protocols::resp::{Array, Bulk, Integer, Map, Null, NullBulk, Simple, Value};
use framer_runtime::violation::Misuse;

use super::store::{Data, Store};

/// Why a command is not done.
pub(super) enum Failure {
    /// Told to the client.
    Said(String),
    /// The answer cannot be sent.
    Sending(Misuse),
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Failure {
        Failure::Sending(misuse)
    }
}

type Done = Result<(), Failure>;

fn said(text: impl Into<String>) -> Failure {
    Failure::Said(text.into())
}

fn wrong_type() -> Failure {
    said("WRONGTYPE Operation against a key holding the wrong kind of value")
}

/// What the client has agreed to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Version {
    three: bool,
}

impl Version {
    /// How it is told that there is nothing.
    fn nothing(self) -> Value<'static> {
        if self.three { Null.into() } else { NullBulk.into() }
    }

    fn text(self, text: Option<&[u8]>) -> Value<'_> {
        text.map_or(self.nothing(), |text| Bulk::new(text).into())
    }
}

/// Does what a client asks for, and answers with `send`, once.
///
/// # Errors
/// Why it is not done.
pub(super) fn run(
    store: &mut Store,
    version: &mut Version,
    name: &[u8],
    args: &[&[u8]],
    mut send: impl FnMut(Value<'_>) -> Result<(), Misuse>,
) -> Done {
    let name = name.to_ascii_uppercase();
    let ok = Value::from(Simple::new(b"OK"));
    let integer =
        |count: usize| Value::from(Integer::new(i64::try_from(count).unwrap_or(i64::MAX)));
    let answer = match (name.as_slice(), args) {
        (b"PING", []) => Simple::new(b"PONG").into(),
        (b"PING" | b"ECHO", [text]) => Bulk::new(text).into(),
        (b"SET", [key, text, options @ ..]) => match set(store, key, text, options)? {
            true => ok,
            false => version.nothing(),
        },
        (b"GET", [key]) => match store.get(key) {
            Some(Data::Text(text)) => Bulk::new(text).into(),
            Some(_) => return Err(wrong_type()),
            None => version.nothing(),
        },
        (b"MSET", pairs) if !pairs.is_empty() && pairs.len().is_multiple_of(2) => {
            for pair in pairs.chunks_exact(2) {
                if let [key, text] = pair {
                    store.set(key, text, None);
                }
            }
            ok
        }
        (b"DEL", keys) => integer(keys.iter().filter(|key| store.remove(key)).count()),
        (b"EXISTS", keys) => integer(keys.iter().filter(|key| store.get(key).is_some()).count()),
        (b"INCR", [key]) => increased(store, key, 1)?,
        (b"DECR", [key]) => increased(store, key, -1)?,
        (b"INCRBY", [key, by]) => increased(store, key, number(by)?)?,
        (b"EXPIRE", [key, seconds]) => {
            let seconds = u64::try_from(number(seconds)?).unwrap_or(0);
            integer(usize::from(store.expire(key, Duration::from_secs(seconds))))
        }
        (b"TTL", [key]) => Integer::new(match store.lasts(key) {
            None => -2,
            Some(None) => -1,
            Some(Some(lasts)) => {
                i64::try_from(lasts.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
            }
        })
        .into(),
        (b"DBSIZE", []) => integer(store.len()),
        (b"FLUSHALL" | b"FLUSHDB", _) => {
            store.clear();
            ok
        }
        (b"SELECT" | b"CLIENT", _) => ok,
        (b"CONFIG" | b"COMMAND", _) => Array::new(&[]).into(),
        (b"HELLO", wanted) => {
            version.three = match wanted.first() {
                Some(&b"3") => true,
                Some(&b"2") => false,
                None => version.three,
                Some(_) => return Err(said("NOPROTO unsupported protocol version")),
            };
            let items = hello(if version.three { 3 } else { 2 });
            return Ok(match version.three {
                true => send(Map::new(&items).into()),
                false => send(Array::new(&items).into()),
            }?);
        }
        _ => return of_parts(store, *version, &name, args, send),
    };
    Ok(send(answer)?)
}

/// What the server tells of itself.
fn hello(version: i64) -> [Value<'static>; 6] {
    [
        Bulk::new(b"server").into(),
        Bulk::new(b"kv").into(),
        Bulk::new(b"version").into(),
        Bulk::new(env!("CARGO_PKG_VERSION").as_bytes()).into(),
        Bulk::new(b"proto").into(),
        Integer::new(version).into(),
    ]
}

/// The commands on what has parts: lists, sets, hashes.
fn of_parts(
    store: &mut Store,
    version: Version,
    name: &[u8],
    args: &[&[u8]],
    mut send: impl FnMut(Value<'_>) -> Result<(), Misuse>,
) -> Done {
    let integer =
        |count: usize| Value::from(Integer::new(i64::try_from(count).unwrap_or(i64::MAX)));
    let taken: Option<Vec<u8>>;
    let answer = match (name, args) {
        (b"LPUSH" | b"RPUSH", [key, items @ ..]) if !items.is_empty() => {
            let Data::List(list) = store.entry(key, || Data::List(Default::default())) else {
                return Err(wrong_type());
            };
            for item in items {
                match name {
                    b"LPUSH" => list.push_front(item.to_vec()),
                    _ => list.push_back(item.to_vec()),
                }
            }
            integer(list.len())
        }
        (b"LPOP" | b"RPOP", [key]) => {
            taken = match store.get(key) {
                Some(Data::List(list)) if name == b"LPOP" => list.pop_front(),
                Some(Data::List(list)) => list.pop_back(),
                Some(_) => return Err(wrong_type()),
                None => None,
            };
            version.text(taken.as_deref())
        }
        (b"LRANGE", [key, first, last]) => {
            let items: Vec<Value<'_>> = match store.get(key) {
                Some(Data::List(list)) => {
                    let (first, last) = (place(first, list.len())?, place(last, list.len())?);
                    let count = (last + 1).saturating_sub(first);
                    let count = usize::try_from(count).unwrap_or(0);
                    let first = usize::try_from(first).unwrap_or(0);
                    list.iter().skip(first).take(count).map(|item| Bulk::new(item).into()).collect()
                }
                Some(_) => return Err(wrong_type()),
                None => Vec::new(),
            };
            return Ok(send(Array::new(&items).into())?);
        }
        (b"SADD", [key, members @ ..]) if !members.is_empty() => {
            let Data::Set(set) = store.entry(key, || Data::Set(Default::default())) else {
                return Err(wrong_type());
            };
            integer(members.iter().filter(|member| set.insert(member.to_vec())).count())
        }
        (b"SPOP", [key]) => {
            taken = match store.get(key) {
                Some(Data::Set(set)) => {
                    let member = set.iter().next().cloned();
                    member.and_then(|member| set.take(&member))
                }
                Some(_) => return Err(wrong_type()),
                None => None,
            };
            version.text(taken.as_deref())
        }
        (b"HSET", [key, pairs @ ..]) if !pairs.is_empty() && pairs.len().is_multiple_of(2) => {
            let Data::Hash(hash) = store.entry(key, || Data::Hash(Default::default())) else {
                return Err(wrong_type());
            };
            let pairs = pairs.chunks_exact(2).filter_map(|pair| pair.split_first());
            integer(pairs.fold(0, |new, (field, value)| {
                let value = value.first().map_or(Vec::new(), |value| value.to_vec());
                new + usize::from(hash.insert(field.to_vec(), value).is_none())
            }))
        }
        (b"HGET", [key, field]) => match store.get(key) {
            Some(Data::Hash(hash)) => version.text(hash.get(*field).map(Vec::as_slice)),
            Some(_) => return Err(wrong_type()),
            None => version.nothing(),
        },
        (b"ZADD", [key, score, member]) => {
            let Data::Sorted(set) = store.entry(key, || Data::Sorted(Default::default())) else {
                return Err(wrong_type());
            };
            let old = set.iter().find(|(_, other)| other == member).cloned();
            let new = old.is_none();
            old.map(|old| set.remove(&old));
            set.insert((number(score)?, member.to_vec()));
            integer(usize::from(new))
        }
        (b"ZPOPMIN", [key]) => {
            let first = match store.get(key) {
                Some(Data::Sorted(set)) => set.pop_first(),
                Some(_) => return Err(wrong_type()),
                None => None,
            };
            let Some((score, member)) = first else { return Ok(send(Array::new(&[]).into())?) };
            let score = score.to_string();
            let items = [Bulk::new(&member).into(), Bulk::new(score.as_bytes()).into()];
            return Ok(send(Array::new(&items).into())?);
        }
        _ => {
            let name = String::from_utf8_lossy(name);
            return Err(said(format!("ERR unknown command or wrong arguments: '{name}'")));
        }
    };
    Ok(send(answer)?)
}

fn number(text: &[u8]) -> Result<i64, Failure> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| said("ERR value is not an integer or out of range"))
}

/// A place in a list, counted from the end where it is negative.
fn place(text: &[u8], len: usize) -> Result<i64, Failure> {
    let place = number(text)?;
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    Ok(if place < 0 { len.saturating_add(place).max(0) } else { place.min(len) })
}

fn increased(store: &mut Store, key: &[u8], by: i64) -> Result<Value<'static>, Failure> {
    let Data::Text(text) = store.entry(key, || Data::Text(b"0".to_vec())) else {
        return Err(wrong_type());
    };
    let sum = number(text)?.checked_add(by).ok_or_else(|| said("ERR increment would overflow"))?;
    *text = sum.to_string().into_bytes();
    Ok(Integer::new(sum).into())
}

/// Sets a key as its options say; whether they let it be set.
fn set(store: &mut Store, key: &[u8], text: &[u8], options: &[&[u8]]) -> Result<bool, Failure> {
    let mut lasts = None;
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let there = store.get(key).is_some();
        match option.to_ascii_uppercase().as_slice() {
            b"NX" if there => return Ok(false),
            b"XX" if !there => return Ok(false),
            b"NX" | b"XX" => {}
            unit @ (b"EX" | b"PX") => {
                let count = number(options.next().copied().unwrap_or_default())?;
                let count = u64::try_from(count).map_err(|_| said("ERR invalid expire time"))?;
                lasts = Some(match unit {
                    b"EX" => Duration::from_secs(count),
                    _ => Duration::from_millis(count),
                });
            }
            _ => return Err(said("ERR syntax error")),
        }
    }
    store.set(key, text, lasts);
    Ok(true)
}
