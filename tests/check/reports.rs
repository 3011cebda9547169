//! The forms of a report, and the message if there is nothing to check.

use super::classmates::Checking;
use crate::support::{Process, quiet_address};

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

/// A person reads one sentence, and not a list of rules that could not be tried.
#[test]
fn a_person_is_told_once_that_nobody_listens() {
    let address = quiet_address().to_string();
    let (status, screen, log) = Process::start(&["check", "server", &address]).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{screen:?} {log:?}");
    let expected = format!("papo: there is no server at {address} (connection refused)");
    assert!(log[0].starts_with(&expected) && log[0].contains("Start it first"), "{log:?}");
}

#[test]
fn an_interrupted_check_reports_only_what_is_decided() {
    let mut check = Process::start(&["check", "peer", "--port", "0", "--lang", "en"]);
    check.expect_log("start your program");
    check.signal("INT");
    let (status, screen, _) = check.finish();
    assert_eq!(status, 1);
    let last = screen.last().expect("a report");
    assert!(last.starts_with("The check was interrupted: "), "{last}");
    assert!(last.ends_with(" of 41 rules are not decided."), "{last}");
    assert!(!screen.iter().any(|line| line.contains("seen: the check was")), "{screen:?}");
}

#[test]
fn where_the_port_is_in_use_it_says_what_to_do() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = held.local_addr().expect("its address").port().to_string();
    let line = ["check", "peer", "--port", &port, "--", "true"];
    let (status, screen, log) = Process::start(&line).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].contains(&port) && log[0].contains("--port 0"), "{log:?}");
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

/// The pages for teachers have each rule, with its title and its place in the handout.
#[test]
fn both_pages_explain_every_rule_as_the_program_does() {
    for (page, language) in [("CHECK.md", "en"), ("CHECAR.md", "pt")] {
        let path = format!("{}/docs/{page}", env!("CARGO_MANIFEST_DIR"));
        let page_text = std::fs::read_to_string(path).expect("a page");
        for subject in ["server", "peer"] {
            let list = Checking::start(&[subject, "--list", "--lang", language]).finish().text;
            let rules: Vec<_> = list.lines().filter(|line| !line.starts_with(' ')).collect();
            assert!(rules.len() > 30, "{list}");
            for rule in rules {
                let (id, title) = rule.split_once(' ').expect("a name and what it says");
                let row = format!("| `{id}` | {} |", title.trim());
                assert!(page_text.contains(&row), "{page} lacks: {row}");
            }
        }
    }
}

#[test]
fn a_report_is_told_in_every_form() {
    let folder = std::env::temp_dir().join(format!("papo-check-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let [xml, html] = ["r.xml", "r.html"].map(|name| folder.join(name).display().to_string());
    let address = quiet_address().to_string();
    let forms = ["server", &address, "--junit", &xml, "--html", &html, "--lang", "pt"];
    let found = Checking::start(&forms).finish();
    assert!(found.text.contains("✗ connect"), "{}", found.text);
    assert!(found.text.contains("conselho: "), "{}", found.text);
    assert!(found.text.contains("– list-self"), "{}", found.text);
    let xml = std::fs::read_to_string(xml).expect("written");
    assert!(xml.starts_with("<?xml") && xml.contains("<failure message="), "{xml}");
    assert!(xml.contains("failures=\"1\"") && xml.contains("<skipped message="), "{xml}");
    let html = std::fs::read_to_string(html).expect("written");
    assert!(html.starts_with("<!doctype html>") && html.contains("lang=\"pt-BR\""), "{html}");
    assert!(!html.contains("http"), "a page asks nobody for anything: {html}");
    std::fs::remove_dir_all(&folder).expect("it was ours");
}
