//! What the system tells of a process while it runs: its memory, its file descriptors and its threads.

use std::{fmt, fs};

/// One look at it.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Resident memory, in KiB.
    memory: usize,
    descriptors: usize,
    threads: usize,
}

/// Looks at a process, in the order of time.
pub(crate) struct Samples {
    pid: u32,
    all: Vec<Sample>,
}

impl Samples {
    pub(crate) fn of(pid: u32) -> Self {
        Self { pid, all: Vec::new() }
    }

    pub(crate) fn take(&mut self) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim_end_matches("kB").trim().parse().unwrap()
        };
        let descriptors = fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count();
        self.all.push(Sample { memory: number("VmRSS:"), descriptors, threads: number("Threads:") });
    }

    /// The middle of what was seen in one fifth of the time.
    fn median(&self, fifth: usize, what: fn(&Sample) -> usize) -> usize {
        let length = self.all.len() / 5;
        let mut part: Vec<usize> = self.all[fifth * length..(fifth + 1) * length].iter().map(what).collect();
        part.sort_unstable();
        part[length / 2]
    }

    /// Checks that nothing has grown since the second fifth of the time: by then it has met every fault. An allocator may find
    /// its order later: over more polls, what is more by a twelfth does not grow any more.
    pub(crate) fn are_flat(&self) {
        let grown = |what| (self.median(1, what), self.median(4, what));
        let (before, after) = grown(|sample| sample.memory);
        assert!(after <= before + before / 7, "memory grew from {before} to {after} KiB\n{self}");
        let (before, after) = grown(|sample| sample.descriptors);
        assert!(after <= before + 5, "file descriptors grew from {before} to {after}\n{self}");
        let (before, after) = grown(|sample| sample.threads);
        assert!(after <= before, "threads grew from {before} to {after}\n{self}");
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| fifth of the time | memory, KiB | file descriptors | threads |\n|---|---|---|---|")?;
        for fifth in 0..5 {
            let whats: [fn(&Sample) -> usize; 3] = [|it| it.memory, |it| it.descriptors, |it| it.threads];
            let [memory, descriptors, threads] = whats.map(|what| self.median(fifth, what));
            writeln!(f, "| {} | {memory} | {descriptors} | {threads} |", fifth + 1)?;
        }
        Ok(())
    }
}
