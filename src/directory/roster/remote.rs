//! The people of a roster who are registered at other servers: the replica (`--directory`).
//!
//! They are in the same table of names as the people of this server, so LIST and ADDR need one
//! lookup. Nothing is decided here: see [`crate::cluster`]. Read first: [`super`].

use std::net::SocketAddr;

use super::{Member, Roster};
use crate::machine::ConnId;
use crate::wire::name::Name;

/// No connection has this bit in its slot: there are descriptors for 2³⁰ at most (proc(5),
/// `nr_open`).
const REMOTE_BIT: u32 = 1 << 31;

/// The first arrival that only this server knows. Arrivals that all servers know are below 2⁵³.
const ARRIVAL_UNKNOWN: u64 = 1 << 62;

/// The holder of a name, in the eight bytes of a [`ConnId`]: a connection of this server, or a
/// place in [`RemoteMembers`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Holder(pub(super) ConnId);

impl Holder {
    pub(super) fn is_local(self) -> bool {
        self.0.slot & REMOTE_BIT == 0
    }

    fn at(place: usize) -> Self {
        let place = u32::try_from(place).expect("fewer than 2^31 people");
        Self(ConnId { slot: place | REMOTE_BIT, generation: 0 })
    }

    fn place(self) -> usize {
        (self.0.slot & !REMOTE_BIT) as usize
    }
}

/// The people at other servers: 64 bytes for each. Free places are used again.
#[derive(Debug, Default)]
pub(super) struct RemoteMembers {
    people: Vec<Option<RemoteMember>>,
    free: Vec<u32>,
    len: usize,
}

/// A person at another server.
#[derive(Debug)]
pub(super) struct RemoteMember {
    pub(super) member: Member,
    /// The number of that server.
    server: u16,
    /// The last full read that had this person.
    reading: u16,
}

/// The owner of a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NameOwner {
    /// A person who is connected to this server.
    Local(ConnId),
    /// A person who is connected to the server with this number.
    Remote(u16),
}

impl RemoteMembers {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, holder: Holder) -> Option<&RemoteMember> {
        self.people.get(holder.place())?.as_ref()
    }

    pub(super) fn get_mut(&mut self, holder: Holder) -> Option<&mut RemoteMember> {
        self.people.get_mut(holder.place())?.as_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Holder, &RemoteMember)> {
        let places = self.people.iter().enumerate();
        places.filter_map(|(place, person)| Some((Holder::at(place), person.as_ref()?)))
    }

    fn insert(&mut self, remote: RemoteMember) -> Holder {
        self.len += 1;
        if let Some(place) = self.free.pop() {
            self.people[place as usize] = Some(remote);
            return Holder::at(place as usize);
        }
        // The table grows by a quarter. If it doubled, up to 64 bytes a person would be unused.
        if self.people.len() == self.people.capacity() {
            self.people.reserve_exact(16 + self.people.len() / 4);
        }
        self.people.push(Some(remote));
        Holder::at(self.people.len() - 1)
    }

    fn remove(&mut self, holder: Holder) -> Option<RemoteMember> {
        let remote = self.people.get_mut(holder.place())?.take()?;
        self.len -= 1;
        self.free.push(holder.place() as u32);
        Some(remote)
    }
}

impl Roster {
    /// The owner of this name.
    pub(crate) fn owner_of(&self, name: &[u8]) -> Option<NameOwner> {
        let holder = Holder(self.holder(name)?);
        if holder.is_local() {
            return Some(NameOwner::Local(holder.0));
        }
        self.remote.get(holder).map(|it| NameOwner::Remote(it.server))
    }

    /// Adds a person at another server, or changes the address, the arrival and the server.
    ///
    /// # Panics
    ///
    /// If a person of this server has the name: the caller asks for the owner first.
    pub(crate) fn join_remote(
        &mut self,
        name: Name,
        address: SocketAddr,
        arrival: u64,
        (server, reading): (u16, u16),
    ) {
        match self.holder(name.as_bytes()).map(Holder) {
            Some(holder) => {
                assert!(!holder.is_local(), "the caller knows the owner of the name");
                let Some(remote) = self.remote.get_mut(holder) else { return };
                let is_moved = remote.member.arrival != arrival;
                remote.member.arrival = arrival;
                remote.member.endpoint = address.into();
                (remote.server, remote.reading) = (server, reading);
                if is_moved {
                    self.outdate_list();
                }
            }
            None => {
                let hash = self.hash(name.as_bytes());
                let member = Member::new(name, address, arrival);
                let holder = self.remote.insert(RemoteMember { member, server, reading });
                self.note_name(hash, holder.0);
            }
        }
    }

    /// Removes a person at another server. Returns whether there was one.
    pub(crate) fn leave_remote(&mut self, name: &[u8]) -> bool {
        let holder = self.holder(name).map(Holder).filter(|holder| !holder.is_local());
        let Some(remote) = holder.and_then(|holder| self.remote.remove(holder)) else {
            return false;
        };
        if let Some(holder) = holder {
            self.forget_name(&remote.member.name, holder.0);
        }
        true
    }

    /// Removes all people at other servers whom this full read did not have.
    pub(crate) fn sweep_remote(&mut self, reading: u16) {
        let unseen = self.remote.iter().filter(|(_, it)| it.reading != reading);
        let unseen: Vec<_> = unseen.map(|(_, it)| it.member.name.clone()).collect();
        for name in unseen {
            self.leave_remote(name.as_bytes());
        }
    }

