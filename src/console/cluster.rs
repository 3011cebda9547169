//! The notices of a server that shares its directory: log lines, and sentences for a person.
//!
//! [`super::journal`] has the notices of the directory itself.

use std::fmt;
use std::io::ErrorKind;

use super::journal::Journal;
use super::journal::SPOKEN_TARGET;
use super::language::{Language, Text, text};
use super::log_line::LogLine;
use super::visible::visible;
use crate::cluster::notice::{Notice, Sharing, Trouble};
use crate::directory::notice;
use crate::machine::CloseReason;
use crate::wire::escape::escaped;

/// Logs one notice. It is a warning if the person who runs the server should look at it.
pub fn tell(journal: Journal, notice: &Notice) {
    if let Notice::Directory(notice) = notice {
        return journal.tell(notice);
    }
    let level = match notice {
        Notice::Directory(_) | Notice::State(..) | Notice::Up { .. } => log::Level::Info,
        Notice::Down { .. }
        | Notice::LeaseLost
        | Notice::Unclaimed { .. }
        | Notice::ServerGone { .. }
        | Notice::Foreign
        | Notice::Crowded => log::Level::Warn,
    };
    if let Some(language) = journal.language
        && let Some(sentence) = sentence(language, notice)
    {
        let target = format!("{SPOKEN_TARGET}{}", event(notice));
        log::log!(target: &target, level, "{sentence}");
        return;
    }
    log::log!(level, "{}", ClusterLine(notice));
}

/// The log line for a notice.
#[derive(Clone, Copy, Debug)]
pub struct ClusterLine<'a>(pub &'a Notice);

impl fmt::Display for ClusterLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Notice::Directory(notice) => write!(formatter, "{}", LogLine(notice)),
            Notice::State(state, sharing) => {
                let line = notice::Notice::State(*state);
                write!(formatter, "{} {}", LogLine(&line), in_numbers(sharing))
            }
            Notice::Up { engine, epoch } => {
                write!(formatter, "event=engine_up engine={engine} epoch={epoch}")
            }
            Notice::Down { engine, why } => {
                write!(formatter, "event=engine_down engine={engine} {}", trouble(why))
            }
            Notice::LeaseLost => formatter.write_str("event=lease_lost"),
            Notice::Unclaimed { name, address } => {
                let name = escaped(name.as_bytes());
                write!(formatter, "event=unclaimed name=\"{name}\" address={address}")
            }
            Notice::ServerGone { server, people } => {
                write!(formatter, "event=server_gone server={server} names={people}")
            }
            Notice::Foreign => formatter.write_str("event=foreign_data"),
            Notice::Crowded => formatter.write_str("event=replica_full"),
        }
    }
}

/// The event. The log counts sentences by it.
fn event(notice: &Notice) -> &'static str {
    match notice {
        Notice::Directory(_) | Notice::State(..) => "state",
        Notice::Up { .. } => "engine_up",
        Notice::Down { .. } => "engine_down",
        Notice::LeaseLost => "lease_lost",
        Notice::Unclaimed { .. } => "unclaimed",
        Notice::ServerGone { .. } => "server_gone",
        Notice::Foreign => "foreign_data",
        Notice::Crowded => "replica_full",
    }
}

fn in_numbers(sharing: &Sharing) -> String {
    let Sharing { has_lease, lag, claims, releases, remote, servers } = sharing;
    let lease = if *has_lease { "held" } else { "none" };
    format!(
        "lease={lease} stream_lag={lag} claims={claims} releases={releases} remote={remote} \
         servers={servers}"
    )
}

fn trouble(why: &Trouble) -> String {
    match why {
        Trouble::Unreachable(ErrorKind::ConnectionRefused) => "reason=refused".to_string(),
        Trouble::Unreachable(ErrorKind::TimedOut) => "reason=unreachable".to_string(),
        Trouble::Unreachable(error) => format!("reason=unreachable error={error:?}"),
        Trouble::Slow => "reason=slow".to_string(),
        Trouble::Closed(CloseReason::Failed(ErrorKind::ConnectionReset)) => {
            "reason=reset".to_string()
        }
        Trouble::Closed(_) => "reason=closed".to_string(),
        Trouble::NotRedis(said) => format!("reason=not_redis line=\"{}\"", escaped(&said.start)),
        Trouble::TooLong => "reason=reply_too_long".to_string(),
        Trouble::Nonsense => "reason=nonsense".to_string(),
        Trouble::Said(words) => format!("reason=error line=\"{}\"", escaped(words.as_bytes())),
    }
}

