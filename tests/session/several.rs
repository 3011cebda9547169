//! Several conversations at once.

use crate::support::{Process, Server};

/// Types a line, and waits until it has arrived.
#[track_caller]
fn say(from: &mut Process, typed: &str, to: &mut Process, shown: &str) {
    from.type_text(&format!("{typed}\n"));
    to.expect_screen(shown);
}

/// The texts on a screen: the lines that begin with a name.
fn texts(screen: &[String]) -> Vec<&str> {
    let is_text = |line: &&String| line.contains("->");
    screen.iter().filter(is_text).map(String::as_str).collect()
}

/// Each of three people talks to the two others, by `/chat`, by `/msg` and by plain text. Each text
/// names its receiver; none arrives elsewhere, none is lost, and none comes twice.
#[test]
fn among_three_people_no_text_goes_to_the_wrong_one() {
    let mut server = Server::start();
    let options = ["--no-verify"];
    let mut ana = server.peer("Ana", &options);
    let mut bruno = server.peer("Bruno", &options);
    let mut camila = server.peer("Camila", &options);
    say(&mut ana, "/chat Bruno\n1 ana->bruno", &mut bruno, "Ana: 1 ana->bruno");
    say(&mut camila, "/chat Ana\n2 camila->ana", &mut ana, "Camila: 2 camila->ana");
    say(&mut ana, "3 ana->bruno", &mut bruno, "Ana: 3 ana->bruno");
    say(&mut bruno, "/chat Camila\n4 bruno->camila", &mut camila, "Bruno: 4 bruno->camila");
    say(&mut camila, "5 camila->ana", &mut ana, "Camila: 5 camila->ana");
    say(&mut ana, "/msg Camila 6 ana->camila", &mut camila, "Ana: 6 ana->camila");
    say(&mut ana, "7 ana->bruno", &mut bruno, "Ana: 7 ana->bruno");
    say(&mut bruno, "/chat Ana\n8 bruno->ana", &mut ana, "Bruno: 8 bruno->ana");
    say(&mut camila, "/chat Bruno\n9 camila->bruno", &mut bruno, "Camila: 9 camila->bruno");
    let bruno_heard =
        ["Ana: 1 ana->bruno", "Ana: 3 ana->bruno", "Ana: 7 ana->bruno", "Camila: 9 camila->bruno"];
    let ana_heard = ["Camila: 2 camila->ana", "Camila: 5 camila->ana", "Bruno: 8 bruno->ana"];
    let camila_heard = ["Bruno: 4 bruno->camila", "Ana: 6 ana->camila"];
    assert_eq!(texts(&ana.screen()), ana_heard);
    assert_eq!(texts(&bruno.screen()), bruno_heard);
    assert_eq!(texts(&camila.screen()), camila_heard);
}

/// P36, P37: a caller does not become the target, neither during the other conversation nor after
/// it.
#[test]
fn a_caller_does_not_get_what_was_typed_for_another() {
    let mut server = Server::start();
    let options = ["--no-verify"];
    let mut ana = server.peer("Ana", &options);
    let mut bruno = server.peer("Bruno", &options);
    let mut camila = server.peer("Camila", &options);
    say(&mut ana, "/chat Bruno", &mut bruno, "Connected to Ana");
    say(&mut camila, "/chat Ana", &mut ana, "Connected to Camila");
    say(&mut ana, "segredo", &mut bruno, "Ana: segredo");
    say(&mut bruno, "/exit", &mut ana, "Bruno ended the conversation");
    ana.type_text("outro segredo\n");
    ana.expect_screen("To whom?");
    say(&mut ana, "/chat Camila\noi", &mut camila, "Ana: oi");
    assert!(camila.screen().iter().all(|line| !line.contains("segredo")));
}

/// P33: both call at the same time. The result is one conversation: each text arrives once and in
/// order, and one goodbye ends it on both sides.
#[test]
fn calls_that_cross_become_one_conversation() {
    for _ in 0..5 {
        let mut server = Server::start();
        let options = ["--no-verify"];
        let mut ana = server.peer("Ana", &options);
        let mut bruno = server.peer("Bruno", &options);
        ana.type_text("/chat Bruno\n");
        bruno.type_text("/chat Ana\n");
        ana.expect_screen("Connected to Bruno");
        bruno.expect_screen("Connected to Ana");
        for number in 0..10 {
            ana.type_text(&format!("ana {number}->\n"));
            bruno.type_text(&format!("bruno {number}->\n"));
        }
        ana.expect_screen("bruno 9->");
        bruno.expect_screen("ana 9->");
        let from_bruno: Vec<_> = (0..10).map(|n| format!("Bruno: bruno {n}->")).collect();
        assert_eq!(texts(&ana.screen()), from_bruno);
        say(&mut ana, "/bye", &mut bruno, "Ana ended the conversation");
        bruno.type_text("/peers\n");
        bruno.expect_screen("No open conversations.");
    }
}

/// C22, C23: a conversation outlives a killed server, and the peers register again.
#[test]
fn a_conversation_outlives_the_server_and_the_peers_come_back() {
    let mut server = Server::start();
    let mut ana = server.peer("Ana", &[]);
    let mut bruno = server.peer("Bruno", &[]);
    say(&mut ana, "/chat Bruno\nantes", &mut bruno, "Ana: antes");
    server.process.signal("KILL");
    ana.expect_screen("Lost the server");
    say(&mut ana, "durante", &mut bruno, "Ana: durante");
    say(&mut bruno, "também", &mut ana, "Bruno: também");
    let server = Server::start_at(server.address, &[]);
    ana.expect_screen("Back online.");
    bruno.expect_screen("Back online.");
    let mut names = server.join("Zeca", 9).list();
    names.sort();
    assert_eq!(names, ["Ana", "Bruno"]);
    say(&mut ana, "depois", &mut bruno, "Ana: depois");
    server.process.signal("TERM");
}
