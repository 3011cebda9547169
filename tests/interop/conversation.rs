//! The rules that hold with each of the eight clients.

use super::clients::Client;
use super::habits::{AtDisc, Habits, Heard, Naming, Parting, text};
use crate::support::{Process, Server};

/// A server of the client's edition, the client, and our peer, which knows that edition too.
struct Stand {
    server: Server,
    client: Client,
    ana: Process,
}

fn stand(habits: Habits) -> Stand {
    let mut server = Server::start_with(&["--edition", habits.edition]);
    let client = Client::start(habits, "Bruno", server.address);
    server.process.expect_log("event=join name=\"Bruno\"");
    let ana = server.peer("Ana", &["--trace", "--edition", habits.edition]);
    Stand { server, client, ana }
}

impl Stand {
    /// Ana calls the client, and says something at once, as a script does.
    fn ana_calls(&mut self, text: &str) -> String {
        self.ana.type_text(&format!("/chat Bruno\n{text}\n"));
        let name = self.client.accept();
        self.ana.expect_screen("Connected to Bruno");
        name
    }
}

/// The pauses around USER and DISC are 50 ms. On a busy computer a test may read later than that,
/// and then two segments look like one. So one success in ten attempts is enough.
pub(crate) fn once_in_time<T, E: std::fmt::Debug>(attempt: impl Fn() -> Result<T, E>) -> T {
    let mut outcome = attempt();
    for _ in 1..10 {
        if outcome.is_ok() {
            break;
        }
        outcome = attempt();
    }
    outcome.expect("in time, once in ten")
}

fn can_call_us(habits: Habits) -> bool {
    matches!(habits.naming, Naming::User | Naming::UserWithoutEnd)
}

/// It is registered, whatever comes in the same segment. An empty list has its blank, without which
/// it would crash or show a user called "LIST". Each reply is one segment, because most of these
/// programs take a part of it for a whole message.
fn it_registers_and_lists(habits: Habits) {
    let mut server = Server::start_with(&["--edition", habits.edition]);
    let mut client = Client::start(habits, "Bruno", server.address);
    server.process.expect_log("event=join name=\"Bruno\"");
    assert_eq!(client.list(), [""; 0]);
    let _ana = server.peer("Ana", &[]);
    let _camila = server.peer("Camila", &[]);
    for _ in 0..50 {
        assert_eq!(client.list(), ["Ana", "Camila"]);
    }
    client.look_up("Camila");
}

/// The program reads our name without anything more and each text as one message, and its answers
/// are shown under the right name.
fn texts_go_both_ways_when_we_call(habits: Habits) {
    let mut stand = once_in_time(|| {
        let mut stand = stand(habits);
        let name = stand.ana_calls("Oi!");
        let heard = stand.client.hear();
        if name == "Ana" && heard == text("Oi!") { Ok(stand) } else { Err((name, heard)) }
    });
    if habits.one_way {
        stand.client.call("Ana");
    }
    if can_call_us(habits) || !habits.one_way {
        answer(&mut stand, habits);
    } else {
        stand.ana.expect_screen("instead of USER and a name; hung up");
    }
    stand.ana.type_text("ação €\n");
    assert_eq!(stand.client.hear(), text("ação €"));
}

fn answer(stand: &mut Stand, habits: Habits) {
    if habits.one_way {
        // Its name has no line end, and counts after a second. A text before that would become a
        // part of it.
        stand.ana.expect_log("< USER Bruno");
    }
    stand.client.say("Tudo bem, Ana?");
    let line = stand.ana.expect_screen("Tudo bem, Ana?");
    assert_eq!(line, "Bruno: Tudo bem, Ana?");
    stand.client.say("Às 10:30?");
    assert_eq!(stand.ana.expect_screen("10:30"), "Bruno: Às 10:30?");
}

/// It calls: it is known by its name, its text is shown, and it gets an answer if it reads the
/// connections that it opened. Without a name it is closed, and Ana is told.
fn it_can_call_us_if_it_says_its_name(habits: Habits) {
    let mut stand = stand(habits);
    stand.client.call("Ana");
    if !can_call_us(habits) {
        stand.client.say("Oi");
        stand.ana.expect_screen("instead of USER and a name; hung up");
        return;
    }
    stand.ana.expect_screen("Connected to Bruno");
    stand.client.say("Oi Ana!");
    assert_eq!(stand.ana.expect_screen("Oi Ana!"), "Bruno: Oi Ana!");
    if !habits.one_way {
        stand.ana.type_text("Oi Bruno!\nTudo bem?\n");
        // The two lines may come in one segment, and then they are one message to this program.
        let first = stand.client.hear();
        if first != text("Oi Bruno!\r\nTudo bem?") {
            assert_eq!([first, stand.client.hear()], ["Oi Bruno!", "Tudo bem?"].map(text));
        }
    }
}

