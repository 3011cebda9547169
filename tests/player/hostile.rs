//! Recordings that are cut, foreign, too new, very long, or made to do harm: each gets a message or is
//! shown as text, and no part of it becomes markup or script.

use std::fmt::Write;
use std::path::PathBuf;

use papo::player::{EmbeddedRecording, live_page, page};

use super::browser::Browser;
use crate::support::Folder;

const HEADER: &str = r#"{"papo":"recording","version":1,"program":"0.1.0","process":"server","pid":1,"unix_ms":5,"listening":["127.0.0.1:10000"]}"#;

/// A turn in which a client registers with this name, as a line of a recording.
fn turn(number: usize, name: &str) -> String {
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        r#"{{"turn":{number},"at":{number},"slept_ms":1,"timeout_ms":null,"ready":[],"steps":[{{"in":"serve","do":"accept","listener":0,"conn":"{number}.0","from":"127.0.0.1:{port}","own":"127.0.0.1:10000"}},{{"in":"serve","do":"line","conn":"{number}.0","bytes":"USER {name}:1","count":9,"end":"crlf","left":"","left_count":0}},{{"in":"host","do":"notice","text":"{name}"}}],"after":{{"deadline":null,"pending_reads":[],"connections":[]}},"state":{{"online":[{{"conn":"{number}.0","name":"{name}","address":"{name}","heard_at":1,"expires_at":15001}}]}}}}"#,
        port = 20_000 + number % 40_000
    )
}

const EVIL: &str = "</script><script>document.title='evil'</script><img src=x onerror=alert(1)>";

/// Keys and values that JavaScript has a meaning of its own for.
const ODD: &str = r#"{"turn":1e308,"at":"x","steps":[null,7,[],{"do":"toString"},{"do":"input","input":"constructor"},{"do":"action","action":"valueOf","conn":"__proto__"},{"do":"read","conn":"__proto__","bytes":"\\x","count":-1},{"do":"line","conn":"hasOwnProperty","bytes":5,"end":{}},{"do":"write","conn":"constructor","taken":1e300}],"ready":[{"source":"host","token":99},{"source":"conn","can":["__proto__"]}],"after":[],"state":{"online":[{"conn":"__proto__","name":"__proto__"}],"armed":[{"at":-1e9}]}}"#;

fn page_of(folder: &Folder, name: &str, lines: &str) -> PathBuf {
    let page = page(&[EmbeddedRecording { file: "it.jsonl", lines }], None);
    folder.write(&format!("{name}.html"), &page)
}

const PROBLEMS: &str = "return document.getElementById('problems').textContent";

const STEP_THROUGH: &str = "
    for (let at = 0; at < Math.min(player.history.moments, 60); at += 1) player.goTo(at);
    player.goTo(Infinity);
    return player.history.moments";

#[test]
fn a_file_that_is_no_whole_recording_gets_a_message() {
    let Some(browser) = Browser::start("player-foreign") else { return };
    let folder = Folder::new("player-foreign-pages");
    let cut = format!("{HEADER}\n{}\n{}", turn(1, "Ana"), &turn(2, "Bruno")[..60]);
    let middle = format!("{HEADER}\n{}\nno JSON\n{}\n", turn(1, "Ana"), turn(2, "Bruno"));
    let newer = HEADER.replace("\"version\":1", "\"version\":2");
    for (name, lines, expected) in [
        ("cut", cut.as_str(), "it.jsonl: the last line is cut. The 1 turns before it are shown."),
        ("middle", &middle, "it.jsonl: line 3 is not understood, and is left out."),
        ("newer", &newer, "it.jsonl: a recording of version 2. This page knows version 1."),
        ("empty", "", "it.jsonl: this is no recording of papo."),
        ("foreign", "GIF89a\u{1}\n", "it.jsonl: this is no recording of papo."),
        ("json", "[1,2]\n{\"turn\":1}\n", "it.jsonl: this is no recording of papo."),
        ("header", HEADER, "it.jsonl: there is a header, but no turn."),
    ] {
        browser.open(&page_of(&folder, name, lines), "#lang=en");
        let told = browser.text(PROBLEMS);
        assert!(told.starts_with(expected), "{name}: {told}");
        let complaints = browser.complaints();
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
    }
}

