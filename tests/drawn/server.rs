//! The server and the demo at a terminal.

use std::time::{Duration, Instant};

use crate::support::pty::{PAPO, Pty};
use crate::support::{Process, Raw, eventually, quiet_address};

/// A server at a terminal, and its port.
fn server(options: &[&str]) -> Option<(Pty, u16)> {
    let address = quiet_address();
    let listen = address.to_string();
    let arguments = [&["server", "--listen", &listen], options].concat();
    let pty = Pty::start(PAPO, &arguments, 90, 24)?;
    eventually("it listens", || std::net::TcpStream::connect(address).is_ok());
    Some((pty, address.port()))
}

#[test]
fn a_server_shows_what_to_type_and_who_joins_and_leaves() {
    let Some((mut screen, port)) = server(&["--lang", "en"]) else { return };
    screen.expect(&format!("The server is up, at port {port}."));
    screen.expect(&format!("papo peer NAME --server {port}"));
    let address = ([127, 0, 0, 1], port).into();
    let mut jose = Raw::connect(address);
    jose.send("USER José:20000\r\n");
    screen.expect("José joined from 127.0.0.1:20000; 1 online");
    Raw::connect(address).send("USER Pedro 20002\r\n");
    screen.expect("127.0.0.1 was refused: USER has no :port: \"USER Pedro 20002\"");
    let mut maria = Raw::connect(address);
    maria.send("USER Maria:20000");
    maria.half_close();
    screen.expect("Maria (127.0.0.1) sent 16 bytes without a line end");
    drop(jose);
    screen.expect("José left; 0 online");
    assert!(!screen.has_shown("event="), "{}", screen.screen().contents());
    screen.types("\x03");
    assert_eq!(screen.expect_end(), 0);
    assert!(screen.has_shown("^C\r\n"), "the next text begins on a line of its own");
}

/// A teacher's terminal shows one line for it, and no name that nobody has.
#[test]
fn a_papo_who_is_one_calm_line_at_a_terminal() {
    let Some((mut screen, port)) = server(&["--lang", "en"]) else { return };
    let asked = Process::start(&["who", &port.to_string()]).finish();
    assert_eq!(asked.0, 0, "{asked:?}");
    screen.expect("papo who asks from 127.0.0.1 who is online");
    let mut jose = Raw::connect(([127, 0, 0, 1], port).into());
    jose.send("USER José:20000\r\n");
    screen.expect("José joined from 127.0.0.1:20000; 1 online");
    assert!(!screen.has_shown("papo-who-"), "{}", screen.screen().contents());
    // Somebody who can be called is shown, whatever the name.
    Raw::connect(([127, 0, 0, 1], port).into()).send("USER papo-who-1:20000\r\n");
    screen.expect("papo-who-1 joined from 127.0.0.1:20000; ");
}

#[test]
fn a_server_uses_the_language_of_the_person() {
    let Some((mut screen, port)) = server(&["--lang", "pt"]) else { return };
    screen.expect(&format!("papo peer NOME --server {port}"));
    Raw::connect(([127, 0, 0, 1], port).into()).send("LIST\r\n");
    screen.expect("127.0.0.1 não entrou: LIST veio antes de USER");
}

#[test]
fn a_demo_in_steps_asks_for_enter() {
    let Some(mut screen) = Pty::start(PAPO, &["demo", "--step"], 80, 60) else { return };
    screen.expect("Enter: next row");
    for row in ["> Ana", "> Bruno"] {
        screen.types("\n");
        screen.expect(row);
    }
    screen.types("\x03");
    assert_eq!(screen.expect_end(), 130);
}

#[test]
fn a_demo_at_a_terminal_waits_for_its_reader() {
    let start = Instant::now();
    let Some(mut screen) = Pty::start(PAPO, &["demo"], 80, 60) else { return };
    screen.expect("* USER Ana:");
    // Eight lines come before it, each with at least the shortest time for a reader.
    let read = start.elapsed();
    assert!(read >= Duration::from_millis(8 * 400), "{read:?}");
    screen.types("\x03");
    assert_eq!(screen.expect_end(), 130);
}

#[test]
fn a_narrow_terminal_has_the_names_in_front() {
    let Some(mut screen) = Pty::start(PAPO, &["demo"], 40, 60) else { return };
    screen.expect("Ana      - Nome de usuário:");
    screen.types("\x03");
    assert_eq!(screen.expect_end(), 130);
}

#[test]
fn step_by_step_each_row_waits_for_enter() {
    let Some(mut screen) = Pty::start(PAPO, &["demo", "--step"], 80, 60) else { return };
    screen.expect("<aguardando");
    screen.types("\r");
    screen.expect("* USER Ana:");
    screen.types("\r");
    screen.expect("* USER Bruno:");
    // No Enter was pressed for the next row, which would appear at once.
    assert!(!screen.has_shown("/list"), "{}", screen.screen().contents());
    screen.types("\x03");
    assert_eq!(screen.expect_end(), 130);
}
