//! `make install` puts exactly the right files where Debian and each shell look for them, with
//! the right modes, and `make uninstall` leaves none of them.
//!
//! It installs the program of this test run: nothing is built again.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAPO: &str = env!("CARGO_BIN_EXE_papo");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An empty folder for this test.
fn stage(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("install-{name}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a folder for the test");
    path
}

/// Runs make with a strict umask.
fn make(target: &str, stage: &Path, words: &[&str]) {
    let destination = format!("DESTDIR={}", stage.display());
    let mut command = Command::new("sh");
    command.args(["-c", "umask 077; exec make \"$@\"", "sh", "-s", target, &destination]);
    command.arg(format!("PAPO={PAPO}")).args(words).current_dir(root());
    // A `make test` around this test would pass its own flags on.
    command.env_remove("MAKEFLAGS").env_remove("MFLAGS").env_remove("MAKELEVEL");
    let output = command.output().expect("make can be started");
    assert!(output.status.success(), "make {target}: {output:?}");
}

/// Every file below a folder, by its path there, with its mode.
fn files(folder: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn walk(top: &Path, folder: &Path, found: &mut BTreeMap<String, u32>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = entry.path();
        let metadata = entry.metadata().expect("its metadata");
        let mode = metadata.permissions().mode() & 0o7777;
        let below = path.strip_prefix(top).expect("found there").display().to_string();
        if metadata.is_dir() {
            assert_eq!(mode, 0o755, "{below} is a folder for everybody");
            walk(top, &path, found);
        } else {
            found.insert(below, mode);
        }
    }
}

/// The names of the files in a folder of the sources with this ending. Empty: there is no folder.
fn sources(folder: &str, ending: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("a name in UTF-8"));
    names.filter(|name| name.ends_with(ending)).collect()
}

/// The files that are installed below a prefix.
fn expected(prefix: &str) -> BTreeMap<String, u32> {
    let mut files = BTreeMap::from([
        ("bin/papo".to_string(), 0o755),
        ("share/bash-completion/completions/papo".to_string(), 0o644),
        ("share/zsh/site-functions/_papo".to_string(), 0o644),
        ("share/fish/vendor_completions.d/papo.fish".to_string(), 0o644),
    ]);
    let pages = sources("docs/man", ".1");
    assert!(pages.len() >= 4, "the pages are found: {pages:?}");
    files.extend(pages.iter().map(|page| (format!("share/man/man1/{page}"), 0o644)));
    let portuguese = sources("docs/man/pt_BR", ".1").into_iter();
    files.extend(portuguese.map(|page| (format!("share/man/pt_BR/man1/{page}"), 0o644)));
    let documents = ["README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY"].map(str::to_string);
    let documents = documents.into_iter().chain(sources("docs", ".md"));
    files.extend(documents.map(|name| (format!("share/doc/papo/{name}"), 0o644)));
    for ending in [".service", ".socket"] {
        let units = sources("docs/deploy", ending).into_iter();
        files.extend(units.map(|unit| (format!("lib/systemd/system/{unit}"), 0o644)));
    }
    files.into_iter().map(|(path, mode)| (format!("{prefix}/{path}"), mode)).collect()
}

#[test]
fn install_puts_exactly_the_right_files_and_uninstall_leaves_none() {
    for prefix in ["usr/local", "usr"] {
        let stage = stage(&prefix.replace('/', "-"));
        let word = format!("prefix=/{prefix}");
        // The default prefix is /usr/local.
        let words: &[&str] = if prefix == "usr" { &[&word] } else { &[] };
        make("install", &stage, words);
        assert_eq!(files(&stage), expected(prefix));
        let installed = fs::read(stage.join(prefix).join("bin/papo")).expect("the program");
        assert!(installed == fs::read(PAPO).expect("what was built"), "it is what was built");

        make("uninstall", &stage, words);
        assert_eq!(files(&stage), BTreeMap::new());
        assert!(!stage.join(prefix).join("share/doc/papo").exists(), "a folder of our own");
        fs::remove_dir_all(stage).expect("removed");
    }
}

#[test]
fn every_place_can_be_chosen_and_what_is_others_stays() {
    let stage = stage("chosen");
    let words = ["bindir=/b", "mandir=/m", "docdir=/d", "bashdir=/s", "zshdir=/z", "fishdir=/f"];
    let words = [&words[..], &["unitdir=/u"]].concat();
    make("install", &stage, &words);
    let found = files(&stage);
    let pages = ["m/man1/papo.1", "m/pt_BR/man1/papo.1"];
    for path in
        [&pages[..], &["b/papo", "d/README.md", "s/papo", "z/_papo", "f/papo.fish"]].concat()
    {
        assert!(found.contains_key(path), "{path} is not in {found:?}");
    }
    assert_eq!(found.len(), expected("").len(), "and nothing elsewhere: {found:?}");
    let others = stage.join("m/man1/other.1");
    fs::write(&others, "").expect("a page of somebody else's");
    make("uninstall", &stage, &words);
    assert_eq!(files(&stage).into_keys().collect::<Vec<_>>(), ["m/man1/other.1"]);
    fs::remove_dir_all(stage).expect("removed");
}

/// A unit starts the installed program, whatever the prefix is.
#[test]
fn units_name_the_place_of_the_program() {
    let stage = stage("units");
    let unit = stage.join("planted.service");
    fs::write(&unit, "ExecStart=/usr/local/bin/papo server --trace\n").expect("a unit");
    let units = format!("UNITS={} {}", unit.display(), sources_of_units().join(" "));
    make("install", &stage, &["prefix=/opt/chat", &units]);
    for name in files(&stage.join("opt/chat/lib/systemd/system")).into_keys() {
        let text = fs::read_to_string(stage.join("opt/chat/lib/systemd/system").join(&name));
        let text = text.expect("an installed unit");
        let is_right = name.ends_with(".socket") || text.contains("=/opt/chat/bin/papo server");
        assert!(is_right && !text.contains("/usr/local/"), "{name}: {text}");
    }
    fs::remove_dir_all(stage).expect("removed");
}

/// The units of the project, as the Makefile has them.
fn sources_of_units() -> Vec<String> {
    let units = [".service", ".socket"].map(|ending| sources("docs/deploy", ending));
    units.concat().iter().map(|unit| format!("docs/deploy/{unit}")).collect()
}

/// Cargo takes each Cargo.toml of a repository for a package. With two packages that have programs,
/// `cargo install --git` fails, and `cargo package` leaves the folder of the other out.
#[test]
fn there_is_one_package() {
    fn manifests(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                manifests(&path, found);
            } else if name == "Cargo.toml" {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    manifests(root, &mut found);
    assert_eq!(found, [root.join("Cargo.toml")]);
}
