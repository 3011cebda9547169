//! The forms of a report, and what is said where there is nothing to check.

use super::classmates::Checking;
use super::support::quiet_address;

#[test]
fn where_nobody_listens_nothing_is_said_to_hold() {
    let address = quiet_address().to_string();
    let found = Checking::start(&["server", &address, "--json"]).finish();
    assert_eq!(found.status, Some(1));
    for (rule, verdict) in found.verdicts() {
        let expected = if rule == "connect" { "broken" } else { "untried" };
        assert_eq!(verdict, expected, "{rule}");
    }
}

#[test]
fn all_rules_are_listed_with_their_place_in_the_handout() {
    let found = Checking::start(&["server", "--list"]).finish();
    assert_eq!(found.status, Some(0));
    assert!(found.text.contains("list-self"), "{}", found.text);
    assert!(found.text.contains("“a lista dos demais clientes ativos”"), "{}", found.text);
    let wrong = Checking::start(&["server", "127.0.0.1", "--only", "nonsense"]).finish();
    assert_eq!(wrong.status, Some(2));
}
