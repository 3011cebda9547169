//! The first minute of a new person: no name, no server, a name that is in use.

use crate::support::pty::{PAPO, Pty, peer};
use crate::support::{Server, quiet_address};

/// Wide enough for a sentence in one row.
const WIDE: (u16, u16) = (180, 16);

fn asked_for_a_name(address: &str, size: (u16, u16)) -> Option<Pty> {
    let arguments = ["peer", "--server", address, "--lang", "en"];
    let mut new = Pty::start(PAPO, &arguments, size.0, size.1)?;
    new.expect_row("User name: |");
    Some(new)
}

/// The text names the address and says what to do. The peer registers when the server starts.
#[test]
fn a_server_that_comes_later_is_found() {
    let address = quiet_address();
    let to = address.to_string();
    let Some(mut ana) = asked_for_a_name(&to, WIDE) else { return };
    ana.types("Ana\r");
    let told = format!(
        "HH:MM -- No server at {to} (connection refused). Start one with papo server, or say where \
         it is with --server. Trying again until there is one; Ctrl-C ends."
    );
    ana.expect_screen(&["HH:MM User name: Ana", &told, "Ana> |"]);
    ana.types("/list\rhalf a line");
    let needs = "HH:MM -- Not connected to the server now.";
    ana.expect("connected to the server");
    let server = Server::start_at(address, &[]);
    ana.expect_screen(&[
        "HH:MM User name: Ana",
        &told,
        "HH:MM > /list",
        needs,
        "HH:MM -- Hello, Ana! To start a conversation type: /chat <name>",
        "         /list shows who is online, /help shows all commands.",
        "Ana> half a line|",
    ]);
    drop(server);
}

/// An empty line, text that is no name, a command, and a name that is in use.
#[test]
fn the_question_for_a_name_is_repeated_until_there_is_one() {
    let server = Server::start();
    let Some(_bruno) = peer(&server, "Bruno", &[], WIDE) else { return };
    let Some(mut ana) = asked_for_a_name(&server.address.to_string(), WIDE) else { return };
    ana.types("\ra:b\r");
    ana.expect_row("User name: |");
    ana.types("/list\r");
    ana.expect("/exit leaves");
    ana.types("Bruno\r");
    ana.expect("refused the name Bruno");
    ana.types("Ana\r");
    ana.expect_screen(&[
        "HH:MM User name: a:b",
        "HH:MM -- Not a name: it must not contain \":\".",
        "HH:MM User name: /list",
        "HH:MM -- First a name, by which the others will know you; /exit leaves.",
        "HH:MM User name: Bruno",
        "HH:MM -- The server refused the name Bruno: most likely somebody has it.",
        "HH:MM User name: Ana",
        "HH:MM -- Hello, Ana! To start a conversation type: /chat <name>",
        "         /list shows who is online, /help shows all commands.",
        "Ana> |",
    ]);
}

/// Ctrl-C clears the line, and a second one leaves. Ctrl-D leaves.
#[test]
fn the_question_can_be_left() {
    let server = Server::start();
    for keys in ["\x03", "\x04", "/exit\r"] {
        let Some(mut new) = asked_for_a_name(&server.address.to_string(), (40, 10)) else {
            return;
        };
        new.types("Ana\x03");
        new.expect_row("User name: |");
        new.types(keys);
        assert_eq!(new.expect_end(), 0, "{keys:?}");
    }
}

/// E20: no LIST was received before.
#[test]
fn a_name_in_the_wrong_case_is_found_without_a_list_before() {
    let server = Server::start();
    let Some(_bruno) = peer(&server, "Bruno", &[], WIDE) else { return };
    let Some(mut ana) = peer(&server, "Ana", &[], WIDE) else { return };
    ana.types("/chat bruno\r");
    ana.expect("-- Nobody has exactly that name. Calling Bruno.");
    ana.expect_row("Ana → Bruno> |");
}

/// E16: the peer tries again until there is room.
#[test]
fn a_full_server_is_not_mistaken_for_one_that_refuses_the_name() {
    let mut server = Server::start_with(&["--max-clients", "1"]);
    let bruno = server.join("Bruno", 1);
    server.process.expect_log("event=join");
    let arguments = ["peer", "Ana", "--server", &server.address.to_string(), "--lang", "en"];
    let Some(mut ana) = Pty::start(PAPO, &arguments, WIDE.0, WIDE.1) else { return };
    let told = format!(
        "HH:MM -- {} hung up without an answer: it is full, or starting again. Trying again until \
         it works.",
        server.address
    );
    ana.expect_screen(&[&told, "Ana> |"]);
    server.process.expect_log("reason=client_limit");
    drop(bruno);
    ana.expect_screen(&[
        &told,
        "HH:MM -- Hello, Ana! To start a conversation type: /chat <name>",
        "         /list shows who is online, /help shows all commands.",
        "Ana> |",
    ]);
}
