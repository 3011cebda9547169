//! The people online: their names, connections, and the addresses at which they wait for calls.
//!
//! The roster keeps these three consistent. Messages, time and limits are in [`super::Directory`].
//! People at other servers are in `remote`.

#[cfg(feature = "full")]
pub(crate) mod remote;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;

use hashbrown::HashTable;

use crate::conn_map::ConnMap;
use crate::machine::{ConnId, SharedText};
use crate::wire::CRLF;
use crate::wire::address::Endpoint;
use crate::wire::name::Name;
#[cfg(feature = "full")]
use remote::{Holder, RemoteMembers};

/// The people online.
///
/// Two tables of the same people, which each method changes together:
///
/// ```text
/// by_name     hash of Bruno ─┐         name → connection. The hash has a random key, because
///             hash of Ana ───┼─┐       clients choose the names
/// members     conn ──────────┘ │ → (Bruno, 10.0.0.2:21500, came 2nd, …)
///             conn ────────────┘ → (Ana,   10.0.0.7:20000, came 1st, …)
/// ```
///
/// `by_name` has no names but connections: eight bytes a person. So a table of thousands fits the
/// processor's cache, and each name is in memory once.
#[derive(Debug, Default)]
pub struct Roster {
    members: ConnMap<Member>,
    /// The people at other servers. `by_name` has them, too.
    #[cfg(feature = "full")]
    remote: RemoteMembers,
    by_name: HashTable<ConnId>,
    hash_keys: RandomState,
    arrivals: u64,
    list: Option<Rc<[u8]>>,
    /// Superseded LIST texts that are still being sent, oldest first.
    old_lists: Vec<Rc<[u8]>>,
    /// How many LIST texts have been made.
    version: u32,
}

/// One person online. It is small, because there are thousands.
#[derive(Debug)]
pub struct Member {
    /// The name, unique in the roster.
    pub name: Name,
    /// Where this person waits for calls: the address of the connection, and the port of USER.
    pub endpoint: Endpoint,
    /// The position of the name in `list`, while there is a `list`.
    list_start: u32,
    /// The order of LIST: it grows with each new person.
    arrival: u64,
}

impl Member {
    pub(super) fn new(name: Name, address: SocketAddr, arrival: u64) -> Self {
        Self { name, endpoint: address.into(), list_start: 0, arrival }
    }

    /// The endpoint as a [`SocketAddr`].
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.endpoint.into()
    }

    fn in_list(&self) -> Range<usize> {
        let start = self.list_start as usize;
        start..start + self.name.as_bytes().len()
    }
}

/// Another person has this name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NameTaken;

const LIST_START: &[u8] = b"LIST ";

impl Roster {
    /// Adds a person.
    ///
    /// # Errors
    ///
    /// If another person has the name. Nothing has changed then.
    pub fn join(&mut self, conn: ConnId, name: Name, address: SocketAddr) -> Result<(), NameTaken> {
        if self.find(name.as_bytes()).is_some() {
            return Err(NameTaken);
        }
        let arrival = self.arrivals;
        self.arrivals += 1;
        let hash = self.hash(name.as_bytes());
        self.members.insert(conn, Member::new(name, address, arrival));
        self.note_name(hash, conn);
        Ok(())
    }

    /// Removes a person.
    pub fn leave(&mut self, conn: ConnId) -> Option<Member> {
        let member = self.members.remove(conn)?;
        self.forget_name(&member.name, conn);
        Some(member)
    }

