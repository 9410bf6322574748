//! A real host on a port of its own, with a folder of its own that goes when it stops.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use hearth::access::Reception;
use hearth::access::tokens::{self, Asked, For};
use hearth::api::{App, listen};
use hearth::egress::mail::Mail;
use hearth::egress::{Door, Openings};
use hearth::record::{AuthorityId, Clock};
use hearth::sandbox::Sandbox;
use hearth::settings::Settings;
use hearth::store::{Place, Stores};
use hearth::web;
use hearth::workflow::Workflow;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::database::Database;
use crate::lab::compiled;
use crate::program::compiler;

/// Below the host's folder.
const SECRETS: &str = "secrets/providers";

/// A running host.
pub struct Host {
    pub base: String,
    pub stores: Stores,
    pub workflow: Workflow,
    operator: String,
    place: Place,
    /// Held while the host is there, and gone after it.
    folder: TempDir,
    _database: Option<Database>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Host {
    /// Starts one, on loopback.
    ///
    /// # Errors
    /// No folder, no port, no address space.
    pub async fn start() -> Result<Self> {
        Self::start_with(Settings::default()).await
    }

    /// The same, set to what a test needs.
    ///
    /// # Errors
    /// As [`Host::start`].
    pub async fn start_with(settings: Settings) -> Result<Self> {
        Self::start_at(settings, Clock::system()).await
    }

    /// The same by another clock.
    ///
    /// # Errors
    /// As [`Host::start`].
    pub async fn start_at(settings: Settings, clock: Clock) -> Result<Self> {
        let folder = folder()?;
        let database = Database::of_this_run().await?;
        let place = match &database {
            Some(database) => Place::Postgres(database.place()?),
            None => Place::from(folder.path()),
        };
        let stores = Stores::open(place.clone(), clock).await?;
        let sandbox: Arc<Sandbox> = Sandbox::shared(Some(compiled()?), compiler(), settings.run, settings.share)?;
        let workflow = Workflow::with(stores.clone(), sandbox.clone(), settings.parking, settings.kept.ready_bytes);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let letters = folder.path().join("letters");
        std::fs::create_dir_all(&letters)?;
        let mail = Mail::through(&format!("folder:{}", letters.display()), None, None)?;
        let door = Door::new(Openings { this_machine: true });
        let reception = Reception::new(Some(base.parse()?), mail.clone(), door.clone(), Some(folder.path().join(SECRETS)));
        let app = App::with(workflow.clone(), stores.clone(), sandbox);
        let app = app.asked_at_most(settings.edge.most, false).reaching(door, mail).receiving(reception);
        let router = web::router(app);
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            listen::serve(listener, router, settings.edge.connections, until).await.unwrap();
        });
        let operator = tokens::issue(&stores, Asked::on_the_host("operator", For::Operator)).await?.token;
        Ok(Self { base, stores, workflow, operator, place, folder, _database: database, stop, served })
    }

    /// The folder in which each authority's secrets have one of their own.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.folder.path().join(SECRETS)
    }

    /// The records once more, as another host finds them.
    ///
    /// # Errors
    /// They cannot be opened.
    pub async fn open_again(&self) -> Result<Stores> {
        Ok(Stores::open(self.place.clone(), Clock::system()).await?)
    }

    #[must_use]
    pub fn operator(&self) -> Caller {
        Caller::new(&self.base, "", &self.operator)
    }

    /// Creates a council and somebody who may act for it.
    ///
    /// # Errors
    /// What the API refused.
    pub async fn council(&self, code: &str, name: &str) -> Result<Caller> {
        self.operator().post("/v1/authorities", json!({ "code": code, "name": name })).await?;
        let authority: AuthorityId = code.parse()?;
        let name = format!("data manager of {name}");
        let token = tokens::issue(&self.stores, Asked::on_the_host(&name, For::council(authority))).await?.token;
        Ok(Caller::new(&self.base, &format!("/v1/authorities/{code}"), &token))
    }

    /// Lets what is under way finish.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.served.await.unwrap();
        self.stores.close().await;
    }
}

/// A folder that goes with its test, or stays where `make replays` looks at what the tests decided.
///
/// # Errors
/// It cannot be made.
pub fn folder() -> std::io::Result<TempDir> {
    match std::env::var_os("HEARTH_TESTS_KEEP") {
        None => tempfile::tempdir(),
        Some(at) => tempfile::Builder::new().disable_cleanup(true).tempdir_in(at),
    }
}

