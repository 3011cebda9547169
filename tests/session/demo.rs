//! `papo demo`: it prints the handout's table, and leaves no process behind.
//!
//! The unit tests of `src/cli/demo/record.rs` show that it notices a missing, an additional and a
//! changed line.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

/// The demo ends within this time.
const PROMISED: Duration = Duration::from_secs(30);

/// The handout's table, column by column. `PORT` stands for each port; a text on a screen has its
/// speaker's name.
const COLUMNS: [&[&str]; 4] = [
    &[
        "<aguardando conexão>",
        "<conexão TCP realizada>",
        "<cadastro usuário ativo>",
        "<conexão TCP realizada>",
        "<cadastro usuário ativo>",
        "* LIST Ana",
        "<conexão TCP realizada>",
        "<cadastro usuário ativo>",
        "* LIST Ana:Bruno",
        "* ADDR 127.0.0.1:PORT",
        "<encerrar conexão>",
        "<encerrar conexão>",
        "<encerrar conexão>",
    ],
    &[
        "- Nome de usuário:",
        "> Ana",
        "<inicia conexão TCP serv.>",
        "* USER Ana:PORT",
        "<aguardando conexão>",
        "> Alguém aí?",
        "- Nenhuma conexão P2P ativa",
        "> /exit",
        "<encerrar conexão serv.>",
    ],
    &[
        "- Nome de usuário:",
        "> Bruno",
        "<inicia conexão TCP serv.>",
        "* USER Bruno:PORT",
        "<aguardando conexão>",
        "> /list",
        "* LIST",
        "- Ativos (além de você): Ana",
        "<conexão TCP realizada>",
        "- Conectado a Camila",
        "- Camila: Oi Bruno!",
        "> Tudo bem, Camila?",
        "> Tchau",
        "> /bye",
        "* DISC",
        "<encerrar conexão peer>",
        // Ours, not the handout's:
        "- Conversa com Camila encerrada",
        "> /exit",
        "<encerrar conexão serv.>",
    ],
    &[
        "- Nome de usuário:",
        "> Camila",
        "<inicia conexão TCP serv.>",
        "* USER Camila:PORT",
        "<aguardando conexão>",
        "> /list",
        "* LIST",
        "- Ativos (além de você): Ana, Bruno",
        "> /chat Bruno",
        "* ADDR Bruno",
        "<inicia conexão TCP peer>",
        "* USER Camila",
        // Ours, not the handout's:
        "- Conectado a Bruno",
        "> Oi Bruno!",
        "- Bruno: Tudo bem, Camila?",
        "- Bruno: Tchau",
        "<encerrar conexão peer>",
        // Ours, not the handout's:
        "- Bruno encerrou a conversa",
        "> /exit",
        "<encerrar conexão serv.>",
    ],
];

/// A demo in a process group of its own, so that a process that it leaves behind can be found.
struct Demo {
    child: Child,
}

