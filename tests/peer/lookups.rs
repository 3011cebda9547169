//! LIST and ADDR: one question at a time, the fence behind it, and late answers.

use papo::peer::Rules;
use papo::peer::server::{LIST_NAMES_MAX, STALE_FOR_MS};
use papo::wire::reply::Edition;

use super::desk::{BRUNO, Desk, OWN, rules};

/// C6: with and without blanks, as different servers write it.
#[test]
fn both_spellings_of_a_list_are_the_same_names() {
    for reply in ["LIST Bruno:Camila", "LIST Bruno: Camila", "LIST :Bruno::Camila:"] {
        let mut ana = Desk::ana();
        ana.types("/list");
        ana.hears("server", reply);
        ana.expect(["server > LIST", "online: Bruno, Camila"]);
    }
}

/// C7, R4: `LIST ` with its blank, and other servers' `LIST`.
#[test]
fn an_empty_list_has_no_names() {
    for reply in ["LIST", "LIST ", "LIST Ana"] {
        let mut ana = Desk::ana();
        ana.types("/list");
        ana.hears("server", reply);
        ana.expect(["server > LIST", "online: "]);
    }
}

/// C8: servers that do not leave the asker out.
#[test]
fn the_own_name_in_a_list_is_left_out() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears("server", "LIST Ana:Bruno");
    ana.expect(["server > LIST", "online: Bruno"]);
}

/// C8.
#[test]
fn a_name_that_a_list_has_twice_is_shown_once() {
    let mut ana = Desk::ana();
    ana.types("/list");
    ana.hears("server", "LIST Bruno:Camila:Bruno");
    ana.expect(["server > LIST", "online: Bruno, Camila"]);
}

/// C9.
#[test]
fn a_name_with_controls_cannot_be_called() {
    let mut ana = Desk::ana();
    ana.types("/chat Bru\u{1b}[2Jno");
    ana.types("/chat Bru\u{202e}no");
    ana.expect(["NotAName(Invisible)", "NotAName(Invisible)"]);
}

/// C11, C24: they are not kept as answers to later questions.
#[test]
fn unasked_lines_of_the_server_are_ignored() {
    let mut ana = Desk::ana();
    for line in ["LIST Bruno", "ADDR 10.0.0.9:1", "OK", "", "USER x:1", "Bem-vindo!", "DISC"] {
        ana.hears("server", line);
    }
    ana.expect([]);
    ana.types("/chat Bruno");
    ana.hears("server", "Bem-vindo!");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["server > ADDR Bruno", "dial 10.0.0.2:21500"]);
}

/// C13: the reply of the other edition.
#[test]
fn an_address_with_a_name_in_front_counts_for_that_name_only() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR Camila:10.0.0.9:1");
    ana.expect(["server > ADDR Bruno"]);
    ana.hears("server", "ADDR Bruno:10.0.0.2:21500");
    ana.expect(["dial 10.0.0.2:21500"]);
}

/// R18: the form of the reply shows the edition, which decides whether DISC is sent.
#[test]
fn peers_of_a_server_of_2026_send_no_disc() {
    for (edition, reply, says_disc) in [
        (None, "ADDR 10.0.0.2:21500", true),
        (None, "ADDR Bruno:10.0.0.2:21500", false),
        (Some(Edition::Of2024), "ADDR Bruno:10.0.0.2:21500", true),
        (Some(Edition::Of2026), "ADDR 10.0.0.2:21500", false),
    ] {
        let mut ana = Desk::registered(Rules { edition, ..rules() });
        ana.types("/chat Bruno");
        ana.hears("server", reply);
        ana.answers(BRUNO, "bruno");
        ana.types("/bye");
        ana.wait(50);
        let log = ana.look();
        assert_eq!(log.contains(&"bruno > DISC".to_string()), says_disc, "{edition:?} {reply}");
        assert!(log.contains(&"bruno half-closed".to_string()));
    }
}

/// A list of many short names would take forty times its length in memory.
#[test]
fn a_list_of_very_many_names_is_cut_and_counted() {
    let mut ana = Desk::ana();
    ana.types("/list");
    let names: Vec<_> = (0..LIST_NAMES_MAX + 7).map(|number| format!("{number:x}")).collect();
    ana.hears("server", &format!("LIST {}", names.join(":")));
    let log = ana.look();
    assert!(log[1].ends_with(&format!(", {}", names[LIST_NAMES_MAX - 1])));
    assert_eq!(log[2..], ["MoreOnline { count: 7 }"]);
}

/// C17, R6.
#[test]
fn after_300_ms_of_silence_a_list_follows_as_a_fence() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.wait(299);
    ana.expect(["server > ADDR Bruno"]);
    ana.wait(1);
    ana.expect(["server > LIST"]);
    ana.hears("server", "LIST Camila");
    ana.expect(["not online: Bruno"]);
}

