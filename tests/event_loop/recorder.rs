//! The calls that a recorder gets, and their order.
//!
//! Real recordings are held against their schema in `tests/recording`.

use papo::event_loop::{EventLoop, READ_BYTES_PER_TURN};
use papo::machine::{ConnId, Framing, ListenerId, Millis};
use papo::recording::state::Recorded;
use papo::recording::{Header, RECORDED_TURN_BYTES_MAX, Recording, Sink};

use super::obedient::{Do, Obedient};
use super::scripted_os::{Arrival, Ready, ScriptedOs, StreamId};

impl Recorded for Obedient {}

type RecordedLoop = EventLoop<Obedient, ScriptedOs, Recording<Lines>>;

/// A sink that a test can fill.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    is_full: bool,
}

impl Sink for Lines {
    fn has_room(&self) -> bool {
        !self.is_full
    }

    fn take(&mut self, line: &[u8]) {
        self.lines.push(String::from_utf8(line.to_vec()).expect("a recording is UTF-8"));
    }
}

/// A loop with one client, whose first turn is over. `hidden`: its listener's callers are not
/// recorded.
fn recorded(hidden: Option<ListenerId>) -> (RecordedLoop, StreamId) {
    let mut recording = Recording::new(Lines::default(), &Header::default());
    if let Some(listener) = hidden {
        recording.hide_listener(listener);
    }
    let mut event_loop =
        EventLoop::recorded_on(ScriptedOs::default(), Obedient::default(), recording);
    let listener = event_loop.os().listener();
    event_loop.listen(listener, Framing::Lines(super::LIMIT)).expect("nothing refuses it");
    let stream = event_loop.os().call();
    turn(&mut event_loop, &[Ready::Listener]);
    (event_loop, stream)
}

fn turn(event_loop: &mut RecordedLoop, ready: &[Ready]) {
    event_loop.os().poll_brings(ready);
    event_loop.turn(None).expect("the poller works");
    event_loop.notices().for_each(drop);
}

fn send(event_loop: &mut RecordedLoop, stream: StreamId, text: &str) {
    event_loop.os().arrive(stream, Arrival::Bytes(text.as_bytes().to_vec()));
}

/// The turns that were recorded, the last one included.
fn turns(event_loop: &mut RecordedLoop) -> Vec<String> {
    event_loop.end_recording();
    event_loop.recorder().sink().lines.drain(..).filter(|line| !line.contains("papo")).collect()
}

/// `serve read`, `serve line`, and so on.
fn steps(turn: &str) -> Vec<String> {
    let word = |text: &str| text.split('"').next().unwrap_or_default().to_string();
    let parts = turn.split("{\"in\":\"").skip(1);
    parts
        .map(|part| {
            let what = part.split("\"do\":\"").nth(1).map(word).unwrap_or_default();
            let action = part.split("\"action\":\"").nth(1).map(|it| format!(" {}", word(it)));
            format!("{} {what}{}", word(part), action.unwrap_or_default())
        })
        .collect()
}

