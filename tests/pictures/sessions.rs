//! The sessions of the pictures. Each picture teaches one thing about papo.

use std::process::Stdio;

use super::gallery;
use super::still::Still;
use super::svg::{Window, draw};
use crate::support::pty::{PAPO, Pty, peer};
use crate::support::{Process, Server, quiet_address};

const NO_SETSID: &str = "no pictures without `setsid`";

/// Two windows of this size fit beside each other on a page.
const HALF: (u16, u16) = (54, 15);

/// The title is the command that a person would type. The test adds the server's port and the
/// language.
fn window<'a>(title: &'a str, pty: &Pty, server: &Server) -> Window<'a> {
    Window { title, still: Still::of(pty.screen(), Some(server.address.port())) }
}

/// A server with a port of five digits, and people who have registered in this order. `None`: this
/// system has no `setsid`, so it cannot write pictures.
fn server_and<const N: usize>(
    names: [&str; N],
    size: (u16, u16),
    language: &str,
) -> Option<(Server, [Pty; N])> {
    let mut server = Server::start_at(quiet_address(), &[]);
    let ptys: Vec<_> = names
        .iter()
        .map_while(|name| {
            let pty = peer(&server, name, &["--lang", language], size)?;
            expect_join(&mut server, name);
            Some(pty)
        })
        .collect();
    let ptys = <[Pty; N]>::try_from(ptys).ok();
    assert!(ptys.is_some() || !gallery::is_writing(), "{NO_SETSID}");
    Some((server, ptys?))
}

/// Waits until the directory has the name. The screens cannot show it: USER has no answer.
fn expect_join(server: &mut Server, name: &str) {
    server.process.expect_log(&format!("event=join name=\"{name}\""));
}

/// The messages of Ana and Bruno, and of Camila who calls Ana, in order.
struct Talk {
    language: &'static str,
    ana: &'static str,
    bruno: &'static str,
    camila: &'static str,
    bruno_again: &'static str,
    /// Not sent yet.
    half_a_line: &'static str,
}

impl Talk {
    /// The windows of Ana and Bruno in the middle of the talk.
    fn windows(&self) -> Option<[Window<'static>; 2]> {
        let (server, [mut ana, mut bruno, mut camila]) =
            server_and(["Ana", "Bruno", "Camila"], HALF, self.language)?;
        ana.types("/list\r");
        ana.expect("Bruno, Camila");
        ana.types("/chat b\t\r");
        ana.expect_row("Ana → Bruno> |");
        bruno.expect_row("Bruno → Ana> |");
        says(&mut ana, self.ana, &mut bruno);
        says(&mut bruno, self.bruno, &mut ana);
        camila.types("/chat Ana\r");
        camila.expect_row("Camila → Ana> |");
        says(&mut camila, self.camila, &mut ana);
        says(&mut bruno, self.bruno_again, &mut ana);
        look_around(&mut bruno);
        ana.types(self.half_a_line);
        ana.expect_row(&format!("Ana → Bruno [*Camila]> {}|", self.half_a_line));
        Some([window("papo peer Ana", &ana, &server), window("papo peer Bruno", &bruno, &server)])
    }
}

fn says(one: &mut Pty, text: &str, other: &mut Pty) {
    one.types(&format!("{text}\r"));
    one.expect(&format!(": {text}"));
    other.expect(&format!(": {text}"));
}

/// Bruno lists the people online. The server answers in order, so when the list arrives, the check
/// of Ana's name is over as well, and `/peers` shows its result.
fn look_around(bruno: &mut Pty) {
    bruno.types("/list\r");
    bruno.expect("Ana, Camila");
    bruno.types("/peers\r");
    bruno.expect("* Ana");
    bruno.expect_row("Bruno → Ana> |");
}

#[test]
fn chat() {
    let talk = Talk {
        language: "en",
        ana: "Hi Bruno! Is the lab open today?",
        bruno: "Until six. Are you coming?",
        camila: "Ana, do you have my notes?",
        bruno_again: "Room 12, by the way",
        half_a_line: "Yes, see you the",
    };
    let Some(windows) = talk.windows() else { return };
    let description = "Two terminals. Ana has listed who is online and called Bruno; they talk. \
                       Messages stand above the line that Ana is typing, and her prompt says \
                       that Camila has written, too. Bruno has listed his conversations.";
    gallery::keep("chat", &draw("Ana and Bruno talk", description, &windows));
}

/// The same in Portuguese, for `docs/LEIAME.md`.
#[test]
fn conversa() {
    let talk = Talk {
        language: "pt",
        ana: "Oi Bruno!",
        bruno: "Tudo bem, Ana?",
        camila: "Ana, você vem à aula?",
        bruno_again: "O laboratório fecha às seis",
        half_a_line: "Tudo! Já vou para",
    };
    let Some(windows) = talk.windows() else { return };
    let description = "Dois terminais. Ana viu quem está ativo e chamou Bruno; os dois \
                       conversam. As mensagens aparecem acima da linha que Ana está digitando, \
                       e o prompt dela diz que Camila também escreveu. Bruno listou as suas \
                       conversas.";
    gallery::keep("conversa", &draw("Ana e Bruno conversam", description, &windows));
}

