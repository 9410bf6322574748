//! Plugins from registries: Debian's `docker-registry`, and one of our own that lies.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use serde_json::json;

use super::super::{Got, Host, is};
use super::module;
use crate::egress::{Door, Openings};
use crate::plugins::inspect;
use crate::plugins::registry::{Reference, Registries, RegistryError, push};
use crate::record::signing::tests::Pair;
use crate::record::{Clock, Digest};

const HERE: Openings = Openings { this_machine: true };

/// The registry that the machine has (`make registry`), with its files in a folder of its own.
struct Debians {
    server: Child,
    host: String,
    _folder: tempfile::TempDir,
}

impl Debians {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("registry.yml");
        let files = folder.path().join("files");
        let text = format!("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n", files.display());
        std::fs::write(&settings, text).unwrap();
        let mut server = Command::new("docker-registry");
        let server = server.arg("serve").arg(&settings).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = server.spawn().expect("docker-registry is missing: `make registry` installs it");
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let host = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once("listening on ") {
                break rest.split('"').next().unwrap().to_owned();
            }
        };
        // What it says later is read by nobody, and must not hold it up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { server, host, _folder: folder }
    }

    fn at(&self, tag: &str) -> String {
        format!("oci://{}/charity/hill-goals:{tag}", self.host)
    }
}

impl Drop for Debians {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

async fn brought(to: &str, bytes: &[u8], pair: &Pair) -> Result<Digest, RegistryError> {
    let reference: Reference = to.parse()?;
    let registries = Registries { named: vec![reference.host.parse().unwrap()], credentials: None };
    let signature = pair.sign_plugin(bytes).parse().unwrap();
    push(&Door::new(HERE), &registries, &reference, (&inspect(bytes).unwrap(), bytes.to_vec()), &signature, Clock::system().now()).await
}

async fn taken(host: &Host, reference: &str) -> Got {
    host.post(&host.bristol, "/v1/plugins/from-registry", &json!({ "reference": reference })).await
}

#[tokio::test]
async fn a_plugin_goes_to_a_registry_and_comes_from_it_signed() {
    let registry = Debians::new();
    let host = Host::taking_from(HERE, &[&registry.host]).await;
    let hill = host.publisher("hill-charity").await;
    let bytes = module("hill-goals", "hill-charity", "1.0.0");
    let manifest = brought(&registry.at("1.0.0"), &bytes, &hill).await.unwrap();
    assert_eq!(brought(&registry.at("1.0.0"), &bytes, &hill).await.unwrap(), manifest, "the same again is nothing new");
    let got = taken(&host, &registry.at("1.0.0")).await;
    assert_eq!(got.status, 201, "{}", got.text());
    let digest = got.json()["digest"].as_str().unwrap().to_owned();
    assert_eq!(digest, Digest::of(&bytes).to_string());
    let said = host.get(&host.bristol, &format!("/v1/plugins/{digest}/signatures")).await.ok();
    assert_eq!((&said["state"], &said["taken_from"]["reference"]), (&json!("signed"), &json!(registry.at("1.0.0"))));
    assert_eq!(said["taken_from"]["manifest"], json!(manifest));
    assert_eq!(taken(&host, &format!("{}@{manifest}", registry.at("1.0.0"))).await.status, 200, "by its digest too");
    assert_eq!(taken(&host, &registry.at("9.9.9")).await.problem(), is(502, "registry-failed", Some("reference")));
    // A version that was published is never another.
    let other = super::repacked("bristol-outcomes", |m| {
        m["name"] = json!("hill-goals");
        m["publisher"] = json!("hill-charity");
        m["title"]["en"] = json!("Other goals");
    });
    assert!(matches!(brought(&registry.at("1.0.0"), &other, &hill).await, Err(RegistryError::Published)));
    let next = module("hill-goals", "hill-charity", "1.1.0");
    assert!(matches!(brought(&registry.at("1.0.0"), &next, &hill).await, Err(RegistryError::OtherTag { .. })));
    // Somebody who may write there puts the older version under the newer tag.
    let put = copied(&registry, "1.0.0", "1.1.0").await;
    assert_eq!(put, StatusCode::CREATED);
    assert_eq!(taken(&host, &registry.at("1.1.0")).await.problem(), is(422, "registry-replays", Some("reference")));
}

/// What lies under one tag put under another, as whoever may write there can.
async fn copied(registry: &Debians, from: &str, to: &str) -> StatusCode {
    let door = Door::new(HERE);
    let named = [registry.host.parse().unwrap()];
    let bounds = crate::egress::Bounds { most: 1 << 20, patience: Duration::from_secs(10) };
    let at = |tag: &str| format!("http://{}/v2/charity/hill-goals/manifests/{tag}", registry.host);
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let get = axum::http::Request::get(at(from)).header(header::ACCEPT, media_type).body(Bytes::new()).unwrap();
    let manifest = door.send_to_named(&named, get, bounds).await.unwrap().into_body();
    let put = axum::http::Request::put(at(to)).header(header::CONTENT_TYPE, media_type).body(manifest).unwrap();
    door.send_to_named(&named, put, bounds).await.unwrap().status()
}

/// What the liar does with what an honest registry would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    None,
    AnotherBlob,
    ShorterBlob,
    LongerBlob,
    EndlessBlob,
    BlobElsewhere,
    AnotherManifest,
    SaysAnotherDigest,
    EndlessManifest,
    AnotherSignature,
    NoImage,
}

