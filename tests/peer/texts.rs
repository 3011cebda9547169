//! Texts: which are sent, and to which conversation.

use papo::machine::{CloseReason, LineEnd};
use papo::peer::PACE_MS;
use papo::peer::chat::TARGET_REST_MS;
use papo::peer::command::Command;
use papo::peer::notice::ConversationId;

use super::desk::{BRUNO, Desk, RESET};

/// Ana, without checks, talking to Bruno and Camila. Bruno is the target.
fn with_two() -> Desk {
    let mut ana = Desk::without_checks();
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.expect(["connected: Bruno", "connected: Camila"]);
    ana
}

/// C25. The handout: "Nenhuma conexão P2P ativa".
#[test]
fn text_without_a_conversation_is_not_sent() {
    let mut ana = Desk::ana();
    ana.types("Alguém aí?");
    ana.types("LIST");
    ana.types("//list");
    ana.expect(["NoConversation", "NoConversation", "NoConversation"]);
}

/// P36.
#[test]
fn a_second_caller_does_not_become_the_target() {
    let mut ana = with_two();
    ana.types("oi");
    ana.types("/peers");
    ana.expect(["bruno > oi", "open: *Bruno, Camila"]);
}

/// P37: it is for the one who has left.
#[test]
fn text_typed_after_the_target_left_is_not_sent_to_another() {
    let mut ana = with_two();
    ana.ends("bruno");
    ana.forget();
    ana.types("segredo para o Bruno");
    ana.expect(["NoTarget"]);
    ana.wait(60_000);
    ana.forget();
    ana.types("ainda nada");
    ana.expect(["NoTarget"]);
}

/// P37.
#[test]
fn a_caller_within_three_seconds_of_a_loss_does_not_become_the_target() {
    for (pause, outcome) in [(2_999, "NoTarget"), (3_000, "camila > oi")] {
        let mut ana = Desk::without_checks();
        ana.accepts_as("bruno", "Bruno", "10.0.0.2");
        ana.hears("bruno", "DISC");
        ana.wait(pause);
        ana.accepts_as("camila", "Camila", "10.0.0.4");
        ana.forget();
        ana.types("oi");
        ana.expect([outcome]);
    }
}

/// P24, P37.
#[test]
fn a_line_without_end_ends_the_conversation_like_any_loss() {
    let mut ana = with_two();
    ana.breaks("bruno", CloseReason::LineTooLong);
    ana.types("oi");
    ana.expect(["ended for misbehaving: Bruno", "NoTarget"]);
}

#[test]
fn chat_with_an_open_conversation_makes_it_the_target() {
    let mut ana = with_two();
    ana.types("/chat Camila");
    ana.types("oi");
    ana.expect(["target: Camila", "camila > oi"]);
}

#[test]
fn the_called_person_becomes_the_target() {
    let mut ana = with_two();
    ana.types("/chat Davi");
    ana.hears("server", "ADDR 10.0.0.5:1");
    ana.answers("10.0.0.5:1", "davi");
    ana.wait(50);
    ana.forget();
    ana.types("oi");
    ana.expect(["davi > oi"]);
}

/// To an open conversation, and to a new one.
#[test]
fn msg_does_not_change_the_target() {
    let mut ana = with_two();
    ana.types("/msg \"Camila\" só para você");
    ana.types("/msg \"Davi\" oi");
    ana.hears("server", "ADDR 10.0.0.5:1");
    ana.answers("10.0.0.5:1", "davi");
    ana.wait(50);
    ana.types("e aí");
    ana.expect([
        "camila > só para você",
        "sent to: Camila",
        "server > ADDR Davi",
        "dial 10.0.0.5:1",
        "davi > USER Ana",
        "connected: Davi",
        "sent to: Davi",
        "davi > oi",
        "bruno > e aí",
    ]);
}

#[test]
fn msg_to_a_new_person_makes_no_target() {
    let mut ana = Desk::ana();
    ana.types("/msg \"Bruno\" oi");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.wait(50);
    ana.forget();
    ana.types("e aí");
    ana.expect(["NoTarget"]);
}

/// They are known from a conversation or from the last LIST.
#[test]
fn msg_finds_names_with_blanks() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears("server", "LIST flavin do pneu:Ana Maria:Ana");
    ana.forget();
    ana.types("/msg flavin do pneu oi, tudo bem?");
    ana.hears("server", "LIST flavin do pneu:Ana Maria:Ana");
    ana.expect(["server > LIST", "server > ADDR flavin do pneu"]);
    ana.hears("server", "ADDR 10.0.0.5:1");
    ana.answers("10.0.0.5:1", "pneu");
    ana.wait(50);
    ana.types("/msg flavin do pneu tchau");
    ana.hears("server", "LIST ");
    ana.wait(PACE_MS);
    ana.expect([
        "dial 10.0.0.5:1",
        "pneu > USER Ana",
        "connected: flavin do pneu",
        "sent to: flavin do pneu",
        "pneu > oi, tudo bem?",
        "server > LIST",
        "sent to: flavin do pneu",
        "pneu > tchau",
    ]);
}

