//! The facts for the prompt: the own name, the target and the open conversations. They are reported
//! when they change, after the notice of the change itself.

use papo::peer::Rules;
use papo::peer::command::Command;

use super::desk::{Desk, OWN, rules};

/// `Ana: *Bruno, Camila?`: the target has a star, and an unconfirmed name a question mark.
fn stands(desk: &Desk) -> String {
    let standing = &desk.standing;
    let me = standing.me.as_ref().map_or_else(|| "nobody".to_string(), ToString::to_string);
    let label = |who: &papo::peer::notice::Partner| {
        let star = if standing.target.as_ref() == Some(who) { "*" } else { "" };
        format!("{star}{}{}", who.label, if who.trust.is_plain() { "" } else { "?" })
    };
    format!("{me}: {}", standing.open.iter().map(label).collect::<Vec<_>>().join(", "))
}

#[test]
fn the_name_is_reported_as_soon_as_there_is_one() {
    let mut desk = Desk::new(Rules { name: None, ..rules() });
    assert_eq!(stands(&desk), "nobody: ");
    desk.types("Ana");
    assert_eq!(stands(&desk), "Ana: ");
}

#[test]
fn opened_changed_and_ended_conversations_are_reported() {
    let mut ana = Desk::without_checks();
    ana.accepts("bruno", "10.0.0.2");
    assert_eq!(stands(&ana), "Ana: ");
    ana.hears("bruno", "USER Bruno");
    assert_eq!(stands(&ana), "Ana: *Bruno");
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    assert_eq!(stands(&ana), "Ana: *Bruno, Camila");
    ana.types("/chat Camila");
    assert_eq!(stands(&ana), "Ana: Bruno, *Camila");
    ana.hears("camila", "DISC");
    assert_eq!(stands(&ana), "Ana: Bruno");
    ana.types("/bye Bruno");
    assert_eq!(stands(&ana), "Ana: ");
}

#[test]
fn a_late_confirmation_is_reported() {
    let mut ana = Desk::ana();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    assert_eq!(stands(&ana), "Ana: ");
    ana.hears("server", OWN);
    ana.wait(1_000);
    assert_eq!(stands(&ana), "Ana: Bruno:1?");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    assert_eq!(stands(&ana), "Ana: *Bruno:1");
}

#[test]
fn a_late_confirmation_is_reported_even_if_nothing_else_changes() {
    let mut ana = Desk::ana();
    for (label, name, ip) in [("bruno", "Bruno", "10.0.0.2"), ("camila", "Camila", "10.0.0.4")] {
        ana.accepts_as(label, name, ip);
    }
    ana.hears("server", OWN);
    ana.wait(1_000);
    assert_eq!(stands(&ana), "Ana: Bruno:1?, Camila:2?");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    assert_eq!(stands(&ana), "Ana: Bruno:1, Camila:2?");
}

/// One conversation ends, and the other becomes the target.
#[test]
fn two_changes_in_one_turn_are_reported() {
    let mut ana = Desk::without_checks();
    ana.commands(&Command::Typing(true));
    for (label, name, ip) in [("bruno", "Bruno", "10.0.0.2"), ("camila", "Camila", "10.0.0.4")] {
        ana.accepts_as(label, name, ip);
    }
    ana.commands(&Command::Typing(false));
    assert_eq!(stands(&ana), "Ana: Bruno, Camila");
    ana.types("/bye Camila");
    assert_eq!(stands(&ana), "Ana: *Bruno");
}