/// Somebody with a token, over HTTP.
#[derive(Clone)]
pub struct Caller {
    client: reqwest::Client,
    base: String,
    /// Before every path that does not begin with /v1.
    prefix: String,
    pub token: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Caller {
    /// `prefix` stands before every path that does not begin with /v1.
    #[must_use]
    pub fn new(base: &str, prefix: &str, token: &str) -> Self {
        Self { client: reqwest::Client::new(), base: base.to_owned(), prefix: prefix.to_owned(), token: token.to_owned() }
    }

    fn url(&self, path: &str) -> String {
        let prefix = if path.starts_with("/v1") { "" } else { &self.prefix };
        format!("{}{prefix}{path}", self.base)
    }

    /// Sends a request as it is, with the caller's token.
    ///
    /// # Errors
    /// The connection broke, or the answer is not JSON.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answered> {
        let answer = request.bearer_auth(&self.token).send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).with_context(|| String::from_utf8_lossy(&bytes).into_owned())?
        };
        Ok(Answered { status, headers, body })
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    /// What is answered that is no JSON.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn text(&self, path: &str) -> Result<(u16, String)> {
        let answer = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// As somebody does it who has just read what is there.
    ///
    /// # Errors
    /// Anything but success.
    pub async fn put(&self, path: &str, body: Value) -> Result<Value> {
        let read = path.strip_suffix("/grants").or_else(|| path.strip_suffix("/settings")).unwrap_or(path);
        let seen = self.send(self.request("GET", read)).await?.headers.get("etag").cloned();
        let mut request = self.request("PUT", path).json(&body);
        if let Some(seen) = seen {
            request = request.header("if-match", seen);
        }
        success(path, self.send(request).await?)
    }

    /// # Errors
    /// Anything but success.
    pub async fn get(&self, path: &str) -> Result<Value> {
        success(path, self.send(self.request("GET", path)).await?)
    }

    /// # Errors
    /// Anything but success.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        success(path, self.send(self.request("POST", path).json(&body)).await?)
    }

    /// What a request that must be refused is answered.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn try_post(&self, path: &str, body: Value) -> Result<Answered> {
        self.send(self.request("POST", path).json(&body)).await
    }

    /// # Errors
    /// The connection broke.
    pub async fn upload(&self, bytes: Vec<u8>) -> Result<Answered> {
        self.send(self.request("POST", "/v1/plugins").header("Content-Type", "application/wasm").body(bytes)).await
    }

    /// Uploads a built plugin, grants all that it asks for, and activates it; the installation's id.
    ///
    /// # Errors
    /// Anything but success.
    pub async fn adopt(&self, plugin: &str, settings: &Value) -> Result<String> {
        self.adopt_file(crate::lab::plugin(plugin), settings).await
    }

    /// The same, of any file.
    ///
    /// # Errors
    /// Anything but success.
    pub async fn adopt_file(&self, plugin: Vec<u8>, settings: &Value) -> Result<String> {
        let uploaded = success("/v1/plugins", self.upload(plugin).await?)?;
        let grants: Vec<&Value> = uploaded["asks"].as_array().into_iter().flatten().map(|i| &i["interface"]).collect();
        let proposal = json!({ "plugin": uploaded["digest"], "grants": grants, "settings": settings });
        let proposed = self.post("/installations", proposal).await?;
        let id = proposed["id"].as_str().context("an installation has an id")?.to_owned();
        // What two people do before a plugin decides is tested where it is the matter.
        if self.get("/plugin-review").await?["approval"] == "two-people" {
            let rules = json!({ "approval": "one-person", "watch": { "failures": 0, "of_last": 20 } });
            success("/plugin-review", self.send(self.request("PUT", "/plugin-review").header("If-Match", "*").json(&rules)).await?)?;
        }
        self.post(&format!("/installations/{id}/activation"), json!({})).await?;
        Ok(id)
    }
}

fn success(path: &str, answered: Answered) -> Result<Value> {
    match answered.status {
        200..=299 => Ok(answered.body),
        status => bail!("{path} answered {status}: {}", answered.body),
    }
}
