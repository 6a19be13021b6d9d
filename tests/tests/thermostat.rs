//! The tests that `docs/testing.md` shows, of a protocol of a few lines.

framer_runtime::framer! {
    delimiter LF = "\n";
    enum Command in until LF max 16 { Set { "set ", degrees: dec u8 [1..=2] }, Read { "read" } }
    enum Answer in until LF max 16 {
        Degrees { "at ", degrees: dec u8 [1..=2] },
        TooWarm { "too warm" },
    }
    protocol Thermostat over stream {
        roles panel, heater;
        panel speaks Command;
        heater speaks Answer;
        pending fifo max 4;
        state On within 1 min else close { panel Set, Read => awaits { _ => stay }; }
    }
}

use std::time::Duration;

use framer_runtime::connection::{Connection, Limits};
use framer_runtime::net::{Scheme, Schemes, Server};
use framer_runtime::testing::{
    Chance, Ended, Faults, Jump, Pair, Side, Simulated, Turn, blocking, expect, seeds, tokio::Peer,
};
use framer_runtime::{Error, tokio as over_tokio};
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite};

use thermostat::{Degrees, Heater, Panel, Read, Set, TooWarm, heater, panel};

/// Answers a panel until it leaves; how warm it is then.
async fn heat(stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<u8, Error> {
    let mut connection = over_tokio::Connection::new(stream, Heater::new());
    let mut degrees = 20;
    while let Some((event, mut reply)) = connection.next().await? {
        match event {
            heater::Event::Set(set) if set.degrees > 30 => reply.send(TooWarm)?,
            heater::Event::Set(set) => {
                degrees = set.degrees;
                reply.send(Degrees::new(degrees))?;
            }
            heater::Event::Read(_) => reply.send(Degrees::new(degrees))?,
        }
    }
    Ok(degrees)
}

#[tokio::test(start_paused = true)]
async fn too_warm_is_refused() {
    let (mut panel, stream) = Peer::duplex(Panel::new());
    let heating = tokio::spawn(heat(stream));

    panel.say(Set::new(22)).await;
    expect!(panel, panel::Event::Degrees(answer) if answer.degrees == 22).await;
    panel.say(Set::new(31)).await;
    expect!(panel, panel::Event::TooWarm(_)).await;
    panel.say(Read).await;
    let degrees = expect!(panel, panel::Event::Degrees(answer) => answer.degrees).await;
    assert_eq!(degrees, 22);

    panel.close().await;
    assert_eq!(panel.expect_end().await, Ok(()));
    assert_eq!(heating.await.expect("it does not panic").expect("all was in order"), 22);
}

#[tokio::test(start_paused = true)]
async fn a_panel_that_hangs_is_cut_off() {
    let (mut panel, stream) = Peer::duplex(Panel::new());
    let heating = tokio::spawn(heat(stream));

    panel.write(b"se").await;
    panel.patience(Duration::from_secs(61));
    assert_eq!(panel.expect_end().await, Ok(()));

    let Err(Error::Violation(why)) = heating.await.expect("it does not panic") else { panic!() };
    assert_eq!(why.to_string(), "On: nothing for 60000 ms in state On (bytes 0..0)");
}

#[test]
fn without_io() {
    let heater = Connection::new(Heater::new(), Limits::default());
    let heater = Side::new(heater, |event, mut reply| {
        let answer = match event {
            heater::Event::Set(set) => Degrees::new(set.degrees),
            heater::Event::Read(_) => Degrees::new(20),
        };
        reply.send(answer).expect("it was asked");
    });
    let mut panel = blocking::Peer::new(heater, Panel::new());
    panel.cut_into(1);
    panel.say(Read);
    expect!(panel, panel::Event::Degrees(answer) if answer.degrees == 20);
    panel.stream().pass(Duration::from_secs(60));
    assert!(panel.stream().failed().is_some());
}

/// A panel asks three times over this network: how many answers it has, and how it has ended.
fn ask(chance: impl Into<Chance>, faults: Faults) -> (u32, Option<Ended>) {
    let mut pair = Pair::new(chance, Panel::new(), Heater::new()).faults(faults);
    for _ in 0..3 {
        pair.left().send(Read).expect("three may be outstanding");
    }
    let mut answers = 0;
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Right(_, mut reply) => reply.send(Degrees::new(20)).expect("it was asked"),
            Turn::Left(_, _) => answers += 1,
            Turn::LeftEnded(_) | Turn::RightEnded(_) | Turn::Woken(_) => {}
        }
        assert!(pair.left().peak_bytes().0 <= 1024);
        if answers == 3 {
            pair.close_left();
        }
    }
    (answers, pair.ended().0)
}

