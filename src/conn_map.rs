//! A map from connections to values, for the machines and the simulator.
//!
//! Read next: [`crate::directory`], which keeps its clients in one.

use crate::machine::{ConnId, slot_number};

/// A value for each connection, found by its [`ConnId`] in constant time.
///
/// It is an array, and the slot is the index. A value with another generation of the slot is not
/// found. So a late action for a closed connection cannot reach the next one in its slot.
///
/// ```text
/// slot    0             1       2
///       | (gen 4, Ana) | empty | (gen 1, Bruno) |
/// ```
#[derive(Debug)]
pub struct ConnMap<T> {
    slots: Vec<Option<(u32, T)>>,
    len: usize,
}

impl<T> Default for ConnMap<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), len: 0 }
    }
}

impl<T> ConnMap<T> {
    /// Stores `value`.
    ///
    /// # Panics
    ///
    /// If the slot has a value: an event loop may not use a slot again before `Input::Closed`.
    pub fn insert(&mut self, conn: ConnId, value: T) {
        let slot = conn.slot as usize;
        if slot >= self.slots.len() {
            self.slots.resize_with(slot + 1, || None);
        }
        assert!(self.slots[slot].is_none(), "a slot is used again only after Closed");
        self.slots[slot] = Some((conn.generation, value));
        self.len += 1;
    }

    /// The value of `conn`.
    #[must_use]
    pub fn get(&self, conn: ConnId) -> Option<&T> {
        match self.slots.get(conn.slot as usize) {
            Some(Some((generation, value))) if *generation == conn.generation => Some(value),
            _ => None,
        }
    }

    /// The value of `conn`, mutable.
    pub fn get_mut(&mut self, conn: ConnId) -> Option<&mut T> {
        match self.slots.get_mut(conn.slot as usize) {
            Some(Some((generation, value))) if *generation == conn.generation => Some(value),
            _ => None,
        }
    }

    /// Removes the value of `conn`.
    pub fn remove(&mut self, conn: ConnId) -> Option<T> {
        self.get(conn)?;
        self.len -= 1;
        self.slots[conn.slot as usize].take().map(|(_, value)| value)
    }

    /// How many connections have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no connection has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All values in the order of the slots, mutable.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (ConnId, &mut T)> {
        self.slots.iter_mut().enumerate().filter_map(|(slot, stored)| {
            let (generation, value) = stored.as_mut()?;
            Some((ConnId { slot: slot_number(slot), generation: *generation }, value))
        })
    }

    /// All values in the order of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (ConnId, &T)> {
        self.slots.iter().enumerate().filter_map(|(slot, stored)| {
            let (generation, value) = stored.as_ref()?;
            Some((ConnId { slot: slot_number(slot), generation: *generation }, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_action_does_not_reach_the_next_connection_in_the_slot() {
        let old = ConnId { slot: 3, generation: 0 };
        let new = ConnId { slot: 3, generation: 1 };
        let mut map = ConnMap::default();
        map.insert(old, "Ana");
        assert_eq!(map.remove(old), Some("Ana"));
        map.insert(new, "Bruno");
        assert_eq!(map.get(old), None);
        assert_eq!(map.remove(old), None);
        assert_eq!(map.iter().collect::<Vec<_>>(), [(new, &"Bruno")]);
        assert_eq!(map.len(), 1);
    }
}
