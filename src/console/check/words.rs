//! The sentences of each rule in both languages, with the handout's own words beside them.
//!
//! The rules themselves are data of [`crate::check`]. Read next: [`super::of_server`].

use crate::console::language::{Text, text};

/// The words of a rule.
#[derive(Clone, Copy, Debug)]
pub struct CheckWords {
    /// The rule's name.
    pub id: &'static str,
    /// The rule in a few words.
    pub title: Text,
    /// The handout's sentence, shortened. Empty: the handout is silent.
    pub quote: &'static str,
    /// Where that sentence is.
    pub place: Text,
    /// The place in a program to look at first, if the rule does not hold.
    pub advice: Text,
}

/// The handout's hint on the byte stream.
pub(super) const STREAM: &str = "duas ou mais mensagens podem ser vistas sem uma clara separação";

pub(super) const SILENT: Text = text!("the handout is silent", "o enunciado não diz");
pub(super) const TABLE: Text = text!("the handout's table of instructions", "tabela de instruções");
pub(super) const REPLIES: Text =
    text!("the handout's table, replies of the server", "tabela, respostas do servidor");
pub(super) const PEERS: Text =
    text!("the handout's table, messages between peers", "tabela, mensagens entre peers");
pub(super) const HINT_STREAM: Text =
    text!("the handout's hint on the byte stream", "dica sobre o fluxo de bytes");
pub(super) const HINT_SEVERAL: Text =
    text!("the handout's hint on several conversations", "dica sobre várias conversas");
pub(super) const HINT_LAST: Text = text!("the handout's last hint", "última dica");
pub(super) const INTRO: Text =
    text!("the handout's introduction of the protocol", "introdução do protocolo");
pub(super) const EXAMPLE: Text = text!("the handout's example", "exemplo do enunciado");
