//! Requests to the measured server, as a browser or a program sends them.

use crate::Failure;
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A token is longer than any other word of its page that begins like one.
const LEAST: usize = 30;
const WORD: &str = "correct-horse-battery-staple";

/// Sets the installation up as its first page does; the session's cookie.
pub async fn administrator(weir: &Path, dir: &Path, address: &str) -> Result<String, Failure> {
    let link = Command::new(std::fs::canonicalize(weir)?)
        .current_dir(dir)
        .args(["admin-link", "--config"])
        .arg(dir.join("weir.toml"))
        .output()?;
    let link = String::from_utf8_lossy(&link.stdout).into_owned();
    let token = link.trim().rsplit_once("#token=").ok_or_else(|| format!("no link to set it up: {link}"))?.1;
    let body = format!("token={token}&login=bench&name=Bench&password={WORD}");
    let answer = send(address, "POST", "/setup", "", Some(&body)).await?;
    let cookie = answer.lines().find_map(|l| l.strip_prefix("set-cookie: ")).and_then(|c| c.split(';').next());
    cookie.map(str::to_owned).ok_or_else(|| format!("not set up: {}", answer.lines().next().unwrap_or_default()).into())
}

/// A token for programs, made on its page.
pub async fn token(address: &str, cookie: &str) -> Result<String, Failure> {
    let form = "name=bench&days=1&role=viewer&role=operator";
    let answer = send(address, "POST", "/account/tokens", &format!("cookie: {cookie}\r\n"), Some(form)).await?;
    let of_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let words =
        answer.match_indices("weir_").map(|(at, _)| answer[at..].chars().take_while(of_token).collect::<String>());
    words.max_by_key(String::len).filter(|token| token.len() > LEAST).ok_or_else(|| "no token was shown".into())
}

/// A page with its size and how long it took to its last byte.
pub async fn page(address: &str, cookie: &str, path: &str) -> Result<(String, Duration), Failure> {
    let begun = Instant::now();
    let answer = send(address, "GET", path, &format!("cookie: {cookie}\r\n"), None).await?;
    let took = begun.elapsed();
    if !is_good(&answer) {
        return Err(format!("{path}: {}", answer.lines().next().unwrap_or_default()).into());
    }
    Ok((answer, took))
}

/// JSON of `/api/v1`.
pub async fn rest(address: &str, token: &str, path: &str) -> Result<serde_json::Value, Failure> {
    let answer = send(address, "GET", path, &format!("authorization: Bearer {token}\r\n"), None).await?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if !is_good(&answer) {
        return Err(format!("{path}: {answer}").into());
    }
    Ok(serde_json::from_str(body)?)
}

fn is_good(answer: &str) -> bool {
    answer.split(' ').nth(1) == Some("200")
}

/// By HTTP/1.0: an answer is not cut into chunks, and ends with the connection.
async fn send(address: &str, method: &str, path: &str, more: &str, form: Option<&str>) -> Result<String, Failure> {
    let mut ask = format!(
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\norigin: http://{address}\r\nsec-fetch-site: same-origin\r\n{more}"
    );
    if let Some(form) = form {
        ask.push_str(&format!(
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ));
    } else {
        ask.push_str("\r\n");
    }
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(ask.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
