//! The two engines, compiled and interpreted, make the same of every type that is bundled or stands
//! in the language reference: of values made up from the description, of their bytes, of these
//! changed, and of streams of them.

use framer_interpret::{Description, Schema, Value};
use framer_tests::twin::{Changes, Made, interpreted, interpreted_cut, same, types};

/// How many values are made up for each type, unless `FRAMER_TWIN_CHANGES` says so.
const VALUES: u64 = 60;

fn values() -> u64 {
    let number = std::env::var("FRAMER_TWIN_CHANGES").ok();
    number.map_or(VALUES, |number| number.parse().expect("FRAMER_TWIN_CHANGES is a number"))
}

#[test]
fn values_made_up_are_written_and_read_alike() {
    for of in types::ALL {
        let description = of.load();
        for ty in of.types {
            let schema = description.schema(ty.name).expect("it is declared");
            let mut written = 0;
            for seed in 0..values() {
                let value = Made::of(description, seed).value(ty.name);
                let mut bytes = Vec::new();
                if schema.encode(&value, &mut bytes).is_err() {
                    continue;
                }
                written += 1;
                assert_eq!(
                    again(schema, &value, &bytes),
                    Ok(bytes.clone()),
                    "{} {}: {}",
                    of.name,
                    ty.name,
                    bytes.escape_ascii()
                );
                let mut source = Changes::of(seed + 1);
                for _ in 0..8 {
                    assert_eq!(
                        interpreted(description, ty.name, &bytes),
                        (ty.compiled)(&bytes),
                        "{} {}: {}",
                        of.name,
                        ty.name,
                        bytes.escape_ascii()
                    );
                    source.bytes(&mut bytes);
                }
            }
            assert!(written > 0, "{} {}: none could be written", of.name, ty.name);
        }
    }
}

/// What was written of a value is read as it, and written once more.
fn again(schema: Schema, value: &Value<'_>, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let read = schema.decode(bytes).map_err(|invalid| invalid.to_string())?;
    if !same(value, &read) {
        return Err(format!("{value:?} is read as {read:?}"));
    }
    let mut out = Vec::new();
    schema.encode(&read, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

#[test]
fn streams_are_cut_alike() {
    let mut cut = 0;
    for of in types::ALL {
        let description = of.load();
        for ty in of.types {
            let Some(compiled) = ty.cut else { continue };
            cut += 1;
            for seed in 0..values() {
                let stream = stream(description, ty.name, seed);
                let run = |pieces: &[&[u8]]| {
                    let seen = compiled(pieces);
                    let shown = stream.escape_ascii();
                    let other = interpreted_cut(description, ty.name, pieces);
                    assert_eq!(other, seen, "{} {}: {shown}", of.name, ty.name);
                };
                run(&[&stream]);
                run(&stream.chunks(1).collect::<Vec<_>>());
                run(&Changes::of(seed).pieces(&stream));
            }
        }
    }
    assert!(cut > 30, "{cut} types say where they end");
}

/// Frames of a type one behind the other, changed in every second stream.
fn stream(description: &'static Description, name: &str, seed: u64) -> Vec<u8> {
    let schema = description.schema(name).expect("it is declared");
    let mut made = Made::of(description, seed);
    let mut stream = Vec::new();
    for _ in 0..6 {
        let value = made.value(name);
        // What cannot be written leaves nothing.
        let _ = schema.encode(&value, &mut stream);
    }
    if seed % 2 == 1 {
        Changes::of(seed).bytes(&mut stream);
    }
    stream
}
