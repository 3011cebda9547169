//! Rare moments: a driver looks at the time before anything is due, or a host gives a command while
//! another one is under way.

use papo::machine::{Action, Actions, ConnId, DialId, Input, Machine};
use papo::peer::Rules;
use papo::peer::command::Command;

use super::desk::{BRUNO, DIAL, Desk, SERVER, rules};

/// How many actions follow from a tick now.
fn actions_of_a_tick(ana: &mut Desk) -> usize {
    let mut actions = Actions::default();
    let now = ana.now;
    ana.machine.handle(now, Input::Tick, &mut actions);
    std::iter::from_fn(|| actions.pop()).count()
}

#[test]
fn a_tick_that_comes_early_changes_nothing() {
    let mut ana = Desk::new(rules());
    ana.expect([DIAL]);
    assert_eq!(actions_of_a_tick(&mut ana), 0, "it is too early to say that we dial");
    ana.answers(SERVER, "server");
    ana.wait(60_000);
    ana.ends("server");
    ana.forget();
    assert_eq!(actions_of_a_tick(&mut ana), 0, "it is too early for another attempt");
    ana.wait_for(DIAL);
}

#[test]
fn somebody_who_is_being_called_is_not_called_again() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", &format!("ADDR {BRUNO}"));
    ana.forget();
    ana.commands(&Command::Chat(b"Bruno".to_vec()));
    ana.expect([]);
    ana.commands(&Command::Chat(b"Camila".to_vec()));
    ana.expect(["server > ADDR Camila"]);
}

/// With whom a person wants to talk is known from `/chat` on, and not only when it is answered.
#[test]
fn who_called_before_the_person_looked_for_somebody_does_not_become_the_target() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.commands(&Command::Typing(true));
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.commands(&Command::Chat(b"Camila".to_vec()));
    ana.wait(300);
    ana.hears("server", "LIST Bruno");
    ana.commands(&Command::Typing(false));
    ana.wait(4_000);
    ana.forget();
    ana.types("/peers");
    ana.expect(["open: Bruno"]);
}

/// A machine that was stopped gives the fence its time all the same.
#[test]
fn a_fence_that_is_sent_late_is_waited_for() {
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
fn a_command_that_comes_behind_the_last_one_is_not_heard() {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts("bruno", "10.0.0.2");
    ana.hears("bruno", "USER Bruno");
    ana.types("/exit");
    assert!(!ana.machine.accepts_command());
    ana.forget();
    ana.commands(&Command::List);
    ana.commands(&Command::Say(b"ainda".to_vec()));
    ana.expect([]);
}

/// The driver is told to give the dial up, and it was answered at that moment.
#[test]
fn a_server_that_answers_behind_the_last_command_is_hung_up_on() {
    let mut ana = Desk::new(rules());
    let mut actions = Actions::default();
    let now = ana.now;
    ana.machine.handle(now, Input::Stop, &mut actions);
    while actions.pop().is_some() {}
    let conn = ConnId { slot: 5, generation: 0 };
    let answered = Input::Dialed { dial: DialId(0), result: Ok(conn) };
    ana.machine.handle(now, answered, &mut actions);
    let aborted = |action| matches!(action, Action::Abort { conn: other } if other == conn);
    assert!(actions.pop().is_some_and(aborted), "no USER is said");
}