#[test]
fn nobody_waits_for_ever() {
    assert_eq!(ask(0, Faults::none()), (3, None));
    // "read\n" and "at 20\n" three times, cut at each byte.
    for bytes in 0..18 {
        for faults in [
            Faults::none().closed_after(bytes),
            Faults::none().reset_after(bytes),
            Faults::none().silent_after(bytes),
        ] {
            let (answers, ended) = ask(0, faults);
            assert!(answers == 3 || ended.is_some(), "{bytes}: {answers} answers, and no end");
        }
    }
    // Whatever else may happen.
    for seed in seeds(100) {
        let mut chance = Chance::from(&seed);
        let faults = Faults::any(&mut chance);
        let (answers, ended) = ask(chance, faults);
        assert!(answers == 3 || ended.is_some(), "{answers} answers, and no end");
    }
}

proptest! {
    #[test]
    fn trouble_that_is_made_up(numbers in prop::collection::vec(any::<u64>(), 0..100)) {
        let mut chance = Chance::from(numbers);
        let faults = Faults::any(&mut chance);
        let (answers, ended) = ask(chance, faults);
        prop_assert!(answers == 3 || ended.is_some());
    }
}

#[test]
fn a_panel_that_has_slept_is_told_at_once() {
    let mut pair = Pair::new(0, Panel::new(), Heater::new());
    pair.left().send(Read).expect("it may ask");
    pair.wake_at(Duration::from_secs(1));
    while let Some(turn) = pair.next() {
        match turn {
            Turn::Woken(_) => pair.jump_left(Jump::On(Duration::from_secs(3600))),
            Turn::LeftEnded(ended) => {
                assert!(matches!(ended, Ended::Violation(_)), "it was too slow for its clock");
                assert_eq!(pair.now().as_secs(), 1);
            }
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_house() {
    for seed in seeds(20) {
        let network = Simulated::new(&seed, Faults::any);
        let schemes = Schemes::default().with("simulated", Scheme::new(network));
        let server = Server::bind(&schemes, ["simulated:heater"]).await.expect("it listens");
        let live = server.live();
        let heating =
            tokio::spawn(server.serve(|stream, _| async { heat(stream).await.map(drop) }));

        let mut panels = Vec::new();
        for _ in 0..10 {
            let stream = schemes.connect("simulated:heater").await.expect("it listens");
            panels.push(tokio::spawn(set(stream, 25)));
        }
        for panel in panels {
            // Each comes to an answer or to an error, and within the time limit.
            if let Ok(degrees) = panel.await.expect("it does not panic") {
                assert_eq!(degrees, 25);
            }
        }
        live.stop(Duration::from_secs(120));
        assert_eq!(heating.await.expect("it does not panic").cut_off, 0);
    }
}

/// Sets the heater; what it says.
async fn set(stream: impl AsyncRead + AsyncWrite + Unpin, degrees: u8) -> Result<u8, Error> {
    let mut connection = over_tokio::Connection::new(stream, Panel::new());
    connection.send(Set::new(degrees)).await?;
    match connection.next().await? {
        Some((panel::Event::Degrees(answer), _)) => Ok(answer.degrees),
        _ => Err(std::io::Error::other("no answer").into()),
    }
}

/// What the paper shows of a failure is what is told of it.
#[tokio::test(start_paused = true)]
async fn what_a_failure_tells() {
    let (mut panel, stream) = Peer::duplex(Panel::new());
    let _heating = tokio::spawn(heat(stream));
    let failing = tokio::spawn(async move {
        panel.say(Set::new(30)).await;
        expect!(panel, panel::Event::TooWarm(_)).await;
    });
    let told = failing.await.expect_err("it fails").into_panic();
    let told = told.downcast_ref::<String>().expect("a text");
    let (_, behind_the_place) = told.split_once('\n').expect("two lines");
    assert!(include_str!("../../docs/testing.md").contains(behind_the_place), "{told}");
}
