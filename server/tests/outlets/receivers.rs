//! Real receivers on real sockets: one that takes HTTP, one that takes SMTP, each with TLS where it is wanted.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;

/// A certificate of `localhost`, and what takes TLS with it.
pub struct Certified {
    pub pem: String,
    pub acceptor: TlsAcceptor,
}

pub fn certified() -> Certified {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Certified { pem, acceptor: TlsAcceptor::from(Arc::new(config)) }
}

/// What arrived, in its order; whoever waits is woken.
pub struct Arrived<T> {
    all: Mutex<Vec<T>>,
    more: Notify,
}

impl<T: Clone> Arrived<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self { all: Mutex::new(Vec::new()), more: Notify::new() })
    }

    fn push(&self, one: T) {
        self.all.lock().unwrap().push(one);
        self.more.notify_waiters();
    }

    pub fn all(&self) -> Vec<T> {
        self.all.lock().unwrap().clone()
    }

    /// Waits until there are as many.
    pub async fn wait(&self, count: usize) -> Vec<T> {
        let wait = async {
            loop {
                let mut woken = std::pin::pin!(self.more.notified());
                woken.as_mut().enable();
                let all = self.all();
                if all.len() >= count {
                    return all;
                }
                woken.await;
            }
        };
        let found = tokio::time::timeout(super::LIMIT, wait).await;
        found.unwrap_or_else(|_| panic!("{count} did not arrive, but {}", self.all().len()))
    }
}

#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub struct Http {
    pub address: SocketAddr,
    pub requests: Arc<Arrived<Request>>,
    /// Answers to come; 200 after them.
    pub answers: Arc<Mutex<VecDeque<&'static str>>>,
}

pub async fn http(tls: Option<TlsAcceptor>) -> Http {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, requests) = (listener.local_addr().unwrap(), Arrived::new());
    let answers = Arc::new(Mutex::new(VecDeque::new()));
    let (to, queue) = (requests.clone(), answers.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (to, queue, tls) = (to.clone(), queue.clone(), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => answer(stream, &to, &queue).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => answer(stream, &to, &queue).await,
                        Err(_) => None,
                    },
                }
            });
        }
    });
    Http { address, requests, answers }
}

async fn answer(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    to: &Arrived<Request>,
    answers: &Mutex<VecDeque<&'static str>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        match header.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let status = answers.lock().unwrap().pop_front().unwrap_or("200 OK");
    to.push(Request { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() });
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: 9\r\nlocation: http://127.0.0.1:1/\r\n\r\nsecret-in");
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

#[derive(Debug, Clone)]
pub struct Mail {
    /// What it said hello with.
    pub hello: String,
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
    /// As it was sent after AUTH PLAIN.
    pub signed_in: Option<String>,
    pub encrypted: bool,
}

pub struct Smtp {
    pub address: SocketAddr,
    pub mails: Arc<Arrived<Mail>>,
    /// What is said to the next mails, before they are taken.
    pub refusals: Arc<Mutex<VecDeque<&'static str>>>,
    /// Recipients that there are not.
    pub strangers: Arc<Mutex<Vec<&'static str>>>,
}

pub async fn smtp(tls: Option<TlsAcceptor>) -> Smtp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, mails) = (listener.local_addr().unwrap(), Arrived::new());
    let refusals = Arc::new(Mutex::new(VecDeque::new()));
    let strangers = Arc::new(Mutex::new(Vec::new()));
    let (to, refused, unknown) = (mails.clone(), refusals.clone(), strangers.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (to, refused, unknown, tls) = (to.clone(), refused.clone(), unknown.clone(), tls.clone());
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                stream.write_all(b"220 test ESMTP\r\n").await.ok()?;
                let mut talk = Talk { to, refused, unknown, tls: tls.is_some(), encrypted: false };
                if talk.go_on(&mut stream).await? {
                    let stream = tls?.accept(stream.into_inner()).await.ok()?;
                    talk.tls = false;
                    talk.encrypted = true;
                    talk.go_on(&mut BufReader::new(stream)).await?;
                }
                Some(())
            });
        }
    });
    Smtp { address, mails, refusals, strangers }
}

struct Talk {
    to: Arc<Arrived<Mail>>,
    refused: Arc<Mutex<VecDeque<&'static str>>>,
    unknown: Arc<Mutex<Vec<&'static str>>>,
    /// STARTTLS is offered.
    tls: bool,
    encrypted: bool,
}

impl Talk {
    /// True: TLS is to begin.
    async fn go_on(&mut self, stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> Option<bool> {
        let mut mail = Mail {
            hello: String::new(),
            from: String::new(),
            to: Vec::new(),
            text: String::new(),
            signed_in: None,
            encrypted: self.encrypted,
        };
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(host) = line.strip_prefix("EHLO ") {
                host.clone_into(&mut mail.hello);
            }
            let said = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" if self.tls => "250-test\r\n250-STARTTLS\r\n250 8BITMIME".to_owned(),
                "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
                "STARTTLS" => {
                    stream.write_all(b"220 go\r\n").await.ok()?;
                    return Some(true);
                }
                "AUTH" => {
                    mail.signed_in = line.strip_prefix("AUTH PLAIN ").map(str::to_owned);
                    "235 welcome".to_owned()
                }
                "MAIL" => {
                    mail.from = line.to_owned();
                    "250 ok".to_owned()
                }
                "RCPT" if self.unknown.lock().unwrap().iter().any(|u| line.contains(u)) => {
                    "550 no such user".to_owned()
                }
                "RCPT" => {
                    mail.to.push(line.to_owned());
                    "250 ok".to_owned()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    loop {
                        let mut line = String::new();
                        stream.read_line(&mut line).await.ok()?;
                        if line == ".\r\n" {
                            break;
                        }
                        mail.text.push_str(&line);
                    }
                    match self.refused.lock().unwrap().pop_front() {
                        Some(refusal) => refusal.to_owned(),
                        None => {
                            self.to.push(mail.clone());
                            "250 taken".to_owned()
                        }
                    }
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await.ok()?;
                    return Some(false);
                }
                _ => "502 unknown".to_owned(),
            };
            stream.write_all(format!("{said}\r\n").as_bytes()).await.ok()?;
        }
    }
}
