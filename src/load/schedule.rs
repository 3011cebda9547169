//! The times of operations, and the random clients that they ask for.
//!
//! It only calculates, and reads no clock. Read next: [`super::clients`].

use crate::machine::Millis;
use crate::random::Random;

/// How many names there are. A name is used again after all others.
pub const NUMBERS: usize = 1_000_000;

/// How fast the clients ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// A closed loop: each client sends this many questions at once, and the next batch when all of
    /// them are answered. A slow server gets fewer questions.
    Pipeline(usize),
    /// An open loop: all clients together send this many operations a second, however slow the
    /// server is.
    Rate(u64),
}

/// The times and numbers of one run.
#[derive(Debug)]
pub(super) struct Schedule {
    pace: Pace,
    began: Millis,
    began_us: u64,
    /// How many operations of an open loop have been taken.
    taken: u64,
    next_number: u32,
    random: Random,
}

impl Schedule {
    /// The schedule of a run that has not begun.
    pub(super) fn new(pace: Pace, seed: u64) -> Self {
        let random = Random::new(seed);
        Self { pace, began: Millis(0), began_us: 0, taken: 0, next_number: 0, random }
    }

    /// Begins: the first operation is due now.
    pub(super) fn begin(&mut self, now: Millis, now_us: u64) {
        self.began = now;
        self.began_us = now_us;
    }

    /// The planned time of the next operation of an open loop, if it is past.
    pub(super) fn peek_due(&self, now_us: u64) -> Option<u64> {
        let Pace::Rate(rate) = self.pace else { return None };
        let due_us = self.began_us + self.taken * 1_000_000 / rate;
        (due_us <= now_us).then_some(due_us)
    }

    /// Takes that operation.
    pub(super) fn take_due(&mut self) {
        self.taken += 1;
    }

    /// When [`Schedule::peek_due`] next has something, by the loop's clock.
    pub(super) fn next_due(&self) -> Option<Millis> {
        let Pace::Rate(rate) = self.pace else { return None };
        Some(self.began + self.taken * 1000 / rate)
    }

    /// The next number in turn. The server may not have noticed yet that a client has left, so its
    /// number is not used again soon.
    pub(super) fn next_number(&mut self) -> u32 {
        let number = self.next_number;
        self.next_number = (number + 1) % NUMBERS as u32;
        number
    }

    /// The number of a random client.
    pub(super) fn any_of(&mut self, clients: usize) -> u32 {
        (self.random.next_number() % clients as u64) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_keeps_its_rate() {
        let mut schedule = Schedule::new(Pace::Rate(400), 0);
        schedule.begin(Millis(5), 1_000_000);
        let mut due = Vec::new();
        while let Some(due_us) = schedule.peek_due(1_010_000) {
            schedule.take_due();
            due.push(due_us - 1_000_000);
        }
        assert_eq!(due, [0, 2_500, 5_000, 7_500, 10_000]);
        assert_eq!(schedule.next_due(), Some(Millis(5 + 12)));
        let closed = Schedule::new(Pace::Pipeline(1), 0);
        assert_eq!((closed.peek_due(u64::MAX), closed.next_due()), (None, None));
    }

    #[test]
    fn every_client_is_asked_for() {
        let mut schedule = Schedule::new(Pace::Pipeline(1), 0);
        let mut seen = [0; 10];
        for _ in 0..1000 {
            seen[schedule.any_of(10) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| count > 50), "{seen:?}");
    }
}
