//! The directory's notices as sentences, for a person at the server's terminal.
//!
//! [`super::log_line`] has the same notices as `key=value` lines. This file must not know where the
//! sentences go. Read next: [`super::journal`].

use std::io::ErrorKind;
use std::net::SocketAddr;

use super::language::{FillValue, Language, Text, text};
use super::log_line::LogLine;
use super::visible::visible;
use crate::directory::notice::{Excerpt, LeaveReason, Notice, Refusal};
use crate::directory::{BAD_LINES_MAX, KEEPS_MISSED_MAX};
use crate::who::is_query;
use crate::wire::escape::escaped;
use crate::wire::not_user::NotUser;
#[cfg(feature = "full")]
use crate::wire::proxy_header::HeaderFault;
use crate::wire::request::Request;

/// The sentence for a notice, without a line end.
#[must_use]
pub fn sentence(language: Language, notice: &Notice) -> String {
    const JOINED: Text = text!(
        "{name} joined from {address}; {online} online",
        "{name} entrou, de {address}; ativos: {online}",
    );
    const LEFT: Text = text!("{name} left; {online} online", "{name} saiu; ativos: {online}");
    const LEFT_BECAUSE: Text =
        text!("{name} left: {why}; {online} online", "{name} saiu: {why}; ativos: {online}");
    const ASKED: Text = text!(
        "papo who asks from {ip} who is online",
        "papo who pergunta, de {ip}, quem está ativo",
    );
    match notice {
        Notice::Joined { name, address, .. } if is_query(name, address.port()) => {
            ASKED.fill(language, &[("ip", &address.ip())])
        }
        Notice::Joined { name, address, online } => JOINED.fill(
            language,
            &[("name", &visible(name.as_bytes())), ("address", &address), ("online", &online)],
        ),
        Notice::Left { name, why, online, .. } => {
            let name = visible(name.as_bytes());
            match leaving(language, why) {
                None => LEFT.fill(language, &[("name", &name), ("online", online)]),
                Some(why) => {
                    let values: [(&str, FillValue<'_>); 3] =
                        [("name", &name), ("why", &why), ("online", online)];
                    LEFT_BECAUSE.fill(language, &values)
                }
            }
        }
        Notice::Refused { from, why } => refused(language, *from, why),
        // A row of numbers needs no sentence.
        Notice::State(_) => LogLine(notice).to_string(),
    }
}

/// Whether a `papo who` has its answer and leaves. A person does not want to read that.
pub(super) fn is_end_of_query(notice: &Notice) -> bool {
    let Notice::Left { name, address, why: LeaveReason::Closed, .. } = notice else { return false };
    is_query(name, address.port())
}

/// The reason. `None`: the other side closed the connection itself.
fn leaving(language: Language, why: &LeaveReason) -> Option<String> {
    const BAD_LINES: Text = text!(
        "{lines} lines were no instruction, the last: \"{line}\"",
        "{lines} linhas não eram instruções, a última: \"{line}\"",
    );
    const EXPIRED: Text = text!(
        "no KEEP came in {keeps} times its interval",
        "nenhum KEEP veio em {keeps} vezes o intervalo",
    );
    let why = match why {
        LeaveReason::Closed => return None,
        LeaveReason::Expired => {
            return Some(EXPIRED.fill(language, &[("keeps", &KEEPS_MISSED_MAX)]));
        }
        LeaveReason::BadLines(line) => {
            let values: [(&str, FillValue<'_>); 2] =
                [("lines", &BAD_LINES_MAX), ("line", &shown(line))];
            return Some(BAD_LINES.fill(language, &values));
        }
        LeaveReason::Lost(ErrorKind::ConnectionReset) => {
            text!("the connection was reset", "a conexão foi reiniciada (reset)")
        }
        LeaveReason::Lost(ErrorKind::TimedOut) => {
            text!("the connection timed out", "o tempo da conexão esgotou")
        }
        LeaveReason::Lost(_) => text!("the connection broke", "a conexão caiu"),
        LeaveReason::LineTooLong => text!("a line did not end", "uma linha não terminou"),
        LeaveReason::SlowReader => {
            text!("the program does not read the answers", "o programa não lê as respostas")
        }
        #[cfg(feature = "full")]
        LeaveReason::NameLost => text!(
            "another server has somebody of that name",
            "em outro servidor já há alguém com esse nome",
        ),
        #[cfg(feature = "full")]
        LeaveReason::TakenOver => {
            text!("the same person has connected again", "a mesma pessoa conectou de novo")
        }
    };
    Some(why.of(language).to_string())
}

fn refused(language: Language, from: SocketAddr, why: &Refusal) -> String {
    const TAKEN: Text = text!(
        "{who} was refused: there is a {name} online already",
        "{who} não entrou: já há {name} entre os ativos",
    );
    const UNENDED: Text = text!(
        "{who} sent {bytes} bytes without a line end (\\r\\n): \"{line}\"",
        "{who} enviou {bytes} bytes sem fim de linha (\\r\\n): \"{line}\"",
    );
    const TOO_LONG: Text = text!(
        "{who} was refused: its first line does not end: \"{line}\"",
        "{who} não entrou: a primeira linha não termina: \"{line}\"",
    );
    const SILENT: Text =
        text!("{who} connected and sent nothing", "{who} conectou e não enviou nada");
    const FULL: Text = text!(
        "{who} was refused: the server has no room (--max-clients)",
        "{who} não entrou: o servidor está cheio (--max-clients)",
    );
    const MANY: Text = text!(
        "{who} was refused: too many connections from that address (--per-address)",
        "{who} não entrou: conexões demais desse endereço (--per-address)",
    );
    const MISTAKEN: Text =
        text!("{who} was refused: {why}: \"{line}\"", "{who} não entrou: {why}: \"{line}\"");
    let who = from.ip().to_string();
    let say = |text: Text, values: &[(&str, FillValue<'_>)]| {
        text.fill(language, &[&[("who", &who as FillValue<'_>)], values].concat())
    };
    let mistaken = |why: Text, line: &Excerpt| {
        say(MISTAKEN, &[("why", &why.of(language)), ("line", &shown(line))])
    };
    match why {
        Refusal::NameTaken(name) => say(TAKEN, &[("name", &visible(name.as_bytes()))]),
        Refusal::NotUser { why, line } => mistaken(not_user(*why), line),
        Refusal::Unended(line) => UNENDED.fill(
            language,
            &[("who", &sender(line, &who)), ("bytes", &line.bytes), ("line", &shown(line))],
        ),
        Refusal::LineTooLong(line) => say(TOO_LONG, &[("line", &shown(line))]),
        Refusal::Silent => say(SILENT, &[]),
        Refusal::AddressLimit => say(MANY, &[]),
        Refusal::ClientLimit => say(FULL, &[]),
        #[cfg(feature = "full")]
        Refusal::ProxyHeader { why, line } => mistaken(header_fault(*why), line),
    }
}

/// The address, with the name in front if the line would be a USER with its line end.
fn sender(line: &Excerpt, address: &str) -> String {
    match Request::parse(&line.start) {
        Ok(Request::User { name, .. }) => format!("{} ({address})", visible(name.as_bytes())),
        _ => address.to_string(),
    }
}

fn shown(line: &Excerpt) -> String {
    let rest = if line.start.len() < line.bytes { "..." } else { "" };
    escaped(&line.start) + rest
}

#[cfg(feature = "full")]
fn header_fault(why: HeaderFault) -> Text {
    match why {
        HeaderFault::Missing => text!(
            "the load balancer sent no PROXY header (send-proxy)",
            "o balanceador não enviou o cabeçalho PROXY (send-proxy)",
        ),
        HeaderFault::Malformed => {
            text!("the PROXY header is malformed", "o cabeçalho PROXY está malformado")
        }
        HeaderFault::TooLong => {
            text!("the PROXY header is too long", "o cabeçalho PROXY é longo demais")
        }
        HeaderFault::Unfinished => {
            text!("the PROXY header did not come to its end", "o cabeçalho PROXY não terminou")
        }
        HeaderFault::NoAddress => text!(
            "the PROXY header does not say where the client is",
            "o cabeçalho PROXY não diz onde o cliente está",
        ),
    }
}

fn not_user(why: NotUser) -> Text {
    match why {
        #[cfg(feature = "full")]
        NotUser::ProxyHeader => text!(
            "this is the header of a load balancer that is not in --proxy-from",
            "este é o cabeçalho de um balanceador que não está em --proxy-from",
        ),
        NotUser::Other => text!(
            "the first line must be USER name:port",
            "a primeira linha deve ser USER nome:porta",
        ),
        NotUser::LowerCase => text!("USER is upper case", "USER é em maiúsculas"),
        NotUser::ListFirst => text!("LIST came before USER", "LIST veio antes de USER"),
        NotUser::KeepFirst => text!("KEEP came before USER", "KEEP veio antes de USER"),
        NotUser::AddrFirst => text!("ADDR came before USER", "ADDR veio antes de USER"),
        NotUser::DiscFirst => text!("DISC came before USER", "DISC veio antes de USER"),
        NotUser::NoName => text!("USER has no name", "falta o nome no USER"),
        NotUser::ColonInName => text!("the name has a colon", "o nome tem dois-pontos"),
        NotUser::InvisibleInName => {
            text!("the name has an invisible character", "o nome tem um caractere invisível",)
        }
        NotUser::BlankInName => {
            text!(
                "the name has a blank other than U+0020",
                "o nome tem um espaço diferente de U+0020"
            )
        }
        NotUser::OnlyMarks => text!("the name has only accents", "o nome só tem acentos"),
        NotUser::LongName => text!("the name is too long", "o nome é longo demais"),
        NotUser::NotUtf8 => text!("the name is not UTF-8", "o nome não está em UTF-8"),
        NotUser::NoPort => text!("USER has no :port", "falta :porta no USER"),
        NotUser::BadPort => text!(
            "the port must be a number from 1 to 65535",
            "a porta deve ser um número de 1 a 65535",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::name::Name;

    fn refusal(language: Language, why: Refusal) -> String {
        let from = SocketAddr::from(([192, 168, 0, 9], 50_000));
        sentence(language, &Notice::Refused { from, why })
    }

    #[test]
    fn a_refusal_says_who_and_why_in_both_languages() {
        let maria = Refusal::Unended(Excerpt::of(b"USER Maria:20000"));
        assert_eq!(
            refusal(Language::English, maria.clone()),
            r#"Maria (192.168.0.9) sent 16 bytes without a line end (\r\n): "USER Maria:20000""#
        );
        assert_eq!(
            refusal(Language::Portuguese, maria),
            r#"Maria (192.168.0.9) enviou 16 bytes sem fim de linha (\r\n): "USER Maria:20000""#
        );
        let line = b"USER Pedro 20002";
        let pedro = Refusal::NotUser { why: NotUser::of(line), line: Excerpt::of(line) };
        assert_eq!(
            refusal(Language::English, pedro),
            "192.168.0.9 was refused: USER has no :port: \"USER Pedro 20002\""
        );
        assert_eq!(
            refusal(Language::Portuguese, Refusal::Silent),
            "192.168.0.9 conectou e não enviou nada"
        );
    }

    #[test]
    fn a_long_line_is_cut_with_a_mark() {
        let line = [b'x'; 400];
        let why = Refusal::NotUser { why: NotUser::of(&line), line: Excerpt::of(&line) };
        let text = refusal(Language::English, why);
        assert!(text.ends_with("xxx...\"") && text.len() < 160, "{text}");
    }

    #[test]
    fn joins_and_leaves_are_sentences() {
        let name = Name::parse("José".as_bytes()).expect("a name");
        let address = SocketAddr::from(([192, 168, 0, 9], 20_000));
        let joined = Notice::Joined { name: name.clone(), address, online: 3 };
        let english = "José joined from 192.168.0.9:20000; 3 online";
        assert_eq!(sentence(Language::English, &joined), english);
        let why = LeaveReason::Closed;
        let left = Notice::Left { name: name.clone(), address, why, online: 2 };
        assert_eq!(sentence(Language::Portuguese, &left), "José saiu; ativos: 2");
        let left = Notice::Left { name, address, why: LeaveReason::Expired, online: 2 };
        let english = "José left: no KEEP came in 3 times its interval; 2 online";
        assert_eq!(sentence(Language::English, &left), english);
    }
}
