//! What each rule says, in both languages, with the handout's own words beside it.
//!
//! The rules themselves are data of [`crate::check`]. Read next: [`super::of_server`].

use crate::console::language::{Text, text};

/// The words of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The rule's name.
    pub id: &'static str,
    /// The rule in a few words.
    pub title: Text,
    /// The handout's sentence, shortened. Empty: the handout is silent.
    pub quote: &'static str,
    /// Where that stands.
    pub place: Text,
    /// What somebody who broke the rule should look at first.
    pub advice: Text,
}

pub(super) const SILENT: Text = text("the handout is silent", "o enunciado não diz");
pub(super) const TABLE: Text = text("the handout's table of instructions", "tabela de instruções");
pub(super) const REPLIES: Text =
    text("the handout's table, replies of the server", "tabela, respostas do servidor");
pub(super) const PEERS: Text =
    text("the handout's table, messages between peers", "tabela, mensagens entre peers");
pub(super) const HINT_STREAM: Text =
    text("the handout's hint on the byte stream", "dica sobre o fluxo de bytes");
pub(super) const HINT_SEVERAL: Text =
    text("the handout's hint on several conversations", "dica sobre várias conversas");
pub(super) const HINT_LAST: Text = text("the handout's last hint", "última dica");
pub(super) const INTRO: Text =
    text("the handout's introduction of the protocol", "introdução do protocolo");
pub(super) const EXAMPLE: Text = text("the handout's example", "exemplo do enunciado");

/// The words of the rule with this name.
#[must_use]
pub fn of(id: &str) -> Words {
    let mut all = super::of_server::WORDS.iter().chain(super::of_peer::WORDS);
    let unknown = Words {
        id: "?",
        title: text("an unknown rule", "regra desconhecida"),
        quote: "",
        place: SILENT,
        advice: text("", ""),
    };
    all.find(|words| words.id == id).copied().unwrap_or(unknown)
}

#[cfg(test)]
mod tests {
    use crate::check::{peer, server};
    use crate::console::check::{of_peer, of_server};

    #[test]
    fn every_rule_has_its_words_and_no_words_are_left_over() {
        let tables = [(server::RULES, of_server::WORDS), (peer::RULES, of_peer::WORDS)];
        for (rules, words) in tables {
            let rules: Vec<_> = rules.iter().map(|rule| rule.id).collect();
            let words: Vec<_> = words.iter().map(|it| it.id).collect();
            assert_eq!(words, rules);
        }
        let of_peers = peer::RULES.iter().map(|rule| rule.id);
        let twice: Vec<_> =
            of_peers.filter(|id| server::RULES.iter().any(|rule| rule.id == *id)).collect();
        assert!(twice.is_empty(), "a rule has a name of its own: {twice:?}");
    }
}
