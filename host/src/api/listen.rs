//! Listening: so many connections at once, each with bounds on what it may send before a request is there at all.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// For the head of a request, and between two of one connection.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Bytes of a head: above what `watch` refuses with a problem, so that only what is absurd ends without one.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_LINES: usize = 100;
/// After a failure to accept, which is want of handles as a rule.
const PAUSE: Duration = Duration::from_millis(100);
/// What is under way when the host is asked to stop may go on for so long.
const LEAVE: Duration = Duration::from_secs(70);
/// Connections at once, where nobody says.
pub const CONNECTIONS: usize = 2_000;

/// From where a request came, as the connection says.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Serves until `stop`, then lets what is under way finish. More connections than `most` wait to be taken.
///
/// # Errors
/// None that a single connection makes.
pub async fn serve(listener: TcpListener, router: Router, most: usize, stop: impl Future<Output = ()>) -> io::Result<()> {
    let (places, graceful) = (Arc::new(Semaphore::new(most)), GracefulShutdown::new());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((place, listener.accept().await?))
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "no connection was taken");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Answers are small and each is whole: they need not wait for more.
        drop(stream.set_nodelay(true));
        let router = router.clone();
        let service = service_fn(move |request: Request<_>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer.ip()));
            router.clone().oneshot(request)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES).max_headers(HEAD_LINES);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    // Who does not finish is cut off, as a killed host would.
    drop(tokio::time::timeout(LEAVE, graceful.shutdown()).await);
    Ok(())
}
