//! The door, tried with real servers on this machine, under TLS with certificates of an authority of the tests' own, and names that this
//! file answers for.

mod posted;
mod sent;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, Response};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::{Door, Names, Openings, Refused, Trust};
use crate::record::Destination;
use crate::store::AuthorityStore;
use crate::store::tests::House;

/// Names and what is answered to each look-up in turn; the last answer is repeated.
#[derive(Debug, Default)]
pub struct Table {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Table {
    pub fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let turns = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(if turns.len() > 1 { turns.pop_front().unwrap() } else { turns[0].clone() })
    }
}

/// Whoever signs certificates.
struct Signer(CertifiedIssuer<'static, KeyPair>);

impl Signer {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// As a server of that name speaks.
    fn server(&self, name: &str, last_year: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key);
        TlsAcceptor::from(Arc::new(config.unwrap()))
    }
}

/// What a server of these tests says to each request, whatever it is.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// And then no more.
    This(&'static str),
    /// One byte, and then one more every few milliseconds, for ever.
    Slowly(&'static str),
    /// The same bytes again and again.
    Endless(&'static str, &'static str),
}

/// A server on this machine, and what it was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn at(address: &str, port: u16, tls: Option<TlsAcceptor>, says: Says) -> Self {
        let listener = TcpListener::bind((address, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        // Ends with the test's runtime.
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, heard) = (tls.clone(), heard.clone());
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &heard, says).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => answer(stream, &heard, says).await,
                            Err(_) => heard.lock().unwrap().push("no handshake".to_owned()),
                        },
                    }
                });
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Reads one head, says what there is to say, and hangs up.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, heard: &Mutex<Vec<String>>, says: Says) {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    heard.lock().unwrap().push(String::from_utf8(head).unwrap());
    // Whoever asked may hang up in the middle: that is what is tried.
    match says {
        Says::This(all) => drop(stream.write_all(all.as_bytes()).await),
        Says::Slowly(head) => {
            let mut open = stream.write_all(head.as_bytes()).await.is_ok();
            while open {
                tokio::time::sleep(Duration::from_millis(5)).await;
                open = stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok();
            }
        }
        Says::Endless(head, more) => {
            let mut open = stream.write_all(head.as_bytes()).await.is_ok();
            while open {
                open = stream.write_all(more.repeat(1_000).as_bytes()).await.is_ok();
            }
        }
    }
    drop(stream.shutdown().await);
}

/// An authority, names, and a door.
struct World {
    house: House,
    bristol: AuthorityStore,
    names: Arc<Table>,
    signer: Signer,
    door: Door,
}

impl World {
    /// With a door that lets this machine be reached, or not.
    async fn new(this_machine: bool) -> Self {
        Self::with(this_machine, Duration::from_secs(20)).await
    }

    async fn with(this_machine: bool, patience: Duration) -> Self {
        let (house, bristol) = House::new().await;
        let (names, signer) = (Arc::new(Table::default()), Signer::new());
        let trust = Trust::These(vec![signer.0.der().clone()]);
        let door = Door::with(Openings { this_machine }, Names::Table(names.clone()), trust, patience);
        Self { house, bristol, names, signer, door }
    }

    fn name(&self, name: &str, answers: &[&[&str]]) {
        let turns = answers.iter().map(|turn| turn.iter().map(|a| a.parse().unwrap()).collect()).collect();
        self.names.answers.lock().unwrap().insert(name.to_owned(), turns);
    }

    async fn say(&self, destination: &str, open: bool) {
        let mut tx = self.bristol.write("operator", "said which computers may be reached").await.unwrap();
        tx.open_destination(&destination.parse::<Destination>().unwrap(), open, "for the tests").await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn get(&self, address: &str) -> Result<Response<Bytes>, Refused> {
        self.door.send(&self.bristol, Request::get(address).body(Bytes::new()).unwrap()).await
    }

    /// A server of that name on this machine, that the authority opened: its address.
    async fn server(&self, name: &str, says: Says) -> (Server, String) {
        let server = Server::at("127.0.0.1", 0, Some(self.signer.server(name, 2100)), says).await;
        self.name(name, &[&["127.0.0.1"]]);
        let place = format!("{name}:{}", server.port);
        self.say(&place, true).await;
        (server, format!("https://{place}"))
    }

    fn looked_up(&self) -> Vec<String> {
        self.names.asked.lock().unwrap().clone()
    }
}