/// A4: one name may begin with another.
#[test]
fn msg_asks_the_person_if_two_names_match() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.types("/msg Bruno a senha nova");
    ana.expect(["server > LIST"]);
    ana.hears("server", "LIST Bruno:Bruno a");
    let log = ana.look();
    assert!(matches!(&log[..], [which] if which.starts_with("Which")), "{log:?}");
    ana.types("/msg \"Bruno\" a senha nova");
    ana.expect(["bruno > a senha nova", "sent to: Bruno"]);
}

/// A4: its label is not confirmed.
#[test]
fn a_caller_with_the_longer_name_gets_no_message() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.accepts_as("eva", "Bruno a", "10.0.0.66");
    ana.wait(1_000);
    ana.forget();
    ana.types("/msg Bruno a senha nova");
    // The answers to the check of the caller, and to the question of `/msg`.
    ana.hears("server", "LIST Bruno");
    ana.forget();
    ana.hears("server", "LIST Bruno");
    ana.expect(["bruno > a senha nova", "sent to: Bruno"]);
}

/// The name that is meant may be longer than its first word, and nobody has asked for a list.
#[test]
fn msg_to_a_longer_name_is_not_sent_to_the_first_word() {
    for (mut ana, exit) in [(Desk::ana(), "exit 0"), (Desk::script(), "exit 1")] {
        ana.types("/msg Bruno Maria o segredo dela");
        ana.types("/list");
        ana.hears("server", "LIST Bruno:Bruno Maria");
        let log = ana.look();
        assert_eq!(log[0], "server > LIST");
        assert!(log[1].starts_with("Which"), "{log:?}");
        assert_eq!(log[2..], ["server > LIST"], "the next line waited");
        ana.hears("server", "LIST Bruno");
        ana.types("/exit");
        ana.expect(["online: Bruno", "server closed", exit]);
    }
}

/// The known names decide: nobody new can be reached without the server.
#[test]
fn msg_without_a_server_uses_the_known_names() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.types("/msg Bruno a senha nova");
    ana.breaks("server", RESET);
    ana.wait(50);
    let log = ana.look();
    assert!(log.contains(&"bruno > a senha nova".to_string()), "{log:?}");
    assert!(!log.contains(&"NeedsServer".to_string()), "{log:?}");
    ana.types("/msg Bruno outra");
    ana.expect(["bruno > outra", "sent to: Bruno"]);
    ana.types("/msg Camila a senha");
    ana.expect(["NeedsServer"]);
}

/// The same if the server is there and does not answer.
#[test]
fn msg_with_a_silent_server_uses_the_known_names() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.forget();
    ana.types("/msg Bruno a senha nova");
    ana.wait(2_999);
    ana.expect(["server > LIST"]);
    ana.wait(1);
    ana.expect(["bruno > a senha nova", "sent to: Bruno"]);
}

/// P15, R11.
#[test]
fn text_that_would_be_an_instruction_is_not_sent() {
    let mut ana = with_two();
    let cases = [
        ("DISC", "DISC"),
        ("USER x", "USER x"),
        ("USER ", "USER "),
        ("/msg \"Camila\" DISC", "DISC"),
        ("/msg \"Bruno\" USER Eva", "USER Eva"),
    ];
    for (typed, line) in cases {
        ana.types(typed);
        ana.expect([&format!("would be protocol: {line}")]);
    }
}

/// R11.
#[test]
fn a_text_with_line_ends_becomes_lines_and_never_protocol() {
    let mut ana = with_two();
    ana.types("um\rdois");
    ana.commands(&Command::Say(b"tr\xC3\xAAs\r\nquatro\n".to_vec()));
    ana.wait(PACE_MS);
    ana.expect(["bruno > um", "bruno > dois", "bruno > três", "bruno > quatro"]);
    let to = b"Camila".to_vec();
    let with_disc = |end: &[u8]| [&b"10 %"[..], end, b"DISC", end, b"resto"].concat();
    for end in [&b"\r"[..], b"\n", b"\r\n", b"\0"] {
        ana.commands(&Command::Say(with_disc(end)));
        ana.commands(&Command::Message { to: to.clone(), text: with_disc(end) });
        ana.commands(&Command::Reply(with_disc(end)));
        ana.expect(["would be protocol: DISC", "would be protocol: DISC", "NobodyWrote"]);
    }
}

