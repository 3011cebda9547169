//! Texts: which of them are sent, and to whom.

use papo::machine::{CloseReason, LineEnd};
use papo::peer::PACE_MS;
use papo::peer::Rules;
use papo::peer::chat::TARGET_REST_MS;
use papo::peer::command::Command;
use papo::peer::notice::ConversationId;

use super::desk::{BRUNO, Desk, rules};

/// Ana, who checks nobody, with Bruno and then Camila on the line.
fn with_two() -> Desk {
    let mut ana = Desk::registered(Rules { verify: false, ..rules() });
    ana.accepts_as("bruno", "Bruno", "10.0.0.2");
    ana.accepts_as("camila", "Camila", "10.0.0.4");
    ana.expect(["connected: Bruno", "connected: Camila"]);
    ana
}

/// C25, the handout: "Nenhuma conexão P2P ativa", and nothing to the server.
#[test]
fn text_without_a_conversation_is_told_and_sent_nowhere() {
    let mut ana = Desk::ana();
    ana.types("Alguém aí?");
    ana.types("LIST");
    ana.types("//list");
    ana.expect(["NoConversation", "NoConversation", "NoConversation"]);
}

/// P36: a call does not take what is typed away from the conversation that has it.
#[test]
fn a_second_caller_does_not_become_the_target() {
    let mut ana = with_two();
    ana.types("oi");
    ana.types("/peers");
    ana.expect(["bruno > oi", "open: *Bruno, Camila"]);
}

/// P37: the line was meant for who has just left.
#[test]
fn text_typed_after_the_target_left_goes_to_nobody_else() {
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

/// P37: nor to a caller who comes a moment later.
#[test]
fn a_caller_within_three_seconds_of_a_loss_does_not_become_the_target() {
    for (pause, outcome) in [(2_999, "NoTarget"), (3_000, "camila > oi")] {
        let mut ana = Desk::registered(Rules { verify: false, ..rules() });
        ana.accepts_as("bruno", "Bruno", "10.0.0.2");
        ana.hears("bruno", "DISC");
        ana.wait(pause);
        ana.accepts_as("camila", "Camila", "10.0.0.4");
        ana.forget();
        ana.types("oi");
        ana.expect([outcome]);
    }
}

/// P37: a broken connection is a loss like any other.
#[test]
fn text_typed_after_a_cut_goes_to_nobody_else() {
    let mut ana = with_two();
    ana.breaks("bruno", CloseReason::LineTooLong);
    ana.types("oi");
    ana.expect(["ended for misbehaving: Bruno", "NoTarget"]);
}

/// `/chat NAME` switches; the rest of the line is the name.
#[test]
fn chat_chooses_who_gets_what_is_typed() {
    let mut ana = with_two();
    ana.types("/chat Camila");
    ana.types("oi");
    ana.expect(["target: Camila", "camila > oi"]);
}

/// A call that was asked for becomes the target, whoever it was before.
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

/// `/msg` does not change the conversation, be the other one open or new.
#[test]
fn a_message_leaves_the_target_where_it_is() {
    let mut ana = with_two();
    ana.types("/msg Camila só para você");
    ana.types("/msg Davi oi");
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

/// The very first conversation, begun by `/msg`, is not chosen by the person either.
#[test]
fn text_after_a_message_to_somebody_new_asks_for_a_choice() {
    let mut ana = Desk::ana();
    ana.types("/msg Bruno oi");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.wait(50);
    ana.forget();
    ana.types("e aí");
    ana.expect(["NoTarget"]);
}

/// `/msg` to names with blanks: known from a conversation, or from the last LIST.
#[test]
fn a_message_finds_names_with_blanks() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears("server", "LIST flavin do pneu:Ana Maria:Ana");
    ana.forget();
    ana.types("/msg flavin do pneu oi, tudo bem?");
    ana.expect(["server > ADDR flavin do pneu"]);
    ana.hears("server", "ADDR 10.0.0.5:1");
    ana.answers("10.0.0.5:1", "pneu");
    ana.wait(50);
    ana.types("/msg flavin do pneu tchau");
    ana.wait(PACE_MS);
    ana.expect([
        "dial 10.0.0.5:1",
        "pneu > USER Ana",
        "connected: flavin do pneu",
        "sent to: flavin do pneu",
        "pneu > oi, tudo bem?",
        "sent to: flavin do pneu",
        "pneu > tchau",
    ]);
}

/// A4: who chose a name that begins with somebody else's gets nothing that was meant for the other.
#[test]
fn where_two_names_match_the_person_is_asked() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.types("/list");
    ana.hears("server", "LIST Bruno:Bruno a");
    ana.forget();
    ana.types("/msg Bruno a senha nova");
    let log = ana.look();
    assert!(matches!(&log[..], [which] if which.starts_with("Which")), "{log:?}");
    ana.types("/msg \"Bruno\" a senha nova");
    ana.expect(["bruno > a senha nova", "sent to: Bruno"]);
}

