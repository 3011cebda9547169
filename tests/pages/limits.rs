//! `docs/LIMITS.md` has the limits of the code, with the values of the code.
//!
//! A row names constants by their modules (a second one without a module is of the same), and its
//! value begins with as many quantities, in that order: `| \`a::B_BYTES\`, \`C_MS\` | 64 KiB, 2 s |`.
//! The reasons are written by hand.

use std::iter;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{files_below, read, root};

/// Numbers that limit nothing.
const NO_LIMITS: [&str; 8] = [
    "STATUS_OK",
    "STATUS_FAILED",
    "STATUS_USAGE",
    "STATUS_BROKEN",
    "SERVER_PORT",
    "SERVER",
    "SIGINT",
    "WIRES",
];

const TYPES: [&str; 7] = ["u8", "u16", "u32", "u64", "i32", "usize", "Duration"];

/// A constant of the sources.
#[derive(Debug)]
struct Constant {
    /// Its modules, with `::` after each, and its name.
    path: String,
    /// Behind the equals sign.
    expression: String,
    is_number: bool,
    /// Other files can use it.
    is_public: bool,
    /// The imports of its file.
    imports: Rc<str>,
}

impl Constant {
    fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or_default()
    }

    fn module(&self) -> &str {
        self.path.strip_suffix(self.name()).unwrap_or_default()
    }

    fn is_limit(&self) -> bool {
        let is_one = self.is_public || self.name().ends_with("_MAX");
        self.is_number && is_one && !NO_LIMITS.contains(&self.name())
    }

    /// Times are in microseconds.
    fn quantity(&self, all: &[Self]) -> Option<f64> {
        let value = value(&self.expression, self, all)?;
        let is_in_ms = self.is_time() && !self.name().contains("_US");
        Some(if is_in_ms { value * 1e3 } else { value })
    }

    fn is_time(&self) -> bool {
        let is_time = |part: &str| part == "MS" || part == "US";
        self.name().split('_').any(is_time) || self.expression.starts_with("Duration::")
    }
}

/// `console::live::` of `console/live/mod.rs`.
fn module_of(file: &Path) -> String {
    let file = file.strip_prefix(root().join("src")).expect("in the sources").with_extension("");
    let parts = file.iter().map(|part| part.to_string_lossy());
    parts.filter(|part| part != "mod").map(|part| format!("{part}::")).collect()
}

/// The constants of a file, in Rust or in JavaScript.
fn constants_of(module: &str, source: &str) -> Vec<Constant> {
    let imports = source.split("\nuse ").skip(1).filter_map(|rest| rest.split(';').next());
    let imports: Rc<str> = imports.collect::<String>().into();
    let found = source.split("const ").zip(source.split("const ").skip(1));
    let found = found.filter_map(|(before, rest)| {
        let (head, rest) = rest.split_once(" = ")?;
        let (name, kind) = head.split_once(": ").unwrap_or((head, ""));
        let is_name = name.chars().all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c));
        is_name.then(|| Constant {
            path: format!("{module}{name}"),
            expression: rest.split(';').next().unwrap_or_default().to_string(),
            is_number: TYPES.contains(&kind),
            is_public: ["pub ", "pub(crate) ", "pub(super) "].iter().any(|it| before.ends_with(it)),
            imports: imports.clone(),
        })
    });
    found.collect()
}

fn constants() -> Vec<Constant> {
    let is_source = |path: &PathBuf| path.extension().is_some_and(|it| it == "rs" || it == "js");
    let files = files_below(&root().join("src")).into_iter().filter(is_source);
    files.flat_map(|file| constants_of(&module_of(&file), &read(&file))).collect()
}

/// The result of an operator on two numbers.
type Operation = fn(f64, f64) -> f64;

/// The operators between two numbers, the loosest first.
const OPERATORS: [(&str, Operation); 5] = [
    (" + ", |left, right| left + right),
    (" - ", |left, right| left - right),
    (" << ", |left, right| left * right.exp2()),
    (" / ", |left, right| left / right),
    (" * ", |left, right| left * right),
];

/// The value of an expression, as far as limits have them. Durations are in milliseconds.
fn value(expression: &str, of: &Constant, all: &[Constant]) -> Option<f64> {
    let text = plain(expression);
    let parts = |(sign, apply)| Some((text.rsplit_once::<&str>(sign)?, apply));
    if let Some(((left, right), apply)) = OPERATORS.into_iter().find_map(parts) {
        return Some(apply(value(left, of, all)?, value(right, of, all)?));
    }
    if let Some(seconds) = text.strip_prefix("Duration::from_secs(") {
        return Some(1e3 * value(seconds.strip_suffix(')')?, of, all)?);
    }
    if let Some(name) = text.strip_suffix(".len()") {
        let text = &found(name, of, all)?.expression;
        return Some(text.replace('\\', "").split('"').nth(1)?.len() as f64);
    }
    text.replace('_', "").parse().ok().or_else(|| {
        let constant = found(text.trim_end_matches(".as_millis()"), of, all)?;
        value(&constant.expression, constant, all)
    })
}

/// An expression without casts, without the brackets around it, and as it is on Linux.
fn plain(expression: &str) -> String {
    let mut text = expression.to_string();
    for kind in TYPES {
        text = text.replace(&format!(" as {kind}"), "");
    }
    if let Some((_, on_linux)) = text.split_once("cfg!(target_os = \"linux\") { ") {
        return on_linux.split(' ').next().unwrap_or_default().to_string();
    }
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.map_or_else(|| text.clone(), str::to_string)
}