/// A registry that gives one plugin and its signature, with one lie.
struct Liar {
    host: String,
    lie: Arc<Mutex<Lie>>,
}

impl Liar {
    async fn new(plugin: Vec<u8>, signature: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let lie = Arc::new(Mutex::new(Lie::None));
        let told = lie.clone();
        let router = Router::new().fallback(move |request: Request| {
            let answer = said(request.uri().path(), *told.lock().unwrap(), &plugin, &signature);
            async move { answer }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { host, lie }
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image(config: &str, layer: &str, bytes: &[u8], subject: Option<&Digest>) -> Vec<u8> {
    let described = |media_type: &str, bytes: &[u8]| json!({ "mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len() });
    let mut image =
        json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": described(config, b"{}"), "layers": [described(layer, bytes)] });
    if let Some(subject) = subject {
        image["subject"] = json!({ "mediaType": MANIFEST, "digest": subject, "size": 1 });
    }
    image.to_string().into_bytes()
}

/// A body without an end.
struct Endless;

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[1; 65_536])))))
    }
}

fn endless() -> Response {
    Response::new(Body::new(Endless))
}

fn said(path: &str, lie: Lie, plugin: &[u8], signature: &str) -> Response {
    let whole = image("application/vnd.wasm.config.v0+json", "application/wasm", plugin, None);
    let of = Digest::of(&whole);
    let beside = image("application/vnd.oci.empty.v1+json", "application/vnd.minisign.signature.v1", signature.as_bytes(), Some(&of));
    let bytes = |bytes: Vec<u8>| bytes.into_response();
    let (place, name) = path.rsplit_once('/').unwrap();
    match (place.ends_with("/manifests"), name) {
        (true, name) if name.ends_with(".minisig") => {
            let of_another =
                image("application/vnd.oci.empty.v1+json", "application/vnd.minisign.signature.v1", signature.as_bytes(), None);
            bytes(if lie == Lie::AnotherSignature { of_another } else { beside })
        }
        (true, _) => match lie {
            Lie::AnotherManifest => bytes([whole, b" ".to_vec()].concat()),
            Lie::SaysAnotherDigest => ([("docker-content-digest", Digest::of(b"other").to_string())], whole).into_response(),
            Lie::EndlessManifest => endless(),
            Lie::NoImage => bytes(json!({ "schemaVersion": 2, "manifests": [] }).to_string().into_bytes()),
            _ => bytes(whole),
        },
        (false, name) if name == Digest::of(plugin).to_string() => match lie {
            Lie::AnotherBlob => bytes(plugin.iter().rev().copied().collect()),
            Lie::ShorterBlob => bytes(plugin[..plugin.len() - 1].to_vec()),
            Lie::LongerBlob => bytes([plugin, b"x"].concat()),
            Lie::EndlessBlob => endless(),
            Lie::BlobElsewhere => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "http://127.0.0.2:9/elsewhere")]).into_response(),
            _ => bytes(plugin.to_vec()),
        },
        (false, name) if name == Digest::of(signature.as_bytes()).to_string() => bytes(signature.as_bytes().to_vec()),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn a_registry_that_lies_is_told_by_what_it_lies_about() {
    let keys = Pair::fresh();
    let bytes = module("hill-goals", "hill-charity", "1.0.0");
    let liar = Liar::new(bytes.clone(), keys.sign_plugin(&bytes)).await;
    let host = Host::taking_from(HERE, &[&liar.host]).await;
    host.post(&host.operator, "/v1/publishers", &json!({ "id": "hill-charity", "name": "Hill" })).await.ok();
    host.post(&host.operator, "/v1/publishers/hill-charity/keys", &json!({ "key": keys.public() })).await.ok();
    let honest = Digest::of(&image("application/vnd.wasm.config.v0+json", "application/wasm", &bytes, None));
    let reference = format!("oci://{}/charity/hill-goals:1.0.0@{honest}", liar.host);
    for (lie, status, code, says) in [
        (Lie::AnotherBlob, 502, "registry-failed", "another file than it said: its digest is another"),
        (Lie::ShorterBlob, 502, "registry-failed", "another file than it said: its size is another"),
        (Lie::LongerBlob, 502, "registry-failed", "another file than it said: its size is another"),
        (Lie::EndlessBlob, 502, "registry-failed", "answered with more than"),
        (Lie::BlobElsewhere, 422, "registry-not-named", "127.0.0.2:9 is not one of the registries"),
        (Lie::AnotherManifest, 502, "registry-failed", "another manifest than it said"),
        (Lie::SaysAnotherDigest, 502, "registry-failed", "another manifest than it said"),
        (Lie::EndlessManifest, 502, "registry-failed", "answered with more than"),
        (Lie::AnotherSignature, 502, "registry-failed", "belongs to another manifest"),
        (Lie::NoImage, 502, "registry-failed", "another manifest than it said"),
    ] {
        *liar.lie.lock().unwrap() = lie;
        let got = taken(&host, &reference).await;
        assert_eq!(got.problem(), is(status, code, Some("reference")), "{lie:?}: {}", got.text());
        assert!(got.json()["detail"].as_str().unwrap().contains(says), "{lie:?}: {}", got.text());
    }
    assert_eq!(host.get(&host.bristol, "/v1/plugins").await.ok()["items"], json!([]), "nothing was kept");
    *liar.lie.lock().unwrap() = Lie::None;
    let got = taken(&host, &reference).await;
    assert_eq!(got.status, 201, "{}", got.text());
}

#[tokio::test]
async fn only_registries_that_the_operator_named_are_asked() {
    let (one, other) = (Liar::new(vec![0], String::new()).await, Liar::new(vec![0], String::new()).await);
    let host = Host::taking_from(HERE, &[&one.host]).await;
    let at = |host: &str| format!("oci://{host}/charity/hill-goals:1.0.0");
    assert_eq!(taken(&host, &at(&other.host)).await.problem(), is(422, "registry-not-named", Some("reference")));
    let elsewhere = Host::taking_from(Openings::default(), &[&one.host]).await;
    let refused = taken(&elsewhere, &at(&one.host)).await;
    assert_eq!(refused.problem(), is(502, "registry-failed", Some("reference")), "not this machine, unless it was started so");
    for wrong in
        ["charity/hill-goals:1.0.0", "oci://here", "oci://a b/c:1", "oci://here/../x:1", "oci://here/x:1@sha1:ab", "oci://u@here/x:1"]
    {
        assert_eq!(taken(&host, wrong).await.problem(), is(422, "invalid", Some("reference")), "{wrong}");
    }
}
