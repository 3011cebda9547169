//! The wheel does what a plain list does: no deadline comes early, late or twice, or is lost, and
//! the loop does not wake up for nothing that is within the wheel's range.

use papo::machine::Millis;
use papo::timer_wheel::{TICK_MS, TimerWheel};

use super::tape::Tape;

/// The least range of the wheel: the handout's 15 seconds.
const SIGHT_MS: u64 = 15_000;

/// One key, as its owner remembers it.
#[derive(Clone, Copy, Debug)]
struct Armed {
    key: u32,
    deadline: Millis,
    /// When it comes out at the latest: at the first tick at its deadline or later.
    due: u64,
    /// When it comes out at the earliest: the same, unless that is beyond the wheel's range.
    early: u64,
}

#[derive(Debug, Default)]
struct Owner {
    now: Millis,
    wheel: TimerWheel<u32>,
    list: Vec<Armed>,
    keys: u32,
}

pub fn check(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let mut owner =
        Owner { now: Millis(u64::from(tape.wide()) << tape.below(32)), ..Owner::default() };
    owner.take_out();
    while !tape.is_empty() {
        match tape.below(8) {
            0 => owner.arm_new(Millis(u64::from(tape.wide()))),
            1 => owner.arm_new(Millis(u64::MAX - u64::from(tape.wide()))),
            2 => owner.arm_new(owner.now + (u64::from(tape.wide()) << tape.below(20))),
            3 | 4 => owner.arm_new(owner.now + u64::from(tape.wide()) % SIGHT_MS),
            5 => owner.go_on(u64::from(tape.wide()) << tape.below(12)),
            6 => owner.go_on(u64::from(tape.byte())),
            _ => owner.go_to_deadline(),
        }
        owner.check_deadline();
    }
}

impl Owner {
    fn arm_new(&mut self, deadline: Millis) {
        self.keys += 1;
        self.arm(self.keys, deadline);
    }

    fn arm(&mut self, key: u32, deadline: Millis) {
        let next_tick = self.now.0 / TICK_MS + 1;
        let due = deadline.0.div_ceil(TICK_MS).max(next_tick).saturating_mul(TICK_MS);
        self.wheel.arm(self.now, deadline, key);
        let early = due.min(self.now.0 + SIGHT_MS);
        self.list.push(Armed { key, deadline, due, early });
    }

    fn go_on(&mut self, millis: u64) {
        // A program that runs for three million years has other problems.
        self.now = Millis((self.now + millis).0.min(u64::MAX / 4));
        self.take_out();
    }

    fn go_to_deadline(&mut self) {
        if let Some(next) = self.wheel.next_deadline() {
            self.go_on(next.since(self.now));
        }
    }

    /// Takes out all that is due, as the directory does: a key that came early is armed again.
    fn take_out(&mut self) {
        let mut early = Vec::new();
        while let Some(key) = self.wheel.pop_due(self.now) {
            let place = self.list.iter().position(|armed| armed.key == key);
            let armed = self.list.swap_remove(place.expect("armed, and not taken out before"));
            if armed.due > self.now.0 {
                early.push(armed);
            }
        }
        for armed in early {
            assert!(armed.early <= self.now.0, "{armed:?} is early at {:?}", self.now);
            self.arm(armed.key, armed.deadline);
        }
        let late = self.list.iter().find(|armed| armed.due <= self.now.0);
        assert!(late.is_none(), "{late:?} did not come by {:?}", self.now);
    }

    fn check_deadline(&self) {
        let due = self.list.iter().map(|armed| armed.due).min();
        let early = self.list.iter().map(|armed| armed.early).min();
        let next = self.wheel.next_deadline();
        assert_eq!(next.is_some(), due.is_some(), "{next:?} for {due:?}");
        let (Some(next), Some(due), Some(early)) = (next, due, early) else { return };
        assert!(next.0 <= due, "wakes at {next:?}, due is {due}");
        assert!(next.0 >= early, "wakes at {next:?}, before {early}");
        assert!(next > self.now, "after taking out, {next:?} lies ahead of {:?}", self.now);
    }
}
