//! Habits that only some of the eight programs have, and their consequences for us.

use std::time::Duration;

use super::clients::Client;
use super::conversation::once_in_time;
use super::habits::{A, B, C, F, G, H, Habits, Heard, text};
use crate::support::{Process, Raw, Server};

/// A server, a client and our peer.
fn stand(client: Habits, options: &[&str]) -> (Server, Client, Process) {
    let mut server = Server::start_with(&["--edition", client.edition]);
    let client = Client::start(client, "Bruno", server.address);
    server.process.expect_log("event=join name=\"Bruno\"");
    let ana = server.peer("Ana", options);
    (server, client, ana)
}

/// Client B takes `DISCO` for a goodbye.
#[test]
fn client_b_closes_at_disco_and_the_person_is_told() {
    let (_server, mut bruno, mut ana) = stand(B, &[]);
    ana.type_text("/chat Bruno\nDISCO é bom\n");
    bruno.accept();
    assert_eq!(bruno.hear(), Heard::Goodbye);
    bruno.close();
    ana.expect_screen("Bruno ended the conversation");
}

/// Client B sends DISC to the server, too, when it ends.
#[test]
fn client_bs_disc_to_the_server_removes_its_name() {
    let (mut server, mut bruno, mut ana) = stand(B, &[]);
    bruno.tell_server("DISC\r\n");
    server.process.expect_log("event=leave name=\"Bruno\"");
    ana.type_text("/list\n");
    ana.expect_screen("Online (besides you): nobody");
}

/// Client B never closes.
#[test]
fn exit_does_not_wait_for_client_bs_open_connection() {
    let (_server, mut bruno, mut ana) = stand(B, &[]);
    ana.type_text("/chat Bruno\nTchau\n/bye\n");
    bruno.accept();
    ana.expect_screen("Conversation with Bruno ended");
    ana.type_text("/exit\n");
    assert_eq!(ana.wait(), 0);
    assert!(matches!(bruno.hear(), Heard::Text(text) if text.starts_with("Tchau")));
}

/// Clients that do not know DISC show it as text.
#[test]
fn a_2026_client_shows_the_disc_of_our_2024_edition_and_not_of_our_2026_edition() {
    for client in [F, G, H] {
        let (_server, mut bruno, mut ana) = stand(client, &["--edition", "2024"]);
        ana.type_text("/chat Bruno\n/bye\n");
        bruno.accept();
        assert_eq!([bruno.hear(), bruno.hear()], [text("DISC"), Heard::End]);
        let (_server, mut bruno, mut ana) = stand(client, &["--edition", "2026"]);
        ana.type_text("/chat Bruno\n/bye\n");
        bruno.accept();
        assert_eq!(bruno.hear(), Heard::End);
    }
}

/// C13: both forms of the ADDR reply, in each edition of our peer.
#[test]
fn our_peers_understand_both_servers() {
    for (server_edition, peer_edition) in [("2024", "2026"), ("2026", "2024")] {
        let mut server = Server::start_with(&["--edition", server_edition]);
        let options = ["--edition", peer_edition];
        let mut ana = server.peer("Ana Maria", &options);
        let mut bruno = server.peer("Bruno", &options);
        bruno.type_text("/chat Ana Maria\nOi\n");
        ana.expect_screen("Bruno: Oi");
        ana.type_text("Oi também\n");
        bruno.expect_screen("Ana Maria: Oi também");
        assert!(ana.screen().iter().all(|line| !line.contains("not verified")));
    }
}

/// Client H has one conversation at a time, and sends BUSY to a second caller.
#[test]
fn client_hs_busy_is_shown_with_its_end() {
    let (_server, mut bruno, mut ana) = stand(H, &["--edition", "2026"]);
    ana.type_text("/chat Bruno\n");
    bruno.accept();
    bruno.say("BUSY");
    bruno.close();
    assert_eq!(ana.expect_screen("BUSY"), "Bruno: BUSY");
    ana.expect_screen("Bruno ended the conversation");
}

/// Longer lines than 1024 bytes arrive in pieces at every client, and nothing is lost.
#[test]
fn a_long_text_reaches_a_client_that_reads_chunks() {
    let (_server, mut bruno, mut ana) = stand(B, &[]);
    let long = "x".repeat(3_000);
    ana.type_text(&format!("/chat Bruno\n{long}\n"));
    bruno.accept();
    let mut heard = String::new();
    while heard.len() < long.len() {
        let Heard::Text(piece) = bruno.hear() else { panic!("it ended: {}", heard.len()) };
        heard.push_str(&piece);
    }
    assert_eq!(heard, long);
}

/// Client C sends its name without a line end, so a text in the same segment becomes a part of the
/// name. We cannot prevent that, and the conversation opens.
#[test]
fn client_cs_hurried_text_becomes_part_of_its_name() {
    let (_server, mut bruno, mut ana) = stand(C, &[]);
    bruno.call_and_say("Ana", "Oi");
    ana.expect_screen("Connected to BrunoOi");
}

/// Client C sends a name, a text and a goodbye without line ends, in segments of their own.
#[test]
fn client_cs_text_and_goodbye_are_told_apart_by_when_they_are_read() {
    once_in_time(|| {
        let (_server, mut bruno, mut ana) = stand(C, &[]);
        bruno.call("Ana");
        for part in ["nota: x", "DISC"] {
            std::thread::park_timeout(Duration::from_millis(200));
            bruno.say(part);
        }
        ana.expect_screen("ended the conversation");
        // The goodbye comes before the server can be asked about the name.
        let heard = [
            "Connected to Bruno:1 (not checked)",
            "Bruno:1 (not checked): nota: x",
            "Bruno:1 (not checked) ended the conversation",
        ];
        if ana.screen() == heard { Ok(()) } else { Err(ana.screen()) }
    });
}

/// Client A ends texts with LF alone, and its name with CR LF.
#[test]
fn client_as_texts_in_one_segment_are_several_texts() {
    let (_server, mut bruno, mut ana) = stand(A, &[]);
    bruno.call("Ana");
    bruno.say("um\ndois\n\nquatro");
    ana.expect_screen("quatro");
    let screen = ana.screen();
    let expected = ["Bruno: um", "Bruno: dois", "Bruno: ", "Bruno: quatro"];
    assert_eq!(screen[screen.len() - 4..], expected);
}

/// Some programs send a blank before the port (`USER Bru: 21000`), and some names have blanks.
#[test]
fn blanks_in_a_registration_are_accepted() {
    let mut server = Server::start();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let mut pneu = server.connect();
    pneu.send(&format!("USER flavin do pneu: {port}\r\n"));
    server.process.expect_log("event=join name=\"flavin do pneu\"");
    let mut ana = server.peer("Ana", &[]);
    ana.type_text("/list\n/chat flavin do pneu\nOi\n");
    ana.expect_screen("Online (besides you): flavin do pneu");
    let mut call = Raw::accept(&listener);
    assert_eq!([call.line(), call.line()], ["USER Ana", "Oi"]);
}
