//! Several servers, of which one dies.

use crate::support::{Process, Server, eventually};

/// A person who knows both servers, registered with the first.
fn person(servers: &mut [Server; 2], name: &str) -> Process {
    let list = format!("{},{}", servers[0].address, servers[1].address);
    let person = Process::start(&["peer", name, "--server", &list, "--lang", "en", "--no-verify"]);
    servers[0].process.expect_log(&format!("event=join name=\"{name}\""));
    person
}

#[test]
fn a_killed_server_costs_its_people_a_reconnection_and_nothing_else() {
    let mut servers = [Server::start(), Server::start()];
    let mut ana = person(&mut servers, "Ana");
    let mut bruno = person(&mut servers, "Bruno");
    ana.type_text("/chat Bruno\nOi\n");
    bruno.expect_screen("Ana: Oi");
    // An answer shows that the server has registered him.
    bruno.type_text("/list\n");
    bruno.expect_screen("Online (besides you): Ana");
    let addresses = ["Ana", "Bruno"].map(|name| servers[0].address_of(name));

    servers[0].process.signal("KILL");
    eventually("both are at the second server", || {
        let log = servers[1].process.log();
        log.iter().filter(|line| line.contains("event=join")).count() == 2
    });

    assert_eq!(["Ana", "Bruno"].map(|name| servers[1].address_of(name)), addresses);
    let elsewhere = format!("Back online, at the server {} now.", servers[1].address);
    ana.expect_screen(&format!("Lost the server at {}", servers[0].address));
    ana.expect_screen(&elsewhere);
    bruno.expect_screen(&elsewhere);
    bruno.type_text("Ainda aí?\n");
    ana.expect_screen("Bruno: Ainda aí?");
    ana.type_text("/list\n");
    ana.expect_screen("Online (besides you): Bruno");
}

/// `papo send` and `papo who` use the second server if the first has ended.
#[test]
fn a_script_and_a_probe_go_on_to_the_second_server() {
    let mut servers = [Server::start(), Server::start()];
    let list = format!("{},{}", servers[0].address, servers[1].address);
    let mut ana = servers[1].peer("Ana", &[]);
    servers[0].process.signal("KILL");
    servers[0].process.wait();
    let send = ["send", "Ana", "Oi", "--from", "Bruno", "--server", &list, "--lang", "en"];
    let (status, _, log) = Process::start(&send).finish();
    assert_eq!((status, log), (0, vec![]));
    ana.expect_screen("Bruno: Oi");
    let (status, names, _) = Process::start(&["who", &list]).finish();
    assert_eq!((status, names), (0, vec!["Ana".to_string()]));
}
