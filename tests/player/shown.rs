//! The use of a page: opened from a file, in each view, stepped and played to the end, with a byte
//! followed, on a phone, on paper, and in both languages.

use papo::player::{EmbeddedRecording, page};
use std::fs;

use super::browser::Browser;
use super::lessons::{LESSONS, Lesson};
use super::pages::path_of;
use super::root;
use crate::support::{Folder, Process};

/// The arrow key to the right, in WebDriver.
const RIGHT: &str = "\u{e014}";

const TAB: &str = "\u{e004}";

/// The narrowest screen that a page must fit.
const PHONE_WIDTH: u32 = 360;

const VIEWS: [&str; 3] = ["ladder", "online", "turn"];

fn lesson(name: &str) -> &'static Lesson {
    LESSONS.iter().find(|it| it.name == name).expect("a lesson")
}

/// Steps to the end as a held key does.
const STEP_TO_THE_END: &str = "
    for (let left = player.history.moments; left > 0; left -= 1) {
        document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    }
    const range = document.getElementById('moment');
    return Number(range.max) - Number(range.value);";

#[track_caller]
fn expect_no_complaint(browser: &Browser, place: &str) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{place}: {complaints:?}");
}

#[test]
fn every_page_opens_from_a_file_shows_its_views_and_steps_to_its_end() {
    let Some(browser) = Browser::start("player-pages") else { return };
    for lesson in &LESSONS {
        browser.open(&path_of(lesson), "#lang=en");
        assert!(!browser.text("return document.title").is_empty());
        browser.holds("document.getElementById('problems').textContent === ''");
        for (index, view) in VIEWS.iter().enumerate() {
            browser.press(&(index + 1).to_string());
            browser.holds(&format!("document.getElementById('{view}').offsetHeight > 200"));
        }
        assert!(browser.number("return player.history.rows.length") > 5.0);
        browser.press(RIGHT);
        assert_eq!(browser.number("return player.moment"), 1.0, "one step");
        assert_eq!(browser.number(STEP_TO_THE_END), 0.0, "{}", lesson.name);
        expect_no_complaint(&browser, lesson.name);
    }
}

#[test]
fn every_moment_of_an_introduction_is_in_the_recording_and_has_its_caption() {
    let Some(browser) = Browser::start("player-moments") else { return };
    for lesson in &LESSONS {
        browser.open(&path_of(lesson), "#lang=pt");
        let moments = browser.number("return player.introduction.moments.length") as usize;
        assert!(moments >= 3, "{}", lesson.name);
        for number in 1..=moments {
            browser.open(&path_of(lesson), &format!("#moment={number}&lang=pt"));
            let caption = browser.text("return document.getElementById('caption').textContent");
            assert!(caption.starts_with(&format!("{number}. ")), "{}: {caption:?}", lesson.name);
        }
        expect_no_complaint(&browser, lesson.name);
    }
}

#[test]
fn a_byte_goes_from_a_keyboard_to_another_persons_screen() {
    let Some(browser) = Browser::start("player-byte") else { return };
    // Camila types "Oi Bruno!".
    browser.open(&path_of(lesson("conversation")), "#moment=3&lang=en");
    browser.run("document.querySelector('.step.current .byte').click()");
    let places = "return [...document.querySelectorAll('#following li')]
        .map((it) => it.textContent).join('; ')";
    let expected = "Camila: keyboard; Camila: typed line; Camila: output buffer; \
        Camila: written to the kernel; Bruno: read from the kernel; Bruno: cut as a line; \
        Bruno: screen";
    assert_eq!(browser.text(places), expected);
    let here = "return document.querySelector('#following [aria-current]').textContent";
    assert_eq!(browser.text(here), "Camila: output buffer", "a click goes to the next place");
    for place in ["Camila: written to the kernel", "Bruno: read from the kernel"] {
        browser.press("n");
        assert_eq!(browser.text(here), place);
        let byte = "return document.querySelector('.step.current .byte.followed').textContent";
        assert_eq!(browser.text(byte), "O");
    }
    browser.holds("document.querySelector('#turn h2').textContent.startsWith('Bruno, turn')");
    browser.holds("document.querySelector('.rows .followed .label').textContent === 'Oi Bruno!'");
    // By keyboard alone: the focus on the bytes, one to the right, Enter.
    browser.run("document.querySelector('.step.current .bytes').focus()");
    browser.press(RIGHT);
    browser.press("\u{e007}");
    let followed = "return document.querySelector('#following b').textContent";
    assert_eq!(browser.text(followed), "Following the byte “i”");
    expect_no_complaint(&browser, "byte");
}

