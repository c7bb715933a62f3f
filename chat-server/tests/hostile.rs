//! Stories of hostile clients: garbage, oversize, slow and false requests and frames are answered clearly, within the stated
//! limits, and nobody else notices.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use chat_server::protocol::Frame;
use futures_util::{SinkExt, StreamExt};
use membership::RoomId;
use service::client_address::TrustedProxies;
use service::http::{self, Patience};
use service::limit::Rate;
use service::origin::Origins;
use support::{Actor, ORIGIN, ROOM, TestChat};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as Raw;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{WebSocketStream, client_async};

/// No step takes longer than this.
const PATIENCE: Duration = Duration::from_mins(1);
/// The limit of time on slow requests in these stories.
const SHORT: Duration = Duration::from_millis(300);

type Socket = WebSocketStream<TcpStream>;

/// The same server on another port, whose time is short.
async fn impatient(chat: &TestChat) -> SocketAddr {
    let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let routes = http::public(chat.chat.router(), Origins::only(ORIGIN.into()), TrustedProxies::default());
    let patience = Patience { head: SHORT, body: SHORT };
    tokio::spawn(http::serve_patiently(listener, routes, chat.context.stop.clone(), patience));
    address
}

/// Sends bytes and reads to the end.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let _ = stream.write_all(bytes).await;
    to_the_end(stream).await
}

async fn to_the_end(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that is reset has ended, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed in time");
    String::from_utf8_lossy(&answer).into_owned()
}

fn upgrade(extra: &str) -> Vec<u8> {
    format!(
        "GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extra}\r\n"
    )
    .into_bytes()
}

/// A socket of which no frame is understood for us.
async fn socket(address: SocketAddr, receive_buffer: Option<u32>) -> Socket {
    let tcp = TcpSocket::new_v4().expect("a socket");
    if let Some(bytes) = receive_buffer {
        tcp.set_recv_buffer_size(bytes).expect("a small buffer");
    }
    let stream = tcp.connect(address).await.expect("connected");
    let mut request = format!("ws://{address}/socket").into_client_request().expect("a request");
    request.headers_mut().insert("origin", ORIGIN.parse().expect("a header"));
    client_async(request, stream).await.expect("the socket opens").0
}

/// What the server says from now on, and the code with which it closes.
async fn last_words(socket: &mut Socket) -> (Vec<Frame>, Option<u16>) {
    let mut frames = Vec::new();
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("the server says something in time") {
            Some(Ok(Message::Text(text))) => frames.push(serde_json::from_str(&text).expect("a frame")),
            Some(Ok(Message::Close(close))) => return (frames, close.map(|close| close.code.into())),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return (frames, None),
        }
    }
}

/// That the server still serves.
async fn all_is_well(chat: &TestChat) {
    let mut alice = chat.member("alice").await;
    let words = format!("still here {}", alice.timeline.seq);
    alice.says_with(&format!("nonce-{words}").replace(' ', "-"), &words).await.expect("said");
    chat.verify(&mut alice).await;
}

fn refusals(frames: &[Frame], wanted: &str) -> usize {
    frames.iter().filter(|frame| matches!(frame, Frame::Refused { code, .. } if code == wanted)).count()
}

