//! Two people at two terminals, and a server between them.

use crate::support::Server;
use crate::support::proc;
use crate::support::pty::{PAPO, Pty, peer};

/// The handout's conversation, with TAB and the history.
#[test]
fn two_people_read_each_others_messages() {
    let server = Server::start();
    let Some(mut ana) = peer(&server, "Ana", &["--lang", "pt"], (60, 12)) else { return };
    let Some(mut bruno) = peer(&server, "Bruno", &["--lang", "en"], (60, 12)) else { return };
    ana.types("\x0c/li\t\r");
    ana.expect("Ativos (além de você): Bruno");
    bruno.types("\x0c");
    ana.types("/chat b\t\r");
    ana.expect_row("Ana → Bruno> |");
    bruno.expect_row("Bruno → Ana> |");
    ana.types("Oi Bruno!\r");
    bruno.types("Tudo be");
    bruno.expect("Ana: Oi Bruno!");
    bruno.types("m, Ana?\r");
    ana.expect("Bruno: Tudo bem, Ana?");
    ana.types("\x1b[A\x1b[A\r/bye\r");
    ana.expect_screen(&[
        "HH:MM > /list",
        "HH:MM -- Ativos (além de você): Bruno",
        "HH:MM > /chat Bruno",
        "HH:MM -- Conectado a Bruno",
        "HH:MM Ana → Bruno: Oi Bruno!",
        "HH:MM Bruno: Tudo bem, Ana?",
        "HH:MM > /chat Bruno",
        "HH:MM -- Conversando com Bruno",
        "HH:MM > /bye",
        "HH:MM -- Conversa com Bruno encerrada",
        "Ana> |",
    ]);
    bruno.expect_screen(&[
        "HH:MM -- Connected to Ana",
        "HH:MM Ana: Oi Bruno!",
        "HH:MM Bruno → Ana: Tudo bem, Ana?",
        "HH:MM -- Ana ended the conversation",
        "Bruno> |",
    ]);
}

#[test]
fn the_row_follows_the_size_of_the_window() {
    let server = Server::start();
    let Some(mut ana) = peer(&server, "Ana", &[], (60, 12)) else { return };
    ana.types("uma linha que passa de vinte colunas");
    ana.expect_row("Ana> uma linha que passa de vinte colunas|");
    ana.resize(20, 12);
    ana.expect("<");
    ana.resize(60, 12);
    ana.types("\x0c");
    ana.expect_screen(&["Ana> uma linha que passa de vinte colunas|"]);
}

/// Only silence ends a lone Esc. After that no timer wakes the program.
#[test]
fn an_idle_terminal_costs_nothing() {
    let server = Server::start();
    let Some(mut ana) = peer(&server, "Ana", &["--keepalive", "3600"], (60, 12)) else { return };
    ana.types("a\x1b");
    ana.expect_row("Ana> a|");
    std::thread::sleep(std::time::Duration::from_millis(500));
    ana.types("b");
    ana.expect_row("Ana> ab|");
    assert!(ana.marks_pasted());
    std::thread::sleep(std::time::Duration::from_millis(200));
    expect_no_wake_ups(&ana);
    assert_eq!(proc::threads(ana.id()), 1);
    assert_eq!(proc::pollers(ana.id()), 1);
}

#[test]
fn the_option_plain_uses_whole_lines() {
    let server = Server::start();
    let address = server.address.to_string();
    let arguments = ["peer", "--server", &address, "--lang", "en", "--plain"];
    let Some(mut ana) = Pty::start(PAPO, &arguments, 60, 12) else { return };
    ana.expect_row("User name: |");
    assert!(!ana.is_raw());
    ana.types("Ana\n");
    ana.expect("Hello, Ana!");
    ana.types("/exit\n");
    assert_eq!(ana.expect_end(), 0);
}

/// Asserts that the peer sleeps for three seconds without events.
pub(crate) fn expect_no_wake_ups(pty: &Pty) {
    let before = proc::sleeps(pty.id());
    std::thread::sleep(std::time::Duration::from_secs(3));
    let sleeps = proc::sleeps(pty.id()) - before;
    assert!(sleeps <= 1, "{sleeps} wake-ups in three seconds of nothing");
}
