//! The table on the handout's last page, played by four processes.

use std::process::Command;

use super::trace::wire;
use super::{expect_join, person};
use crate::support::{Process, Server};

/// The lines of the table on the screens. The Portuguese texts are the handout's.
struct Screens {
    language: &'static str,
    ask_name: &'static str,
    only_ana: &'static str,
    ana_and_bruno: &'static str,
    connected_to_camila: &'static str,
    connected_to_bruno: &'static str,
    ended_by_bruno: &'static str,
    ended_with_camila: &'static str,
    nobody: &'static str,
}

const PORTUGUESE: Screens = Screens {
    language: "pt",
    ask_name: "Nome de usuário: ",
    only_ana: "Ativos (além de você): Ana",
    ana_and_bruno: "Ativos (além de você): Ana, Bruno",
    connected_to_camila: "Conectado a Camila",
    connected_to_bruno: "Conectado a Bruno",
    ended_by_bruno: "Bruno encerrou a conversa",
    ended_with_camila: "Conversa com Camila encerrada",
    nobody: "Nenhuma conexão P2P ativa",
};

const ENGLISH: Screens = Screens {
    language: "en",
    ask_name: "User name: ",
    only_ana: "Online (besides you): Ana",
    ana_and_bruno: "Online (besides you): Ana, Bruno",
    connected_to_camila: "Connected to Camila",
    connected_to_bruno: "Connected to Bruno",
    ended_by_bruno: "Bruno ended the conversation",
    ended_with_camila: "Conversation with Camila ended",
    nobody: "No active P2P connection",
};

/// The screens of the three, and the lines on their wires.
struct Played {
    ana: Side,
    bruno: Side,
    camila: Side,
}

struct Side {
    status: i32,
    screen: Vec<String>,
    wire: Vec<String>,
}

/// Starts a peer, which asks for a name, and types the name.
fn enter(server: &mut Server, screens: &Screens, name: &str) -> Process {
    let mut process = person(server, None, screens.language);
    process.expect_screen(screens.ask_name);
    process.type_text(&format!("{name}\n"));
    expect_join(server, name);
    process
}

/// The table, row by row.
fn play(screens: &Screens) -> Played {
    let mut server = Server::start();
    let mut ana = enter(&mut server, screens, "Ana");
    let mut bruno = enter(&mut server, screens, "Bruno");
    bruno.type_text("/list\n");
    bruno.expect_screen(screens.only_ana);
    let mut camila = enter(&mut server, screens, "Camila");
    camila.type_text("/list\n");
    camila.expect_screen(screens.ana_and_bruno);
    talk(screens, &mut bruno, &mut camila);
    ana.type_text("Alguém aí?\n");
    ana.expect_screen(screens.nobody);
    let mut end = |process: Process, name: &str| leave(&mut server, process, name);
    Played { ana: end(ana, "Ana"), bruno: end(bruno, "Bruno"), camila: end(camila, "Camila") }
}

fn talk(screens: &Screens, bruno: &mut Process, camila: &mut Process) {
    camila.type_text("/chat Bruno\n");
    camila.expect_screen(screens.connected_to_bruno);
    bruno.expect_screen(screens.connected_to_camila);
    camila.type_text("Oi Bruno!\n");
    bruno.expect_screen("Oi Bruno!");
    bruno.type_text("Tudo bem, Camila?\n");
    camila.expect_screen("Tudo bem, Camila?");
    bruno.type_text("Tchau\n/bye\n");
    camila.expect_screen("Tchau");
    camila.expect_screen(screens.ended_by_bruno);
    bruno.expect_screen(screens.ended_with_camila);
}

fn leave(server: &mut Server, mut process: Process, name: &str) -> Side {
    process.type_text("/exit\n");
    let (status, screen, log) = process.finish();
    server.process.expect_log(&format!("event=leave name=\"{name}\""));
    Side { status, screen, wire: wire(&log, server.address) }
}

/// Every line of every screen, and nothing else on it.
fn check_screens(screens: &Screens) {
    let played = play(screens);
    assert_eq!(played.ana.screen, [screens.ask_name, screens.nobody]);
    let bruno = [
        screens.ask_name,
        screens.only_ana,
        screens.connected_to_camila,
        "Camila: Oi Bruno!",
        screens.ended_with_camila,
    ];
    assert_eq!(played.bruno.screen, bruno);
    let camila = [
        screens.ask_name,
        screens.ana_and_bruno,
        screens.connected_to_bruno,
        "Bruno: Tudo bem, Camila?",
        "Bruno: Tchau",
        screens.ended_by_bruno,
    ];
    assert_eq!(played.camila.screen, camila);
    // 1: a script typed Ana's last text, and there was no conversation for it.
    assert_eq!([played.ana.status, played.bruno.status, played.camila.status], [1, 0, 0]);
}

/// The handout's own words, to the letter.
#[test]
fn the_handouts_table_is_played_to_the_letter_in_portuguese() {
    check_screens(&PORTUGUESE);
}

#[test]
fn the_handouts_table_can_be_played_in_english() {
    check_screens(&ENGLISH);
}

/// The red lines of the table: the lines of the protocol, and no other line.
#[test]
fn the_wire_carries_the_handouts_protocol_and_nothing_else() {
    let played = play(&PORTUGUESE);
    assert_eq!(played.ana.wire, ["server > USER Ana:PORT"]);
    let bruno = [
        "server > USER Bruno:PORT",
        "server > LIST",
        "server < LIST Ana",
        "peer < USER Camila",
        "peer < Oi Bruno!",
        "peer > Tudo bem, Camila?",
        "peer > Tchau",
        "peer > DISC",
    ];
    assert_eq!(played.bruno.wire, bruno);
    let camila = [
        "server > USER Camila:PORT",
        "server > LIST",
        "server < LIST Ana:Bruno",
        "server > ADDR Bruno",
        "server < ADDR 127.0.0.1:PORT",
        "peer > USER Camila",
        "peer > Oi Bruno!",
        "peer < Tudo bem, Camila?",
        "peer < Tchau",
        "peer < DISC",
    ];
    assert_eq!(played.camila.wire, camila);
}

/// Without an option the locale chooses the language.
#[test]
fn the_portuguese_of_a_locale_is_spoken_too() {
    for (locale, question) in [("pt_BR.UTF-8", "Nome de usuário: "), ("C", "User name: ")] {
        let server = Server::start();
        let script = "(echo Ana; echo /exit) | \"$0\" peer --server \"$1\"";
        let output = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_papo"), &server.address.to_string()])
            .env("LC_ALL", locale)
            .env_remove("PAPO_LANG")
            .output()
            .expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{question}\n"));
        assert_eq!(output.status.code(), Some(0));
    }
}