#[tokio::test]
async fn slow_half_open_and_flooding_requests_are_cut() {
    let chat = TestChat::start(None, |_| {}).await;
    let address = impatient(&chat).await;
    let silent = TcpStream::connect(address).await.expect("connected");
    let mut slow = TcpStream::connect(address).await.expect("connected");
    let drip = async {
        for byte in b"GET /socket HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".iter().cycle()
        {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(5), drip).await.expect("a slow head is cut");
    let answer = timeout(Duration::from_secs(5), to_the_end(silent)).await.expect("a silent connection is cut");
    assert!(!answer.contains("101"), "{answer}");
    let many = "x: y\r\n".repeat(500);
    let long = format!("x: {}\r\n", "y".repeat(100_000));
    for headers in [many, long] {
        let answer = raw(address, &upgrade(&format!("origin: {ORIGIN}\r\n{headers}"))).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0", b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n"]
    {
        let answer = raw(address, garbage).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    all_is_well(&chat).await;
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_socket_and_no_large_body_is_read() {
    let chat = TestChat::start(None, |_| {}).await;
    let address = impatient(&chat).await;
    for origin in ["", "origin: null\r\n", "origin: http://evil.test\r\n", "origin: http://chat.test.evil.test\r\n"] {
        let answer = raw(address, &upgrade(origin)).await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("\"wrong_origin\""), "{origin}: {answer}");
    }
    let twice = format!("origin: http://evil.test\r\norigin: {ORIGIN}\r\n");
    assert!(raw(address, &upgrade(&twice)).await.starts_with("HTTP/1.1 403"), "two origins are none");
    let post = |origin: &str, length: usize| {
        format!("POST /socket HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{origin}\r\n{{}}").into_bytes()
    };
    let answer = raw(address, &post("", 2)).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("\"wrong_origin\""), "{answer}");
    let answer = raw(address, &post(&format!("origin: {ORIGIN}\r\n"), http::BODY_BYTES + 1)).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"too_large\""), "{answer}");
    all_is_well(&chat).await;
}

#[tokio::test]
async fn who_never_enters_is_closed_even_when_never_silent() {
    let chat = TestChat::start(None, |config| config.frames = Rate::new(100_000_000, 30)).await;
    let mut quiet = socket(chat.address, None).await;
    let (mut says, mut hears) = socket(chat.address, None).await.split();
    // Pings are no commands: they keep nobody who has not entered, however fast they come.
    let flood = async { while says.send(Message::Ping(vec![0; 100].into())).await.is_ok() {} };
    let listen = async { while matches!(hears.next().await, Some(Ok(_))) {} };
    let both = async { tokio::join!(flood, listen) };
    let ((_, code), ended) = tokio::join!(last_words(&mut quiet), timeout(Duration::from_secs(20), both));
    assert_eq!(code, Some(1008));
    assert!(ended.is_ok(), "a socket that only pings is closed");
    all_is_well(&chat).await;
}

#[tokio::test]
async fn pings_beyond_the_rate_end_the_socket() {
    let chat = TestChat::start(None, |config| config.frames = Rate::new(100, 30)).await;
    let mut socket = socket(chat.address, None).await;
    for _ in 0..300 {
        socket.send(Message::Ping(vec![0; 100].into())).await.expect("sent");
    }
    let (frames, code) = last_words(&mut socket).await;
    assert_eq!((refusals(&frames, "too_many"), code), (0, Some(1008)), "a ping is owed no answer but a pong");
}

