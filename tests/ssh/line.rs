//! The line between `ssh` and `sshd`: it hands bytes on at once, or as slowly as a thin one, until it is cut.

use std::{net::SocketAddr, thread, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    runtime,
    sync::{mpsc, watch},
    task::LocalSet,
    time::{Instant, sleep, sleep_until},
};

/// A thin line: how long a byte is under way, and how many leave it in a second.
const DELAY: Duration = Duration::from_millis(200);
const RATE: u32 = 2_000;

/// What travels in one piece, and how many pieces may be under way: 8 kB, as in the buffers of a modem.
const PIECE: usize = 256;
const UNDER_WAY: usize = 32;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Quick,
    Thin,
    /// Both ends hear of it at once, by a reset.
    Cut,
}

/// A line to a server on loopback. Dropping it cuts it.
pub(crate) struct Line {
    pub(crate) port: u16,
    state: watch::Sender<State>,
}

impl Line {
    /// Lays one to this port.
    pub(crate) fn to(port: u16) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (state, seen) = watch::channel(State::Quick);
        let line = Self { port: listener.local_addr().unwrap().port(), state };
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, serve(listener, ([127, 0, 0, 1], port).into(), seen));
        });
        line
    }

    /// From now on it is a thin one.
    pub(crate) fn slow_down(&self) {
        self.state.send_replace(State::Thin);
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }
}

async fn serve(listener: std::net::TcpListener, server: SocketAddr, mut state: watch::Receiver<State>) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                tokio::task::spawn_local(connection(accepted.unwrap().0, server, state.clone()));
            }
            _ = is_cut(&mut state) => return,
        }
    }
}

/// Waits until the line is cut, or nobody holds it any more.
async fn is_cut(state: &mut watch::Receiver<State>) {
    let _ = state.wait_for(|state| *state == State::Cut).await;
}

async fn connection(mut client: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
    let mut server = TcpStream::connect(server).await.unwrap();
    let pace = state.clone();
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    tokio::select! {
        _ = async { tokio::join!(carry(from_client, to_server, &pace), carry(from_server, to_client, &pace)) } => {}
        () = is_cut(&mut state) => {
            client.set_zero_linger().unwrap();
            server.set_zero_linger().unwrap();
        }
    }
}

/// One way of the line.
async fn carry(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, pace: &watch::Receiver<State>) {
    let is_thin = || *pace.borrow() == State::Thin;
    let (sender, mut under_way) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let comes_in = async move {
        let mut buffer = [0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + if is_thin() { DELAY } else { Duration::ZERO };
            if sender.send((due, buffer[..length].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let goes_out = async move {
        while let Some((due, piece)) = under_way.recv().await {
            if is_thin() {
                sleep_until(due).await;
                sleep(Duration::from_secs(1) * piece.len() as u32 / RATE).await;
            }
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(comes_in, goes_out);
}
