//! Each command has its page and its completions, and no other command has any.

use super::code::{commands, has_source};
use super::completions::{branch, completions};
use super::man::{page, pages};
use super::read;

#[test]
fn every_command_has_a_page_and_a_place_in_the_others() {
    let (bash, zsh, fish) = completions();
    let overview = read("docs/man/papo.1");
    for command in commands() {
        let places = [
            (&overview, format!(".It Cm {command}\n")),
            (&overview, format!(".Xr papo-{command} 1")),
            (&zsh, format!("{command}:")),
            (&fish, format!("-n __fish_use_subcommand -a {command} ")),
        ];
        for (text, wanted) in places {
            assert!(text.contains(&wanted), "{wanted} is nowhere in: {text}");
        }
        assert!(branch(&bash, "help)").join(" ").contains(&command), "bash: help {command}");
        assert!(page(&command).contains(&format!(".Nm papo-{command}\n")), "{command}");
    }
}

#[test]
fn no_page_and_no_completion_is_of_an_unknown_command() {
    let (bash, ..) = completions();
    let offered = branch(&bash, "help)").join(" ");
    let offered = offered.split_whitespace().skip(1).map(str::to_string);
    let pages = pages().into_iter().filter_map(|page| {
        let name = page.file_stem()?.to_str()?.strip_prefix("papo-")?.to_string();
        Some(name)
    });
    for command in offered.chain(pages) {
        assert!(has_source(&command), "{command}: there is no such command");
    }
    assert!(has_source("server") && !has_source("a_command_that_nobody_wrote"));
}
