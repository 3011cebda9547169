//! The labels of conversations, on the screen and in commands. A label is for life.
//!
//! ```text
//! label      belongs to
//! Bruno      the first person here whom the server confirms as Bruno
//! Bruno:7    conversation number 7, with anybody else who uses that name
//! ```
//!
//! No name has a colon, so no name looks like a label of the second kind. Must never know a
//! connection. Read next: [`super::conversation`].

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::peer::notice::{ConversationId, Trust};
use crate::wire::name::Name;

/// Most names that are labels themselves. Later people have a number in their label.
pub(super) const PLAIN_LABELS_MAX: usize = 4_096;

/// The names that are labels, and the address of the person with each.
#[derive(Debug, Default)]
pub(super) struct Labels {
    plain: BTreeMap<Name, IpAddr>,
}

impl Labels {
    /// The label of a conversation that opens. A name alone is for a confirmed person, and is never
    /// given to a second one.
    pub(super) fn give(
        &mut self,
        id: ConversationId,
        name: &Name,
        ip: IpAddr,
        trust: Trust,
    ) -> String {
        let has_room = self.plain.len() < PLAIN_LABELS_MAX;
        let is_theirs = self.plain.get(name).map_or(has_room, |holder| *holder == ip);
        if trust.is_plain() && is_theirs {
            self.plain.insert(name.clone(), ip);
            name.to_string()
        } else {
            format!("{name}:{}", id.0)
        }
    }

    /// Whether the name is the label of a person at another address.
    pub(super) fn are_of_another(&self, name: &Name, ip: IpAddr) -> bool {
        self.plain.get(name).is_some_and(|holder| *holder != ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn give(labels: &mut Labels, id: u32, name: &str, last_byte: u8, trust: Trust) -> String {
        let name = Name::parse(name.as_bytes()).expect("a name");
        labels.give(ConversationId(id), &name, IpAddr::from([10, 0, 0, last_byte]), trust)
    }

    #[test]
    fn a_label_is_never_given_to_another_person() {
        let mut labels = Labels::default();
        assert_eq!(give(&mut labels, 1, "Ana", 1, Trust::Confirmed), "Ana");
        assert_eq!(give(&mut labels, 2, "Ana", 2, Trust::Confirmed), "Ana:2");
        assert_eq!(give(&mut labels, 3, "Ana", 3, Trust::Doubtful), "Ana:3");
        assert_eq!(give(&mut labels, 4, "Ana", 1, Trust::Confirmed), "Ana", "the same person");
    }

    #[test]
    fn a_name_alone_is_for_a_confirmed_person() {
        for trust in [Trust::Unchecked, Trust::Doubtful, Trust::OtherFamily] {
            let mut labels = Labels::default();
            assert_eq!(give(&mut labels, 1, "Bruno", 66, trust), "Bruno:1");
            assert_eq!(give(&mut labels, 2, "Bruno", 2, Trust::Confirmed), "Bruno");
        }
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let mut labels = Labels::default();
        for id in 0..=PLAIN_LABELS_MAX {
            give(&mut labels, 1, &format!("Nome {id}"), 1, Trust::Taken);
        }
        assert_eq!(labels.plain.len(), PLAIN_LABELS_MAX);
    }
}
