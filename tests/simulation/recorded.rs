//! The recordings of a seed: one for each process.
//!
//! The program's own recorder writes them, so a seed can be played like a real session. A killed
//! process leaves what was recorded before. Read next: `docs/RECORDING.md`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use papo::directory::Directory;
use papo::recording::state::Recorded;
use papo::recording::{Header, Recording};

use super::any_machine::AnyMachine;
use super::logged::LoggedMachine;
use super::schedule::NodeId;

pub(crate) type SimRecorder = Option<Recording<Vec<u8>>>;

impl Recorded for LoggedMachine {
    fn directory(&self) -> Option<&Directory> {
        match self.planted().machine() {
            AnyMachine::Directory(directory) => Some(directory),
            AnyMachine::Peer(..) | AnyMachine::Script(_) => None,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recordings {
    pub(crate) is_on: bool,
    /// The finished recordings, by file name.
    files: Vec<(String, Vec<u8>)>,
    /// How many processes each node has had.
    starts: BTreeMap<NodeId, usize>,
}

impl Recordings {
    /// A process starts. `now` is in the world's time, and is the Unix time of the recording.
    pub(crate) fn begin(&mut self, node: NodeId, label: &str, now: u64) -> SimRecorder {
        if !self.is_on {
            return None;
        }
        *self.starts.entry(node).or_default() += 1;
        let process = if label == "srv" { "server".to_string() } else { format!("peer {label}") };
        let pid = node as u32;
        let header = Header { process, pid, unix_ms: now, listening: Vec::new() };
        Some(Recording::new(Vec::new(), &header))
    }

    /// A process has ended.
    pub(crate) fn keep(&mut self, node: NodeId, lines: Vec<u8>) {
        self.files.push((format!("{node:02}-{}.jsonl", self.starts[&node]), lines));
    }

    pub(crate) fn into_files(mut self) -> Vec<(String, Vec<u8>)> {
        self.files.sort();
        self.files
    }
}

/// Writes the files into a folder, and creates it if needed.
pub(crate) fn write(files: &[(String, Vec<u8>)], folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(name, lines)| fs::write(folder.join(name), lines))
}
