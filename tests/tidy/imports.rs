//! The direction of imports: they run one way, down a table.

use super::code::{is_word, line_of, starts_word};
use super::sources::{Offence, Source, expect_clean, expect_offence};

/// Imports run down this table, and never back or sideways:
///
/// ```text
/// cli → recording → event_loop, console → proxied → cluster → directory, peer, lab, load, check, who → conn_map, timer_wheel, random → machine, wire → buffers
/// ```
///
/// A module may use the modules next to it: a whole module, or only the item that is named.
const MAY_USE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "event_loop",
            "recording",
            "player",
            "console",
            "directory",
            "peer",
            "lab",
            "load",
            "check",
            "who",
            "proxied",
            "cluster",
            "player",
            "watch",
            "machine",
            "wire",
            "buffers",
        ],
    ),
    // Moves bytes for any machine, and knows no word of the protocol. From `wire` it has only the
    // characters that a traced line must not bring to a screen.
    ("event_loop", &["machine", "conn_map", "buffers", "wire::name::is_invisible"]),
    // Text in, text out: the scripts of the page read the recording.
    ("player", &[]),
    // A machine before another. It passes the lines of a recording on, and does not read them.
    ("watch", &["machine", "conn_map"]),
    // Writes the calls of the loop, and reads the state of the machine.
    ("recording", &["event_loop", "directory", "peer", "machine", "wire", "buffers"]),
    (
        "console",
        &[
            "directory",
            "cluster",
            "peer",
            "lab",
            "load",
            "check",
            "who",
            "machine",
            "wire",
            "buffers",
        ],
    ),
    // A directory that shares its names with others.
    ("cluster", &["directory", "machine", "conn_map", "wire"]),
    ("directory", &["machine", "conn_map", "timer_wheel", "wire"]),
    ("peer", &["machine", "conn_map", "timer_wheel", "random", "wire"]),
    ("lab", &["machine", "conn_map", "timer_wheel", "wire"]),
    ("load", &["machine", "conn_map", "random", "wire"]),
    // The check of a class has a directory inside: two machines in one.
    ("check", &["directory", "machine", "conn_map", "wire"]),
    ("who", &["machine", "wire"]),
    // A machine before a directory, which reports refusals as the directory does.
    ("proxied", &["directory", "machine", "conn_map", "timer_wheel", "wire"]),
    ("conn_map", &["machine"]),
    ("random", &[]),
    ("timer_wheel", &["machine"]),
    // The seam names no protocol, so that any machine fits it. It has the plain types of the buffers.
    ("machine", &["buffers"]),
    ("wire", &["buffers"]),
    ("buffers", &[]),
];

pub(super) fn check_imports(source: &Source) -> Vec<Offence> {
    let module = source.module();
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
        let what = format!("{module} is in no table of tests/tidy: say there what it may use");
        return vec![source.offence(1, &what)];
    };
    let foreign = |path: &str| is_module(first_segment(path)) && first_segment(path) != module;
    let offends = |path: &str| foreign(path) && !allowed.iter().any(|good| is_within(path, good));
    let uses = uses(&source.code).into_iter().map(|(line, path)| (line, without_root(&path)));
    let uses = uses.filter(|(_, path)| offends(path));
    uses.map(|(line, path)| {
        let what = format!("{module} uses {path}, but may use only: {}", allowed.join(", "));
        source.offence(line, &what)
    })
    .collect()
}

fn is_module(name: &str) -> bool {
    MAY_USE.iter().any(|(module, _)| *module == name)
}

fn first_segment(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// `machine::Millis` of `crate::machine::Millis`.
fn without_root(path: &str) -> String {
    path.split_once("::").map_or(path, |(_, rest)| rest).to_string()
}

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The first words of a path that leads out of its own file.
const ROOTS: [&str; 3] = ["crate::", "papo::", "super::"];

/// All paths that start at the root of the crate or above the file's own module, with their lines. Not
/// only the paths of a `use`: a path may be anywhere in the code.
pub(super) fn uses(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ROOTS {
        for (at, _) in code.match_indices(root).filter(|(at, _)| starts_word(code, *at)) {
            let mut paths = Vec::new();
            expand(root, &code[at + root.len()..], &mut paths);
            found.extend(paths.into_iter().map(|path| (line_of(code, at), path)));
        }
    }
    found
}

/// `machine::{ConnId, Millis}` is two paths, `machine::ConnId` and `machine::Millis`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let end = tree.find(|c| !is_word(c) && c != ':').unwrap_or(tree.len());
    let path = format!("{prefix}{}", &tree[..end]);
    let Some(group) = tree[end..].strip_prefix('{') else {
        paths.push(path.trim_end_matches(':').to_string());
        return;
    };
    for item in items_of_group(group) {
        expand(&path, item.trim(), paths);
    }
}

/// The parts of `a, b::{c, d}}` up to the brace that closes it: `a` and `b::{c, d}`.
fn items_of_group(group: &str) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&group[start..at]);
                break;
            }
            ',' if depth == 0 => {
                items.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

#[test]
fn imports_run_one_way() {
    expect_clean(check_imports);
}

#[test]
fn an_import_in_the_wrong_direction_is_found() {
    let planted = [
        ("wire/name.rs", "use crate::machine::Millis;", "wire uses machine::Millis"),
        ("buffers/lines.rs", "use crate::machine::*;", "buffers uses machine, but"),
        ("machine.rs", "use crate::wire::name::Name;", "machine uses wire::name::Name"),
        ("machine.rs", "use super::wire;", "machine uses wire"),
        ("event_loop/mod.rs", "use crate::{machine, console::Screen};", "uses console::Screen"),
        ("event_loop/mod.rs", "let x = crate::wire::request::Request::List;", "wire::request"),
        ("console/mod.rs", "use papo::event_loop::EventLoop;", "console uses event_loop"),
        ("directory/mod.rs", "use crate::{\n    wire,\n    peer::{Peer},\n};", "peer::Peer"),
        ("peer/mod.rs", "fn x(lab: crate::lab::Echo) {}", "peer uses lab::Echo"),
        ("tools/mod.rs", "", "tools is in no table"),
    ];
    for (path, text, what) in planted {
        expect_offence(check_imports, path, text, what);
    }
}

#[test]
fn an_import_in_the_right_direction_is_no_offence() {
    let good = [
        ("wire/name.rs", "use crate::buffers::{lines::LineEnd};\nuse super::CRLF;"),
        ("wire/name.rs", "/// See [`crate::peer`].\nconst X: &str = \"crate::peer\";"),
        ("directory/mod.rs", "use crate::wire::reply::{self, Edition};\nuse roster::Roster;"),
        ("event_loop/mod.rs", "use crate::buffers::lines::LineBuffer;"),
        ("cli/server.rs", "use crate::{event_loop::EventLoop, directory::Directory};"),
        ("peer/link.rs", "pub(crate) fn x() {}\n#[cfg(test)] mod tests { use super::*; }"),
    ];
    for (path, text) in good {
        assert_eq!(check_imports(&Source::new(path, text)), [], "{text}");
    }
}