impl Demo {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
        command.arg("demo").args(arguments);
        Self::start_command(command)
    }

    fn start_command(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("LC_ALL", "C").env_remove("PAPO_LANG");
        Self { child: command.process_group(0).spawn().expect("it starts") }
    }

    fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits for the end: the status as a shell gives it, stdout and stderr. The output fits into
    /// the pipes.
    fn finish(&mut self) -> (i32, String, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("waits") {
                break status;
            }
            assert!(start.elapsed() < PROMISED, "the demo goes on");
            std::thread::park_timeout(Duration::from_millis(5));
        };
        // Before the pipes are read: a process left behind would hold them open.
        assert!(test_kill_process_group(self.id()).is_err(), "somebody was left behind");
        let screen = all_of(self.child.stdout.take());
        let errors = all_of(self.child.stderr.take());
        let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        (status, screen, errors)
    }

    /// Waits until it has printed a line with this text. Later output is not read.
    fn read_to(&mut self, text: &str) {
        let stdout = self.child.stdout.take().expect("piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(text)), "never: {text}");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // For a test that failed: otherwise the group has ended.
        let _ = kill_process_group(self.id(), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// All text of a pipe. Empty: the test has taken the pipe before.
fn all_of(pipe: Option<impl Read>) -> String {
    let mut text = String::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_string(&mut text).expect("UTF-8");
    }
    text
}

/// The entries of one column, with wrapped lines joined and ports replaced.
fn column(screen: &str, number: usize) -> Vec<String> {
    let table = screen.lines().filter(|line| line.contains('│')).skip(1);
    let mut entries: Vec<String> = Vec::new();
    for line in table {
        let part = line.split('│').nth(number).expect("four columns").trim_end();
        let is_begun = entries.last().is_some_and(|it| it.starts_with('<') && !it.ends_with('>'));
        match entries.last_mut() {
            _ if part.is_empty() => {}
            Some(entry) if is_begun || part.starts_with("  ") => {
                entry.push(' ');
                entry.push_str(part.trim_start());
            }
            _ => entries.push(part.to_string()),
        }
    }
    entries.iter().map(|entry| without_port(entry)).collect()
}

fn without_port(entry: &str) -> String {
    match entry.rsplit_once(':') {
        Some((before, port)) if port.parse::<u16>().is_ok() => format!("{before}:PORT"),
        _ => entry.to_string(),
    }
}

#[test]
fn the_handouts_table_comes_out_in_order() {
    let (status, screen, errors) = Demo::start(&["--lang", "pt"]).finish();
    assert_eq!((status, errors.as_str()), (0, ""), "{screen}");
    for (number, expected) in COLUMNS.iter().enumerate() {
        assert_eq!(column(&screen, number), *expected, "column {number} of\n{screen}");
    }
    assert!(screen.ends_with("Tudo aconteceu como na tabela do enunciado.\n"), "{screen}");
}

#[test]
fn piped_it_is_plain_text_of_eighty_columns() {
    let (_, screen, _) = Demo::start(&["--lang", "pt"]).finish();
    assert!(!screen.chars().any(|it| it.is_control() && it != '\n'), "{screen:?}");
    // It has no wide characters, so each is one column.
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    assert!(screen.starts_with("> digitado   * protocolo   - na tela   <ação>\n"), "{screen}");
}

/// The table has the handout's language, and the texts around it that of the person.
#[test]
fn around_the_table_it_speaks_its_persons_language() {
    let (status, screen, _) = Demo::start(&[]).finish();
    assert_eq!(status, 0, "{screen}");
    assert!(screen.starts_with("> typed   * protocol   - on the screen   <action>\n"), "{screen}");
    assert!(screen.contains("- Nome de usuário:"), "{screen}");
    assert!(screen.ends_with("All of it happened as in the handout's table.\n"), "{screen}");
}

/// A file that existed before keeps its content.
#[cfg(feature = "full")]
#[test]
fn a_demo_that_is_stopped_leaves_no_empty_page_and_says_so() {
    let folder = std::env::temp_dir().join(format!("papo-demo-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let [new, old] = ["new.html", "old.html"].map(|name| folder.join(name));
    std::fs::write(&old, "before").expect("it is written");
    for page in [&new, &old] {
        let mut demo = Demo::start(&["--page", page.to_str().expect("UTF-8")]);
        demo.read_to("* USER Ana:");
        assert_eq!(std::fs::exists(page).ok(), Some(true), "it is opened before the demo begins");
        kill_process(demo.id(), Signal::INT).expect("it is there");
        let (status, _, errors) = demo.finish();
        let path = page.display();
        let expected =
            format!("papo: {path} is not written: the demo was stopped before its end\n");
        assert_eq!((status, errors), (130, expected));
    }
    assert_eq!(std::fs::exists(&new).ok(), Some(false));
    assert_eq!(std::fs::read_to_string(&old).ok().as_deref(), Some("before"));
    std::fs::remove_dir_all(&folder).expect("it was ours");
}

#[test]
fn a_page_that_cannot_be_written_is_reported_before_the_demo_begins() {
    let (status, screen, log) = Demo::start(&["--page", "/dev/full"]).finish();
    assert_eq!((status, screen.as_str()), (2, ""), "{log}");
    assert!(log.starts_with("papo: /dev/full is no regular file"), "{log}");
}

#[test]
fn a_demo_that_fails_says_why() {
    // The server does not start with so few descriptors.
    let mut command = Command::new("sh");
    let script = "ulimit -n 34; exec \"$0\" demo";
    command.args(["-c", script, env!("CARGO_BIN_EXE_papo")]);
    let (status, screen, errors) = Demo::start_command(command).finish();
    assert_eq!(status, 1, "{screen}");
    let expected = "papo: the demo went otherwise than the handout: Servidor central ended";
    assert!(errors.starts_with(expected) && errors.contains("raise `ulimit -n`"), "{errors}");
    assert!(!screen.contains("All of it happened"), "{screen}");
}

#[test]
fn ended_by_a_signal_it_leaves_nobody_behind() {
    for (signal, expected) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let mut demo = Demo::start(&[]);
        demo.read_to("* USER Ana:");
        kill_process(demo.id(), signal).expect("it is there");
        assert_eq!(demo.finish().0, expected);
    }
}

#[test]
fn ctrl_c_reaches_the_whole_group_and_nobody_stays() {
    let mut demo = Demo::start(&[]);
    demo.read_to("* USER Bruno:");
    kill_process_group(demo.id(), Signal::INT).expect("it is there");
    let (status, _, errors) = demo.finish();
    assert_eq!((status, errors.as_str()), (130, ""));
}

#[test]
fn a_demo_whose_output_nobody_reads_ends_well() {
    let mut demo = Demo::start(&[]);
    demo.read_to("Servidor central");
    let (status, _, errors) = demo.finish();
    assert_eq!((status, errors.as_str()), (0, ""));
}

#[test]
fn help_and_wrong_usage() {
    let (status, screen, _) = Demo::start(&["--help"]).finish();
    assert!(status == 0 && screen.starts_with("Usage: papo demo"), "{screen}");
    for wrong in ["now", "--fast"] {
        let (status, screen, errors) = Demo::start(&[wrong]).finish();
        assert_eq!((status, screen.as_str()), (2, ""), "{wrong}");
        assert!(errors.contains(wrong.trim_start_matches('-')), "{errors}");
    }
}
