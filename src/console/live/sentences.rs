//! The sentences of this view only, in both languages. Those of the conversation are in
//! [`crate::console::texts`].

use crate::console::language::{Text, text};

/// Before the first line of another day.
pub const NEW_DAY: Text = text!("--- {year}-{month}-{day} ---", "--- {day}/{month}/{year} ---");

/// After the help on commands.
pub const HELP_KEYS: Text = text!(
    "TAB completes commands and names; Alt-a goes to the next conversation with something unread; \
     arrows, Ctrl-a, Ctrl-e, Ctrl-k, Ctrl-y edit; Ctrl-C clears the line and, on an empty one, \
     leaves (with open conversations, the second time).",
    "TAB completa comandos e nomes; Alt-a vai à próxima conversa não lida; setas, Ctrl-a, Ctrl-e, \
     Ctrl-k, Ctrl-y editam; Ctrl-C limpa a linha e, na linha vazia, sai (com conversas abertas, só \
     na segunda vez).",
);

/// After the sentence that there is no conversation.
pub const BEGIN_ONE: Text = text!(
    "/list shows who is online, /chat <name> starts a conversation.",
    "/list mostra quem está ativo, /chat <nome> inicia uma conversa.",
);

/// The question before many pasted lines are sent.
pub const PASTE_QUESTION: Text =
    text!("Send {count} lines to {name}? y/N ", "Enviar {count} linhas a {name}? s/N ");

/// The question before a long pasted line is sent.
pub const PASTE_LONG_QUESTION: Text =
    text!("Send {count} characters to {name}? y/N ", "Enviar {count} caracteres a {name}? s/N ");

/// Both questions, on a narrow screen.
pub const PASTE_SHORT_QUESTION: Text = text!("{count} → {name}? y/N ", "{count} → {name}? s/N ");

/// Pasted text was cut.
pub const PASTE_CUT: Text = text!(
    "[what was pasted is too long: its end was left out]",
    "[o texto colado era longo demais: o fim ficou de fora]",
);

/// Pasted text does not fit into the line of a command.
pub const LINE_FULL: Text = text!(
    "[does not fit: a line has at most {bytes} bytes]",
    "[não cabe: uma linha tem no máximo {bytes} bytes]",
);
