//! The terminal is restored after any end of the program.

use crate::support::Server;
use crate::support::proc::signal;
use crate::support::pty::peer;

#[test]
fn by_a_key_or_a_command() {
    for keys in ["/exit\r", "/quit\r", "\x04", "\x03", "half a line\x03\x03"] {
        // A new server each time: the old one might still have the name of the last Ana.
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

/// The first signal waits for the goodbye of a partner who does not answer. The second one ends the
/// program at once, but not in the handler of the signal, which could not restore the terminal.
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