/// The question before seven pasted lines are sent.
#[test]
fn paste() {
    let people = server_and(["Ana", "Bruno"], (80, 7), "en");
    let Some((server, [mut ana, mut bruno])) = people else { return };
    bruno.types("/chat Ana\r");
    ana.expect_row("Ana → Bruno> |");
    bruno.expect_row("Bruno → Ana> |");
    says(&mut bruno, "What does your Makefile say?", &mut ana);
    says(&mut ana, "Only this:", &mut bruno);
    let makefile = "all: server peer\n\nserver: server.c\n\tcc -o server server.c\n\n\
                    peer: peer.c\n\tcc -o peer peer.c\n";
    ana.types(&format!("\x1b[200~{makefile}\x1b[201~"));
    ana.expect_row("Send 7 lines to Bruno? y/N |");
    let description = "Ana has pasted seven lines into a conversation. Nothing is sent yet: the \
                       row at the bottom asks \"Send 7 lines to Bruno? y/N\".";
    let windows = [window("papo peer Ana", &ana, &server)];
    gallery::keep("paste", &draw("Before many pasted lines are sent", description, &windows));
}

/// The server is killed, two people talk on, and it comes back.
#[test]
fn server_away() {
    let people = server_and(["Ana", "Bruno"], (80, 14), "en");
    let Some((server, [mut ana, mut bruno])) = people else { return };
    ana.types("/chat Bruno\r");
    ana.expect_row("Ana → Bruno> |");
    bruno.expect_row("Bruno → Ana> |");
    // Before its first answer, an early end of the server's stream means a refused name.
    bruno.types("/list\r");
    bruno.expect("Online (besides you): Ana");
    let address = server.address;
    server.process.signal("KILL");
    ana.expect("reconnecting");
    bruno.expect("reconnecting");
    says(&mut ana, "Bruno, can you still read this?", &mut bruno);
    says(&mut bruno, "Sure. It takes no server to talk.", &mut ana);
    ana.types("/list\r");
    ana.expect("Not connected to the server now");
    let mut back = Server::start_at(address, &[]);
    ana.expect("Back online.");
    expect_join(&mut back, "Bruno");
    ana.types("/list\r");
    ana.expect("Online (besides you): Bruno");
    ana.expect_row("Ana → Bruno> |");
    let description = "The server is gone for a while. Ana's terminal says that conversations go \
                       on and that it is reconnecting; she and Bruno talk on; then it says that \
                       it is back online.";
    let windows = [window("papo peer Ana", &ana, &back)];
    gallery::keep("server-away", &draw("The server goes and comes back", description, &windows));
}

/// Each line of the protocol, above the line being typed.
#[test]
fn trace() {
    let Some((server, [mut bruno])) = server_and(["Bruno"], HALF, "en") else { return };
    let Some(mut ana) = peer(&server, "Ana", &["--lang", "en", "--trace"], (80, 19)) else {
        return;
    };
    ana.expect("USER Ana:");
    ana.types("/list\r");
    ana.expect("Online (besides you): Bruno");
    ana.types("/chat Bruno\r");
    ana.expect("Connected to Bruno");
    bruno.expect_row("Bruno → Ana> |");
    says(&mut ana, "Hi Bruno!", &mut bruno);
    ana.expect("> Hi Bruno!\\r\\n");
    ana.types("/bye\r");
    ana.expect("> DISC\\r\\n");
    ana.expect_row("Ana> |");
    let description = "Ana's terminal with --trace. Above each thing that happened stand the \
                       lines of the protocol, with their direction and their line ends: USER, \
                       LIST and its answer, ADDR and its answer, USER to Bruno, the text, DISC.";
    let windows = [window("papo peer Ana --trace", &ana, &server)];
    gallery::keep("trace", &draw("Each line of the protocol", description, &windows));
}

/// The first rows of the handout's table in `papo demo`. The test presses Enter as soon as a row
/// appears.
#[test]
fn demo() {
    const STEP: &str = "stty -echo; exec \"$0\" demo --step --lang pt";
    let Some(mut demo) = Pty::start("sh", &["-c", STEP, PAPO], 80, 37) else {
        assert!(!gallery::is_writing(), "{NO_SETSID}");
        return;
    };
    for row in ["conexão>", "USER Ana:", "USER Bruno:"] {
        demo.expect(row);
        demo.types("\r");
    }
    demo.expect("você): Ana");
    let description = "The table of the handout, with a column for the server and for each of \
                       Ana, Bruno and Camila: typed lines in blue, lines of the protocol in red, \
                       and actions in green.";
    let still = Still::of(demo.screen(), None);
    let windows = [Window { title: "papo demo", still }];
    gallery::keep("demo", &draw("The handout's conversation", description, &windows));
}

/// The client of a service of the lectures. The title has the lecture's port; the test uses another
/// one.
#[test]
fn lab() {
    let options = ["lab", "reverb", "--listen", "127.0.0.1:0", "--delay", "0.1"];
    let mut service = Process::start_with(&options, Stdio::null());
    let line = service.expect_log(" listens on ");
    let address = line.rsplit(' ').next().expect("an address");
    let Some(mut client) = Pty::start(PAPO, &["lab", "client", address], 54, 9) else {
        assert!(!gallery::is_writing(), "{NO_SETSID}");
        return;
    };
    client.types("Is anybody THERE?\n");
    client.expect("is anybody there?\n|");
    client.types("Good MORNING!\n");
    client.expect("good morning!\n|");
    let description = "Each line that was typed came back three times: in capitals, as it was, \
                       in small letters.";
    let still = Still::of(client.screen(), None);
    let windows = [Window { title: "papo lab client localhost:7008", still }];
    gallery::keep("lab", &draw("The lectures' reverb", description, &windows));
}