/// However it leaves, Ana is told, and the conversation is over.
fn we_say_so_when_it_leaves(habits: Habits) {
    let mut stand = stand(habits);
    if can_call_us(habits) {
        stand.client.call("Ana");
        stand.ana.expect_screen("Connected to Bruno");
    } else {
        stand.ana_calls("Oi");
    }
    stand.client.leave();
    let shows_bye = habits.parting == Parting::Bye && !habits.one_way;
    if shows_bye {
        assert_eq!(stand.ana.expect_screen("/bye"), "Bruno: /bye");
    }
    assert_eq!(stand.ana.expect_screen("ended"), "Bruno ended the conversation");
    stand.ana.type_text("/peers\n");
    stand.ana.expect_screen("No open conversations.");
    stand.ana.type_text("/exit\n");
    // If the program never reads, a text is lost, and the status shows it.
    let status = stand.ana.wait();
    let is_lost = |line: &String| line.contains("may not have arrived");
    assert_eq!(status, i32::from(stand.ana.screen().iter().any(is_lost)));
}

/// Forty lines of accented text and a line of three kilobytes are pasted, and this program shows
/// all of them. It takes what one `recv` returns for a message, and decodes that alone.
fn pasted_text_is_shown_whole(habits: Habits) {
    let lines: Vec<_> = (10..50).map(|number| format!("{number} {}", "ção".repeat(19))).collect();
    let long = "é€".repeat(600);
    let pasted = [&lines[..], std::slice::from_ref(&long)].concat();
    once_in_time(|| {
        let mut stand = stand(habits);
        stand.ana_calls(&pasted.join("\n"));
        let expected = pasted.concat();
        let mut shown = String::new();
        while shown.len() < expected.len() {
            match stand.client.try_hear()? {
                Heard::Text(text) => shown.push_str(&text.replace(['\r', '\n'], "")),
                Heard::Goodbye | Heard::End => return Err("it hung up".to_string()),
            }
        }
        if shown == expected { Ok(()) } else { Err(shown) }
    });
}

/// Our goodbye is a message of its own, after our last text. A program that does not know DISC sees
/// the end of the stream.
fn it_notices_when_we_leave(habits: Habits) {
    let expected = expected_goodbye(habits);
    let mut stand = once_in_time(|| {
        let mut stand = stand(habits);
        stand.ana_calls("Tchau!\n/bye");
        let heard: Vec<_> = expected.iter().map(|_| stand.client.hear()).collect();
        if heard == expected { Ok(stand) } else { Err(heard) }
    });
    stand.client.close();
    stand.ana.expect_screen("Conversation with Bruno ended");
    stand.ana.type_text("/exit\n");
    assert_eq!(stand.ana.wait(), 0);
    stand.server.process.expect_log("event=leave name=\"Ana\"");
}

/// Returns the events that its person sees of our last text and our goodbye.
fn expected_goodbye(habits: Habits) -> Vec<Heard> {
    let goodbye = match (habits.edition, habits.at_disc) {
        ("2026", _) => vec![Heard::End],
        (_, AtDisc::Ends | AtDisc::EndsAtPrefix) => vec![Heard::Goodbye],
        (_, AtDisc::EndsAtBareWord | AtDisc::Shows) => vec![text("DISC"), Heard::End],
    };
    [vec![text("Tchau!")], goodbye].concat()
}

/// The six tests of one client.
macro_rules! with {
    ($client:ident, $habits:expr) => {
        mod $client {
            #[test]
            fn registers_and_lists() {
                super::it_registers_and_lists($habits);
            }

            #[test]
            fn texts_go_both_ways_when_we_call() {
                super::texts_go_both_ways_when_we_call($habits);
            }

            #[test]
            fn can_call_us_if_it_says_its_name() {
                super::it_can_call_us_if_it_says_its_name($habits);
            }

            #[test]
            fn leaves_and_we_say_so() {
                super::we_say_so_when_it_leaves($habits);
            }

            #[test]
            fn shows_pasted_text_whole() {
                super::pasted_text_is_shown_whole($habits);
            }

            #[test]
            fn notices_when_we_leave() {
                super::it_notices_when_we_leave($habits);
            }
        }
    };
}

with!(client_a, crate::interop::habits::A);
with!(client_b, crate::interop::habits::B);
with!(client_c, crate::interop::habits::C);
with!(client_d, crate::interop::habits::D);
with!(client_e, crate::interop::habits::E);
with!(client_f, crate::interop::habits::F);
with!(client_g, crate::interop::habits::G);
with!(client_h, crate::interop::habits::H);
