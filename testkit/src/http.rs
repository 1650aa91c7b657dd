//! As much of HTTP/1.1 as a local AWS, its clients and a proxy between them speak:
//! whole messages, whose bodies are known before the first byte is written.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// More headers than anybody sends.
const MAX_HEADERS: usize = 128;

/// How long an answer may take. CloudFormation answers at once; `docker pull` may not.
const PATIENCE: Duration = Duration::from_secs(120);

/// Names and values, in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of the first header with this name, in whatever case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Adds a header, also if there is one of this name.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    fn without_framing(&self) -> impl Iterator<Item = &(String, String)> {
        let framing = ["connection", "content-length", "expect", "transfer-encoding"];
        self.0
            .iter()
            .filter(move |(name, _)| !framing.iter().any(|it| name.eq_ignore_ascii_case(it)))
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// What stands above the body.
    pub headers: Headers,
    /// The body as it is meant, without chunks.
    pub body: Vec<u8>,
}

/// What a server answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// 200 and so on.
    pub status: u16,
    /// What stands above the body.
    pub headers: Headers,
    /// The body as it is meant, without chunks.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer with a body of this type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut headers = Headers::default();
        headers.add("Content-Type", content_type);
        Self { status, headers, body: body.into() }
    }

    /// The body as text; what is not UTF-8 is shown as such.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks the server at this address, on a connection of its own.
pub fn send(address: &str, request: &Request) -> io::Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write_request(&mut stream, address, request)?;
    read_response(&mut BufReader::new(stream), &request.method)
}

fn write_request(stream: &mut TcpStream, address: &str, request: &Request) -> io::Result<()> {
    let Request { method, target, headers, body } = request;
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    if headers.get("host").is_none() {
        let _ = write!(head, "Host: {address}\r\n");
    }
    write_message(stream, head, headers, body, "Connection: close\r\n", true)
}

/// Answers on a connection that stays open. `HEAD` is answered with the length of a
/// body that is not sent.
pub fn write_response(stream: &mut TcpStream, method: &str, response: &Response) -> io::Result<()> {
    let Response { status, headers, body } = response;
    let head = format!("HTTP/1.1 {status} \r\n");
    if method == "HEAD" {
        let length = headers.get("content-length").unwrap_or("0");
        let extra = format!("Content-Length: {length}\r\n");
        return write_message(stream, head, headers, &[], &extra, false);
    }
    write_message(stream, head, headers, body, "", true)
}

fn write_message(
    stream: &mut TcpStream,
    mut head: String,
    headers: &Headers,
    body: &[u8],
    extra: &str,
    has_length: bool,
) -> io::Result<()> {
    for (name, value) in headers.without_framing() {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if has_length {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    head.push_str(extra);
    head.push_str("\r\n");
    let mut message = head.into_bytes();
    message.extend_from_slice(body);
    stream.write_all(&message)?;
    stream.flush()
}

/// A path and a query: whoever takes us for a proxy of its own sends a whole address.
fn without_host(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://") else { return target };
    rest.find('/').map_or("/", |path| &rest[path..])
}

/// The next request of a connection, or nothing if the client has closed it. A client
/// that waits for leave to send its body is told to go on.
pub fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let head = read_head(reader)?;
    if head.is_empty() {
        return Ok(None);
    }
    let mut space = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut space);
    parsed.parse(&head).map_err(io::Error::other)?;
    let headers = headers_of(parsed.headers);
    if headers.get("expect").is_some() {
        reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let length = length_of(&headers).unwrap_or(Length::Bytes(0));
    Ok(Some(Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        target: without_host(parsed.path.unwrap_or_default()).to_owned(),
        body: read_body(reader, length)?,
        headers,
    }))
}

fn read_response(reader: &mut BufReader<TcpStream>, method: &str) -> io::Result<Response> {
    let head = read_head(reader)?;
    if head.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    }
    let mut space = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut space);
    parsed.parse(&head).map_err(io::Error::other)?;
    let headers = headers_of(parsed.headers);
    let status = parsed.code.unwrap_or_default();
    let has_body = method != "HEAD" && status != 204 && status != 304;
    let length =
        if has_body { length_of(&headers).unwrap_or(Length::ToTheEnd) } else { Length::Bytes(0) };
    Ok(Response { status, body: read_body(reader, length)?, headers })
}

/// Everything up to and including the empty line.
fn read_head(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            break;
        }
    }
    Ok(head)
}

fn headers_of(parsed: &[httparse::Header<'_>]) -> Headers {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Headers(parsed.iter().map(|header| (header.name.to_owned(), text(header.value))).collect())
}

/// How far a body goes.
enum Length {
    Bytes(u64),
    Chunks,
    ToTheEnd,
}

fn length_of(headers: &Headers) -> Option<Length> {
    let encoding = headers.get("transfer-encoding");
    if encoding.is_some_and(|it| it.eq_ignore_ascii_case("chunked")) {
        return Some(Length::Chunks);
    }
    headers.get("content-length")?.parse().ok().map(Length::Bytes)
}

fn read_body(reader: &mut BufReader<TcpStream>, length: Length) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match length {
        Length::Bytes(bytes) => {
            body.resize(usize::try_from(bytes).map_err(io::Error::other)?, 0);
            reader.read_exact(&mut body)?;
        }
        Length::Chunks => while read_chunk(reader, &mut body)? {},
        Length::ToTheEnd => {
            reader.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

/// Reads a chunk with the line break behind it, and says whether more follow.
fn read_chunk(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<bool> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let digits = line.split(';').next().unwrap_or_default().trim();
    let size = usize::from_str_radix(digits, 16).map_err(io::Error::other)?;
    let start = body.len();
    body.resize(start + size, 0);
    reader.read_exact(&mut body[start..])?;
    reader.read_line(&mut line)?;
    Ok(size > 0)
}
