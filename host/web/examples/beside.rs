//! The pages in a process of their own, beside a host that is asked over HTTP: for working on pages without building the host.
//!
//!     cargo run -p hearth-web --example beside -- 127.0.0.1:8081 127.0.0.1:8080

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().init();
    let mut arguments = std::env::args().skip(1);
    let own = arguments.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    let host = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let api = service_fn(move |mut request: Request| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let to: Result<Uri, _> = format!("http://{host}{path}").parse();
            let answer = match to {
                Ok(uri) => {
                    *request.uri_mut() = uri;
                    client.request(request).await.map(|answer| answer.map(Body::new))
                }
                Err(_) => return Ok::<Response, Infallible>(StatusCode::BAD_REQUEST.into_response()),
            };
            Ok(answer.unwrap_or_else(|fault| (StatusCode::BAD_GATEWAY, fault.to_string()).into_response()))
        }
    });
    let listener = tokio::net::TcpListener::bind(&own).await.expect("the address is free");
    println!("pages: http://{own}");
    axum::serve(listener, hearth_web::pages(BoxCloneSyncService::new(api), |_| Extensions::new()))
        .await
        .expect("it serves until it is ended");
}
