//! One client socket, cheap enough that ten thousand of them fit beside a server that is measured: it reads into a buffer
//! that all share, and looks at frames where they lie.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;

/// Bytes read at once.
pub(crate) const READ: usize = 256 * 1024;
const TEXT: u8 = 0x81;
const PONG: u8 = 0x8a;
const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;
const MASKED: u8 = 0x80;
/// The length follows in two bytes.
const LONG: u8 = 0x7e;

/// The buffer that all lines of a thread read into.
pub(crate) type Buffer = Rc<RefCell<Vec<u8>>>;

/// The half of a socket that speaks.
#[derive(Debug, Clone)]
pub(crate) struct Line(Rc<Mutex<OwnedWriteHalf>>);

/// The half of a socket that listens.
#[derive(Debug)]
pub(crate) struct Ear {
    half: OwnedReadHalf,
    line: Line,
    /// The beginning of a frame whose rest has not come yet.
    held: Vec<u8>,
}

/// Opens a WebSocket.
pub(crate) async fn open(address: SocketAddr, path: &str, origin: &str) -> Result<(Line, Ear)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut held = Vec::with_capacity(512);
    let end = loop {
        ensure!(stream.read_buf(&mut held).await? > 0, "the server closed the connection");
        if let Some(at) = held.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    if !held.starts_with(b"HTTP/1.1 101") {
        bail!("no WebSocket: {}", String::from_utf8_lossy(&held));
    }
    held.drain(..end);
    held.shrink_to_fit();
    let (half, write) = stream.into_split();
    let line = Line(Rc::new(Mutex::new(write)));
    Ok((line.clone(), Ear { half, line, held }))
}

impl Line {
    /// Sends a text.
    pub(crate) async fn send(&self, text: &str) -> Result<()> {
        self.frame(TEXT, text.as_bytes()).await
    }

    async fn frame(&self, kind: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![kind];
        match payload.len() {
            short @ 0..126 => frame.push(MASKED | u8::try_from(short)?),
            long => {
                frame.push(MASKED | LONG);
                frame.extend_from_slice(&u16::try_from(long)?.to_be_bytes());
            }
        }
        // A mask of zeros leaves the payload as it is; the server takes it off all the same.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        self.0.lock().await.write_all(&frame).await?;
        Ok(())
    }
}

impl Ear {
    /// Listens until the socket is closed; every text is given to `hear`.
    pub(crate) async fn listen(mut self, buffer: Buffer, mut hear: impl FnMut(&[u8])) -> Result<()> {
        let mut asked = take_in(&mut self.held, &[], &mut hear)?;
        loop {
            match asked {
                PING => self.line.frame(PONG, &[]).await?,
                CLOSE => return Ok(()),
                _ => {}
            }
            asked = poll_fn(|cx| self.poll(cx, &buffer, &mut hear)).await?;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, buffer: &Buffer, hear: &mut impl FnMut(&[u8])) -> Poll<Result<u8>> {
        let mut buffer = buffer.borrow_mut();
        let mut read = ReadBuf::new(&mut buffer);
        ready!(Pin::new(&mut self.half).poll_read(cx, &mut read))?;
        if read.filled().is_empty() {
            return Poll::Ready(Ok(CLOSE));
        }
        Poll::Ready(take_in(&mut self.held, read.filled(), hear))
    }
}

/// Looks at the frames that are whole, and holds the rest; answers what the server asked for.
fn take_in(held: &mut Vec<u8>, read: &[u8], hear: &mut impl FnMut(&[u8])) -> Result<u8> {
    let mut asked = TEXT;
    if held.is_empty() {
        let used = frames(read, &mut asked, hear)?;
        held.extend_from_slice(&read[used..]);
    } else {
        held.extend_from_slice(read);
        let used = frames(held, &mut asked, hear)?;
        held.drain(..used);
    }
    if held.is_empty() {
        *held = Vec::new();
    }
    Ok(asked)
}

/// Gives every whole frame to `hear`; answers how many bytes they were, and what the server asked for.
fn frames(bytes: &[u8], asked: &mut u8, hear: &mut impl FnMut(&[u8])) -> Result<usize> {
    let mut used = 0;
    while let Some((kind, payload, whole)) = frame(&bytes[used..])? {
        match kind {
            TEXT => hear(payload),
            PING | CLOSE => *asked = kind,
            _ => bail!("a frame of kind {kind:#x}"),
        }
        used += whole;
    }
    Ok(used)
}

/// The first frame, if it is whole: its kind, its payload, its length.
fn frame(bytes: &[u8]) -> Result<Option<(u8, &[u8], usize)>> {
    let [kind, length, rest @ ..] = bytes else { return Ok(None) };
    let (length, head) = match (length, rest) {
        (126, [high, low, ..]) => (usize::from(u16::from_be_bytes([*high, *low])), 4),
        (127, _) if rest.len() >= 8 => (usize::try_from(u64::from_be_bytes(rest[..8].try_into()?))?, 10),
        (126 | 127, _) => return Ok(None),
        (short, _) => (usize::from(*short), 2),
    };
    Ok(bytes.get(head..head + length).map(|payload| (*kind, payload, head + length)))
}
