//! The terminal is left as it was found, whatever ends the program.

use crate::support::Server;
use crate::support::proc::signal;
use crate::support::pty::peer;

#[test]
fn by_a_key_or_a_command() {
    for keys in ["/exit\r", "/quit\r", "\x04", "\x03", "half a line\x03\x03"] {
        // A server of its own: another one might still hold the name of the Ana before.
        let server = Server::start();
        let Some(mut ana) = peer(&server, "Ana", &[], (60, 12)) else { return };
        assert!(ana.is_raw());
        ana.types(keys);
        assert_eq!(ana.expect_end(), 0, "{keys:?}");
    }
}

#[test]
fn by_a_signal() {
    for name in ["TERM", "INT", "HUP"] {
        let server = Server::start();
        let Some(mut ana) = peer(&server, "Ana", &[], (60, 12)) else { return };
        ana.types("half a line");
        ana.expect_row("Ana> half a line|");
        signal(ana.id(), name);
        assert_eq!(ana.expect_end(), 0, "{name}");
    }
}

/// The second time in order, too: the handler of a signal could not give the terminal back. Here
/// the first waits for the goodbye of somebody who does not answer.
#[test]
fn by_a_second_signal_or_a_second_ctrl_c() {
    let server = Server::start();
    for (again, status) in [("TERM", 143), ("Ctrl-C", 130)] {
        let Some(mut ana) = peer(&server, "Ana", &["--no-verify"], (60, 12)) else { return };
        let address = server.address_of("Ana");
        let mut mute = crate::support::Raw::connect(address);
        mute.send("USER Muda\r\n");
        ana.expect_row("Ana → Muda> |");
        signal(ana.id(), "TERM");
        assert_eq!(mute.line(), "DISC");
        match again {
            "TERM" => signal(ana.id(), "TERM"),
            _ => ana.types("\x03"),
        }
        assert_eq!(ana.expect_end(), status, "{again}");
        drop(mute);
    }
}
