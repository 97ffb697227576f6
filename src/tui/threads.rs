//! The threads around the loop: keys come in, signals come in, frames go out. Each speaks to the loop by its one queue.

use std::{
    fs::File,
    io::{self, Write as _},
    sync::mpsc::{Receiver, Sender, SyncSender, sync_channel},
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM, SIGWINCH},
    iterator::Signals,
};

use super::event::{Cause, Event};

/// Reads keys and pastes until the terminal or the loop is gone.
pub(super) fn spawn_input(events: Sender<Event>) -> io::Result<()> {
    thread::Builder::new().name("input".into()).spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            let Some(event) = Event::from_terminal(event) else { continue };
            if events.send(event).is_err() {
                return;
            }
        }
        let _ = events.send(Event::Quit(Cause::HungUp));
    })?;
    Ok(())
}

/// Turns the signals that end a program, and those that tell of the terminal's size, into events.
pub(super) fn spawn_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM, SIGWINCH])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGWINCH => match crossterm::terminal::size() {
                    Ok((columns, rows)) => Event::Resize(columns, rows),
                    Err(_) => continue,
                },
                SIGINT => Event::Quit(Cause::Interrupted),
                SIGTERM => Event::Quit(Cause::Terminated),
                _ => Event::Quit(Cause::HungUp),
            };
            if events.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Writes frames, one at a time: while the terminal has not taken the last one, the loop draws none.
#[derive(Debug)]
pub(super) struct Writer {
    frames: SyncSender<Vec<u8>>,
    state: WriterState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WriterState {
    Idle,
    Writing,
}

impl Writer {
    /// Starts the thread; it answers each frame with [`Event::Written`].
    pub(super) fn spawn(output: File, events: Sender<Event>) -> io::Result<Self> {
        let (frames, queue) = sync_channel(1);
        thread::Builder::new().name("writer".into()).spawn(move || write_frames(output, &queue, &events))?;
        Ok(Self { frames, state: WriterState::Idle })
    }

    /// Whether a frame would be written at once.
    pub(super) fn is_idle(&self) -> bool {
        self.state == WriterState::Idle
    }

    /// Hands a frame over; an empty one is nothing to write.
    pub(super) fn write(&mut self, frame: Vec<u8>) {
        if !frame.is_empty() && self.frames.try_send(frame).is_ok() {
            self.state = WriterState::Writing;
        }
    }

    /// Takes note that the terminal has taken the frame.
    pub(super) fn written(&mut self) {
        self.state = WriterState::Idle;
    }
}

fn write_frames(mut output: File, queue: &Receiver<Vec<u8>>, events: &Sender<Event>) {
    for frame in queue {
        let event = match output.write_all(&frame) {
            Ok(()) => Event::Written,
            Err(_) => Event::Quit(Cause::HungUp),
        };
        if events.send(event).is_err() {
            return;
        }
    }
}
