//! The handout's table ("um exemplo de algumas ações sendo executadas em sequência"), as data.
//!
//! Texts are to the letter; `{Ana}` is Ana's port for calls, which is any free one in place of the
//! handout's 20000. Must not know how a step is done or checked.
//! Read next: [`super::record`].

use std::fmt;

use Actor::{Ana, Bruno, Camila, Server};
use ScriptStep::{Does, Ends, Logs, Says, Sends, Shows, Starts, Stops, Types};

/// A process with a column in the table.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Actor {
    Server,
    Ana,
    Bruno,
    Camila,
}

impl Actor {
    /// In the order of the columns.
    pub(super) const ALL: [Self; 4] = [Server, Ana, Bruno, Camila];

    /// The head of the column, and for a peer the name that it registers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Server => "Servidor central",
            Ana => "Ana",
            Bruno => "Bruno",
            Camila => "Camila",
        }
    }

    /// The name of the file of its recording.
    pub(super) fn recording(self) -> &'static str {
        match self {
            Server => "server.jsonl",
            Ana => "ana.jsonl",
            Bruno => "bruno.jsonl",
            Camila => "camila.jsonl",
        }
    }
}

/// A step of the table, or one that the table implies.
#[derive(Clone, Copy, Debug)]
pub(super) enum ScriptStep {
    /// The program is started. Printed nowhere.
    Starts(Actor),
    /// A person types a line (blue in the handout).
    Types(Actor, &'static str),
    /// A line on a screen (black).
    Shows(Actor, &'static str),
    /// A message of the protocol goes from the first to the second (red, in the first's column).
    Sends(Actor, Actor, &'static str),
    /// A line of conversation goes from the first to the second. Printed nowhere: it is what the
    /// first typed.
    Says(Actor, Actor, &'static str),
    /// An action (green). It leaves no trace of its own: the steps around it prove it.
    Does(Actor, &'static str),
    /// A line in a log. Printed nowhere: it proves an action.
    Logs(Actor, &'static str),
    /// The program is asked to stop: nobody can type `/exit` to a server. Printed nowhere.
    Stops(Actor),
    /// The program has ended without an error. Printed nowhere.
    Ends(Actor),
}

/// The last line of a server that ends in order.
const STOPPED: &str = "event=stopped";

impl ScriptStep {
    /// Whether it has a trace on this system. On Windows a server is killed, and logs nothing.
    pub(super) fn can_be_seen(self) -> bool {
        cfg!(unix) || !matches!(self, Logs(Server, STOPPED))
    }

    /// The processes that have a trace of it.
    pub(super) fn places(self) -> impl Iterator<Item = Actor> {
        let (who, other) = match self {
            Sends(from, to, _) | Says(from, to, _) => (from, Some(to)),
            Starts(who)
            | Types(who, _)
            | Shows(who, _)
            | Does(who, _)
            | Logs(who, _)
            | Stops(who)
            | Ends(who) => (who, None),
        };
        std::iter::once(who).chain(other)
    }
}

impl fmt::Display for ScriptStep {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Starts(who) => write!(out, "{} starts", who.name()),
            Types(who, text) => write!(out, "{} types {text:?}", who.name()),
            Shows(who, text) => write!(out, "{} shows {text:?}", who.name()),
            Sends(from, to, text) | Says(from, to, text) => {
                write!(out, "{} sends {} {text:?}", from.name(), to.name())
            }
            Does(who, text) => write!(out, "{} does {text}", who.name()),
            Logs(who, text) => write!(out, "{} logs {text}", who.name()),
            Stops(who) => write!(out, "{} is asked to end", who.name()),
            Ends(who) => write!(out, "{} ends", who.name()),
        }
    }
}

/// Row by row as in the handout, from its first to its last.
///
/// Our copy of the handout is a text without colors, so these follow from its text:
///
/// - Of "Oi Bruno!" and "Tudo bem, Camila?", which stand in both columns, each is typed by the
///   person whom it does not address, and shown to the other.
/// - "Tchau" opens the row in which Bruno types `/bye`, so Bruno types it.
/// - `LIST Ana: Bruno` has no blank on the wire: "separados por ':'" is the rule, and the blank
///   an accident of typesetting.
///
/// The table lacks three screen lines that this program adds: the caller's own "Conectado a", and
/// at the end of a conversation how it ended, on both sides. And it lets the server run on.
pub(super) const TABLE: &[&[ScriptStep]] = &[
    &[Does(Server, "<aguardando conexão>"), Starts(Server)],
    &[
        Starts(Ana),
        Shows(Ana, "Nome de usuário: "),
        Types(Ana, "Ana"),
        Does(Ana, "<inicia conexão TCP serv.>"),
        Does(Server, "<conexão TCP realizada>"),
        Sends(Ana, Server, "USER Ana:{Ana}"),
        Does(Server, "<cadastro usuário ativo>"),
        Logs(Server, "event=join name=\"Ana\" address=127.0.0.1:{Ana} online=1"),
        Does(Ana, "<aguardando conexão>"),
    ],
    &[
        Starts(Bruno),
        Shows(Bruno, "Nome de usuário: "),
        Types(Bruno, "Bruno"),
        Does(Bruno, "<inicia conexão TCP serv.>"),
        Does(Server, "<conexão TCP realizada>"),
        Sends(Bruno, Server, "USER Bruno:{Bruno}"),
        Does(Server, "<cadastro usuário ativo>"),
        Logs(Server, "event=join name=\"Bruno\" address=127.0.0.1:{Bruno} online=2"),
        Does(Bruno, "<aguardando conexão>"),
    ],
    &[
        Types(Bruno, "/list"),
        Sends(Bruno, Server, "LIST"),
        Sends(Server, Bruno, "LIST Ana"),
        Shows(Bruno, "Ativos (além de você): Ana"),
    ],
    &[
        Starts(Camila),
        Shows(Camila, "Nome de usuário: "),
        Types(Camila, "Camila"),
        Does(Camila, "<inicia conexão TCP serv.>"),
        Does(Server, "<conexão TCP realizada>"),
        Sends(Camila, Server, "USER Camila:{Camila}"),
        Does(Server, "<cadastro usuário ativo>"),
        Logs(Server, "event=join name=\"Camila\" address=127.0.0.1:{Camila} online=3"),
        Does(Camila, "<aguardando conexão>"),
    ],
    &[
        Types(Camila, "/list"),
        Sends(Camila, Server, "LIST"),
        Sends(Server, Camila, "LIST Ana:Bruno"),
        Shows(Camila, "Ativos (além de você): Ana, Bruno"),
    ],
    &[
        Types(Camila, "/chat Bruno"),
        Sends(Camila, Server, "ADDR Bruno"),
        Sends(Server, Camila, "ADDR 127.0.0.1:{Bruno}"),
    ],
    &[
        Does(Camila, "<inicia conexão TCP peer>"),
        Does(Bruno, "<conexão TCP realizada>"),
        Sends(Camila, Bruno, "USER Camila"),
        Shows(Bruno, "Conectado a Camila"),
        Shows(Camila, "Conectado a Bruno"),
    ],
    &[
        Types(Camila, "Oi Bruno!"),
        Says(Camila, Bruno, "Oi Bruno!"),
        Shows(Bruno, "Camila: Oi Bruno!"),
        Types(Bruno, "Tudo bem, Camila?"),
        Says(Bruno, Camila, "Tudo bem, Camila?"),
        Shows(Camila, "Bruno: Tudo bem, Camila?"),
    ],
    &[
        Types(Bruno, "Tchau"),
        Says(Bruno, Camila, "Tchau"),
        Shows(Camila, "Bruno: Tchau"),
        Types(Bruno, "/bye"),
        Sends(Bruno, Camila, "DISC"),
        Does(Bruno, "<encerrar conexão peer>"),
        Shows(Bruno, "Conversa com Camila encerrada"),
        Does(Camila, "<encerrar conexão peer>"),
        Shows(Camila, "Bruno encerrou a conversa"),
    ],
    &[
        Types(Ana, "Alguém aí?"),
        Shows(Ana, "Nenhuma conexão P2P ativa"),
        Types(Ana, "/exit"),
        Does(Ana, "<encerrar conexão serv.>"),
        Does(Server, "<encerrar conexão>"),
        Logs(Server, "event=leave name=\"Ana\" address=127.0.0.1:{Ana} reason=closed online=2"),
        Ends(Ana),
    ],
    &[
        Types(Bruno, "/exit"),
        Does(Bruno, "<encerrar conexão serv.>"),
        Does(Server, "<encerrar conexão>"),
        Logs(Server, "event=leave name=\"Bruno\" address=127.0.0.1:{Bruno} reason=closed online=1"),
        Ends(Bruno),
    ],
    &[
        Types(Camila, "/exit"),
        Does(Camila, "<encerrar conexão serv.>"),
        Does(Server, "<encerrar conexão>"),
        Logs(
            Server,
            "event=leave name=\"Camila\" address=127.0.0.1:{Camila} reason=closed online=0",
        ),
        Ends(Camila),
        Stops(Server),
        Logs(Server, STOPPED),
        Ends(Server),
    ],
];
