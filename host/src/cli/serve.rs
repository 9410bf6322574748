use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};

use super::home::{DatabaseArgs, Home};
use super::out::OutArgs;
use super::reception::ReceptionArgs;
use super::{Done, HomeArgs, audit};
use crate::access::Reception;
use crate::api::{App, Origin, listen};
use crate::egress::Door;
use crate::intake;
use crate::record::AuthorityId;
use crate::settings::Kept;
use crate::store::Stores;
use crate::web;
use crate::workflow::{Workflow, handover, letters, tell_referrers};

const DAY: Duration = Duration::from_secs(86_400);
/// A webhook's first second try comes after five seconds.
const ROUND: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    home: HomeArgs,
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A file that each seal of an audit trail is appended to. On a disk that this host cannot rewrite it shows a trail that was cut off
    /// or written anew (`hearth audit verify --anchor`).
    #[arg(long, env = "HEARTH_AUDIT_ANCHOR", value_name = "FILE")]
    anchor: Option<PathBuf>,
    #[command(flatten)]
    out: OutArgs,
    /// A server in front of the host writes into X-Forwarded-For from where requests come. Without one, anybody can.
    #[arg(long, env = "HEARTH_BEHIND_PROXY")]
    behind_proxy: bool,
    /// A front end at an address of its own, such as https://families.example.org: a browser lets its pages ask this host, with a token.
    /// Several times, or with commas between.
    #[arg(long, env = "HEARTH_FRONT_ENDS", value_name = "ADDRESS", value_delimiter = ',')]
    front_end: Vec<Origin>,
    #[command(flatten)]
    reception: ReceptionArgs,
}

impl Serve {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        home.stores.migrate().await?;
        let edge = home.settings.edge;
        let app = self.out.open(app(&home))?.asked_at_most(edge.most, self.behind_proxy);
        let app = self.reception.open(app, &home.path).answering(self.front_end.iter().cloned().collect());
        let (door, reception) = (app.door.clone(), app.reception.clone());
        let listener = bind(self.listen).await?;
        println!("Hearth serves http://{0}/v1, documented at http://{0}/docs", listener.local_addr()?);
        if let Err(fault) = handover::settle_all(&home.stores).await {
            tracing::warn!("families on their way to another authority wait until somebody looks: {fault}");
        }
        tokio::select! {
            served = serve(app, listener, edge.connections, stop_asked()) => served?,
            never = forget_daily(&home.stores, &home.workflow, home.settings.kept) => match never {},
            never = retry_every_minute(&home.workflow) => match never {},
            never = answer_senders(&home, &reception) => match never {},
            never = evaluate_on_schedule(&home.workflow) => match never {},
            never = switch_and_try(&home.workflow) => match never {},
            never = go_on_with_back_tests(&home.workflow) => match never {},
            never = renew_password(&home.stores, &self.home.database) => match never {},
            never = answer_as_it_happens(&home.stores, &home.workflow) => match never {},
            never = note_missed_daily(&home.workflow) => match never {},
            never = tell_as_it_happens(&home.stores, &door) => match never {},
            never = write_letters(&home.stores, &reception) => match never {},
            never = seal_every_minute(&home.stores, self.anchor.as_deref()) => match never {},
        }
        home.stores.close().await;
        Ok(Done::Whole)
    }
}

/// Personal data that is kept for a set time goes when that is over: at the start, and then once a day.
async fn forget_daily(stores: &Stores, workflow: &Workflow, kept: Kept) -> Infallible {
    let mut days = every(DAY);
    loop {
        days.tick().await;
        if let Err(fault) = stores.forget_old(kept.runs_days, kept.feed_days).await {
            tracing::warn!("answers and runs whose time is over are still there, until tomorrow: {fault}");
        }
        if let Err(fault) = workflow.lapse_all_referrals().await {
            tracing::warn!("referrals that no provider answered in time stand, until tomorrow: {fault}");
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
        if let Err(fault) = workflow.carry_all_drafts().await {
            tracing::warn!("drafts could not go over to newer forms, until the next minute: {fault}");
        }
    }
}

/// Whoever sent a referral hears what became of it, and whoever is to answer one in time is reminded.
async fn answer_senders(home: &Home, reception: &Reception) -> Infallible {
    let link = reception.address().ok().map(|a| a.as_str().to_owned());
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(fault) = tell_referrers(&home.stores, reception.mail(), link.as_deref()).await {
            tracing::warn!("whoever sent a referral was not told what became of it, until the next minute: {fault}");
        }
        if let Err(fault) = home.workflow.remind_all_of_referrals().await {
            tracing::warn!("nobody was reminded of referrals, until the next minute: {fault}");
        }
    }
}

