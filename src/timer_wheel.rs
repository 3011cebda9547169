//! A timer wheel: the deadlines of many clients, at constant cost for each.
//!
//! The wheel never reads a clock: its owner passes the time. Read next: [`crate::directory`], which
//! keeps one key for each client in a wheel.

use crate::machine::Millis;

/// The resolution, in milliseconds. A deadline between two ticks is due at the later one: it is
/// never early, at most this late, and deadlines of the same tick cost one wake-up.
pub const TICK_MS: u64 = 16;

/// How many ticks the wheel covers: 16.4 seconds, a little more than the handout's 15 seconds.
const SLOTS: usize = 1024;

const WORDS: usize = SLOTS / 64;

/// A wheel of slots. Each slot stands for one tick to come, and has the keys that are due then.
///
/// ```text
/// tick     ... 1000   1001   1002   1003   1004 ...        slot = tick mod 1024
/// keys          -     Ana     -      -     Bruno, Camila
///               ^ reached
/// ```
///
/// The wheel is *lazy*: a key is never moved or removed before its tick. The owner keeps the true
/// deadline of each key in a field, and a KEEP only stores a new number there. At the tick of a
/// key, [`TimerWheel::pop_expired`] asks the owner for that field. If it is gone, the key is
/// dropped; if it is later, the key is armed again; if it is due, the key is returned. So a client
/// costs the wheel two operations in 15 seconds, however many KEEPs it sends.
///
/// A deadline beyond the last slot goes into the last slot and comes out early. The question to the
/// owner handles that, too.
#[derive(Debug)]
pub struct TimerWheel<K> {
    slots: Vec<Vec<K>>,
    /// One bit for each slot that has a key: so the next deadline takes seventeen steps at most.
    occupied: [u64; WORDS],
    /// The last tick that has come.
    reached: u64,
}

impl<K> Default for TimerWheel<K> {
    fn default() -> Self {
        let slots = std::iter::repeat_with(Vec::new).take(SLOTS).collect();
        Self { slots, occupied: [0; WORDS], reached: 0 }
    }
}

impl<K> TimerWheel<K> {
    /// Adds `key`, due at `at`, or at the next tick if `at` has passed.
    pub fn arm(&mut self, now: Millis, at: Millis, key: K) {
        let now_tick = now.0 / TICK_MS;
        if self.next_tick().is_none_or(|tick| tick > now_tick) {
            // No key is due before now, so the wheel may move on to now. It must: it covers its
            // 1024 ticks from `reached`, which does not move while no key is due.
            debug_assert!(now_tick >= self.reached, "time does not go back");
            self.reached = now_tick;
        }
        let tick = at.0.div_ceil(TICK_MS).clamp(self.reached + 1, self.reached + SLOTS as u64 - 1);
        let slot = slot_of(tick);
        self.occupied[slot / 64] |= 1 << (slot % 64);
        self.slots[slot].push(key);
    }

    /// Takes out one key whose true deadline has come. `deadline_of` gives the true deadline of a
    /// key; `None`: the key has no owner any more.
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

    /// Takes out one key whose tick has come, without a look at its true deadline.
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
        self.free_if_empty(slot);
        key
    }

    /// The tick of the next key, as a time.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        self.next_tick().map(|tick| Millis(tick * TICK_MS))
    }

    /// All keys with the times of their ticks, in the order of the slots.
    pub fn keys(&self) -> impl Iterator<Item = (&K, Millis)> {
        let start = slot_of(self.reached);
        let ahead = move |slot: usize| ((slot + SLOTS - start) % SLOTS) as u64;
        let at = move |slot: usize| Millis((self.reached + ahead(slot)) * TICK_MS);
        let slots = self.slots.iter().enumerate().filter(|(_, keys)| !keys.is_empty());
        slots.flat_map(move |(slot, keys)| keys.iter().map(move |key| (key, at(slot))))
    }

    /// The first tick with a key, from `reached` on: the slot of `reached` may still have keys.
    fn next_tick(&self) -> Option<u64> {
        let start = slot_of(self.reached);
        let from_start = !0 << (start % 64);
        // The first word is examined twice: first its upper bits, which are the next ticks, and at
        // the end its lower bits, which are the last ticks. Its upper bits are 0 by then.
        (0..=WORDS).find_map(|step| {
            let word = (start / 64 + step) % WORDS;
            let mask = if step == 0 { from_start } else { !0 };
            let bits = self.occupied[word] & mask;
            let slot = word * 64 + bits.trailing_zeros() as usize;
            (bits != 0).then(|| self.reached + ((slot + SLOTS - start) % SLOTS) as u64)
        })
    }

    fn free_if_empty(&mut self, slot: usize) {
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
    fn all_keys_are_listed_with_the_times_of_their_ticks() {
        let mut wheel = TimerWheel::default();
        assert_eq!(wheel.keys().count(), 0);
        // The slot of the second key has a lower number than the slot of the first.
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
    fn a_key_with_a_later_deadline_is_armed_again_and_one_without_is_dropped() {
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
    fn a_key_beyond_the_last_slot_comes_early_and_is_armed_again() {
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
