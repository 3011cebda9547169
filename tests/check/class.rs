//! A whole class: a row for each program, and each program with each other.

use std::fs;
use std::path::{Path, PathBuf};

use super::classmates::{Checking, changed, has_python};

/// The folder of a class. It is removed when this value is dropped.
struct Class(PathBuf);

impl Class {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("papo-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// Adds a program of a student, with these changes, which asks for its name.
    fn add(&self, name: &str, changes: &[(&str, &str)]) {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("peer.py"), changed("peer.py", changes)).expect("a program");
        write(&folder, "run", "python3 peer.py {port}\n");
        write(&folder, "login", "{name}\n");
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        // An error: a file that stays in the folder for temporary files does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file");
}

const NO_DISC: (&str, &str) = (r#"self.send("DISC")"#, "pass");

/// Its texts arrive nowhere: it sends them to the server.
const MUTE: (&str, &str) = ("conversations[0].send(line)", "pass");

#[test]
fn each_program_of_a_class_has_its_row() {
    if !has_python() {
        return;
    }
    let class = Class::new("each");
    class.add("ana", &[]);
    class.add("bruno", &[NO_DISC]);
    fs::create_dir_all(class.0.join("notes")).expect("a folder without a program");
    let options = ["peer", "--each", class.path(), "--port", "0", "--only", "call,bye"];
    let found = Checking::start(&options).finish();
    let rows: Vec<_> = found.text.lines().collect();
    assert_eq!(rows.len(), 2, "{}", found.text);
    assert_eq!(rows[0].trim_end(), "ana    ✓  2  ✗  0  ⚠  0  –  0");
    assert_eq!(rows[1], "bruno  ✓  1  ✗  1  ⚠  0  –  0  bye");
    assert_eq!(found.status, Some(1));
}

#[test]
fn everybody_talks_to_everybody() {
    if !has_python() {
        return;
    }
    let class = Class::new("pairs");
    class.add("ana", &[]);
    class.add("mudo", &[MUTE]);
    let found = Checking::start(&["pairs", class.path(), "--port", "0"]).finish();
    let rows: Vec<_> = found.text.lines().collect();
    assert_eq!(rows[1], "ana    ✓   →   1", "{}", found.text);
    assert_eq!(rows[2], "mudo   ←   ✗   2", "{}", found.text);
    assert_eq!(found.status, Some(1));
}

#[test]
fn a_folder_without_programs_is_no_class() {
    let class = Class::new("empty");
    let found = Checking::start(&["pairs", class.path(), "--port", "0"]).finish();
    assert_eq!((found.status, found.text.as_str()), (Some(1), ""));
}
