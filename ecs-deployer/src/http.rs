//! As much of HTTP as it takes to say how the program is, and to ask that.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Whoever asks for longer is not listened to any more.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than any question for a page has.
const LONGEST: usize = 8 * 1024;

/// More than any page has that is asked for.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// So many are answered at the same time.
const AT_ONCE: usize = 16;

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// `200`, `404`, `503`.
    pub status: u16,
    /// The text of it.
    pub text: String,
}

impl Page {
    /// A page that says that something is so, or that it is not.
    pub fn is(good: bool, text: impl Into<String>) -> Self {
        Self { status: if good { 200 } else { 503 }, text: text.into() }
    }
}

/// Answers whoever asks, for ever; `page` has the page of a path, if there is one.
pub async fn serve<F>(listener: TcpListener, page: F)
where
    F: Fn(&str) -> Option<Page> + Send + Sync + 'static,
{
    let page = Arc::new(page);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        // Whoever has gone away again is no reason to stop.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let page = page.clone();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(PATIENCE, answer(stream, &*page)).await;
            drop(place);
        });
    }
}

async fn answer(
    mut stream: TcpStream,
    page: &(impl Fn(&str) -> Option<Page> + Sync),
) -> io::Result<()> {
    let question = question(&mut stream).await?;
    let Page { status, text } = match path(&question) {
        Some(path) => page(path).unwrap_or(Page { status: 404, text: "not here\n".to_owned() }),
        None => Page { status: 405, text: "only GET\n".to_owned() },
    };
    let length = text.len();
    let head = format!(
        "HTTP/1.1 {status} {}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n",
        reason(status)
    );
    stream.write_all((head + &text).as_bytes()).await?;
    stream.shutdown().await
}

/// All that is asked, without a body.
async fn question(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    while !bytes.windows(4).any(|it| it == b"\r\n\r\n") {
        let read = stream.read(&mut part).await?;
        if read == 0 || bytes.len() > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.extend_from_slice(&part[..read]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The path that is asked for, without a query.
fn path(question: &str) -> Option<&str> {
    let mut words = question.lines().next()?.split(' ');
    let method = words.next()?;
    let path = words.next()?;
    (method == "GET").then(|| path.split('?').next().unwrap_or(path))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Service Unavailable",
    }
}

/// Asks a program on this machine, or what ECS puts beside it, for a page.
///
/// # Errors
///
/// If nobody answers, or not as a web server does.
pub async fn ask(address: SocketAddr, path: &str) -> io::Result<Page> {
    tokio::time::timeout(PATIENCE, get(nearby(address), path))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// In the oldest HTTP, whose answers are not cut into pieces.
async fn get(address: SocketAddr, path: &str) -> io::Result<Page> {
    let mut stream = TcpStream::connect(address).await?;
    let question = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    stream.write_all(question.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, text) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let status = head.get(9..12).and_then(|it| it.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    Ok(Page { status, text: text.to_owned() })
}

/// Who listens everywhere is reached on this machine.
fn nearby(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => IpAddr::V4(if ip.is_unspecified() { Ipv4Addr::LOCALHOST } else { ip }),
        IpAddr::V6(ip) => IpAddr::V6(if ip.is_unspecified() { Ipv6Addr::LOCALHOST } else { ip }),
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listening() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_page_is_answered_and_others_are_not_there() {
        let (listener, address) = listening().await;
        tokio::spawn(serve(listener, |path| match path {
            "/good" => Some(Page::is(true, "good")),
            "/bad" => Some(Page::is(false, "bad")),
            _ => None,
        }));
        for (path, status) in [("/good", 200), ("/good?x=1", 200), ("/bad", 503), ("/else", 404)] {
            assert_eq!(ask(address, path).await.unwrap().status, status, "{path}");
        }
    }

    #[tokio::test]
    async fn nobody_is_an_error() {
        let (listener, address) = listening().await;
        drop(listener);
        assert!(ask(address, "/healthz").await.is_err());
    }

    #[tokio::test]
    async fn a_question_without_an_end_is_not_listened_to() {
        let (listener, address) = listening().await;
        tokio::spawn(serve(listener, |_| Some(Page::is(true, "all of it"))));
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The other side may hang up before all is said.
        let _ = stream.write_all(&[b'x'; 64 * 1024]).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.is_empty());
        assert_eq!(ask(address, "/").await.unwrap(), Page::is(true, "all of it"));
    }

    #[test]
    fn only_get_is_understood() {
        assert_eq!(path("GET /healthz?x HTTP/1.1\r\n"), Some("/healthz"));
        assert_eq!(path("POST /healthz HTTP/1.1\r\n"), None);
        assert_eq!(path(""), None);
    }

    #[test]
    fn who_listens_everywhere_is_here() {
        assert_eq!(nearby("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
        assert_eq!(nearby("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(nearby("10.0.0.1:80".parse().unwrap()).to_string(), "10.0.0.1:80");
    }
}