#[test]
fn an_unfinished_line_is_drawn_in_its_line_buffer() {
    let Some(browser) = Browser::start("player-half") else { return };
    browser.open(&path_of(lesson("half-a-line")), "#moment=1&lang=en");
    let waiting = "return [...document.querySelectorAll('.buffer')]
        .filter((it) => it.textContent.includes('line buffer of Ana'))
        .flatMap((it) => [...it.querySelectorAll('.cell')].map((cell) => cell.textContent)).join('')";
    assert_eq!(browser.text(waiting), "KE");
    let label = "return document.querySelector('.rows .waits .label').textContent";
    assert_eq!(browser.text(label), "KE…");
    // Bruno is served while it waits.
    browser.open(&path_of(lesson("half-a-line")), "#moment=2&lang=en");
    assert_eq!(browser.text(waiting), "KE");
    browser.open(&path_of(lesson("half-a-line")), "#moment=3&lang=en");
    assert_eq!(browser.text(waiting), "");
}

#[test]
fn a_turn_is_found_by_its_number_and_playing_goes_on_by_itself() {
    let Some(browser) = Browser::start("player-plays") else { return };
    browser.open(&path_of(lesson("lazy-timer")), "#turn=3&process=server&view=online&lang=en");
    browser.holds("document.querySelector('#turn h2').textContent.startsWith('server, turn 3')");
    browser.holds("document.querySelector('main').dataset.view === 'online'");
    browser.run("document.getElementById('speed').value = '20'");
    let before = browser.number("return player.moment");
    browser.press(" ");
    browser.wait_until(&format!("player.moment >= {before} + 3"));
    browser.press(" ");
    browser.holds("player.playing === false");
    expect_no_complaint(&browser, "play");
}

#[test]
fn it_speaks_two_languages_and_fits_a_phone() {
    let Some(browser) = Browser::start("player-phone") else { return };
    browser.resize(PHONE_WIDTH, 740);
    for (language, turn) in [("en", "One turn"), ("pt", "Uma volta")] {
        for lesson in &LESSONS {
            for view in VIEWS {
                let hash = format!("#moment=2&view={view}&lang={language}");
                browser.open(&path_of(lesson), &hash);
                browser.run(&format!("player.setView('{view}')"));
                let width = browser.number("return document.documentElement.scrollWidth");
                assert!(width <= f64::from(PHONE_WIDTH), "{} {hash}: {width} px", lesson.name);
            }
            browser.holds(&format!("document.documentElement.lang.startsWith('{language}')"));
            let button = "return document.querySelector('[data-view=turn]').textContent";
            assert_eq!(browser.text(button), turn);
            // A text without its words is its key.
            browser.holds("!/\\b(view|part|problem)[A-Z]/.test(document.body.innerText)");
        }
    }
    browser.run("document.getElementById('language').click()");
    browser.holds("document.documentElement.lang === 'en'");
}

/// Every control has a name, and the focus is visible.
#[test]
fn every_control_has_a_name() {
    let Some(browser) = Browser::start("player-names") else { return };
    browser.open(&path_of(lesson("conversation")), "#moment=4&lang=pt");
    let nameless = "return [...document.querySelectorAll('button, input, select, [role=listbox]')]
        .filter((it) => !(it.getAttribute('aria-label') || it.textContent.trim() || it.labels?.length))
        .map((it) => it.outerHTML).join()";
    assert_eq!(browser.text(nameless), "");
    browser.holds("document.querySelectorAll('h1').length === 1");
    browser.press(TAB);
    browser.holds("getComputedStyle(document.activeElement).outlineStyle === 'solid'");
}

