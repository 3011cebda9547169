//! `--record FILE`: the file of a recording. docs/RECORDING.md has its format.
//!
//! A write to a regular file may wait for the disk. A write to a pipe or a terminal never blocks:
//! what it does not take waits here, up to a bound. An error ends the recording and is logged once;
//! the program goes on. Read next: [`crate::recording`], which makes the lines.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use super::arguments::help::{Opt, option};
use super::arguments::options::Choices;
use super::system::clock;
use super::system::files::open_to_record;
use super::{Failure, arguments};
use crate::console::language::{Language, Text, text};
use crate::recording::{Header, Recording, Sink};

/// Most bytes that wait for a pipe. Beyond it whole turns are left out, and counted.
const RECORDING_QUEUE_BYTES: usize = 1024 * 1024;

/// `--record` of each command with a loop that can be recorded.
pub(crate) const RECORD: Opt = option(
    "--record FILE  record each turn of the event loop, as JSON lines",
    "--record ARQUIVO  grava em JSON cada volta do laço de eventos",
);

/// The recorder of a loop that is recorded only with `--record`. (The server has two types of loop
/// instead: its speed is compared with that of others.)
pub(crate) type MayRecord = Option<Recording<RecordingFile>>;

/// Begins a recording, if `--record` is given. `language` is that of the person who reads stderr;
/// `None`: programs read it.
pub(crate) fn begin(
    matches: &Choices,
    language: Option<Language>,
    process: &str,
    listening: &[SocketAddr],
) -> Result<MayRecord, Failure> {
    let file = open_file(matches, language)?;
    Ok(file.map(|file| Recording::new(file, &header(process, listening))))
}

/// Opens the file of `--record`, if it is given.
pub(crate) fn open_file(
    matches: &Choices,
    language: Option<Language>,
) -> Result<Option<RecordingFile>, Failure> {
    let Some(path) = arguments::path(matches, "record") else { return Ok(None) };
    let opened = RecordingFile::create(path.clone(), language);
    opened.map(Some).map_err(|error| Failure::record(&path, error))
}

/// The first line of a recording that this process makes.
pub(crate) fn header(process: &str, listening: &[SocketAddr]) -> Header {
    Header {
        process: process.to_string(),
        pid: std::process::id(),
        unix_ms: clock::unix_ms(),
        listening: listening.to_vec(),
    }
}

/// The file, pipe or device that a recording goes to.
#[derive(Debug)]
pub(crate) struct RecordingFile {
    /// `None`: an error has ended the recording.
    file: Option<File>,
    path: PathBuf,
    /// Bytes that wait.
    queue: Vec<u8>,
    language: Option<Language>,
}

impl RecordingFile {
    fn create(path: PathBuf, language: Option<Language>) -> io::Result<Self> {
        let file = Some(open_to_record(&path)?);
        Ok(Self { file, path, queue: Vec::new(), language })
    }

    fn write_out(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut taken = 0;
        let result = loop {
            if taken == self.queue.len() {
                break Ok(());
            }
            match file.write(&self.queue[taken..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => taken += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.queue.drain(..taken);
        result
    }

    /// Ends the recording, and logs why.
    fn end(&mut self, error: &io::Error) {
        const ENDED: Text = text!(
            "the recording in {file} ends here: {error}. All else goes on",
            "a gravação em {file} termina aqui: {error}. O resto continua",
        );
        self.file = None;
        self.queue = Vec::new();
        let (file, error) = (self.path.display().to_string(), error.to_string());
        match self.language {
            None => log::warn!("event=recording_ended file={file:?} error={error:?}"),
            Some(language) => {
                let said = ENDED.fill(language, &[("file", &file), ("error", &error)]);
                log::warn!("{said}");
            }
        }
    }
}

impl Sink for RecordingFile {
    fn has_room(&self) -> bool {
        self.file.is_some() && self.queue.len() < RECORDING_QUEUE_BYTES
    }

    fn is_over(&self) -> bool {
        self.file.is_none()
    }

    fn take(&mut self, line: &[u8]) {
        if self.file.is_some() {
            self.queue.extend_from_slice(line);
        }
    }

    fn catch_up(&mut self) {
        if let Err(error) = self.write_out() {
            self.end(&error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_of_a_full_disk_ends_and_takes_no_memory() {
        let mut file = RecordingFile::create("/dev/full".into(), None).expect("it opens");
        file.take(b"{}\n");
        assert!(file.has_room() && !file.is_over());
        file.catch_up();
        assert!(!file.has_room() && file.is_over());
        file.take(b"{}\n");
        assert_eq!(file.queue.capacity(), 0);
    }
}
