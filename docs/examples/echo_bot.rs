//! An echo bot: a peer without a console. It sends each text back into its conversation.
//!
//! The host calls `turn`, takes notices, and gives commands. Commands are typed values, so no
//! received text can become a command. While answers wait, the bot reads no text: it waits in the
//! kernel, and the sender has to wait (backpressure).
//!
//! ```sh
//! cargo run --example echo_bot -- 127.0.0.1:10000 Echo
//! ```

use std::collections::VecDeque;
use std::io::{Write, stderr, stdout};

use papo::event_loop::{EventLoop, socket};
use papo::machine::Framing;
use papo::peer::command::Command;
use papo::peer::notice::Notice;
use papo::peer::{Peer, Rules};
use papo::wire::SPEECH_LIMIT;
use papo::wire::name::Name;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().unwrap_or_else(|| "127.0.0.1:10000".to_string());
    let name = arguments.next().unwrap_or_else(|| "Echo".to_string());
    let Ok(server) = server.parse() else {
        return misused(&format!("\"{}\" is no ADDRESS:PORT", server.escape_debug()));
    };
    let Ok(name) = Name::parse(name.as_bytes()) else {
        return misused(&format!("\"{}\" is no name", name.escape_debug()));
    };
    let listener = socket::listen(([0, 0, 0, 0], 0).into())?;
    let at = listener.local_addr()?;
    writeln!(stdout(), "listening on {at}")?;
    let rules = Rules {
        name: Some(name),
        // No person can choose another name, and the bot stays after each command.
        scripted: true,
        stays: true,
        ..Rules::new(server, at.port())
    };
    let mut bot = EventLoop::new(Peer::new(rules))?;
    bot.listen(listener, Framing::Lines(SPEECH_LIMIT))?;
    let mut answers = VecDeque::new();
    loop {
        let turn = bot.turn(None)?;
        for notice in bot.notices() {
            if let Notice::Text { from, text, .. } = notice {
                answers.push_back(Command::SayIn { conversation: from.id, text });
            } else {
                writeln!(stdout(), "{notice:?}")?;
            }
        }
        while bot.accepts_command()
            && let Some(answer) = answers.pop_front()
        {
            bot.command(&answer);
        }
        bot.output_full(!answers.is_empty());
        if let Some(status) = turn.exit {
            std::process::exit(status.into());
        }
    }
}

/// Ends the program: an argument is wrong.
fn misused(why: &str) -> std::io::Result<()> {
    writeln!(stderr(), "echo_bot: {why}\nusage: echo_bot [ADDRESS:PORT [NAME]]")?;
    std::process::exit(2);
}
