//! Deadlines for many, at constant cost.
//!
//! Here lives the wheel and nothing that turns it: it never reads a clock. Read next:
//! [`crate::directory`], which gives every client one key and leaves it there.

use crate::machine::Millis;

/// How finely deadlines are told apart, in milliseconds. One that falls between two ticks is
/// due at the later one: never early, at most this late, and neighbours wake the loop once.
pub const TICK_MS: u64 = 16;

/// How many ticks the wheel sees ahead: 16.4 seconds, just over the longest deadline there is
/// with the handout's 15 seconds.
const SLOTS: usize = 1024;

const WORDS: usize = SLOTS / 64;

/// A wheel of slots, one for each tick to come, each with the keys that are due then.
///
/// ```text
/// tick     ... 1000   1001   1002   1003   1004 ...        slot = tick mod 1024
/// keys          -     Ana     -      -     Bruno, Camila
///               ^ reached
/// ```
///
/// It is *lazy*: there is no way to take a key out or to move it. Its owner keeps the true
/// deadline in a field of its own, where a KEEP only stores a new number. When a key comes out,
/// [`TimerWheel::pop_expired`] asks for that field: gone, the key is forgotten; moved, it is armed
/// again; really due, the owner acts. So a client costs the wheel two operations in 15 seconds,
/// however much it says.
///
/// A deadline further away than the wheel sees lies in the last slot and comes out early: the
/// same look at the field deals with that.
#[derive(Debug)]
pub struct TimerWheel<K> {
    slots: Vec<Vec<K>>,
    /// One bit a slot: it holds a key. Finds the next deadline in sixteen steps at most.
    occupied: [u64; WORDS],
    /// All ticks up to this one have come.
    reached: u64,
}

impl<K> Default for TimerWheel<K> {
    fn default() -> Self {
        let slots = std::iter::repeat_with(Vec::new).take(SLOTS).collect();
        Self { slots, occupied: [0; WORDS], reached: 0 }
    }
}

impl<K> TimerWheel<K> {
    /// Has `key` come out at `at`, or at the next tick where `at` is past.
    pub fn arm(&mut self, now: Millis, at: Millis, key: K) {
        let now_tick = now.0 / TICK_MS;
        if self.next_tick().is_none_or(|tick| tick > now_tick) {
            // No key lies between where it stands and now, so it may be turned: nobody does that
            // while nothing is due, and the wheel sees ahead only from where it stands.
            debug_assert!(now_tick >= self.reached, "time does not go back");
            self.reached = now_tick;
        }
        let tick = at.0.div_ceil(TICK_MS).clamp(self.reached + 1, self.reached + SLOTS as u64 - 1);
        let slot = slot_of(tick);
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.slots[slot].push(key);
    }

    /// Takes out one key whose own deadline has come. `deadline_of` is its owner's look at that:
    /// `None` where the key stands for nothing any more.
    pub fn pop_expired(
        &mut self,
        now: Millis,
        mut deadline_of: impl FnMut(&K) -> Option<Millis>,
    ) -> Option<K> {
        while let Some(key) = self.pop_due(now) {
            match deadline_of(&key) {
                Some(at) if at > now => self.arm(now, at, key),
                Some(_) => return Some(key),
                None => {}
            }
        }
        None
    }

    /// Takes out one key that is due, whatever its owner knows by now.
    pub fn pop_due(&mut self, now: Millis) -> Option<K> {
        let due = self.next_tick().filter(|tick| tick * TICK_MS <= now.0);
        let Some(tick) = due else {
            debug_assert!(now.0 / TICK_MS >= self.reached, "time does not go back");
            self.reached = now.0 / TICK_MS;
            return None;
        };
        self.reached = tick;
        let slot = slot_of(tick);
        let key = self.slots[slot].pop();
        self.mark_if_empty(slot);
        key
    }

