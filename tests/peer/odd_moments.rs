//! Rare moments: early ticks, and commands that a host gives at unusual times.

use papo::machine::{Action, Actions, ConnId, DialId, Input, Machine};
use papo::peer::Rules;
use papo::peer::command::Command;

use super::desk::{BRUNO, DIAL, Desk, SERVER, rules};

/// How many actions follow a tick now.
fn actions_of_a_tick(ana: &mut Desk) -> usize {
    let mut actions = Actions::default();
    let now = ana.now;
    ana.machine.handle(now, Input::Tick, &mut actions);
    std::iter::from_fn(|| actions.pop()).count()
}

#[test]
fn an_early_tick_has_no_effect() {
    let mut ana = Desk::new(rules());
    ana.expect([DIAL]);
    assert_eq!(actions_of_a_tick(&mut ana), 0, "the dial is not reported yet");
    ana.answers(SERVER, "server");
    ana.wait(60_000);
    ana.ends("server");
    ana.forget();
    assert_eq!(actions_of_a_tick(&mut ana), 0, "the next attempt is not due yet");
    ana.wait_for(DIAL);
}

#[test]
fn a_person_who_is_being_called_is_not_called_again() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", &format!("ADDR {BRUNO}"));
    ana.forget();
    ana.commands(&Command::Chat(b"Bruno".to_vec()));
    ana.expect([]);
    ana.commands(&Command::Chat(b"Camila".to_vec()));
    ana.expect(["server > ADDR Camila"]);
}

/// The next text is for the other one.
#[test]
fn an_earlier_caller_does_not_become_the_target_after_chat_with_another() {
    let mut ana = Desk::without_checks();
    ana.commands(&Command::Typing(true));
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.commands(&Command::Chat(b"Camila".to_vec()));
    ana.wait(300);
    ana.hears("server", "LIST Bruno");
    ana.commands(&Command::Typing(false));
    ana.wait(4_000);
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: Bruno"]);
}

/// The computer slept.
#[test]
fn a_late_fence_has_its_full_time() {
    let mut ana = Desk::registered(Rules { keep_interval_ms: 10_000_000, ..rules() });
    ana.types("/chat Bruno");
    ana.freeze(10_000);
    ana.expect(["server > ADDR Bruno", "server > LIST"]);
    ana.wait(2_699);
    ana.expect([]);
    ana.hears("server", "LIST Camila");
    ana.expect(["not online: Bruno"]);
}

#[test]
fn a_command_after_exit_has_no_effect() {
    let mut ana = Desk::without_checks();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.types("/exit");
    assert!(!ana.machine.accepts_command());
    ana.forget();
    ana.commands(&Command::List);
    ana.commands(&Command::Say(b"ainda".to_vec()));
    ana.expect([]);
}

/// The peer gives the dial up, and it succeeds at that moment.
#[test]
fn a_dial_that_succeeds_after_exit_is_aborted() {
    let mut ana = Desk::new(rules());
    let mut actions = Actions::default();
    let now = ana.now;
    ana.machine.handle(now, Input::Stop, &mut actions);
    while actions.pop().is_some() {}
    let conn = ConnId { slot: 5, generation: 0 };
    let answered = Input::Dialed { dial: DialId(0), result: Ok(conn) };
    ana.machine.handle(now, answered, &mut actions);
    let aborted = |action| matches!(action, Action::Abort { conn: other } if other == conn);
    assert!(actions.pop().is_some_and(aborted), "no USER is sent");
}
