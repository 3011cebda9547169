//! The server's answers to the person's questions, and the addresses in them.
//!
//! A part of [`Peer`]. Must never know how a question is asked: `server/lookup.rs` does. Read next:
//! [`crate::peer::chat`], which calls the addresses.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use crate::machine::{Actions, Millis};
use crate::peer::Peer;
use crate::peer::notice::Notice;
use crate::peer::server::lookup::{Lookup, LookupResult};
use crate::wire::name::Name;

impl Peer {
    pub(crate) fn on_answer(
        &mut self,
        now: Millis,
        question: Lookup,
        answer: LookupResult,
        actions: &mut Actions<Notice>,
    ) {
        let answer = self.as_reachable(answer);
        match (question, answer) {
            (Lookup::Own, _) => {}
            (Lookup::Check { conn, .. }, answer) => {
                self.chat.on_checked(now, conn, &answer, actions);
            }
            (Lookup::Names, LookupResult::Online { names, .. }) => {
                actions.show(Notice::Names(self.others(names)));
            }
            (Lookup::Names, LookupResult::Silence) => actions.show(Notice::Names(Vec::new())),
            (_, LookupResult::Silence) => {
                let unended = self.registration.non_replies().take_unended();
                let notice = unended.map_or(Notice::ServerSilent, |line| Notice::Unended { line });
                self.refuse(notice, actions);
            }
            (Lookup::List, LookupResult::Online { names, more }) => {
                actions.show(Notice::Online(self.others(names)));
                if more > 0 {
                    actions.show(Notice::MoreOnline { count: more });
                }
            }
            (Lookup::Call { name, .. }, LookupResult::Online { names, .. }) => {
                let online = self.others(names);
                self.refuse(Notice::NotOnline { name, online }, actions);
            }
            (Lookup::Call { name, text }, LookupResult::At(to))
                if can_be_called(to, self.registration.server()) =>
            {
                self.chat.call(now, name, to, text, actions);
            }
            (Lookup::Call { name, .. }, LookupResult::At(_) | LookupResult::Nowhere) => {
                self.refuse(Notice::BadAddress { name }, actions);
            }
            (Lookup::List | Lookup::Names, LookupResult::At(_) | LookupResult::Nowhere)
            | (Lookup::List | Lookup::Names | Lookup::Call { .. }, LookupResult::NotOnline) => {
                unreachable!("the kind of an answer follows from the question")
            }
        }
    }

    /// The names without the own one and without repetitions.
    fn others(&self, mut names: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let me = self.me.as_ref().map(Name::as_bytes);
        let mut known = BTreeSet::new();
        let are_new: Vec<_> =
            names.iter().map(|name| Some(&name[..]) != me && known.insert(&name[..])).collect();
        let mut are_new = are_new.into_iter();
        names.retain(|_| are_new.next() == Some(true));
        names
    }

    /// An address that means "this host" to the server means the server's host to us. A link-local
    /// address is in the zone by which we reach the server.
    fn as_reachable(&self, answer: LookupResult) -> LookupResult {
        let zone = zone(self.registration.server());
        let server = self.registration.server().ip().to_canonical();
        let LookupResult::At(address) = answer else { return answer };
        let ip = address.ip();
        let means_server = ip.is_unspecified() || (ip.is_loopback() && !server.is_loopback());
        let ip = if means_server { server } else { ip };
        LookupResult::At(match ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, address.port(), 0, zone).into()
            }
            IpAddr::V4(_) | IpAddr::V6(_) => SocketAddr::new(ip, address.port()),
        })
    }
}

fn zone(server: SocketAddr) -> u32 {
    match server {
        SocketAddr::V6(server) => server.scope_id(),
        SocketAddr::V4(_) => 0,
    }
}

/// Whether a peer can listen at this address, which a server at `server` has given.
fn can_be_called(address: SocketAddr, server: SocketAddr) -> bool {
    let ip = address.ip();
    let is_nowhere = match ip {
        // 0/8 is "this network". 240/4 is reserved and contains the broadcast address.
        IpAddr::V4(ip) => ip.octets()[0] == 0 || ip.octets()[0] >= 240,
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    // A link-local address is valid on one link only: ours if the server is on it.
    let is_of_another_link = is_link_local(ip) && !is_link_local(server.ip());
    !(ip.is_multicast() || is_nowhere || is_of_another_link)
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
