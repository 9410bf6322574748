use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;

use super::home::Home;
use super::{Done, HomeArgs};
use crate::api::{self, App};

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    home: HomeArgs,
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
}

impl Serve {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        home.stores.migrate().await?;
        let listener = bind(self.listen).await?;
        println!("Hearth serves http://{0}/v1, documented at http://{0}/docs", listener.local_addr()?);
        serve(&home, listener, stop_asked()).await?;
        home.stores.close().await;
        Ok(Done::Whole)
    }
}

pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address} (is another Hearth running? `--listen` takes another port)"))
}

/// Serves until `stop`, then lets what is under way finish.
pub(super) async fn serve(home: &Home, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    let app = App { stores: home.stores.clone(), sandbox: home.sandbox.clone(), workflow: home.workflow.clone() };
    axum::serve(listener, api::router(app)).with_graceful_shutdown(stop).await.context("serving")
}

/// Ctrl-C, or the system's request to end.
pub(super) async fn stop_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