    /// The person with this name.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<&Member> {
        self.member(self.holder(name)?)
    }

    /// The person on this connection.
    #[must_use]
    pub fn get(&self, conn: ConnId) -> Option<&Member> {
        self.members.get(conn)
    }

    /// The connection that has this name.
    fn holder(&self, name: &[u8]) -> Option<ConnId> {
        let has_name = |&holder: &ConnId| self.name_of(holder) == name;
        self.by_name.find(self.hash(name), has_name).copied()
    }

    /// The people who are connected to this server, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().map(|(_, member)| member)
    }

    /// How many people are online.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether nobody is online.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The whole LIST reply for one person: everybody but that person, in order of arrival.
    ///
    /// The text is made once after a change, and all connections share it. Each leaves out its own
    /// name and one colon.
    ///
    /// ```text
    /// LIST Ana:Bruno:Camila\r\n
    ///          ^^^^^^            left out for Bruno: the name and the colon after it
    ///               ^^^^^^^      left out for Camila, the last one: the colon before the name
    /// ```
    #[must_use]
    pub fn list_for(&mut self, asker: ConnId) -> SharedText {
        let bytes = self.list();
        let end_of_names = bytes.len() - CRLF.len();
        let own = self.members.get(asker).map_or(0..0, Member::in_list);
        let skip = if own.is_empty() {
            own
        } else if own.end < end_of_names {
            own.start..own.end + 1
        } else {
            // A single name has no colon before it, but the blank, which stays (`LIST \r\n`).
            own.start.saturating_sub(1).max(LIST_START.len())..own.end
        };
        SharedText { bytes, skip }
    }

    /// The version of the last LIST text: the number of texts so far.
    pub(super) fn list_version(&self) -> u32 {
        self.version
    }

    /// The length of all superseded LIST texts that are still being sent.
    pub(super) fn old_lists_bytes(&self) -> usize {
        self.old_lists.iter().map(|list| list.len()).sum()
    }

    /// The length of the shortest of them. 0: there is none.
    pub(super) fn shortest_old_list_bytes(&self) -> usize {
        self.old_lists.iter().map(|list| list.len()).min().unwrap_or(0)
    }

    /// Adds a person who is in `members` or `remote` already to `by_name`.
    fn note_name(&mut self, hash: u64, holder: ConnId) {
        self.outdate_list();
        let mut by_name = std::mem::take(&mut self.by_name);
        by_name.insert_unique(hash, holder, |&it| self.hash(self.name_of(it)));
        self.by_name = by_name;
        self.check();
    }

    /// Removes a person who is in neither of them any more from `by_name`.
    fn forget_name(&mut self, name: &Name, holder: ConnId) {
        let hash = self.hash(name.as_bytes());
        if let Ok(entry) = self.by_name.find_entry(hash, |&other| other == holder) {
            entry.remove();
        }
        self.outdate_list();
        self.check();
    }

    pub(super) fn outdate_list(&mut self) {
        self.old_lists.extend(self.list.take());
    }

    fn list(&mut self) -> Rc<[u8]> {
        if self.list.is_none() {
            self.old_lists.retain(|list| Rc::strong_count(list) > 1);
            self.list = Some(self.render_list());
            self.version = self.version.wrapping_add(1);
        }
        Rc::clone(self.list.as_ref().expect("just rendered"))
    }

    /// Sorts by arrival for every new text. Sorting costs less than making the text, and a sorted
    /// table would cost memory for every member.
    fn render_list(&mut self) -> Rc<[u8]> {
        let order = self.members.iter().map(|(conn, member)| (member.arrival, conn));
        let mut order: Vec<_> = order.collect();
        #[cfg(feature = "full")]
        order.extend(self.remote.iter().map(|(holder, it)| (it.member.arrival, holder.0)));
        order.sort_unstable();
        let mut text = LIST_START.to_vec();
        for (_, holder) in order {
            let member = self.member_mut(holder).expect("the order has only members");
            if text.len() > LIST_START.len() {
                text.push(b':');
            }
            member.list_start = u32::try_from(text.len()).expect("names of less than 4 GB");
            text.extend_from_slice(member.name.as_bytes());
        }
        text.extend_from_slice(CRLF);
        text.into()
    }

    #[cfg(not(feature = "full"))]
    fn member(&self, holder: ConnId) -> Option<&Member> {
        self.members.get(holder)
    }

    #[cfg(not(feature = "full"))]
    fn member_mut(&mut self, holder: ConnId) -> Option<&mut Member> {
        self.members.get_mut(holder)
    }

    #[cfg(feature = "full")]
    fn member(&self, holder: ConnId) -> Option<&Member> {
        if Holder(holder).is_local() {
            self.members.get(holder)
        } else {
            self.remote.get(Holder(holder)).map(|it| &it.member)
        }
    }

    #[cfg(feature = "full")]
    fn member_mut(&mut self, holder: ConnId) -> Option<&mut Member> {
        if Holder(holder).is_local() {
            self.members.get_mut(holder)
        } else {
            self.remote.get_mut(Holder(holder)).map(|it| &mut it.member)
        }
    }

    fn name_of(&self, holder: ConnId) -> &[u8] {
        self.member(holder).map_or(&[], |member| member.name.as_bytes())
    }

    fn hash(&self, name: &[u8]) -> u64 {
        let mut hasher = self.hash_keys.build_hasher();
        hasher.write(name);
        hasher.finish()
    }

    /// Checks that the two tables have the same people.
    fn check(&self) {
        let members = self.members.len();
        #[cfg(feature = "full")]
        let members = members + self.remote.len();
        debug_assert_eq!(members, self.by_name.len(), "a name for each member");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conn(slot: u32) -> ConnId {
        ConnId { slot, generation: 0 }
    }

    fn roster_of(names: &[&str]) -> Roster {
        let mut roster = Roster::default();
        for (slot, name) in names.iter().enumerate() {
            let name = Name::parse(name.as_bytes()).expect("a name");
            let address = SocketAddr::from(([10, 0, 0, 1], 20_000));
            roster.join(conn(slot as u32), name, address).expect("free");
        }
        roster
    }

    fn list_for(roster: &mut Roster, slot: u32) -> String {
        let SharedText { bytes, skip } = roster.list_for(conn(slot));
        let parts = [&bytes[..skip.start], &bytes[skip.end..]];
        String::from_utf8(parts.concat()).expect("names are UTF-8")
    }

    #[test]
    fn everyone_gets_everyone_else_in_order_of_arrival() {
        let mut roster = roster_of(&["Camila", "Ana", "Bruno"]);
        assert_eq!(list_for(&mut roster, 0), "LIST Ana:Bruno\r\n");
        assert_eq!(list_for(&mut roster, 1), "LIST Camila:Bruno\r\n");
        assert_eq!(list_for(&mut roster, 2), "LIST Camila:Ana\r\n");
        roster.leave(conn(1));
        assert_eq!(list_for(&mut roster, 2), "LIST Camila\r\n");
        roster.leave(conn(0));
        assert_eq!(list_for(&mut roster, 2), "LIST \r\n");
    }

    #[test]
    fn a_list_is_rendered_once_and_shared() {
        let mut roster = roster_of(&["Ana", "Bruno"]);
        let first = roster.list_for(conn(0)).bytes;
        assert!(Rc::ptr_eq(&first, &roster.list_for(conn(1)).bytes));
        roster.leave(conn(0));
        assert!(!Rc::ptr_eq(&first, &roster.list_for(conn(1)).bytes));
    }

    #[test]
    fn a_superseded_list_counts_while_a_connection_holds_it() {
        let mut roster = roster_of(&["Ana", "Bruno", "Camila"]);
        let [first, again] = [0, 1].map(|slot| roster.list_for(conn(slot)));
        roster.leave(conn(2));
        assert_eq!(roster.list_version(), 1);
        let _second = roster.list_for(conn(0));
        assert_eq!((roster.list_version(), roster.old_lists_bytes()), (2, first.bytes.len()));
        drop((first, again));
        roster.leave(conn(1));
        let _third = roster.list_for(conn(0));
        assert_eq!(roster.old_lists_bytes(), "LIST Ana:Bruno\r\n".len());
    }

    #[test]
    fn a_taken_name_stays_with_its_holder() {
        let mut roster = roster_of(&["Ana"]);
        let name = Name::parse(b"Ana").expect("a name");
        let other = SocketAddr::from(([10, 0, 0, 9], 1));
        assert_eq!(roster.join(conn(7), name, other), Err(NameTaken));
        assert_eq!(roster.find(b"Ana").map(|member| member.address().port()), Some(20_000));
        assert!(roster.leave(conn(7)).is_none());
        assert_eq!((roster.len(), roster.is_empty()), (1, false));
    }
}