#[test]
fn the_steps_of_a_turn_are_recorded_in_the_order_in_which_they_happen() {
    let (mut event_loop, stream) = recorded(None);
    assert_eq!(steps(&turns(&mut event_loop)[0])[0], "serve accept");
    event_loop.os().set_room(stream, 3);
    send(&mut event_loop, stream, "send 5\r\nclo");
    turn(&mut event_loop, &[Ready::Readable(stream)]);
    let heard = turns(&mut event_loop);
    let all = steps(&heard[0]);
    assert_eq!(all[..2], ["serve read", "serve line"], "{all:?}");
    for step in ["serve action send", "serve pending", "serve write", "serve input"] {
        assert!(all.iter().any(|it| it == step), "{step}: {all:?}");
    }
    assert!(heard[0].contains(r#""bytes":"xxxxx","count":5,"taken":3,"backlog":2}"#), "{heard:?}");
    assert!(heard[0].contains(r#""held":"clo","held_count":3,"waiting":0,"backlog":2}"#));
    event_loop.os().set_room(stream, usize::MAX);
    send(&mut event_loop, stream, "se\r\n");
    turn(&mut event_loop, &[Ready::Writable(stream), Ready::Readable(stream)]);
    let all = steps(&turns(&mut event_loop)[0]);
    let expected = [
        "serve read",
        "serve line",
        "serve action show",
        "serve action close",
        "settle write",
        "settle closed",
        "settle action show",
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_turn_that_did_nothing_is_left_out() {
    let (mut event_loop, stream) = recorded(None);
    assert_eq!(turns(&mut event_loop).len(), 1);
    turn(&mut event_loop, &[]);
    event_loop.os().poll_is_interrupted = true;
    turn(&mut event_loop, &[]);
    assert_eq!(turns(&mut event_loop), [] as [String; 0]);
    turn(&mut event_loop, &[Ready::Writable(stream)]);
    assert_eq!(turns(&mut event_loop).len(), 1, "a source was ready");
}

#[test]
fn a_deadline_is_recorded_when_it_changes_and_when_it_has_passed() {
    let (mut event_loop, _) = recorded(None);
    let conn = ConnId { slot: 0, generation: 0 };
    event_loop.command(&(conn, Do::WakeAt(Millis(500))));
    event_loop.os().now = Millis(501);
    turn(&mut event_loop, &[]);
    event_loop.os().now = Millis(502);
    turn(&mut event_loop, &[]);
    let all = turns(&mut event_loop).concat();
    assert!(all.contains(r#""in":"host","do":"deadline","was":null,"is":500}"#), "{all}");
    assert!(all.contains(r#""in":"tick","do":"tick","due":500}"#), "{all}");
}

/// A player that missed turns needs the whole state.
#[test]
fn the_first_turn_after_a_gap_has_the_whole_state() {
    let (mut event_loop, stream) = recorded(None);
    assert_eq!(turns(&mut event_loop).len(), 1);
    let second = event_loop.os().call();
    event_loop.recorder().sink().is_full = true;
    turn(&mut event_loop, &[Ready::Listener]);
    send(&mut event_loop, stream, "hal");
    turn(&mut event_loop, &[Ready::Readable(stream)]);
    assert_eq!(turns(&mut event_loop), [] as [String; 0]);
    event_loop.recorder().sink().is_full = false;
    turn(&mut event_loop, &[Ready::Writable(second)]);
    let heard = turns(&mut event_loop);
    assert_eq!(heard[0], "{\"gap\":2}\n");
    assert!(heard[1].contains(r#""whole":true"#), "{heard:?}");
    assert!(heard[1].contains(r#""conn":"0.0","other""#) && heard[1].contains(r#""held":"hal""#));
    turn(&mut event_loop, &[Ready::Writable(second)]);
    assert!(!turns(&mut event_loop)[0].contains("whole"));
}

#[test]
fn connections_of_a_hidden_listener_are_not_recorded() {
    let (mut event_loop, stream) = recorded(Some(ListenerId(0)));
    send(&mut event_loop, stream, "send 5\r\nclose\r\n");
    turn(&mut event_loop, &[Ready::Readable(stream)]);
    let heard = turns(&mut event_loop).concat();
    assert!(!heard.contains("\"conn\"") && !heard.contains("listener"), "{heard}");
}

#[test]
fn a_turn_has_a_bound_and_steps_beyond_it_are_counted() {
    let (mut event_loop, stream) = recorded(None);
    turns(&mut event_loop);
    send(&mut event_loop, stream, &"a\r\n".repeat(5000));
    turn(&mut event_loop, &[Ready::Readable(stream)]);
    let line = turns(&mut event_loop).concat();
    assert!(line.contains("\"steps_left_out\":"), "{} bytes", line.len());
    assert!(line.len() < RECORDED_TURN_BYTES_MAX + 16 * 1024, "{} bytes", line.len());
}

#[test]
fn a_turn_has_its_number_and_its_pending_reads() {
    let (mut event_loop, stream) = recorded(None);
    assert!(turns(&mut event_loop)[0].contains(r#""turn":1,"#));
    send(&mut event_loop, stream, &"talking\n".repeat(READ_BYTES_PER_TURN / 8 + 1));
    turn(&mut event_loop, &[Ready::Readable(stream)]);
    let heard = turns(&mut event_loop).concat();
    for part in [r#""turn":2,"#, r#""pending_reads":["0.0"]"#, r#""state":"open""#] {
        assert!(heard.contains(part), "{part}");
    }
}

/// A program that records only if asked to has one loop type for both.
#[test]
fn an_optional_recorder_records_the_same() {
    let recording = Recording::new(Lines::default(), &Header::default());
    let mut event_loop =
        EventLoop::recorded_on(ScriptedOs::default(), Obedient::default(), Some(recording));
    let listener = event_loop.os().listener();
    event_loop.listen(listener, Framing::Lines(super::LIMIT)).expect("nothing refuses it");
    event_loop.os().call();
    event_loop.os().poll_brings(&[Ready::Listener]);
    event_loop.turn(None).expect("the poller works");
    event_loop.end_recording();
    let heard = event_loop.recorder().as_mut().expect("there is one").sink().lines.concat();
    let (mut alone, _) = recorded(None);
    alone.end_recording();
    assert_eq!(heard, alone.recorder().sink().lines.concat());
    assert!(heard.contains(r#""in":"serve","do":"accept""#));
}