#[tokio::test]
async fn frames_that_are_no_commands_are_refused_and_then_the_socket() {
    let chat = TestChat::start(None, |_| {}).await;
    let nested = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let deep = format!("{{\"type\":\"ping\",\"x\":{nested}}}");
    let huge = format!("{{\"type\":\"read\",\"room\":\"{ROOM}\",\"seq\":{}}}", "9".repeat(5000));
    let unknown = format!("{{\"type\":\"read\",\"room\":\"{ROOM}\",\"seq\":1,\"more\":1}}");
    for text in
        [&nested, &deep, &huge, &unknown, "", "null", "{}", "{\"type\":\"later\"}", "\u{feff}{}", "{\"type\":\"ping\""]
    {
        let mut socket = socket(chat.address, None).await;
        for _ in 0..10 {
            socket.send(Message::text(text.to_owned())).await.expect("sent");
        }
        let (frames, code) = last_words(&mut socket).await;
        assert!(refusals(&frames, "bad_frame") == 10 && code == Some(1008), "{code:?} {frames:?}");
    }
    let mut binary = socket(chat.address, None).await;
    for _ in 0..10 {
        binary.send(Message::binary(vec![0xff; 1000])).await.expect("sent");
    }
    let (frames, code) = last_words(&mut binary).await;
    assert!(refusals(&frames, "bad_frame") == 10 && code == Some(1008), "{code:?} {frames:?}");
    all_is_well(&chat).await;
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_socket_and_only_it() {
    let chat = TestChat::start(None, |_| {}).await;
    let mut bob = chat.member("bob").await;
    let frame = |bytes: Vec<u8>, code, last| Message::Frame(Raw::message(bytes, OpCode::Data(code), last));
    for story in [
        vec![frame(vec![0xff, 0xfe, 0x80], Data::Text, true)],
        vec![frame(b"{\"type\":".to_vec(), Data::Text, false), frame(vec![0xc3, 0x28], Data::Continue, true)],
        vec![frame(b"x".to_vec(), Data::Continue, true)],
        vec![frame(b"x".to_vec(), Data::Text, false), frame(b"y".to_vec(), Data::Text, true)],
        vec![frame(vec![b'x'; 70_000], Data::Text, true)],
        (0..80).map(|n| frame(vec![b'x'; 1000], if n == 0 { Data::Text } else { Data::Continue }, false)).collect(),
    ] {
        let mut socket = socket(chat.address, None).await;
        for part in story {
            let _ = socket.send(part).await;
        }
        let (frames, _) = last_words(&mut socket).await;
        assert!(frames.len() <= 1, "only the welcome is heard: {frames:?}");
    }
    bob.says("nobody noticed").await;
    all_is_well(&chat).await;
}

#[tokio::test]
async fn a_mark_that_is_too_long_is_refused_whatever_the_command_and_not_repeated() {
    let chat = TestChat::start(None, |_| {}).await;
    let mut ann = chat.member("ann").await;
    let (mark, token) = ("r".repeat(41), ann.token(ROOM));
    for rest in [
        format!(r#""type":"enter","token":"{token}","lines":1"#),
        format!(r#""type":"renew","token":"{token}""#),
        r#""type":"leave""#.to_owned(),
        r#""type":"say","nonce":"nonce-of-ann","body":"x""#.to_owned(),
        r#""type":"edit","target":1,"body":"x""#.to_owned(),
        r#""type":"delete","target":1"#.to_owned(),
        r#""type":"react","target":1,"emoji":"👍","on":true"#.to_owned(),
    ] {
        ann.sends_text(&format!(r#"{{"ref":"{mark}","room":"{ROOM}",{rest}}}"#)).await;
        let answer =
            ann.hears(|frame| matches!(frame, Frame::Refused { .. } | Frame::Ok { .. } | Frame::Entered(_))).await;
        assert!(
            matches!(&answer, Frame::Refused { r#ref: None, code, .. } if code == "too_large"),
            "{rest}: {answer:?}"
        );
    }
    ann.says("still here").await;
    all_is_well(&chat).await;
}

#[tokio::test]
async fn numbers_at_the_end_of_all_numbers_are_only_numbers() {
    let chat = TestChat::start(None, |_| {}).await;
    let mut alice = chat.member("ann").await;
    alice.says("first").await;
    for number in [u64::from(u32::MAX), i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        let token = alice.token(ROOM);
        for text in [
            format!(r#"{{"type":"edit","ref":"e","room":"{ROOM}","target":{number},"body":"x"}}"#),
            format!(r#"{{"type":"delete","ref":"e","room":"{ROOM}","target":{number}}}"#),
            format!(r#"{{"type":"react","ref":"e","room":"{ROOM}","target":{number},"emoji":"👍","on":true}}"#),
            format!(r#"{{"type":"enter","ref":"e","room":"{ROOM}","token":"{token}","lines":65535,"from":{number}}}"#),
            format!(
                r#"{{"type":"say","ref":"e","room":"{ROOM}","nonce":"nonce-{number:020}","body":"x","reply_to":{number}}}"#
            ),
        ] {
            alice.sends_text(&text).await;
            let mark = |mark: &str| mark == "e";
            alice
                .hears(|frame| match frame {
                    Frame::Refused { r#ref, code, .. } => {
                        assert!(!code.contains("unavailable"), "{text}: {code}");
                        r#ref.as_deref().is_some_and(mark)
                    }
                    Frame::Ok { r#ref, .. } => mark(r#ref),
                    Frame::Entered(entered) => mark(&entered.r#ref),
                    Frame::Resumed(resumed) => mark(&resumed.r#ref),
                    _ => false,
                })
                .await;
        }
        alice.sends_text(&format!(r#"{{"type":"read","room":"{ROOM}","seq":{number}}}"#)).await;
        for query in [format!("before={number}"), format!("after={number}"), format!("around={number}&limit={number}")]
        {
            let request = format!(
                "GET /rooms/{ROOM}/history?{query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
            );
            let answer = raw(chat.address, request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 400"), "{query}: {answer}");
        }
    }
    all_is_well(&chat).await;
}

#[tokio::test]
async fn ten_thousand_quick_frames_are_too_many_and_others_are_not_touched() {
    let chat = TestChat::start(None, |config| config.frames = Rate::new(600, 30)).await;
    let mut bob = chat.member("bob").await;
    let mut actor = Actor::connect(&chat, "mallory").await;
    actor.enters(ROOM).await;
    let (mut says, mut hears) = socket(chat.address, None).await.split();
    let talk = async {
        for _ in 0..10_000 {
            if says.send(Message::text("{\"type\":\"ping\"}")).await.is_err() {
                return true;
            }
        }
        false
    };
    let listen = async {
        let mut refused = 0;
        while let Ok(Some(Ok(message))) = timeout(PATIENCE, hears.next()).await {
            refused += usize::from(message.to_text().is_ok_and(|text| text.contains("too_many")));
        }
        refused
    };
    let (_, refused) = tokio::join!(talk, listen);
    assert!(refused > 0, "the flood is told that it is too much");
    bob.says("not touched").await;
    actor.until(|actor| actor.reads().contains(&"not touched")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_stops_reading_is_told_to_resume_and_others_are_not_touched() {
    let chat = TestChat::start(None, |_| {}).await;
    let (mut bob, mut alice) = (chat.member("bob").await, chat.member("alice").await);
    let lazy = Actor::connect(&chat, "lazy").await;
    let mut socket = socket(chat.address, Some(4096)).await;
    let enter = format!(r#"{{"type":"enter","ref":"e","room":"{ROOM}","token":"{}","lines":0}}"#, lazy.token(ROOM));
    socket.send(Message::text(enter)).await.expect("sent");
    let body = "x".repeat(8000);
    for n in 0..1200 {
        bob.says_with(&format!("nonce-{n:06}"), &body).await.expect("said");
        alice.until(|alice| alice.timeline.seq == n + 1).await;
    }
    let (frames, _) = last_words(&mut socket).await;
    assert!(matches!(frames.last(), Some(Frame::Resume { .. })), "{:?}", frames.last().map(std::mem::discriminant));
    assert!(frames.len() < 1200, "not everything waited in memory: {}", frames.len());
}

#[tokio::test]
async fn a_token_of_another_room_and_a_room_that_is_none_are_refused() {
    let chat = TestChat::start(None, |_| {}).await;
    let mut eve = Actor::connect(&chat, "eve").await;
    let other = RoomId::new(9, 9);
    let token = eve.token(other);
    let ask = format!(r#"{{"type":"enter","ref":"r1","room":"{ROOM}","token":"{token}","lines":1}}"#);
    eve.sends_text(&ask).await;
    let refused = eve.hears(|frame| matches!(frame, Frame::Refused { .. })).await;
    assert!(matches!(&refused, Frame::Refused { code, .. } if code == "bad_token"), "{refused:?}");
    let history = format!(
        "GET /rooms/{ROOM}/history HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    assert!(raw(chat.address, history.as_bytes()).await.starts_with("HTTP/1.1 401"));
}