/// The sentence for a notice. `None`: a row of numbers needs none.
#[must_use]
pub fn sentence(language: Language, notice: &Notice) -> Option<String> {
    const UP: Text = text!(
        "The directory is shared through the engine at {engine}",
        "O diretório é compartilhado pelo servidor Redis em {engine}",
    );
    const LEASE_LOST: Text = text!(
        "The other servers took this one for dead: its people are claimed again",
        "Os outros servidores deram este por morto: seus nomes são pedidos de novo",
    );
    const UNCLAIMED: Text = text!(
        "{name} joined without the word of the other servers: the engine does not answer",
        "{name} entrou sem a resposta dos outros servidores: o Redis não responde",
    );
    const GONE: Text = text!(
        "Another server is gone; it had {people} people",
        "Outro servidor caiu; tinha {people} pessoas",
    );
    const FOREIGN: Text = text!(
        "The engine holds data of another program under our prefix; it is left alone. Another \
         --directory-prefix keeps the two apart",
        "O Redis tem dados de outro programa com o nosso prefixo; não mexemos neles. Outro \
         --directory-prefix separa os dois",
    );
    const CROWDED: Text = text!(
        "There are more people at other servers than fit here: some cannot be found",
        "Há mais gente nos outros servidores do que cabe aqui: alguns não podem ser achados",
    );
    Some(match notice {
        Notice::Directory(_) | Notice::State(..) => return None,
        Notice::Up { engine, .. } => UP.fill(language, &[("engine", engine)]),
        Notice::Down { engine, why } => down(language, *engine, why),
        Notice::LeaseLost => LEASE_LOST.of(language).to_string(),
        Notice::Unclaimed { name, .. } => {
            UNCLAIMED.fill(language, &[("name", &visible(name.as_bytes()))])
        }
        Notice::ServerGone { people, .. } => GONE.fill(language, &[("people", people)]),
        Notice::Foreign => FOREIGN.of(language).to_string(),
        Notice::Crowded => CROWDED.of(language).to_string(),
    })
}

fn down(language: Language, engine: std::net::SocketAddr, why: &Trouble) -> String {
    const DOWN: Text = text!(
        "The engine at {engine} cannot be used: {why}. This server goes on with what it knows, and \
         tries again",
        "O servidor Redis em {engine} não pode ser usado: {why}. Este servidor continua com o que \
         sabe, e tenta de novo",
    );
    let why = why_in_words(language, why);
    DOWN.fill(language, &[("engine", &engine), ("why", &why)])
}

fn why_in_words(language: Language, why: &Trouble) -> String {
    const NOT_REDIS: Text = text!(
        "what is there is not Redis; it said \"{line}\"",
        "o que está lá não é Redis; disse \"{line}\"",
    );
    const SAID: Text = text!("it says \"{line}\"", "ele diz \"{line}\"");
    let why = match why {
        Trouble::Unreachable(ErrorKind::ConnectionRefused) => text!(
            "nothing listens there (is Redis or Valkey running?)",
            "nada escuta lá (o Redis ou o Valkey está rodando?)",
        ),
        Trouble::Unreachable(_) => text!("it cannot be reached", "não é possível alcançá-lo"),
        Trouble::Slow => text!("it does not answer in time", "não responde a tempo"),
        Trouble::Closed(_) => text!("it ended the connection", "ele encerrou a conexão"),
        Trouble::NotRedis(said) => {
            return NOT_REDIS.fill(language, &[("line", &escaped(&said.start))]);
        }
        Trouble::TooLong => {
            text!("a reply is longer than any we asked for", "uma resposta é longa demais")
        }
        Trouble::Nonsense => text!("a reply makes no sense", "uma resposta não faz sentido"),
        Trouble::Said(words) => {
            return SAID.fill(language, &[("line", &escaped(words.as_bytes()))]);
        }
    };
    why.of(language).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::notice::Excerpt;

    #[test]
    fn trouble_is_one_harmless_line() {
        let engine = ([10, 0, 0, 9], 6379).into();
        let down = |why| ClusterLine(&Notice::Down { engine, why }).to_string();
        let said = Trouble::Said("WRONGPASS \"\x1b[2J\n".into());
        let head = "event=engine_down engine=10.0.0.9:6379 reason";
        assert_eq!(down(said), format!(r#"{head}=error line="WRONGPASS \"\x1b[2J\n""#));
        let web = Trouble::NotRedis(Excerpt::of(b"HTTP/1.1 400\r\n"));
        assert_eq!(down(web), format!(r#"{head}=not_redis line="HTTP/1.1 400\r\n""#));
        assert_eq!(down(Trouble::Slow), format!("{head}=slow"));
    }

    #[test]
    fn the_sentence_about_trouble_names_its_cause() {
        let engine = ([10, 0, 0, 9], 6379).into();
        let why = Trouble::Unreachable(ErrorKind::ConnectionRefused);
        let told = sentence(Language::English, &Notice::Down { engine, why });
        let expected = "The engine at 10.0.0.9:6379 cannot be used: nothing listens there (is \
                        Redis or Valkey running?). This server goes on with what it knows, and \
                        tries again";
        assert_eq!(told.as_deref(), Some(expected));
    }
}