#[test]
fn a_name_that_is_markup_is_shown_as_it_is() {
    let Some(browser) = Browser::start("player-evil") else { return };
    let folder = Folder::new("player-evil-pages");
    let lines = format!("{HEADER}\n{}\n{}\n", turn(1, EVIL), turn(2, "<script>alert(2)</script>"));
    let file = page_of(&folder, "evil", &lines);
    browser.open(&file, "#lang=en");
    browser.run(STEP_THROUGH);
    browser.holds("document.title !== 'evil' && !document.querySelector('img')");
    browser.holds("document.body.innerText.includes('<script>alert(2)</script>')");
    browser.holds("[...document.querySelectorAll('#online th')].some((it) => it.textContent.includes('onerror'))");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn odd_keys_and_values_break_nothing() {
    let Some(browser) = Browser::start("player-odd") else { return };
    let folder = Folder::new("player-odd-pages");
    let lines = format!("{HEADER}\n{ODD}\n{{\"gap\":\"x\"}}\n{}\n", turn(2, "Ana"));
    browser.open(&page_of(&folder, "odd", &lines), "#lang=pt");
    assert!(browser.number(STEP_THROUGH) > 10.0);
    assert_eq!(browser.complaints(), [""; 0]);
}

/// If markup came into a page, the browser would still not run it: its digest is not in the policy.
#[test]
fn no_script_but_the_pages_own_is_run() {
    let Some(browser) = Browser::start("player-policy") else { return };
    let folder = Folder::new("player-policy-pages");
    let script = "<script>document.documentElement.dataset.evil = 'yes'</script></body>";
    let image = "<img src=\"http://127.0.0.1:1/x.png\"></body>";
    let text = page(&[], None).replace("</body>", script).replace("</body>", image);
    browser.open(&folder.write("policy.html", &text), "");
    browser.holds("document.documentElement.dataset.evil === undefined");
    let complaints = browser.complaints();
    let blocked = complaints.iter().filter(|it| it.contains("Content Security Policy"));
    assert_eq!(blocked.count(), 2, "{complaints:?}");
}

/// Ten megabytes in the file chooser, next to a file that is no recording.
#[test]
fn a_long_recording_is_chosen_from_a_file_and_shown() {
    let Some(browser) = Browser::start("player-long") else { return };
    let folder = Folder::new("player-long-pages");
    let mut lines = String::from(HEADER);
    let mut number = 1;
    while lines.len() < 10_000_000 {
        let _ = write!(lines, "\n{}", turn(number, &format!("N{number}")));
        number += 1;
    }
    let long = folder.write("long.jsonl", &lines);
    let stranger = folder.write("stranger.txt", "hello\n");
    browser.open(&folder.write("player.html", page(&[], None)), "#lang=en");
    browser.choose_files("#files", &[&long, &stranger]);
    browser.wait_until("player.history && player.history.turns.length");
    let turns = browser.number("return player.history.turns.length") as usize;
    assert_eq!(turns, number - 1);
    let told = browser.text(PROBLEMS);
    assert!(told.starts_with("stranger.txt: this is no recording of papo."), "{told}");
    browser.number(STEP_THROUGH);
    browser.holds("document.querySelectorAll('*').length < 20000");
    assert_eq!(browser.complaints(), [""; 0]);
}

/// A live page receives a recording line by line, and keeps the last turns.
#[test]
fn a_live_page_shows_new_turns_in_bounded_memory() {
    let Some(browser) = Browser::start("player-live") else { return };
    let folder = Folder::new("player-live-pages");
    let file = folder.write("live.html", live_page("nowhere"));
    browser.open(&file, "#lang=en");
    let header = format!("papo.append({HEADER:?})");
    browser.run(&header);
    for number in (1..=3000).step_by(100) {
        let calls: String = (number..number + 100)
            .map(|it| format!("papo.append({:?});", turn(it, &format!("N{it}"))))
            .collect();
        browser.run(&calls);
    }
    browser.wait_until("player.history?.turns.at(-1).turn.number === 3000");
    assert!(browser.number("return player.history.turns.length") <= 1500.0);
    // The first turns are forgotten, but their people are still listed.
    let shown = "document.querySelectorAll('#online tbody tr').length === 400";
    browser.holds(&format!("{shown} && player.online.more.textContent === 'and 2,600 more'"));
    browser.holds("player.moment === player.history.moments - 1");
    // The browser reconnects: the recording begins again with its header.
    browser.run(&format!("{header}; papo.append({:?})", turn(1, "Ana")));
    browser.wait_until("player.history.turns.at(-1).turn.number === 1");
    browser.holds("document.querySelectorAll('#online tbody tr').length === 1");
}
