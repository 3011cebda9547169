//! The first screen of a server at a terminal: its port, and the command for colleagues.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::own_addresses::reachable_at;
use crate::cli::arguments::addresses::SERVER_PORT;
use crate::cli::logging::Log;
use crate::cli::system::account;
use crate::console::language::{Language, Text, text};

/// Greets the person who started the server.
pub(super) fn greet(language: Language, address: SocketAddr, log: &Log) {
    const ROOT: Text = text!(
        "You run it as root. It needs no privileges: better run it as somebody else.\n",
        "Está rodando como root. Não precisa de privilégios: é melhor usar outro usuário.\n",
    );
    log.say(&greeting(language, &program(), address, &reachable_at(address.ip())));
    if account::is_root() {
        log.say(ROOT.of(language));
    }
}

/// The word that starts this program: its relative path if it was started by one, as
/// `make run-server` does, or its name. A person in the same folder can type the same.
fn program() -> String {
    let started = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let is_near = started.is_relative() && started.components().count() > 1;
    if is_near { started.display().to_string() } else { "papo".to_string() }
}

/// The lines for the person who started `program` as a server that listens at `address` and is
/// reached by others at `reachable`.
fn greeting(
    language: Language,
    program: &str,
    address: SocketAddr,
    reachable: &[IpAddr],
) -> String {
    const UP: Text =
        text!("The server is up, at port {port}.\n", "O servidor está no ar, na porta {port}.\n");
    const OTHERS: Text =
        text!("In this network, your colleagues type:", "Nesta rede, os colegas digitam:");
    const HERE: Text = text!("On this machine:", "Nesta máquina:");
    const ALONE: Text = text!(
        "Only programs on this machine can reach it.\n",
        "Só programas desta máquina podem alcançá-lo.\n",
    );
    const ALSO: Text =
        text!("It can also be reached at {others}.\n", "Também atende em {others}.\n");
    const END: Text = text!("Ctrl-C ends it.\n", "Ctrl-C encerra.\n");
    let port = address.port();
    let mut lines = UP.fill(language, &[("port", &port)]);
    match reachable.first() {
        Some(&first) => {
            let server = SocketAddr::new(first, port);
            lines += OTHERS.of(language);
            lines += &command(language, program, Some(&spelled(server)));
        }
        None => lines += ALONE.of(language),
    }
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        lines += HERE.of(language);
        lines += &command(language, program, here(address).as_deref());
    }
    if let [_, others @ ..] = reachable
        && !others.is_empty()
    {
        let others: Vec<_> = others.iter().map(ToString::to_string).collect();
        lines += &ALSO.fill(language, &[("others", &others.join(", "))]);
    }
    lines + END.of(language)
}

/// The command, in a line of its own.
fn command(language: Language, program: &str, server: Option<&str>) -> String {
    const PEER: Text = text!("{program} peer NAME", "{program} peer NOME");
    let option = server.map(|server| format!(" --server {server}")).unwrap_or_default();
    format!("\n    {}{option}\n", PEER.fill(language, &[("program", &program)]))
}

/// A server as it is typed: without the usual port, and with quotes, because some shells interpret
/// brackets.
fn spelled(server: SocketAddr) -> String {
    match server {
        _ if server.port() == SERVER_PORT => server.ip().to_string(),
        SocketAddr::V4(_) => server.to_string(),
        SocketAddr::V6(_) => format!("'{server}'"),
    }
}

/// The value of `--server` on this machine. `None`: the server is at its usual address, so no
/// option is needed.
fn here(address: SocketAddr) -> Option<String> {
    let is_usual = address.ip().is_unspecified() || address.ip() == IpAddr::from([127, 0, 0, 1]);
    match (is_usual, address.port()) {
        (true, SERVER_PORT) => None,
        (true, port) => Some(port.to_string()),
        (false, _) => Some(spelled(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, address: &str, reachable: &[&str]) -> String {
        let reachable: Vec<_> = reachable.iter().map(|ip| ip.parse().expect("an IP")).collect();
        greeting(language, "papo", address.parse().expect("an address"), &reachable)
    }

    #[test]
    fn the_command_for_colleagues_is_complete() {
        let expected = "The server is up, at port 10000.\n\
                        In this network, your colleagues type:\n    \
                        papo peer NAME --server 192.168.0.7\n\
                        On this machine:\n    papo peer NAME\n\
                        It can also be reached at 10.8.0.2.\n\
                        Ctrl-C ends it.\n";
        let told = told(Language::English, "0.0.0.0:10000", &["192.168.0.7", "10.8.0.2"]);
        assert_eq!(told, expected);
    }

    #[test]
    fn a_port_other_than_the_usual_one_is_part_of_the_command() {
        let expected = "O servidor está no ar, na porta 7000.\n\
                        Nesta rede, os colegas digitam:\n    \
                        papo peer NOME --server 192.168.0.7:7000\n\
                        Nesta máquina:\n    papo peer NOME --server 7000\n\
                        Ctrl-C encerra.\n";
        assert_eq!(told(Language::Portuguese, "0.0.0.0:7000", &["192.168.0.7"]), expected);
        let told = told(Language::English, "[2001:db8::5]:7000", &["2001:db8::5"]);
        assert!(told.contains("--server '[2001:db8::5]:7000'\n"), "{told}");
        assert!(!told.contains("this machine"), "{told}");
    }

    #[test]
    fn a_program_that_is_not_installed_is_typed_by_its_path() {
        let address = "127.0.0.1:10000".parse().expect("an address");
        let told = greeting(Language::English, "target/release/papo", address, &[]);
        assert!(told.contains("    target/release/papo peer NAME\n"), "{told}");
    }

    #[test]
    fn a_server_for_this_machine_says_so() {
        let told = told(Language::English, "127.0.0.1:10000", &[]);
        let expected = "Only programs on this machine can reach it.\n\
                        On this machine:\n    papo peer NAME\n";
        assert!(told.contains(expected), "{told}");
    }
}
