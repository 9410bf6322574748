//! One request over one connection: HTTP/1.1 under TLS, with bounds on what comes back.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is the door")]

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Refused;
use crate::record::Destination;
use crate::record::destination::Host;

/// Bytes of an answer's head, and how many lines it may have.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_LINES: usize = 100;
/// Who is asking: no version, which would tell what to try.
const AGENT: &str = "hearth";

/// Whose certificates are believed.
#[derive(Debug)]
pub enum Trust {
    /// Those that this machine trusts; `SSL_CERT_FILE` names others.
    Machine,
    #[cfg(test)]
    These(Vec<CertificateDer<'static>>),
}

/// The machine's, read once: there are some hundred and fifty.
static MACHINE: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();

impl Trust {
    /// None: there is nothing to believe, or it cannot be set up.
    fn config(&self) -> Option<Arc<ClientConfig>> {
        match self {
            Self::Machine => MACHINE.get_or_init(|| trusting(rustls_native_certs::load_native_certs().certs)).clone(),
            #[cfg(test)]
            Self::These(certificates) => trusting(certificates.clone()),
        }
    }

    pub(super) async fn send(
        &self,
        stream: TcpStream,
        to: &Destination,
        request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Response<Bytes>, Refused> {
        let not_reached = |why| Refused::NotReached { to: to.clone(), why };
        let config = self.config().ok_or_else(|| not_reached("cannot be asked: this machine trusts no certificates"))?;
        let name = match to.host() {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| Refused::Address("names no host as certificates do"))?,
            Host::Address(address) => ServerName::IpAddress((*address).into()),
        };
        let stream = TlsConnector::from(config).connect(name, stream).await;
        send(stream.map_err(|_| not_reached("did not show a certificate that is its own"))?, to, request, most).await
    }
}

/// With the one cryptography that the database's connection has too.
fn trusting(certificates: Vec<CertificateDer<'static>>) -> Option<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let (read, _) = roots.add_parsable_certificates(certificates);
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let config = versions.ok()?.with_root_certificates(roots).with_no_client_auth();
    (read > 0).then(|| Arc::new(config))
}

pub(super) async fn connect(to: &Destination, addresses: &[SocketAddr]) -> Result<TcpStream, Refused> {
    for address in addresses {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(Refused::NotReached { to: to.clone(), why: "does not answer" })
}

/// The request as it goes over the wire: to the path, with headers that are ours to set. What comes back is to be plain, so that its length
/// is its size.
pub(super) fn dressed(request: Request<Bytes>, to: &Destination) -> Request<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    parts.uri = Uri::from(path);
    parts.version = axum::http::Version::HTTP_11;
    // A destination is written in letters, digits and `.-:[]`.
    let host = HeaderValue::from_str(&to.to_string()).unwrap_or(HeaderValue::from_static(""));
    let fixed = HeaderValue::from_static;
    for (name, value) in [
        (header::HOST, host),
        (header::USER_AGENT, fixed(AGENT)),
        (header::ACCEPT_ENCODING, fixed("identity")),
        (header::CONNECTION, fixed("close")),
    ] {
        parts.headers.insert(name, value);
    }
    Request::from_parts(parts, Full::new(body))
}

/// Sends it and reads the answer. Dropped meanwhile, the connection is.
pub(super) async fn send<S>(stream: S, to: &Destination, request: Request<Full<Bytes>>, most: usize) -> Result<Response<Bytes>, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let not_reached = |why| Refused::NotReached { to: to.clone(), why };
    let mut builder = http1::Builder::new();
    let builder = builder.max_buf_size(HEAD_BYTES).max_headers(HEAD_LINES);
    let begun = builder.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = begun.map_err(|_| not_reached("could not be asked"))?;
    let asking = async {
        let answer = sender.send_request(request).await.map_err(|_| not_reached("does not speak HTTP as it should"))?;
        let (parts, body) = answer.into_parts();
        if parts.headers.get_all(header::CONTENT_ENCODING).iter().any(|v| v != "identity") {
            return Err(Refused::Compressed(to.clone()));
        }
        let body = Limited::new(body, most).collect().await.map_err(|why| {
            let large = why.is::<http_body_util::LengthLimitError>();
            if large { Refused::TooLarge { to: to.clone(), most } } else { not_reached("ended its answer early") }
        })?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    };
    tokio::pin!(asking, connection);
    // The connection moves the bytes; when it is done, what it brought is still to be read.
    tokio::select! {
        answer = &mut asking => answer,
        _ = &mut connection => asking.await,
    }
}
