//! How a plugin travels: publishers and their keys, signatures, updates, the catalogue, registries.

mod keys;
mod outside;
mod registries;
mod updates;

use axum::body::Body;
use axum::http::{Method, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::reviewing::{approval, person};
use super::{Got, Host, request, within};
use crate::plugins::inspect::MANIFEST_SECTION;
use crate::plugins::pack::pack;
use crate::record::signing::tests::Pair;
use crate::sandbox::for_tests::built;

/// A built plugin with another manifest, and without its scenarios: they are played elsewhere.
pub(super) fn repacked(name: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let packed = built(name);
    let mut manifest: Value = serde_json::from_str(&crate::plugins::inspect(&packed).unwrap().manifest_json).unwrap();
    manifest.as_object_mut().unwrap().remove("scenarios");
    change(&mut manifest);
    pack(&without_manifest(&packed), manifest.to_string().as_bytes()).unwrap()
}

/// Section by section: an id, a length, and what is in it; of a custom one its name first.
pub(super) fn without_manifest(packed: &[u8]) -> Vec<u8> {
    let (mut kept, mut at) = (packed[..8].to_vec(), 8);
    while at < packed.len() {
        let (begins, id) = (at, packed[at]);
        at += 1;
        let length = leb(packed, &mut at);
        let ends = at + length;
        let named = leb(packed, &mut at);
        let is_manifest = id == 0 && packed.get(at..at + named) == Some(MANIFEST_SECTION.as_bytes());
        if !is_manifest {
            kept.extend(&packed[begins..ends]);
        }
        at = ends;
    }
    kept
}

fn leb(bytes: &[u8], at: &mut usize) -> usize {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 28 {
            return number;
        }
    }
}

/// Bristol's outcomes rules as a charity's module of that name and version.
fn module(name: &str, publisher: &str, version: &str) -> Vec<u8> {
    repacked("bristol-outcomes", |m| {
        m["name"] = json!(name);
        m["publisher"] = json!(publisher);
        m["version"] = json!(version);
    })
}

impl Host {
    /// A publisher with a key.
    async fn publisher(&self, id: &str) -> Pair {
        let new = json!({ "id": id, "name": format!("The {id}") });
        self.post(&self.operator, "/v1/publishers", &new).await.ok();
        self.key(id).await
    }

    async fn key(&self, publisher: &str) -> Pair {
        let pair = Pair::fresh();
        self.post(&self.operator, &format!("/v1/publishers/{publisher}/keys"), &json!({ "key": pair.public() })).await.ok();
        pair
    }

    async fn revoke(&self, publisher: &str, pair: &Pair, revoked_as: &str) -> Got {
        let body = json!({ "revoked_as": revoked_as, "why": "for the tests" });
        self.post(&self.operator, &format!("/v1/publishers/{publisher}/keys/{}/revocation", pair.id()), &body).await
    }

    pub(in crate::api::tests) async fn publish(&self, bytes: &[u8], signature: Option<String>) -> Got {
        let mut upload = request(Method::POST, &self.bristol, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
        if let Some(signature) = signature {
            upload = upload.header("Hearth-Signature", BASE64_STANDARD.encode(signature));
        }
        self.send(upload.body(Body::from(bytes.to_vec())).unwrap()).await
    }

    /// Proposes it with all that it asks for.
    pub(in crate::api::tests) async fn propose(&self, plugin: &Value, more: Value) -> Got {
        let grants: Vec<_> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
        let mut proposal = json!({ "plugin": plugin["digest"], "grants": grants });
        proposal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&self.bristol, &within("/installations"), &proposal).await
    }

    /// Checked, approved item by item, and by a second person as a whole.
    async fn approve_by_two(&self, at: &str) {
        let (first, second) = (person(self, "plugin-reviewer").await, person(self, "plugin-reviewer").await);
        let items = async || self.get(&first, &format!("{at}/review")).await.ok();
        let approvals: Vec<Value> = items().await["items"].as_array().unwrap().iter().map(approval).collect();
        self.post(&first, &format!("{at}/approvals"), &json!({ "items": approvals })).await.ok();
        self.post(&self.bristol, &format!("{at}/check"), &json!({})).await.ok();
        let digest = items().await["digest"].clone();
        self.post(&second, &format!("{at}/second-approval"), &json!({ "digest": digest })).await.ok();
    }

    /// Proposes and activates it: the installation's address.
    pub(in crate::api::tests) async fn activated(&self, plugin: &Value) -> String {
        let at = address(&self.propose(plugin, json!({})).await);
        self.post(&self.bristol, &format!("{at}/activation"), &json!({})).await.ok();
        at
    }
}

fn address(got: &Got) -> String {
    assert_eq!(got.status, 201, "{}", got.text());
    got.headers[header::LOCATION].to_str().unwrap().to_owned()
}
