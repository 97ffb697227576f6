//! Proxies as companies have them: one that is spoken to with CONNECT, one with SOCKS 5, with and without a password. Whatever
//! name is asked for, they lead to the same door.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

/// What a proxy makes of who asks.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// Whoever it is comes through.
    Open,
    /// Who says this user name and password.
    Password(&'static str, &'static str),
    /// Nobody.
    Closed,
}

/// A proxy that runs until the tests end.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    asked: Receiver<String>,
}

impl Proxy {
    /// One for HTTP.
    pub(crate) fn http(rule: Rule, door: SocketAddr) -> Self {
        Self::start(move |stream, asked| http(stream, rule, door, asked))
    }

    /// One for SOCKS 5 that takes names.
    pub(crate) fn socks(rule: Rule, door: SocketAddr) -> Self {
        Self::start(move |stream, asked| socks(stream, rule, door, asked))
    }

    fn start(serve: impl Fn(TcpStream, &Sender<String>) -> io::Result<()> + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (told, asked) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, told) = (serve.clone(), told.clone());
                thread::spawn(move || serve(stream, &told));
            }
        });
        Self { address, asked }
    }

    /// What it was asked for so far, each once; STS is asked beside the jobs, or not yet.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked: Vec<String> = self.asked.try_iter().filter(|line| !is_sts(line)).collect();
        asked.sort();
        asked.dedup();
        asked
    }
}

/// Whether it asks whose the key is, which may come before or after the rest.
fn is_sts(line: &str) -> bool {
    line.contains("sts.aliyuncs.com") || line.contains("sts-vpc.")
}

fn http(stream: TcpStream, rule: Rule, door: SocketAddr, asked: &Sender<String>) -> io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let _ = asked.send(head.lines().next().unwrap_or_default().to_owned());
    let is_welcome = match rule {
        Rule::Open => true,
        Rule::Closed => false,
        Rule::Password(user, password) => {
            let name = "proxy-authorization: ";
            let said = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
            said.is_some_and(|line| line[name.len()..] == *basic(user, password))
        }
    };
    let refusal = if let Rule::Closed = rule { "403 Forbidden" } else { "407 Proxy Authentication Required" };
    if !is_welcome {
        let body = "<html>Who are you?</html>";
        return write!(
            &stream,
            "HTTP/1.1 {refusal}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    }
    (&stream).write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    join(stream, door)
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

fn socks(mut stream: TcpStream, rule: Rule, door: SocketAddr, asked: &Sender<String>) -> io::Result<()> {
    const NO_PASSWORD: u8 = 0;
    const PASSWORD: u8 = 2;
    const NONE: u8 = 0xff;
    let [_, methods] = bytes(&mut stream)?;
    let mut offered = vec![0; usize::from(methods)];
    stream.read_exact(&mut offered)?;
    let wanted = if let Rule::Password(..) = rule { PASSWORD } else { NO_PASSWORD };
    if !offered.contains(&wanted) {
        return stream.write_all(&[5, NONE]);
    }
    stream.write_all(&[5, wanted])?;
    if let Rule::Password(user, password) = rule {
        let [_, length] = bytes(&mut stream)?;
        let said = text(&mut stream, length)?;
        let [length] = bytes(&mut stream)?;
        let is_right = said == user && text(&mut stream, length)? == password;
        stream.write_all(&[1, u8::from(!is_right)])?;
        if !is_right {
            return Ok(());
        }
    }
    let [_, _, _, kind, length] = bytes(&mut stream)?;
    assert_eq!(kind, 3, "a name is asked for");
    let name = text(&mut stream, length)?;
    let port = u16::from_be_bytes(bytes(&mut stream)?);
    let _ = asked.send(format!("{name}:{port}"));
    let refused = u8::from(matches!(rule, Rule::Closed)) * 2;
    stream.write_all(&[5, refused, 0, 1, 0, 0, 0, 0, 0, 0])?;
    if refused > 0 { Ok(()) } else { join(stream, door) }
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(stream: &mut TcpStream, length: u8) -> io::Result<String> {
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Carries bytes both ways until one side has no more.
fn join(mut stream: TcpStream, door: SocketAddr) -> io::Result<()> {
    let mut inside = TcpStream::connect(door)?;
    let (mut from, mut to) = (inside.try_clone()?, stream.try_clone()?);
    let back = thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = io::copy(&mut stream, &mut inside);
    let _ = inside.shutdown(Shutdown::Both);
    let _ = back.join();
    Ok(())
}
