//! The host's output is full: partners are not read, and their texts wait in the kernel.

use papo::machine::{Action, Actions, Input, Machine};
use papo::peer::Rules;

use super::desk::{Desk, rules};

/// Reports that the output is full, or not any more. Returns the actions with their slots: the
/// server has slot 0.
fn tell_full(ana: &mut Desk, full: bool) -> Vec<String> {
    let mut actions = Actions::default();
    let now = ana.now;
    ana.machine.handle(now, Input::OutputFull(full), &mut actions);
    let brief = |action| match action {
        Action::Pause { conn } => format!("pause {}", conn.slot),
        Action::Resume { conn } => format!("resume {}", conn.slot),
        other => format!("{other:?}"),
    };
    std::iter::from_fn(|| actions.pop()).map(brief).collect()
}

/// Ana, talking to Bruno. She sends no KEEP in these tests.
fn talking() -> Desk {
    let mut ana =
        Desk::registered(Rules { verify: false, keep_interval_ms: 10_000_000, ..rules() });
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana
}

#[test]
fn partners_are_paused_and_callers_are_read_until_they_have_sent_their_name() {
    let mut ana = talking();
    ana.accepts("camila", "10.0.0.4");
    assert_eq!(tell_full(&mut ana, true), ["pause 1"]);
    assert_eq!(tell_full(&mut ana, true), [""; 0], "it is paused already");
    ana.hears("camila", "USER Camila");
    ana.expect(["connected: Camila", "camila paused"]);
    assert_eq!(tell_full(&mut ana, false), ["resume 1", "resume 2"]);
    assert_eq!(tell_full(&mut ana, false), [""; 0]);
    ana.hears("camila", "Oi");
    ana.expect(["Camila says Oi"]);
}

#[test]
fn silence_ends_no_line_while_the_connection_is_paused() {
    let mut ana = talking();
    ana.hears_unended("bruno", "Oi");
    assert_eq!(tell_full(&mut ana, true), ["pause 1"]);
    ana.wait(5_000);
    ana.expect([]);
    assert_eq!(tell_full(&mut ana, false), ["resume 1"]);
    ana.wait(999);
    ana.expect([]);
    ana.wait(1);
    ana.expect(["Bruno says Oi"]);
}