#[test]
fn a_text_for_one_conversation_is_sent_there_or_not_at_all() {
    let mut ana = with_two();
    let to_camila =
        Command::SayIn { conversation: ConversationId(2), text: b"para Camila".to_vec() };
    ana.commands(&to_camila);
    ana.expect(["camila > para Camila", "sent to: Camila"]);
    ana.types("para Bruno");
    ana.expect(["bruno > para Bruno"]);
    ana.hears("camila", "DISC");
    ana.accepts_as("camila again", "Camila", "10.0.0.3");
    ana.forget();
    ana.commands(&to_camila);
    ana.expect(["NoConversation"]);
}

/// R11.
#[test]
fn nobody_is_called_for_a_text_that_would_be_an_instruction() {
    let mut ana = Desk::ana();
    ana.types("/msg \"Bruno\" DISC");
    ana.expect(["would be protocol: DISC"]);
}

/// P14, P16: in both directions.
#[test]
fn a_line_that_is_no_instruction_between_peers_is_text() {
    for text in ["LIST", "KEEP", "ADDR Bruno", " DISC", "DISC ", "disc", "DISCO", "DISC oi", "USER"]
    {
        let mut ana = with_two();
        ana.types(text);
        ana.hears("bruno", text);
        ana.expect([&format!("bruno > {text}"), &format!("Bruno says {text}")]);
    }
}

/// A wrong command is not sent.
#[test]
fn two_slashes_send_a_text_that_begins_with_one() {
    let mut ana = with_two();
    ana.types("//exit");
    ana.types("/dance");
    ana.types("/");
    ana.types("/list now");
    ana.expect(["bruno > /exit", "unknown: /dance", "unknown: /", "Usage(List)"]);
}

/// P22.
#[test]
fn empty_lines_are_shown_and_not_sent() {
    let mut ana = with_two();
    ana.hears("bruno", "");
    ana.types("");
    ana.expect(["Bruno says "]);
}

/// P24.
#[test]
fn a_cut_line_is_marked() {
    let mut ana = with_two();
    ana.hears_bytes("bruno", b"muito", LineEnd::Cut);
    ana.expect(["Bruno says muito [cut]"]);
}

/// P25: it is cut between characters, and nothing is lost.
#[test]
fn a_long_text_is_sent_in_lines_that_every_reader_takes() {
    let mut ana = with_two();
    let text = "ação!".repeat(2_000);
    ana.types(&text);
    ana.wait(1_000);
    let log = ana.look();
    let pieces: Vec<_> = log.iter().filter_map(|it| it.strip_prefix("bruno > ")).collect();
    let lines: Vec<_> = pieces.split_inclusive(|piece| !piece.ends_with("...")).collect();
    let lines: Vec<_> = lines.iter().map(|line| line.concat().replace("...", "")).collect();
    assert!(lines.len() > 2 && lines.iter().all(|line| line.len() + 2 <= 4096));
    assert_eq!(lines.concat(), text);
}

/// P35.
#[test]
fn a_conversation_goes_on_when_the_other_is_not_registered_any_more() {
    let mut ana = with_two();
    ana.types("/list");
    ana.hears("server", "LIST Camila");
    ana.types("Ainda aí?");
    ana.expect(["server > LIST", "online: Camila", "bruno > Ainda aí?"]);
}

#[test]
fn bye_and_peers_without_a_conversation_are_answered() {
    let mut ana = Desk::ana();
    ana.types("/bye");
    ana.types("/bye Bruno");
    ana.types("/peers");
    ana.expect(["NoConversation", "not talking to: Bruno", "open: "]);
}

#[test]
fn help_and_misuse_send_nothing() {
    let mut ana = with_two();
    for typed in ["/help", "/help chat", "/help dance", "/chat", "/msg", "/msg Bruno", "/peers x"] {
        ana.types(typed);
        assert!(ana.look().iter().all(|it| !it.contains('>')), "{typed}");
    }
}

/// A half-typed line may be for the target that has left. Another name or another address is
/// another person.
#[test]
fn another_person_becomes_the_target_only_after_a_rest() {
    for (name, ip) in [("Camila", "10.0.0.2"), ("Bruno", "10.0.0.9")] {
        let mut ana = Desk::without_checks();
        ana.accepts_as("bruno", "Bruno", "10.0.0.2");
        ana.hears("bruno", "DISC");
        ana.accepts("other", ip);
        ana.hears("other", &format!("USER {name}"));
        ana.forget();
        ana.types("oi");
        ana.expect(["NoTarget"]);
        ana.wait(TARGET_REST_MS);
        ana.forget();
        ana.types("oi");
        ana.expect(["other > oi"]);
    }
}