/// C17.
#[test]
fn a_prompt_answer_is_followed_by_no_fence() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.wait(299);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.forget();
    ana.wait(4_000);
    ana.expect([]);
}

/// C17.
#[test]
fn an_address_that_comes_before_the_answer_to_the_fence_is_called() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.wait(300);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["server > ADDR Bruno", "server > LIST", "dial 10.0.0.2:21500"]);
    ana.hears("server", "LIST Bruno");
    ana.expect([]);
}

/// C17.
#[test]
fn after_three_seconds_the_person_is_told_that_the_server_is_silent() {
    for question in ["/chat Bruno", "/msg \"Bruno\" oi", "/list"] {
        let mut ana = Desk::ana();
        ana.types(question);
        ana.wait(2_999);
        assert!(!ana.look().contains(&"ServerSilent".to_string()));
        ana.wait(1);
        ana.expect(["ServerSilent"]);
    }
}

/// C18.
#[test]
fn the_late_answer_for_one_is_never_the_answer_for_the_next() {
    let mut ana = Desk::ana();
    ana.types("/chat Ausente");
    ana.wait(3_000);
    ana.types("/chat Bruno");
    ana.forget();
    ana.hears("server", "ADDR 10.0.0.66:666");
    ana.hears("server", "LIST Bruno");
    ana.expect([]);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["dial 10.0.0.2:21500"]);
}

/// C18: the question was answered, and then its fence.
#[test]
fn the_list_of_an_old_fence_is_not_the_answer_to_a_new_question() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.wait(300);
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.answers(BRUNO, "bruno");
    ana.types("/list");
    ana.forget();
    ana.hears("server", "LIST Velho");
    ana.expect([]);
    ana.hears("server", "LIST Novo");
    ana.expect(["online: Novo"]);
}

/// C18.
#[test]
fn the_list_of_an_old_fence_does_not_mean_that_another_person_is_not_online() {
    let mut ana = Desk::ana();
    ana.types("/chat Ausente");
    ana.wait(3_000);
    ana.types("/chat Bruno");
    ana.wait(300);
    ana.forget();
    ana.hears("server", "LIST ");
    ana.expect([]);
    ana.hears("server", "LIST ");
    ana.expect(["not online: Bruno"]);
}

/// C18: one question at a time, in order.
#[test]
fn a_second_question_waits_for_the_first() {
    let mut ana = Desk::ana();
    ana.types("/chat Ausente");
    ana.types("/list");
    ana.expect(["server > ADDR Ausente"]);
    ana.wait(300);
    ana.hears("server", "LIST Bruno");
    ana.expect(["server > LIST", "not online: Ausente", "server > LIST"]);
    ana.hears("server", "LIST Bruno");
    ana.expect(["online: Bruno"]);
}

/// R6: but it does not interrupt one.
#[test]
fn the_persons_question_comes_before_waiting_checks() {
    let mut ana = Desk::ana();
    for (label, name, ip) in [("b", "Bruno", "10.0.0.2"), ("c", "Camila", "10.0.0.4")] {
        ana.accepts_as(label, name, ip);
    }
    ana.types("/list");
    ana.expect(["server > ADDR Ana"]);
    ana.hears("server", OWN);
    ana.expect(["server > LIST"]);
    ana.hears("server", "LIST Bruno:Camila");
    ana.expect(["online: Bruno, Camila", "server > ADDR Bruno"]);
}

/// The server may repeat its answer.
#[test]
fn an_answer_is_used_once() {
    let mut ana = Desk::ana();
    ana.types("/chat Bruno");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.hears("server", "ADDR 10.0.0.2:21500");
    ana.expect(["server > ADDR Bruno", "dial 10.0.0.2:21500"]);
}

/// C26: the server is not asked.
#[test]
fn a_call_to_the_own_name_is_refused() {
    let mut ana = Desk::ana();
    ana.types("/chat Ana");
    ana.types("/msg \"Ana\" oi");
    ana.expect(["Yourself", "Yourself"]);
}

/// R2.
#[test]
fn a_name_in_another_case_is_another_name() {
    let mut ana = Desk::ana();
    ana.types("/chat ana");
    ana.expect(["server > ADDR ana"]);
}

/// C18.
#[test]
fn an_answer_to_an_old_question_is_expected_for_a_minute() {
    for (ms, answers_the_old) in [(STALE_FOR_MS, true), (STALE_FOR_MS + 1, false)] {
        let mut ana = Desk::registered(Rules { keep_interval_ms: 10_000_000, ..rules() });
        ana.types("/list");
        ana.wait(3_000);
        ana.expect(["server > LIST", "ServerSilent"]);
        ana.wait(ms);
        ana.types("/list");
        ana.hears("server", "LIST Bruno");
        let is_told = ana.look().contains(&"online: Bruno".to_string());
        assert_eq!(!is_told, answers_the_old, "after {ms} ms");
    }
}
