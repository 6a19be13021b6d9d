//! What was written and what was read of it.

use framer_interpret::{Field, Frame, Value};

/// Whether a value is what was read; what was read has what is derived, too.
#[must_use]
pub fn same(value: &Value<'_>, read: &Value<'_>) -> bool {
    match (value, read) {
        (Value::Frame(value), Value::Frame(read)) => same_frame(value, read),
        (Value::List(values), Value::List(read)) => {
            values.len() == read.len()
                && values.iter().zip(read).all(|(value, read)| same(&value.value, &read.value))
        }
        (Value::Name { name, .. }, Value::Name { name: read, .. }) => name == read,
        (Value::Bytes(bytes), Value::Coded(coded)) => coded.to_vec() == **bytes,
        (Value::Coded(coded), Value::Coded(read)) => coded.to_vec() == read.to_vec(),
        _ => value == read,
    }
}

fn same_frame(value: &Frame<'_>, read: &Frame<'_>) -> bool {
    let fields = value.fields.iter().filter(|field| !field.derived);
    let alike = |field: &Field<'_>| {
        // What follows from where a frame stands is read as what it must be.
        let mut read = read.fields.iter().filter(|read| read.name == field.name);
        read.any(|read| read.derived || same(&field.value, &read.value))
    };
    value.name == read.name && fields.into_iter().all(alike)
}
