//! Deadlines of the timer wheel: none comes early, late or never, and each costs little.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use papo::machine::Millis;
use papo::timer_wheel::{TICK_MS, TimerWheel};

use super::thousands;

/// The range of the wheel: a key with a nearer deadline may not come out before it.
const SIGHT_MS: u64 = 16_000;

/// An owner of keys, as the directory is: it has the true deadlines in a table, and arms a key again
/// that comes out too early.
#[derive(Default)]
struct Owner {
    wheel: TimerWheel<usize>,
    now: Millis,
    /// How many keys were armed so far. It is the number of the next one.
    armed: usize,
    waiting: BTreeMap<usize, Key>,
}

struct Key {
    deadline: Millis,
    armed: Millis,
    /// How often it came out before its deadline.
    looks: u64,
}

#[derive(Clone, Debug)]
enum Turn {
    Arm { ahead_ms: u64 },
    ArmLate { behind_ms: u64 },
    Sleep { ms: u64 },
    SleepUntilDeadline,
}

fn turn() -> impl Strategy<Value = Turn> {
    let ahead = prop_oneof![
        6 => 0..=SIGHT_MS,
        1 => 0..=100 * SIGHT_MS,
        1 => Just(u64::MAX),
    ];
    let sleep = prop_oneof![4 => 0..100u64, 4 => 0..20_000u64, 1 => 0..3_600_000u64];
    prop_oneof![
        4 => ahead.prop_map(|ahead_ms| Turn::Arm { ahead_ms }),
        1 => (0..20_000u64).prop_map(|behind_ms| Turn::ArmLate { behind_ms }),
        3 => sleep.prop_map(|ms| Turn::Sleep { ms }),
        2 => Just(Turn::SleepUntilDeadline),
    ]
}

impl Owner {
    fn take(&mut self, turn: &Turn) {
        match *turn {
            Turn::Arm { ahead_ms } => self.arm(self.now + ahead_ms),
            Turn::ArmLate { behind_ms } => self.arm(Millis(self.now.0.saturating_sub(behind_ms))),
            Turn::Sleep { ms } => self.now = self.now + ms,
            Turn::SleepUntilDeadline => {
                self.now = self.wheel.next_deadline().unwrap_or_default().max(self.now);
            }
        }
        self.check_that_the_loop_wakes_in_time();
        // As in the loop: the wheel is used only when it asks for a tick.
        if self.wheel.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            self.drain();
        }
    }

    fn arm(&mut self, deadline: Millis) {
        self.wheel.arm(self.now, deadline, self.armed);
        self.waiting.insert(self.armed, Key { deadline, armed: self.now, looks: 0 });
        self.armed += 1;
    }

    fn check_that_the_loop_wakes_in_time(&self) {
        let latest = self.waiting.values().map(|key| key.deadline.max(key.armed) + TICK_MS).min();
        let next = self.wheel.next_deadline();
        assert_eq!(next.is_some(), latest.is_some());
        assert!(next <= latest, "wakes at {next:?}, should by {latest:?}");
    }

    fn drain(&mut self) {
        while let Some(number) = self.wheel.pop_due(self.now) {
            let key = self.waiting.remove(&number).expect("a key comes out once");
            if key.deadline > self.now {
                self.arm_again(number, key);
            }
        }
        let next = self.wheel.next_deadline();
        assert!(
            next.is_none_or(|next| next > self.now),
            "a tick at {:?} leaves {next:?}",
            self.now
        );
        let missed = self.waiting.values().find(|key| key.deadline + TICK_MS <= self.now);
        assert!(missed.is_none(), "due at {:?}", missed.map(|key| key.deadline));
    }

    /// A key comes out early at most once in the range of the wheel. Otherwise the wheel would be a list
    /// that every tick goes through.
    fn arm_again(&mut self, number: usize, key: Key) {
        let looks = key.looks + 1;
        let most = self.now.since(key.armed) / SIGHT_MS;
        assert!(looks <= most, "look {looks} of {most}, due at {:?}", key.deadline);
        self.wheel.arm(self.now, key.deadline, number);
        self.waiting.insert(number, Key { looks, ..key });
    }
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn no_deadline_comes_early_or_late_or_never(turns in vec(turn(), 0..40)) {
        let mut owner = Owner::default();
        for turn in &turns {
            owner.take(turn);
        }
        let deadlines = owner.waiting.values().map(|key| key.deadline);
        let last = deadlines.filter(|at| at.0 < u64::MAX).max().unwrap_or_default();
        owner.now = last.max(owner.now) + TICK_MS;
        owner.drain();
        prop_assert!(owner.waiting.values().all(|key| key.deadline.0 == u64::MAX));
    }

    #[test]
    fn a_wheel_that_slept_is_not_turned_slot_by_slot(slept in 0..u64::MAX / 4) {
        let mut wheel = TimerWheel::default();
        let now = Millis(slept);
        wheel.arm(now, now + SIGHT_MS / 2, ());
        prop_assert_eq!(wheel.pop_due(now), None);
        prop_assert!(wheel.next_deadline() >= Some(now + SIGHT_MS / 2));
    }

    #[test]
    fn keys_of_one_moment_all_come_out_at_it(
        keys in 1usize..200,
        start in 0..100_000u64,
        ahead in 0..=SIGHT_MS,
    ) {
        let mut wheel = TimerWheel::default();
        prop_assert_eq!(wheel.pop_due(Millis(start)), None);
        (0..keys).for_each(|key| wheel.arm(Millis(start), Millis(start + ahead), key));
        let due = wheel.next_deadline().expect("armed");
        prop_assert!(due.0 <= start + ahead.max(1) + TICK_MS);
        let mut out: Vec<_> = std::iter::from_fn(|| wheel.pop_due(due)).collect();
        out.sort_unstable();
        prop_assert_eq!(out, (0..keys).collect::<Vec<_>>());
        prop_assert_eq!(wheel.next_deadline(), None);
    }
}
