//! How conversations are called on the screen and on the command line, for life.
//!
//! ```text
//! label      who has it
//! Bruno      a person whom the server confirms as Bruno, and the first one here who was so
//! Bruno:7    everybody else who says to be Bruno: conversation number 7
//! ```
//!
//! No name has a colon, so nobody can be called like a label of the second kind. Knows names and
//! addresses. Read next: [`super::conversation`].

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::peer::notice::{ConversationId, Trust};
use crate::wire::name::Name;

/// Most names that are given as labels. People beyond them have a number in their label.
pub(super) const PLAIN_LABELS_MAX: usize = 4_096;

/// The names that were given as labels, and where the person is who got each of them.
#[derive(Debug, Default)]
pub(super) struct Labels {
    plain: BTreeMap<Name, IpAddr>,
}

impl Labels {
    /// The label of a conversation that opens. The name alone is for people who are who they say,
    /// and is never given to a second one.
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
    fn a_name_alone_is_no_label_for_a_person_who_is_not_confirmed() {
        for trust in [Trust::Unchecked, Trust::Doubtful, Trust::OtherFamily] {
            let mut labels = Labels::default();
            assert_eq!(give(&mut labels, 1, "Bruno", 66, trust), "Bruno:1");
            assert_eq!(give(&mut labels, 2, "Bruno", 2, Trust::Confirmed), "Bruno");
        }
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let mut labels = Labels::default();
        for id in 0..=PLAIN_LABELS_MAX {
            give(&mut labels, 1, &format!("Nome {id}"), 1, Trust::Taken);
        }
        assert_eq!(labels.plain.len(), PLAIN_LABELS_MAX);
    }
}