    /// The names of the people at the server with this number.
    pub(crate) fn names_of_server(&self, server: u16) -> impl Iterator<Item = &Name> {
        let there = self.remote.iter().filter(move |(_, it)| it.server == server);
        there.map(|(_, it)| &it.member.name)
    }

    /// How many people are registered at other servers.
    pub(crate) fn remote_count(&self) -> usize {
        self.remote.len()
    }

    /// The people who are connected to this server, with their connections.
    pub(crate) fn local_members(&self) -> impl Iterator<Item = (ConnId, &Member)> {
        self.members.iter()
    }

    /// A person of this server, and the arrival that all servers know; 0: none yet.
    pub(crate) fn local_member(&self, conn: ConnId) -> Option<(&Member, u64)> {
        let member = self.members.get(conn)?;
        let is_known = member.arrival < ARRIVAL_UNKNOWN;
        Some((member, if is_known { member.arrival } else { 0 }))
    }

    /// Puts new people of this server at the end of LIST, until [`Roster::set_arrival`].
    pub(crate) fn await_arrivals(&mut self) {
        self.arrivals = ARRIVAL_UNKNOWN;
    }

    /// Gives a person of this server the arrival that all servers know.
    pub(crate) fn set_arrival(&mut self, conn: ConnId, arrival: u64) {
        if let Some(member) = self.members.get_mut(conn)
            && member.arrival != arrival
        {
            member.arrival = arrival;
            self.outdate_list();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text.as_bytes()).expect("a name")
    }

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 1], port))
    }

    fn list_for(roster: &mut Roster, conn: ConnId) -> String {
        let list = roster.list_for(conn);
        let parts = [&list.bytes[..list.skip.start], &list.bytes[list.skip.end..]];
        String::from_utf8(parts.concat()).expect("names are UTF-8")
    }

    #[test]
    fn people_of_all_servers_are_one_list_in_order_of_arrival() {
        let mut roster = Roster::default();
        let ana = ConnId { slot: 0, generation: 0 };
        roster.join_remote(name("Bruno"), address(2), 50, (1, 1));
        roster.join(ana, name("Ana"), address(1)).expect("free");
        roster.join_remote(name("Camila"), address(3), 20, (1, 1));
        assert_eq!(list_for(&mut roster, ana), "LIST Camila:Bruno\r\n");
        roster.set_arrival(ana, 30);
        let nobody = ConnId { slot: 9, generation: 0 };
        assert_eq!(list_for(&mut roster, nobody), "LIST Camila:Ana:Bruno\r\n");
        let found = roster.find(b"Camila").map(Member::address);
        assert_eq!(found, Some(address(3)));
        assert_eq!(roster.owner_of(b"Ana"), Some(NameOwner::Local(ana)));
        assert_eq!(roster.owner_of(b"Bruno"), Some(NameOwner::Remote(1)));
        assert!(roster.leave_remote(b"Bruno") && !roster.leave_remote(b"Ana"));
        assert_eq!((roster.len(), roster.remote_count()), (2, 1));
    }

    #[test]
    fn a_full_read_removes_the_people_it_does_not_have_and_their_places_are_used_again() {
        let mut roster = Roster::default();
        for number in 0..100 {
            roster.join_remote(name(&format!("p{number}")), address(1), number, (1, 1));
        }
        roster.join_remote(name("p7"), address(9), 7, (2, 2));
        roster.sweep_remote(2);
        assert_eq!(roster.len(), 1);
        assert_eq!(roster.names_of_server(2).collect::<Vec<_>>(), [&name("p7")]);
        for number in 0..99 {
            roster.join_remote(name(&format!("q{number}")), address(1), number, (1, 3));
        }
        assert_eq!(roster.remote.people.len(), 100, "no place is new");
        assert_eq!(size_of::<Option<RemoteMember>>(), 64, "the memory for a person");
    }

    #[test]
    fn only_a_change_of_arrival_makes_a_new_list() {
        let mut roster = Roster::default();
        let nobody = ConnId { slot: 9, generation: 0 };
        for (person, arrival) in [("Ana", 10), ("Bruno", 20)] {
            roster.join_remote(name(person), address(1), arrival, (1, 1));
        }
        assert_eq!(list_for(&mut roster, nobody), "LIST Ana:Bruno\r\n");
        assert_eq!(roster.remote_count(), 2);
        roster.join_remote(name("Ana"), address(7), 10, (2, 2));
        assert_eq!(list_for(&mut roster, nobody), "LIST Ana:Bruno\r\n");
        assert_eq!(roster.list_version(), 1, "the address is not in it");
        roster.join_remote(name("Ana"), address(7), 30, (2, 2));
        assert_eq!(list_for(&mut roster, nobody), "LIST Bruno:Ana\r\n");
    }

    #[test]
    fn a_person_without_an_arrival_is_last() {
        let mut roster = Roster::default();
        roster.await_arrivals();
        let ana = ConnId { slot: 0, generation: 0 };
        roster.join(ana, name("Ana"), address(1)).expect("free");
        roster.join_remote(name("Bruno"), address(2), 50, (1, 1));
        let nobody = ConnId { slot: 9, generation: 0 };
        assert_eq!(list_for(&mut roster, nobody), "LIST Bruno:Ana\r\n");
        assert_eq!(roster.local_member(ana).map(|(_, arrival)| arrival), Some(0));
        assert_eq!(roster.local_members().map(|(conn, _)| conn).collect::<Vec<_>>(), [ana]);
        roster.set_arrival(ana, 30);
        assert_eq!(list_for(&mut roster, nobody), "LIST Ana:Bruno\r\n");
        assert_eq!(roster.local_member(ana).map(|(_, arrival)| arrival), Some(30));
    }
}