/// The constant that a name stands for where `of` is: of the same file, or imported.
fn found<'a>(name: &str, of: &Constant, all: &'a [Constant]) -> Option<&'a Constant> {
    let mut named = all.iter().filter(|it| it.name() == name);
    let is_own = |it: &&Constant| it.module() == of.module();
    let is_imported = |it: &&Constant| of.imports.contains(&format!("crate::{}", it.module()));
    named.clone().find(is_own).or_else(|| named.find(is_imported))
}

/// The constants that a row of the table names, with the part of their paths that it has.
fn names(cell: &str) -> Vec<String> {
    let is_part = |part: &str| part.chars().all(|c| !c.is_ascii_lowercase() && c != ' ');
    let quoted = cell.split('`').skip(1).step_by(2);
    let quoted = quoted.filter(|it| it.contains('_') || it.contains("::"));
    let quoted = quoted.filter(|it| is_part(it.rsplit("::").next().unwrap_or_default()));
    let mut module = "";
    let paths = quoted.map(|name| match name.rsplit_once("::") {
        Some((before, _)) => {
            module = before;
            name.to_string()
        }
        None => format!("{module}::{name}"),
    });
    paths.collect()
}

/// The quantities of a cell in order, and whether each is a time, in microseconds.
fn quantities(cell: &str) -> Vec<(f64, bool)> {
    let words = || cell.split(' ').map(|word| word.trim_matches([',', ';', ':', '.', '(', ')']));
    let with_next = words().zip(words().skip(1).chain(iter::once("")));
    let read = with_next.filter_map(|(number, unit)| {
        let number: f64 = number.replace(',', "").parse().ok()?;
        let (factor, is_time) = match unit {
            "KiB" => (1024.0, false),
            "MiB" => (1024.0 * 1024.0, false),
            "ms" => (1e3, true),
            "s" => (1e6, true),
            "minutes" => (60e6, true),
            _ => (1.0, false),
        };
        Some((number * factor, is_time))
    });
    read.collect()
}

/// The faults of a row.
fn faults(row: &str, all: &[Constant]) -> Vec<String> {
    let mut cells = row.trim_start_matches("| ").split(" | ");
    let (names, said) = (names(cells.next().unwrap_or("")), quantities(cells.next().unwrap_or("")));
    let said = said.into_iter().map(Some).chain(iter::repeat(None));
    let pairs = names.iter().zip(said);
    let faults = pairs.filter_map(|(name, said)| {
        let matching: Vec<_> = all.iter().filter(|it| is_at_end(&it.path, name)).collect();
        let [constant] = matching[..] else {
            return Some(format!("{name} is the name of {} constants", matching.len()));
        };
        let Some(quantity) = constant.quantity(all) else {
            return Some(format!("{}: its value is not read", constant.path));
        };
        let is_right = said == Some((quantity, constant.is_time()));
        (!is_right).then(|| {
            format!(
                "{} is {} in the code, and the row says {said:?}",
                constant.path, constant.expression
            )
        })
    });
    faults.collect()
}

/// Whether a name is the last parts of a path.
fn is_at_end(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

fn table() -> Vec<String> {
    let page = read("docs/LIMITS.md");
    page.lines().filter(|line| line.starts_with("| ")).map(str::to_string).collect()
}

#[test]
fn the_table_of_limits_has_the_values_of_the_code() {
    let all = constants();
    let faults: Vec<_> = table().iter().flat_map(|row| faults(row, &all)).collect();
    assert!(faults.is_empty(), "docs/LIMITS.md:\n{}", faults.join("\n"));
}

#[test]
fn every_limit_of_the_code_has_a_row_in_the_table() {
    let all = constants();
    let named: Vec<_> = table().iter().flat_map(|row| names(row)).collect();
    let limits: Vec<_> = all.iter().filter(|constant| constant.is_limit()).collect();
    assert!(limits.len() > 150, "only {} limits found", limits.len());
    let has_row = |limit: &&&Constant| named.iter().any(|name| is_at_end(&limit.path, name));
    let missing: Vec<_> = limits.iter().filter(|limit| !has_row(limit)).collect();
    let missing: Vec<_> = missing.iter().map(|limit| &limit.path).collect();
    assert!(missing.is_empty(), "not in docs/LIMITS.md: {missing:?}");
}

#[test]
fn a_wrong_value_is_found() {
    let source =
        "pub const A_MAX: usize = 2 * 1_024;\nconst B_MS: u64 = 1_500;\npub const C: &str = \"\";";
    let all = constants_of("a::b::", source);
    assert_eq!(all.iter().filter(|it| it.is_limit()).count(), 1);
    assert_eq!(faults("| `b::A_MAX`, `B_MS` | 2 KiB, 1.5 s (`--b`) | why |", &all), [""; 0]);
    let wrong = [
        "| `b::A_MAX` | 2 MiB |",
        "| `b::A_MAX` | many |",
        "| `b::B_MS` | 1,500 |",
        "| `X_MAX` | 1 |",
    ];
    for row in wrong {
        assert_eq!(faults(row, &all).len(), 1, "{row}");
    }
}
