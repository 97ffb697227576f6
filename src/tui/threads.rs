//! The threads around the loop: keys come in, signals come in, frames and copies go out, exports are written. Each speaks to
//! the loop by its one queue.
//!
//! Two more speak to nobody: they see to it that the program ends, whatever the loop, the journal or the terminal wait for.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH},
    iterator::Signals,
};

use super::{
    event::{Cause, Event, Outcome},
    input::{Input, Parser},
    terminal,
};
use crate::{
    crash::{self, Place},
    export::{Export, SaveError},
    job::Timestamp,
};

/// How long the loop and the journal have to end once the terminal is gone.
const AFTER_HANG_UP: Duration = Duration::from_millis(200);

/// How long they and the terminal have once a signal told the program to end: within a second it is gone.
const AFTER_SIGNAL: Duration = Duration::from_millis(800);

/// How often the input thread looks whether the terminal is ours again, for as long as the program is not stopped yet.
const A_MOMENT: Duration = Duration::from_millis(20);

/// Reads keys and pastes until the terminal or the loop is gone.
pub(super) fn spawn_input(events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        let mut parser = Parser::default();
        while let Some(found) = next_input(&mut parser) {
            for event in found.into_iter().filter_map(event) {
                if events.send(event).is_err() {
                    return;
                }
            }
        }
        let _ = events.send(Event::Quit(Cause::HungUp));
    })?;
    Ok(())
}

/// What comes in next. `None`: the terminal is gone.
fn next_input(parser: &mut Parser) -> Option<Vec<Input>> {
    if !terminal::is_readable_within(parser.patience()) {
        return Some(parser.time_out());
    }
    // Reading in the background, the system would stop the program again and again, before it can look at the signal that
    // ends it. It stops by itself.
    while terminal::is_in_background() {
        thread::sleep(A_MOMENT);
    }
    let mut buffer = [0; 1024];
    match terminal::read(&mut buffer) {
        Ok([]) | Err(_) => None,
        Ok(bytes) => {
            crash::rehearse(Place::Input);
            Some(parser.advance(bytes))
        }
    }
}

fn event(input: Input) -> Option<Event> {
    match input {
        Input::User(event) => Event::from_terminal(event),
        Input::Synchronizes => Some(Event::Synchronizes),
    }
}

/// Turns signals into events: those that end a program or stop it, and those that tell of the terminal.
///
/// A program that was told to ignore SIGHUP (`nohup`) does not: a dashboard has no life without its terminal.
pub(super) fn spawn_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT])?;
    let resized = || {
        let size = terminal::size();
        Event::Resize(size.width, size.height)
    };
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let told = match signal {
                SIGWINCH => vec![resized()],
                // Meanwhile the terminal may have got another size, and nobody was told.
                SIGCONT => vec![Event::Resume, resized()],
                SIGTSTP => vec![Event::Suspend],
                SIGINT => vec![quit(Cause::Interrupted)],
                SIGTERM => vec![quit(Cause::Terminated)],
                _ => vec![quit(Cause::HungUp)],
            };
            for event in told {
                if events.send(event).is_err() {
                    return;
                }
            }
        }
    })?;
    Ok(())
}

/// Says that the program is to end, and makes sure that it does.
fn quit(cause: Cause) -> Event {
    let _ = thread::Builder::new().name("deadline".into()).spawn(move || {
        thread::sleep(AFTER_SIGNAL);
        end(cause)
    });
    Event::Quit(cause)
}

/// Ends the program soon after its terminal is gone, without a signal, too.
///
/// Where that can't be watched, the input's end and SIGHUP still tell.
pub(super) fn spawn_watchdog(events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("hang-up".into()).spawn(move || {
        if terminal::hang_up().is_ok() {
            let _ = events.send(Event::Quit(Cause::HungUp));
            thread::sleep(AFTER_HANG_UP);
            end(Cause::HungUp)
        }
    })?;
    Ok(())
}

/// Ends the process here and now: no destructor and no other thread is waited for.
fn end(cause: Cause) -> ! {
    terminal::give_modes_back();
    signal_hook::low_level::exit(cause.exit_code().code().into())
}

/// Writes a view to a file on a thread of its own, since disks may be slow; the answer is an [`Event::Done`].
pub(super) fn spawn_export(export: Export, home: Option<PathBuf>, now: Timestamp, events: &Sender<Event>) {
    let answers = events.clone();
    let write = move || drop(answers.send(Event::Done(outcome(export, home.as_deref(), now))));
    if let Err(source) = thread::Builder::new().name("export".into()).spawn(write) {
        let error = SaveError::System { path: "a file".into(), source };
        let _ = events.send(Event::Done(Outcome::NotSaved(Arc::new(error))));
    }
}

