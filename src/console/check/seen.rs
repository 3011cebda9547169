//! The sentences about faults, in both languages.
//!
//! Read next: [`super::words`].

use crate::check::rule::{Fault, Seen};
use crate::console::language::{Language, Text, text};

/// The sentence about a fault.
pub(super) fn in_words(fault: &Fault, language: Language) -> String {
    let seconds = format!("{}.{:03}", fault.ms / 1000, fault.ms % 1000);
    sentence(fault.seen)
        .fill(language, &[("detail", &fault.detail), ("seconds", &seconds), ("count", &fault.ms)])
}

/// Better advice for this fault than the rule's.
#[allow(clippy::wildcard_enum_match_arm, reason = "for the others, the rule has the advice")]
pub(super) fn advice(seen: Seen) -> Option<Text> {
    Some(match seen {
        Seen::TooLate => text!(
            "It works, but late: look at all clients at least twice a second, not every few \
             seconds.",
            "Funciona, mas tarde: verifique todos os clientes ao menos duas vezes por segundo, e \
             não a cada poucos segundos.",
        ),
        Seen::Down => text!(
            "Look at the server's own window: it ended with an exception, or it is busy in a \
             loop.",
            "Veja a janela do próprio servidor: ele encerrou com uma exceção, ou está preso em \
             um laço.",
        ),
        Seen::Ended => text!(
            "The program ended by itself: look for the exception in its last lines.",
            "O programa encerrou sozinho: procure a exceção nas últimas linhas dele.",
        ),
        Seen::Unended => text!(
            "Append \"\\r\\n\" to what you send: without it the other side cannot know where \
             your message ends.",
            "Acrescente \"\\r\\n\" ao que envia: sem isso o outro lado não sabe onde a mensagem \
             termina.",
        ),
        Seen::NoConnection => text!(
            "Nobody listens there: start the program first, and compare host and port.",
            "Ninguém escuta ali: inicie antes o programa, e compare endereço e porta.",
        ),
        _ => return None,
    })
}

#[allow(clippy::too_many_lines, reason = "a sentence for each fault")]
fn sentence(seen: Seen) -> Text {
    match seen {
        Seen::NoConnection => text!("no connection: {detail}", "sem conexão: {detail}"),
        Seen::Nothing => text!("nothing came within {seconds} s", "nada veio em {seconds} s"),
        Seen::Closed => text!("the connection was closed", "a conexão foi fechada"),
        Seen::Other => text!("`{detail}` came instead", "veio `{detail}`"),
        Seen::Unended => text!(
            "{count} bytes without `\\r\\n`: `{detail}`",
            "{count} bytes sem `\\r\\n`: `{detail}`",
        ),
        Seen::BareLf => text!(
            "a line ends in `\\n` alone: `{detail}`",
            "uma linha termina só em `\\n`: `{detail}`",
        ),
        Seen::Missing => text!("`{detail}` is not in the list", "`{detail}` não está na lista"),
        Seen::Listed => text!("`{detail}` is in the list", "`{detail}` está na lista"),
        Seen::Spaced => text!(
            "there are blanks around a name: `{detail}`",
            "há espaços em torno de um nome: `{detail}`",
        ),
        Seen::BareList => {
            text!("`LIST\\r\\n` came, without the blank", "veio `LIST\\r\\n`, sem o espaço")
        }
        Seen::NoEmptyList => text!("no answer came", "não veio resposta"),
        Seen::WrongPort => text!(
            "another port than the one told: `{detail}`",
            "porta diferente da informada: `{detail}`",
        ),
        Seen::WrongIp => text!(
            "an IP address at which the client is not: `{detail}`",
            "um IP em que o cliente não está: `{detail}`",
        ),
        Seen::OtherEdition => {
            text!(
                "the form of the other edition: `{detail}`",
                "a forma da outra edição: `{detail}`"
            )
        }
        Seen::MixedEditions => text!(
            "answers of both editions, such as `{detail}`",
            "respostas das duas edições, como `{detail}`",
        ),
        Seen::Spoke => text!("a line came: `{detail}`", "veio uma linha: `{detail}`"),
        Seen::StillOpen => text!(
            "the connection is still open after {seconds} s",
            "a conexão segue aberta após {seconds} s",
        ),
        Seen::TooEarly => text!("too early: after {seconds} s", "cedo demais: após {seconds} s"),
        Seen::TooLate => text!("late: after {seconds} s", "tarde: após {seconds} s"),
        Seen::NeverGone => text!("later than 20 s, or never", "depois de 20 s, ou nunca"),
        Seen::Down => text!(
            "after that, the program serves no new client",
            "depois disso, o programa não atende um novo cliente",
        ),
        Seen::NotAlone => {
            text!("the list is not empty: `{detail}`", "a lista não está vazia: `{detail}`")
        }
        Seen::Needs => {
            text!(
                "not tried: rule `{detail}` comes first",
                "não testada: antes, a regra `{detail}`"
            )
        }
        Seen::NotSeen => text!("nothing was seen from which to judge", "nada se viu para julgar"),
        Seen::Interrupted => text!("the check was interrupted", "a verificação foi interrompida"),
        Seen::NotInEdition => {
            text!("the rule is of the other edition", "a regra é da outra edição")
        }
        Seen::NoScreen => text!("its screen is not seen here", "a tela dele não é vista daqui"),
        Seen::BadUser => text!(
            "`{detail}` came, and not `USER <name>:<port>`",
            "veio `{detail}`, e não `USER <nome>:<porta>`",
        ),
        Seen::NoKeep => text!("no KEEP for {seconds} s", "nenhum KEEP em {seconds} s"),
        Seen::KeepGap => text!("{seconds} s between two KEEPs", "{seconds} s entre dois KEEPs"),
        Seen::NotShown => text!("`{detail}` is not on its screen", "`{detail}` não está na tela"),
        Seen::NoCall => text!("it did not call within {seconds} s", "não chamou em {seconds} s"),
        Seen::NotAsked => text!(
            "it did not ask the server within {seconds} s",
            "não perguntou ao servidor em {seconds} s",
        ),
        Seen::NotUsable => text!(
            "it no longer does what its user types, for {seconds} s",
            "não faz mais o que o usuário digita, há {seconds} s",
        ),
        Seen::LostServer => {
            text!("its connection to the server is gone", "a conexão dele com o servidor acabou")
        }
        Seen::Ended => text!(
            "the program ended; the last line on its screen: `{detail}`",
            "o programa encerrou; a última linha na tela dele: `{detail}`",
        ),
        Seen::GoesOn => text!(
            "it goes on, and is still connected to the server",
            "continua, e segue conectado ao servidor",
        ),
        Seen::GoesOnAlone => {
            text!("it has left the server, but does not end", "saiu do servidor, mas não encerra")
        }
    }
}
