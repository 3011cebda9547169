//! The effect of each typed line, as a raw connection sees it.

use std::time::Duration;

use super::person;
use crate::support::stranger::Stranger;
use crate::support::{Process, Raw, Server};

/// Ana, talking to Bruno, who is a raw connection.
struct Talk {
    ana: Process,
    call: Raw,
    bruno: Stranger,
    _server: Server,
}

fn talk() -> Talk {
    let mut server = Server::start();
    let bruno = Stranger::join(&mut server, "Bruno");
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("/chat Bruno\n");
    let call = bruno.accept_from("Ana");
    ana.expect_screen("Connected to Bruno");
    Talk { ana, call, bruno, _server: server }
}

impl Talk {
    /// Types lines, and returns what Bruno receives before the last word.
    fn heard(&mut self, typed: &str) -> Vec<String> {
        self.ana.type_text(typed);
        self.ana.type_text("fim\n");
        let mut heard = Vec::new();
        loop {
            match self.call.line() {
                line if line == "fim" => return heard,
                line => heard.push(line),
            }
        }
    }
}

/// Text leaves with CR LF, whatever ends the typed line.
#[test]
fn text_is_sent_as_it_was_typed() {
    let mut talk = talk();
    let heard = talk.heard("Oi\ncom CR\r\n  blanks  \nação €\n");
    assert_eq!(heard, ["Oi", "com CR", "  blanks  ", "ação €"]);
}

/// An unknown command is not sent; two slashes send one.
#[test]
fn only_a_doubled_slash_is_sent() {
    let mut talk = talk();
    assert_eq!(talk.heard("/dance\n/\n/list now\n//x\n"), ["/x"]);
    for told in ["Unknown command: /dance", "Unknown command: /.", "Usage: /list"] {
        talk.ana.expect_screen(told);
    }
}

/// R11: a line that the other side would take for an instruction is not sent, and the person is
/// told.
#[test]
fn typed_protocol_is_not_sent() {
    let mut talk = talk();
    assert_eq!(talk.heard("DISC\nUSER x\nDISCO\nLIST\nKEEP\n"), ["DISCO", "LIST", "KEEP"]);
    for _ in ["DISC", "USER x"] {
        talk.ana.expect_screen("Not sent");
    }
}

/// P26: a script means its blank lines.
#[test]
fn an_empty_line_of_a_script_is_sent_as_one_blank() {
    assert_eq!(talk().heard("\nOi\n\n\tb\n"), [" ", "Oi", " ", "\tb"]);
}

/// Commands work in any case, and none of them reaches the other side.
#[test]
fn commands_are_never_text() {
    let mut talk = talk();
    assert_eq!(talk.heard("/HELP\n/Peers\n/list\n/help chat\n/msg\n/chat\n"), [""; 0]);
}

/// No other bytes are between the lines, and DISC is the last.
#[test]
fn the_other_side_gets_user_text_and_disc_and_then_the_end() {
    let mut talk = talk();
    assert_eq!(talk.heard("Oi\n"), ["Oi"]);
    talk.ana.type_text("/bye\n");
    assert_eq!(talk.call.line(), "DISC");
    assert_eq!(talk.call.line_or_end(), None);
}

/// `/help` names every command, in both languages, and has the handout's hint for the start.
#[test]
fn help_has_every_command() {
    let server = Server::start();
    for (language, chat) in [("pt", "/chat <nome>"), ("en", "/chat <name>")] {
        let mut ana = person(&server, Some("Ana"), language);
        ana.type_text("/help\n/help bye\n");
        ana.end_input();
        let (status, screen, _) = ana.finish();
        assert_eq!(status, 0);
        let screen = screen.join("\n");
        for command in [chat, "/list", "/msg", "/peers", "/bye", "/help", "/exit", "//"] {
            assert!(screen.contains(command), "{command} in {screen}");
        }
    }
}

/// `/peers` shows the open conversations, and marks the target.
#[test]
fn peers_shows_the_open_conversations() {
    let mut talk = talk();
    talk.ana.type_text("/peers\n");
    talk.ana.expect_screen("Open conversations");
    assert_eq!(talk.ana.expect_screen("Bruno"), " * Bruno (verified)");
    talk.ana.type_text("/bye\n/peers\n");
    talk.ana.expect_screen("No open conversations.");
}

/// Names may have blanks: `/chat` takes the rest of the line, `/msg` the longest name that it knows
/// from the list.
#[test]
fn names_with_blanks_can_be_called_and_written_to() {
    let mut server = Server::start();
    let pneu = Stranger::join(&mut server, "flavin do pneu");
    let mut ana = person(&server, Some("Ana Maria"), "en");
    ana.type_text("/list\n/msg flavin do pneu oi, tudo bem?\n");
    ana.expect_screen("Online (besides you): flavin do pneu");
    let mut call = pneu.accept_from("Ana Maria");
    assert_eq!(call.line(), "oi, tudo bem?");
    ana.type_text("/chat flavin do pneu\ne agora\n");
    assert_eq!(call.line(), "e agora");
}

