//! A mail server that keeps what it gets.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The mail server.
pub struct Postman {
    pub port: u16,
    mails: UnboundedReceiver<String>,
}

impl Postman {
    /// Begins to work.
    pub async fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (deliver, mails) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, deliver.clone()));
            }
        });
        Self { port, mails }
    }

    /// The next mail.
    pub async fn mail(&mut self) -> String {
        let soon = std::time::Duration::from_secs(5);
        tokio::time::timeout(soon, self.mails.recv()).await.expect("a mail comes soon").expect("a mail")
    }

    /// Whether no mail has come.
    pub fn is_idle(&mut self) -> bool {
        self.mails.try_recv().is_err()
    }
}

async fn take(stream: TcpStream, deliver: UnboundedSender<String>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut mail, mut in_mail) = (String::new(), false);
    write.write_all(b"220 postman\r\n").await.expect("written");
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match (in_mail, line.get(..4).unwrap_or(&line)) {
            (true, _) if line == "." => {
                in_mail = false;
                let _ = deliver.send(std::mem::take(&mut mail));
                "250 taken\r\n"
            }
            (true, _) => {
                mail.push_str(&line);
                mail.push('\n');
                continue;
            }
            (false, "DATA") => {
                in_mail = true;
                "354 go on\r\n"
            }
            (false, "QUIT") => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