/// Every family is asked about when an authority's schedule says so; what another host left is gone on with.
async fn evaluate_on_schedule(workflow: &Workflow) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(fault) = workflow.evaluate_all_due().await {
            tracing::warn!("a schedule could not be looked at, until the next minute: {fault}");
        }
    }
}

/// Installations that are to decide from an instant on do, and candidates are asked what was decided since.
async fn switch_and_try(workflow: &Workflow) -> Infallible {
    let mut rounds = every(ROUND);
    loop {
        rounds.tick().await;
        if let Err(fault) = workflow.switch_all_due().await {
            tracing::warn!("what was planned could not be activated, until somebody asks or some seconds later: {fault}");
        }
        if let Err(fault) = workflow.shadow_all_due().await {
            tracing::warn!("candidates beside those that decide were not asked, until some seconds later: {fault}");
        }
    }
}

/// What a host that is gone left of a back-test is gone on with.
async fn go_on_with_back_tests(workflow: &Workflow) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(fault) = workflow.go_on_with_back_tests().await {
            tracing::warn!("a back-test could not be gone on with, until the next minute: {fault}");
        }
    }
}

/// A password that was changed is used for new connections within a minute.
async fn renew_password(stores: &Stores, database: &DatabaseArgs) -> Infallible {
    let mut minutes = every(MINUTE);
    let mut before = None;
    loop {
        minutes.tick().await;
        match database.password() {
            Ok(password) if password != before => {
                if let Some(password) = &password {
                    stores.use_password(password);
                }
                before = password;
            }
            Ok(_) => {}
            Err(fault) => tracing::warn!("the database's password stays as it was: {fault:#}"),
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

/// Dates that went by are noted within the hour in which their day is over.
async fn note_missed_daily(workflow: &Workflow) -> Infallible {
    let mut hours = every(HOUR);
    loop {
        hours.tick().await;
        if let Err(fault) = workflow.note_missed_dates().await {
            tracing::warn!("dates that were missed could not be noted: {fault}");
        }
    }
}

/// What is announced is sent at once where this host heard of it, and within some seconds where another process did, or its time has come.
async fn tell_as_it_happens(stores: &Stores, door: &Door) -> Infallible {
    let mut rounds = every(ROUND);
    // Nobody waits for a program that is slow: what is being sent to is nobody else's to send to.
    let mut telling = JoinSet::new();
    loop {
        let told: Result<BTreeSet<AuthorityId>, _> = tokio::select! {
            _ = rounds.tick() => stores.common().authorities().await.map(|all| all.into_iter().map(|a| a.code).collect()),
            heard = stores.bell_of_feed().heard() => Ok(heard),
            Some(_) = telling.join_next() => continue,
        };
        match told {
            Ok(authorities) => {
                for authority in authorities {
                    let (stores, door) = (stores.clone(), door.clone());
                    telling.spawn(async move {
                        let told = async { door.tell(&stores.authority(&authority).await?).await };
                        if let Err(fault) = told.await {
                            tracing::warn!(%authority, "programs that follow were not told: {fault}");
                        }
                    });
                }
            }
            Err(fault) => tracing::warn!("programs that follow were not told: {fault}"),
        }
    }
}

/// Whoever has notices that they did not see is written to.
async fn write_letters(stores: &Stores, reception: &Reception) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        if let Err(fault) = letters::send_all(stores, reception).await {
            tracing::warn!("letters could not be written: {fault}");
        }
    }
}

/// What was read, written and refused comes under a seal: until then nothing shows that a line of it is missing.
async fn seal_every_minute(stores: &Stores, anchor: Option<&Path>) -> Infallible {
    let mut minutes = every(MINUTE);
    loop {
        minutes.tick().await;
        let sealed = async { audit::keep(anchor, &stores.seal_all().await?) };
        if let Err(fault) = sealed.await {
            tracing::warn!("audit trails are not sealed, until the next minute: {fault:#}");
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

/// What is served of a home.
pub(super) fn app(home: &Home) -> App {
    App::with(home.workflow.clone(), home.stores.clone(), home.sandbox.clone())
}

/// Serves until `stop`, then lets what is under way finish.
pub(super) async fn serve(app: App, listener: TcpListener, most: usize, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
    listen::serve(listener, web::router(app), most, stop).await.context("serving")
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