    /// When the next key is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.next_tick().map(|tick| Millis(tick * TICK_MS))
    }

    /// All keys, each with the time at which it comes out, in the order of the slots.
    pub fn keys(&self) -> impl Iterator<Item = (&K, Millis)> {
        let start = slot_of(self.reached);
        let ahead = move |slot: usize| ((slot + SLOTS - start) % SLOTS) as u64;
        let at = move |slot: usize| Millis((self.reached + ahead(slot)) * TICK_MS);
        let slots = self.slots.iter().enumerate().filter(|(_, keys)| !keys.is_empty());
        slots.flat_map(move |(slot, keys)| keys.iter().map(move |key| (key, at(slot))))
    }

    /// The first tick with a key, from the one reached on: its slot may not be empty yet.
    fn next_tick(&self) -> Option<u64> {
        let start = slot_of(self.reached);
        let from_start = !0 << (start % 64);
        // One step more than there are words: the first word is looked at twice, first its upper
        // part, and last, with that part empty, its lower part: the far end of the wheel.
        (0..=WORDS).find_map(|step| {
            let word = (start / 64 + step) % WORDS;
            let mask = if step == 0 { from_start } else { !0 };
            let bits = self.occupied[word] & mask;
            let slot = word * 64 + bits.trailing_zeros() as usize;
            (bits != 0).then(|| self.reached + ((slot + SLOTS - start) % SLOTS) as u64)
        })
    }

    fn mark_if_empty(&mut self, slot: usize) {
        if self.slots[slot].is_empty() {
            self.slots[slot] = Vec::new();
            self.occupied[slot / 64] &= !(1 << (slot % 64));
        }
    }
}

fn slot_of(tick: u64) -> usize {
    (tick % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_out_in_time_and_never_early() {
        let mut wheel = TimerWheel::default();
        assert_eq!(wheel.next_deadline(), None);
        wheel.arm(Millis(0), Millis(15_000), "Ana");
        wheel.arm(Millis(0), Millis(5_000), "Bruno");
        assert_eq!(wheel.next_deadline(), Some(Millis(5_008)));
        assert_eq!(wheel.pop_due(Millis(4_999)), None);
        assert_eq!(wheel.pop_due(Millis(5_008)), Some("Bruno"));
        assert_eq!(wheel.pop_due(Millis(14_999)), None);
        assert_eq!(wheel.pop_due(Millis(15_008)), Some("Ana"));
        assert_eq!(wheel.next_deadline(), None);
    }

    #[test]
    fn all_keys_can_be_looked_at_with_their_times() {
        let mut wheel = TimerWheel::default();
        assert_eq!(wheel.keys().count(), 0);
        // The second one lies in a slot before that of the first.
        for (at, key) in [(16_000, "Ana"), (20_000, "Bruno")] {
            assert_eq!(wheel.pop_due(Millis(at - 10_000)), None);
            wheel.arm(Millis(at - 10_000), Millis(at), key);
        }
        let mut keys: Vec<_> = wheel.keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, [(&"Ana", Millis(16_000)), (&"Bruno", Millis(20_000))]);
    }

    #[test]
    fn a_deadline_in_the_past_comes_at_the_next_tick() {
        let mut wheel = TimerWheel::default();
        assert_eq!(wheel.pop_due(Millis(1_000)), None);
        wheel.arm(Millis(1_000), Millis(3), "late");
        let due = wheel.next_deadline().expect("armed");
        assert!(due > Millis(1_000) && due <= Millis(1_000 + TICK_MS), "{due:?}");
        assert_eq!(wheel.pop_due(Millis(1_000)), None, "not twice at one time");
        assert_eq!(wheel.pop_due(due), Some("late"));
    }

    #[test]
    fn a_deadline_that_moved_is_kept_and_one_that_is_gone_is_forgotten() {
        let mut wheel = TimerWheel::default();
        for name in ["Ana", "Bruno", "Camila"] {
            wheel.arm(Millis(0), Millis(1_600), name);
        }
        let deadline_of = |name: &&str| match *name {
            "Ana" => Some(Millis(3_200)),
            "Bruno" => Some(Millis(1_600)),
            _ => None,
        };
        assert_eq!(wheel.pop_expired(Millis(1_600), deadline_of), Some("Bruno"));
        assert_eq!(wheel.pop_expired(Millis(1_600), deadline_of), None);
        assert_eq!(wheel.next_deadline(), Some(Millis(3_200)));
        assert_eq!(wheel.pop_expired(Millis(3_200), deadline_of), Some("Ana"));
        assert_eq!(wheel.next_deadline(), None);
    }

    #[test]
    fn beyond_the_horizon_a_key_comes_early_and_is_armed_again() {
        let mut wheel = TimerWheel::default();
        let deadline = Millis(100_000);
        wheel.arm(Millis(0), deadline, ());
        let horizon = Millis((SLOTS as u64 - 1) * TICK_MS);
        assert_eq!(wheel.next_deadline(), Some(horizon), "in the last slot, and not in the first");
        let mut early = 0;
        loop {
            let now = wheel.next_deadline().expect("armed");
            assert_eq!(wheel.pop_due(now), Some(()));
            if now >= deadline {
                assert!(now.since(deadline) < TICK_MS);
                break;
            }
            early += 1;
            wheel.arm(now, deadline, ());
        }
        assert!(early < 10, "{early} early looks");
    }
}