/// Pictures of each view, in `target/pages`. `make pages` writes them, and a person must look at them.
#[test]
fn pictures_of_the_pages_are_made_for_people() {
    if std::env::var_os("WRITE_PAGES").is_none() {
        return;
    }
    let Some(browser) = Browser::start("player-pictures") else { return };
    let folder = root().join("target/pages");
    fs::create_dir_all(&folder).expect("a folder");
    let sizes = [
        ("wide", 1366, 768, "screen", "light"),
        ("projector", 1920, 1080, "screen", "dark"),
        ("phone", PHONE_WIDTH, 1600, "screen", "light"),
        ("print", 800, 1130, "print", "light"),
    ];
    for lesson in &LESSONS {
        for (size, width, height, media, scheme) in sizes {
            browser.resize(width, height);
            browser.show_for(media, scheme);
            for view in VIEWS {
                browser.open(&path_of(lesson), "#moment=2&lang=pt");
                browser.run(&format!("player.setView('{view}'); scrollTo(0, 0)"));
                let name = format!("{}-{view}-{size}.png", lesson.name);
                fs::write(folder.join(name), browser.picture()).expect("is written");
            }
        }
    }
}

/// The clocks of two processes differ by a few milliseconds.
#[test]
fn a_byte_is_written_before_it_is_read_whatever_the_clocks_say() {
    let Some(browser) = Browser::start("player-clocks") else { return };
    let recording = |process: &str, unix_ms: u32, own: &str, other: &str, step: &str| {
        let first =
            format!(r#"{{"do":"dialed","dial":1,"conn":"0.0","own":"{own}","other":"{other}"}}"#);
        format!(
            "{{\"papo\":\"recording\",\"version\":1,\"process\":\"{process}\",\"unix_ms\":{unix_ms}}}\n\
             {{\"turn\":1,\"at\":0,\"steps\":[{first}]}}\n{{\"turn\":2,\"at\":1,\"steps\":[{step}]}}\n"
        )
    };
    let write = r#"{"do":"action","action":"send","conn":"0.0","bytes":"oi\\r\\n","count":4},
        {"do":"write","conn":"0.0","bytes":"oi\\r\\n","count":4,"taken":4,"backlog":0}"#;
    let read = r#"{"do":"read","conn":"0.0","bytes":"oi\\r\\n","count":4,"room":99},
        {"do":"line","conn":"0.0","bytes":"oi","count":2,"end":"crlf","left":"","left_count":0}"#;
    let (ana, bruno) = ("10.0.0.1:5", "10.0.0.2:6");
    let writer = recording("peer Ana", 105, ana, bruno, &write.replace('\n', ""));
    let reader = recording("peer Bruno", 100, bruno, ana, &read.replace('\n', ""));
    let both = [("ana", &writer), ("bruno", &reader)];
    let both = both.map(|(file, lines)| EmbeddedRecording { file, lines });
    let folder = Folder::new("player-clocks-pages");
    browser.open(&folder.write("clocks.html", page(&both, None)), "#lang=en");
    let order = "return player.history.turns.map((it) => it.process.name + it.turn.number).join()";
    assert_eq!(browser.text(order), "Bruno1,Ana1,Ana2,Bruno2");
    let arrow = "return document.querySelector('.arrow button').getAttribute('aria-label')";
    assert_eq!(browser.text(arrow), "Ana sends to Bruno: oi");
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_before_the_demo_begins() {
    let path = "/no/such/folder/page.html";
    let (status, screen, log) = Process::start(&["demo", "--page", path]).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].starts_with(&format!("papo: cannot write {path}")), "{log:?}");
}

/// The page of `papo demo --page` is a page like the others.
#[test]
fn the_demo_writes_a_page_of_itself() {
    let folder = Folder::new("player-demo");
    let file = folder.join("demo page.html");
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_papo"));
    let output = demo.args(["demo", "--page"]).arg(&file).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    let page = fs::read_to_string(&file).expect("a page");
    assert_eq!(page.matches("class=\"recording\"").count(), 4);
    let Some(browser) = Browser::start("player-demo-browser") else { return };
    browser.open(&file, "#moment=4&lang=en");
    browser.holds("document.getElementById('caption').textContent.startsWith('4. ')");
    assert_eq!(browser.number(STEP_TO_THE_END), 0.0);
    let heads = "return [...document.querySelectorAll('.head')].map((it) => it.textContent).join()";
    assert_eq!(browser.text(heads), "server,Ana,Bruno,Camila");
    expect_no_complaint(&browser, "demo");
}