/// A4: an unconfirmed label never wins.
#[test]
fn a_caller_with_the_longer_name_gets_no_message() {
    let mut ana = Desk::ana();
    ana.is_called_by("bruno", "Bruno", "10.0.0.2");
    ana.accepts_as("eva", "Bruno a", "10.0.0.66");
    ana.wait(1_000);
    ana.forget();
    ana.types("/msg Bruno a senha nova");
    ana.expect(["bruno > a senha nova", "sent to: Bruno"]);
}

/// P15, R11: the other side would take it for an instruction.
#[test]
fn typed_protocol_is_not_sent() {
    let mut ana = with_two();
    let cases = [
        ("DISC", "DISC"),
        ("USER x", "USER x"),
        ("USER ", "USER "),
        ("/msg Camila DISC", "DISC"),
        ("/msg Bruno USER Eva", "USER Eva"),
    ];
    for (typed, line) in cases {
        ana.types(typed);
        ana.expect([&format!("would be protocol: {line}")]);
    }
}

/// R11: a line end never leaves inside a text, wherever the text came from.
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

/// An embedder answers where it was spoken to, and nowhere else when that conversation is over.
#[test]
fn a_text_for_one_conversation_goes_there_or_nowhere() {
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

/// R11 for `/msg` to somebody new: nobody is called for it either.
#[test]
fn a_message_that_would_be_protocol_never_reaches_somebody_new() {
    let mut ana = Desk::ana();
    ana.types("/msg Bruno DISC");
    ana.expect(["would be protocol: DISC"]);
}

/// P14, P16: what only looks like an instruction is text, in both directions.
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

/// `//` sends a text that begins with a slash; a wrong command is never sent.
#[test]
fn a_slash_is_sent_only_when_doubled() {
    let mut ana = with_two();
    ana.types("//exit");
    ana.types("/dance");
    ana.types("/");
    ana.types("/list now");
    ana.expect(["bruno > /exit", "unknown: /dance", "unknown: /", "Usage(List)"]);
}

/// P22: an empty message is a message; an empty typed line is only the Enter key.
#[test]
fn empty_lines_are_shown_but_not_sent() {
    let mut ana = with_two();
    ana.hears("bruno", "");
    ana.types("");
    ana.expect(["Bruno says "]);
}

/// P24: what was too long is shown with a mark, and is no instruction any more.
#[test]
fn a_cut_line_is_marked() {
    let mut ana = with_two();
    ana.hears_bytes("bruno", b"muito", LineEnd::Cut);
    ana.expect(["Bruno says muito [cut]"]);
}

/// P24: and what has no end at all ends the conversation.
#[test]
fn a_line_without_end_ends_the_conversation() {
    let mut ana = with_two();
    ana.breaks("bruno", CloseReason::LineTooLong);
    ana.expect(["ended for misbehaving: Bruno"]);
}

/// P25: cut between characters, and nothing is lost.
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

/// P35: a conversation is between two people, and no business of the server's.
#[test]
fn a_conversation_outlives_the_others_registration() {
    let mut ana = with_two();
    ana.types("/list");
    ana.hears("server", "LIST Camila");
    ana.types("Ainda aí?");
    ana.expect(["server > LIST", "online: Camila", "bruno > Ainda aí?"]);
}

/// `/bye NAME`, `/bye` and `/peers` where there is nothing to end and nothing to show.
#[test]
fn goodbyes_to_nobody_are_told() {
    let mut ana = Desk::ana();
    ana.types("/bye");
    ana.types("/bye Bruno");
    ana.types("/peers");
    ana.expect(["NoConversation", "not talking to: Bruno", "open: "]);
}

/// `/help` and misuse stay here.
#[test]
fn help_and_misuse_send_nothing() {
    let mut ana = with_two();
    for typed in ["/help", "/help chat", "/help dance", "/chat", "/msg", "/msg Bruno", "/peers x"] {
        ana.types(typed);
        assert!(ana.look().iter().all(|it| !it.contains('>')), "{typed}");
    }
}

/// A line may be half typed for the target that went away. Only the same person is who it was for.
#[test]
fn nobody_else_becomes_the_target_at_once_whether_name_or_address_is_the_same() {
    for (name, ip) in [("Camila", "10.0.0.2"), ("Bruno", "10.0.0.9")] {
        let mut ana = Desk::registered(Rules { verify: false, ..rules() });
        ana.accepts("bruno", "10.0.0.2");
        ana.hears("bruno", "USER Bruno");
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
