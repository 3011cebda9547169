//! Writes to a full socket: all bytes go out once and in order.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;

use papo::buffers::output::{OutBuffer, Spare};
use papo::machine::SharedText;

use super::thousands;

/// A socket with an answer for each write. Without answers it is full.
#[derive(Debug, Default)]
struct Reluctant {
    taken: Vec<u8>,
    answers: VecDeque<Answer>,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Take(usize),
    WouldBlock,
    Interrupted,
    Reset,
}

impl Write for Reluctant {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!bytes.is_empty(), "a write of nothing looks like a closed socket");
        match self.answers.pop_front() {
            Some(Answer::Take(room)) => {
                let written = bytes.len().min(room);
                self.taken.extend_from_slice(&bytes[..written]);
                Ok(written)
            }
            Some(Answer::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            Some(Answer::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
            Some(Answer::WouldBlock) | None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push(Vec<u8>),
    Share { text: Vec<u8>, skip: (usize, usize) },
    Write(Vec<Answer>),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let text = || {
        let long = (0usize..40_000).prop_map(|len| (0..251).cycle().take(len).collect());
        prop_oneof![30 => vec(any::<u8>(), 0..24), 1 => long]
    };
    let answer = prop_oneof![
        8 => (1usize..16).prop_map(Answer::Take),
        1 => (1usize..40_000).prop_map(Answer::Take),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Interrupted),
        1 => Just(Answer::Reset),
    ];
    prop_oneof![
        6 => text().prop_map(Step::Push),
        6 => (text(), 0usize..24, 0usize..24)
            .prop_map(|(text, one, other)| Step::Share { text, skip: (one, other) }),
        6 => vec(answer, 0..6).prop_map(Step::Write),
        1 => Just(Step::Clear),
    ]
}

/// An `OutBuffer` with its socket, and all bytes that must go out.
#[derive(Default)]
struct Sending {
    out: OutBuffer,
    spare: Spare,
    socket: Reluctant,
    expected: Vec<u8>,
}

impl Sending {
    fn take(&mut self, step: Step) {
        match step {
            Step::Push(text) => {
                self.out.push(&text, &mut self.spare);
                self.expected.extend_from_slice(&text);
            }
            Step::Share { text, skip: (one, other) } => self.share(&text, one, other),
            Step::Write(answers) => self.write(answers),
            Step::Clear => {
                self.out.clear();
                self.expected.truncate(self.socket.taken.len());
            }
        }
        self.check();
    }

    fn share(&mut self, text: &[u8], one: usize, other: usize) {
        let (one, other) = (one.min(text.len()), other.min(text.len()));
        let skip = one.min(other)..one.max(other);
        self.expected.extend_from_slice(&text[..skip.start]);
        self.expected.extend_from_slice(&text[skip.end..]);
        self.out.push_shared(&SharedText { bytes: text.into(), skip }, &mut self.spare);
    }

    fn write(&mut self, answers: Vec<Answer>) {
        self.socket.answers = answers.into();
        let result = self.out.write_to(&mut self.socket, &mut self.spare);
        assert_eq!(result.is_ok(), self.out.is_empty(), "it stops when all is out, or at an error");
        let error = result.err().map(|error| error.kind());
        assert_ne!(error, Some(io::ErrorKind::Interrupted), "that is no error: it tries again");
    }

    fn check(&self) {
        assert!(self.expected.starts_with(&self.socket.taken), "lost, repeated or out of order");
        let left = self.expected.len() - self.socket.taken.len();
        assert_eq!((self.out.len(), self.out.is_empty()), (left, left == 0));
    }
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn all_that_was_queued_goes_out_once_and_in_order(steps in vec(step(), 0..24)) {
        let mut sending = Sending::default();
        for step in steps {
            sending.take(step);
        }
        sending.take(Step::Write(vec![Answer::Take(usize::MAX); 64]));
        prop_assert_eq!(sending.socket.taken, sending.expected);
    }
}

#[test]
fn a_socket_that_takes_nothing_is_an_error_and_no_endless_loop() {
    let mut sending = Sending::default();
    sending.take(Step::Push(b"KEEP\r\n".to_vec()));
    sending.socket.answers = [Answer::Take(2), Answer::Take(0)].into();
    let error = sending
        .out
        .write_to(&mut sending.socket, &mut sending.spare)
        .expect_err("nothing was taken");
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(sending.out.len(), 4);
}

#[test]
fn shared_bytes_are_shared_and_let_go() {
    let text: Rc<[u8]> = b"LIST Ana\r\n"[..].into();
    let mut sending = Sending::default();
    sending
        .out
        .push_shared(&SharedText { bytes: Rc::clone(&text), skip: 0..0 }, &mut sending.spare);
    assert_eq!(Rc::strong_count(&text), 2, "queued without a copy");
    sending.socket.answers = [Answer::Take(usize::MAX)].into();
    sending.out.write_to(&mut sending.socket, &mut sending.spare).expect("room for all");
    assert_eq!(Rc::strong_count(&text), 1, "nothing of it is kept");
}