fn outcome(export: Export, home: Option<&Path>, now: Timestamp) -> Outcome {
    match export.write(home, now) {
        Ok(saved) => Outcome::Saved(saved),
        Err(error @ SaveError::Exists(_)) => Outcome::Exists(export, Arc::new(error)),
        Err(error) => Outcome::NotSaved(Arc::new(error)),
    }
}

/// Writes frames, one at a time: while the terminal has not taken the last one, the loop draws none.
///
/// Copies go between frames: a frame may be replaced by the next state, a copy must arrive.
#[derive(Debug)]
pub(super) struct Writer {
    output: SyncSender<Vec<u8>>,
    state: WriterState,
    /// A copy that waits for the end of a frame. The next one takes its place: it would replace it in the clipboard, too, and
    /// a terminal that takes nothing must not make us hold ever more.
    copy: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WriterState {
    Idle,
    Writing,
}

impl Writer {
    /// Starts the thread; it answers each frame and each copy with [`Event::Written`].
    pub(super) fn spawn(output: File, events: Sender<Event>) -> io::Result<Self> {
        let (sender, queue) = sync_channel(1);
        thread::Builder::new().name("writer".into()).spawn(move || write_all(output, &queue, &events))?;
        Ok(Self { output: sender, state: WriterState::Idle, copy: None })
    }

    /// Whether a frame would be written at once.
    pub(super) fn is_idle(&self) -> bool {
        self.state == WriterState::Idle
    }

    /// Hands a frame over; an empty one is nothing to write.
    pub(super) fn write(&mut self, frame: Vec<u8>) {
        if !frame.is_empty() && self.output.try_send(frame).is_ok() {
            self.state = WriterState::Writing;
        }
    }

    /// Hands a copy over: before the next frame, but not in the middle of this one.
    pub(super) fn copy(&mut self, sequence: Vec<u8>) {
        if self.is_idle() {
            self.write(sequence);
        } else {
            self.copy = Some(sequence);
        }
    }

    /// Takes note that the terminal has taken what was handed over.
    pub(super) fn written(&mut self) {
        self.state = WriterState::Idle;
        if let Some(copy) = self.copy.take() {
            self.write(copy);
        }
    }
}

fn write_all(mut output: File, queue: &Receiver<Vec<u8>>, events: &Sender<Event>) {
    for bytes in queue {
        let event = match output.write_all(&bytes) {
            Ok(()) => Event::Written,
            Err(_) => Event::Quit(Cause::HungUp),
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{PipeReader, Read as _},
        os::fd::OwnedFd,
        sync::mpsc::channel,
    };

    use super::*;

    /// A writer, the loop's queue, and the terminal's end.
    fn writer() -> (Writer, Receiver<Event>, PipeReader) {
        let (reader, output) = io::pipe().unwrap();
        let (events, queue) = channel();
        (Writer::spawn(File::from(OwnedFd::from(output)), events).unwrap(), queue, reader)
    }

    fn take_note(writer: &mut Writer, queue: &Receiver<Event>) {
        assert!(matches!(queue.recv(), Ok(Event::Written)));
        writer.written();
    }

    fn everything(writer: Writer, mut reader: PipeReader) -> String {
        drop(writer);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_copy_goes_out_at_once_where_nothing_is_written() {
        let (mut writer, queue, reader) = writer();
        writer.copy(b"copy".to_vec());
        assert!(!writer.is_idle(), "no frame cuts it in two");
        take_note(&mut writer, &queue);
        assert!(writer.is_idle());
        assert_eq!(everything(writer, reader), "copy");
    }

    #[test]
    fn a_copy_waits_for_its_frame_and_comes_before_the_next() {
        let (mut writer, queue, reader) = writer();
        writer.write(b"frame ".to_vec());
        writer.copy(b"copy ".to_vec());
        take_note(&mut writer, &queue);
        assert!(!writer.is_idle(), "the copy is on its way");
        take_note(&mut writer, &queue);
        writer.write(b"frame".to_vec());
        take_note(&mut writer, &queue);
        assert_eq!(everything(writer, reader), "frame copy frame");
    }

    #[test]
    fn a_frame_that_is_larger_than_the_terminals_buffer_is_not_cut() {
        let (mut writer, queue, mut reader) = writer();
        let frame = "f".repeat(1 << 20);
        writer.write(frame.clone().into_bytes());
        for copy in ["lost ", "copy"] {
            writer.copy(copy.into());
        }
        let mut first = vec![0; frame.len()];
        reader.read_exact(&mut first).unwrap();
        assert!(first == frame.as_bytes());
        take_note(&mut writer, &queue);
        take_note(&mut writer, &queue);
        assert_eq!(everything(writer, reader), "copy", "the last copy counts");
    }
}
