use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;
use tokio::time::{Interval, MissedTickBehavior};

use super::home::Home;
use super::{Done, HomeArgs};
use crate::api::{self, App};
use crate::intake;
use crate::settings::Kept;
use crate::store::Stores;
use crate::workflow::Workflow;

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

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
        tokio::select! {
            served = serve(&home, listener, stop_asked()) => served?,
            never = forget_daily(&home.stores, home.settings.kept) => match never {},
            never = retry_every_minute(&home.workflow) => match never {},
            never = answer_as_it_happens(&home.stores, &home.workflow) => match never {},
        }
        home.stores.close().await;
        Ok(Done::Whole)
    }
}

/// Personal data that is kept for a set time goes when that is over: at the start, and then once a day.
async fn forget_daily(stores: &Stores, kept: Kept) -> Infallible {
    let mut days = every(DAY);
    loop {
        days.tick().await;
        if let Err(fault) = stores.forget_old(kept.runs_days).await {
            tracing::warn!("answers and runs whose time is over are still there, until tomorrow: {fault}");
        }
        if let Err(fault) = intake::purge_all(stores).await {
            tracing::warn!("rows that wait were not met again or forgotten, until tomorrow: {fault}");
        }
    }
}

/// What could not be decided through no fault of a plugin's is asked again, when it is due.
async fn retry_every_minute(workflow: &Workflow) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(fault) = workflow.retry_due().await {
            tracing::warn!("what is undecided could not be asked again: {fault}");
        }
    }
}

/// What happened is asked about at once where this host heard of it, and within a minute where another process did, or its time has come.
async fn answer_as_it_happens(stores: &Stores, workflow: &Workflow) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        tokio::select! {
            _ = minutes.tick() => {
                if let Err(fault) = workflow.answer_all_happenings().await {
                    tracing::warn!("what happened could not be asked about: {fault}");
                }
            }
            heard = stores.bell().heard() => {
                for authority in heard {
                    if let Err(fault) = workflow.answer_happenings(&authority).await {
                        tracing::warn!(%authority, "what happened could not be asked about: {fault}");
                    }
                }
            }
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address} (is another Hearth running? `--listen` takes another port)"))
}

/// Serves until `stop`, then lets what is under way finish.
pub(super) async fn serve(home: &Home, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    let app = App::with(home.workflow.clone(), home.stores.clone(), home.sandbox.clone());
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