/// C25: the person is told of text without a conversation, and the server does not receive it.
#[test]
fn text_without_a_conversation_goes_nowhere() {
    let server = Server::start();
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("Alguém aí?\n/bye\n");
    ana.expect_screen("No active P2P connection");
    ana.expect_screen("No active P2P connection");
    ana.end_input();
    let (_, _, log) = ana.finish();
    assert_eq!(super::trace::wire(&log, server.address), ["server > USER Ana:PORT"]);
}

/// R6: "not online" comes after the fence, and not after a timeout.
#[test]
fn somebody_who_is_not_online_is_told_after_the_fence() {
    let server = Server::start();
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("/chat Ausente\n/exit\n");
    let (status, screen, log) = ana.finish();
    assert_eq!((status, screen), (1, vec!["Ausente is not online".to_string()]));
    let wire = super::trace::wire(&log, server.address);
    assert_eq!(wire[1..], ["server > ADDR Ausente", "server > LIST", "server < LIST "]);
}

/// P31: a person whose program has ended, but who is still registered.
#[test]
fn a_refused_call_is_told() {
    let mut server = Server::start();
    let gone = crate::support::quiet_address();
    let _registered = server.join("Bruno", gone.port());
    super::expect_join(&mut server, "Bruno");
    let mut ana = person(&server, Some("Ana"), "en");
    ana.type_text("/chat Bruno\n");
    ana.expect_screen("Could not connect to Bruno (connection refused)");
}

/// P22, P23, P27, P28: all text is shown, and none of it acts on the terminal.
#[test]
fn text_that_arrives_is_shown_and_cannot_act() {
    let mut talk = talk();
    talk.call.send_bytes(b"\r\nso LF\n\x1b[2Jlimpa\r\nJo\xE3o\r\nLIST\r\nUSER Eva\r\n");
    talk.ana.expect_screen("USER Eva");
    let screen = talk.ana.screen();
    let expected = ["", "so LF", "^[[2Jlimpa", "Jo\u{FFFD}o", "LIST", "USER Eva"];
    let expected: Vec<_> = expected.iter().map(|text| format!("Bruno: {text}")).collect();
    assert_eq!(screen[screen.len() - 6..], expected);
}

/// P24: a line beyond 4 KiB is cut, with a mark; beyond 64 KiB the conversation ends.
#[test]
fn a_line_that_is_too_long_is_cut_and_one_without_end_cuts_the_conversation() {
    let mut talk = talk();
    talk.call.send(&format!("{}\r\nnext\r\n", "x".repeat(5_000)));
    let line = talk.ana.expect_screen("[...]");
    assert_eq!(line, format!("Bruno: {} [...]", "x".repeat(4_096)));
    talk.ana.expect_screen("Bruno: next");
    talk.call.send(&"y".repeat(70_000));
    talk.ana.expect_screen("Cut the connection to Bruno");
}

/// P25: a long text arrives in lines that fit, cut between characters.
#[test]
fn a_long_text_arrives_whole() {
    let mut talk = talk();
    let text = "ação!".repeat(3_000);
    let heard = talk.heard(&format!("{text}\n"));
    assert!(heard.len() > 4 && heard.iter().all(|line| line.len() + 2 <= 4_096));
    assert_eq!(heard.concat(), text);
}

/// P1, P2: USER comes at once, and the text 50 ms later in another segment. On a busy machine the
/// test may read too late; once in ten is enough.
#[test]
fn user_and_the_first_text_do_not_come_together() {
    let comes_alone = (0..10).any(|_| {
        let mut server = Server::start();
        let bruno = Stranger::join(&mut server, "Bruno");
        let mut ana = person(&server, Some("Ana"), "en");
        ana.type_text("/msg Bruno Oi!\n");
        let mut call = bruno.accept();
        assert_eq!(call.line(), "USER Ana");
        let comes_alone = call.is_silent_for(Duration::from_millis(20));
        assert_eq!(call.line(), "Oi!");
        comes_alone
    });
    assert!(comes_alone, "the text is glued to the name");
}

/// C1: others may call as soon as the server knows the port.
#[test]
fn the_port_is_open_before_the_server_knows_it() {
    let mut servers = [Server::start(), Server::start()];
    for number in 0..20 {
        // The log says ten joins in a second, and no more.
        let server = &mut servers[number / 10];
        let name = format!("Ana {number}");
        let _ana = server.peer(&name, &[]);
        let joined = server.process.log().pop().expect("a line about her");
        let address = joined.split("address=").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.and_then(|text| text.parse().ok()).expect("her address");
        assert!(std::net::TcpStream::connect::<std::net::SocketAddr>(address).is_ok(), "{joined}");
    }
}

/// A raw connection as the caller.
#[test]
fn a_call_that_comes_in_is_answered_on_the_same_connection() {
    let talk = talk();
    drop(talk.bruno);
    let mut ana = talk.ana;
    ana.type_text("/bye\n");
    ana.expect_screen("ended");
    let address = talk._server.address_of("Ana");
    let mut camila = Raw::connect(address);
    camila.send("USER Camila\r\n");
    ana.expect_screen("Connected to Camila");
    ana.type_text("Oi Camila\n");
    assert_eq!(camila.line(), "Oi Camila");
}
