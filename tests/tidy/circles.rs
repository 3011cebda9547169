//! No circles: no module of a folder imports itself by way of its neighbours.
//!
//! A file and a folder count as one module each. A module and the modules inside it may use each
//! other. The modules at the top of `src` have a stricter rule, in [`super::imports`].

use std::collections::{BTreeMap, BTreeSet};

use super::imports::uses;
use super::sources::{Source, sources_below};

/// The segments of a module's path: `peer/chat/mod.rs` is `["peer", "chat"]`.
type Module = Vec<String>;

/// An import between two neighbours, and the file and path that make it.
type Imports = BTreeMap<Module, BTreeMap<Module, String>>;

fn module_of(source: &Source) -> Module {
    let path = source.path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|&part| part != "lib").map(String::from).collect()
}

/// The code without the unit tests at its end, which may import anything.
fn without_tests(code: &str) -> &str {
    code.find("#[cfg(test)]\nmod tests").map_or(code, |at| &code[..at])
}

/// The absolute segments of a path in this module.
fn resolve(module: &[String], path: &str) -> Module {
    let mut rest = path;
    let mut base = module.to_vec();
    if let Some(absolute) = rest.strip_prefix("crate::").or_else(|| rest.strip_prefix("papo::")) {
        (base, rest) = (Vec::new(), absolute);
    }
    while let Some(above) = rest.strip_prefix("super::") {
        base.pop();
        rest = above;
    }
    base.extend(rest.split("::").map(String::from));
    base
}

/// The longest beginning of a path that is a module.
fn owner(modules: &BTreeSet<Module>, path: &[String]) -> Option<Module> {
    let lengths = (1..=path.len()).rev();
    lengths.map(|length| path[..length].to_vec()).find(|start| modules.contains(start))
}

/// The two neighbours that an import joins. `None`: one is inside the other.
fn neighbours(from: &[String], to: &[String]) -> Option<(Module, Module)> {
    let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
    let is_within = common == from.len() || common == to.len();
    (!is_within).then(|| (from[..=common].to_vec(), to[..=common].to_vec()))
}

fn imports(sources: &[Source]) -> Imports {
    let modules: BTreeSet<_> = sources.iter().map(module_of).collect();
    let mut imports = Imports::new();
    for source in sources {
        let module = module_of(source);
        for (line, path) in uses(without_tests(&source.code)) {
            let Some(to) = owner(&modules, &resolve(&module, &path)) else { continue };
            let Some((from, to)) = neighbours(&module, &to) else { continue };
            let place = format!("src/{}:{line} uses {path}", source.path);
            imports.entry(from).or_default().entry(to).or_insert(place);
        }
    }
    imports
}

/// The shortest chain of imports from this module back to itself. Empty: there is none.
fn way_back(imports: &Imports, start: &Module) -> Vec<String> {
    let mut ways = vec![(start, Vec::new())];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for (module, way) in ways {
            for (to, place) in imports.get(module).into_iter().flatten() {
                let mut way = way.clone();
                way.push(place.clone());
                if to == start {
                    return way;
                }
                if seen.insert(to) {
                    longer.push((to, way));
                }
            }
        }
        ways = longer;
    }
    Vec::new()
}

fn circles(sources: &[Source]) -> BTreeSet<Vec<String>> {
    let imports = imports(sources);
    let ways = imports.keys().map(|module| way_back(&imports, module));
    let sorted = ways.filter(|way| !way.is_empty()).map(|mut way| {
        way.sort();
        way
    });
    sorted.collect()
}

#[test]
fn no_module_imports_itself_by_way_of_its_neighbours() {
    let circles = circles(&sources_below("src"));
    let told: Vec<_> = circles.iter().map(|way| way.join("\n")).collect();
    assert!(told.is_empty(), "{} circles:\n{}\n", told.len(), told.join("\n\n"));
}

#[test]
fn a_circle_is_found() {
    let planted = [
        ("peer/mod.rs", "mod link;"),
        ("peer/link.rs", "use super::phase::Early;"),
        ("peer/phase.rs", "use crate::peer::{chat::HOLD_MS, place::Place};"),
        ("peer/chat/mod.rs", "pub use checks::HOLD_MS;"),
        ("peer/chat/checks.rs", "use super::super::link::Link;"),
        ("peer/place.rs", "use super::Peer;"),
    ];
    let sources = planted.map(|(path, text)| Source::new(path, text));
    let expected = [
        "src/peer/chat/checks.rs:1 uses super::super::link::Link",
        "src/peer/link.rs:1 uses super::phase::Early",
        "src/peer/phase.rs:1 uses crate::peer::chat::HOLD_MS",
    ];
    let circles = circles(&sources);
    assert_eq!(circles, BTreeSet::from([expected.map(String::from).to_vec()]));
}
