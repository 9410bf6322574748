//! The command line of travel, as it is typed: keys with a password, registries that let in by name and password or by a token, and what is
//! said where something is wrong.

use std::path::Path;
use std::process::{Command, Stdio};

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hearth_tests::program::{Ran, hearth, run};
use hearth_tests::registry::Registry;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

/// `charity`, whose password is `spring-term`: bcrypt, cheap, for tests.
const PASSWORDS: &str = "charity:$2y$05$abcdefghijklmnopqrstuuzZ7IUBwaiPj0DqL6H27uGmaNuvhd8xW\n";
const SERVICE: &str = "registry-of-the-tests";
const ISSUER: &str = "tokens-of-the-tests";

/// A folder with a plugin in it, and a key whose password is in a file.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        for (name, plugin) in [("one.wasm", "national-frameworks-v1"), ("two.wasm", "national-frameworks-v2")] {
            std::fs::copy(target.join("plugins").join(format!("{plugin}.wasm")), desk.folder.path().join(name)).unwrap();
        }
        desk.write("password", "a long walk by the river\n");
        desk.types(&["plugin", "key", "hill", "--password-file", "password"]).is_done();
        desk
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self.at(name)
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Each word that is a file of the desk's stands for it.
    fn types(&self, words: &[&str]) -> Ran {
        const OURS: [&str; 14] = [
            "hill",
            "hill.pub",
            "other",
            "other.pub",
            "password",
            "wrong",
            "one.wasm",
            "two.wasm",
            "taken.wasm",
            "known",
            "forgot",
            "elsewhere",
            "half",
            "nothing.wasm",
        ];
        let words: Vec<String> = words.iter().map(|w| if OURS.contains(w) { self.at(w) } else { (*w).to_owned() }).collect();
        run(self.folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn signs(&self) {
        self.types(&["plugin", "sign", "one.wasm", "--key", "hill", "--password-file", "password"]).is_done();
    }

    /// The version that the plugin is.
    fn version(&self) -> String {
        let bytes = std::fs::read(self.at("one.wasm")).unwrap();
        hearth::plugins::inspect(&bytes).unwrap().manifest.version
    }
}

trait Said {
    fn is_done(&self) -> &str;
    /// It failed, and says why in these words.
    fn says(&self, why: &str);
}

impl Said for Ran {
    fn is_done(&self) -> &str {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        &self.out
    }

    fn says(&self, why: &str) {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        assert!(self.err.contains(why), "`{why}` was expected: {}", self.err);
        assert!(!self.err.contains("spring-term") && !self.err.contains("river"), "a password is told: {}", self.err);
    }
}

#[test]
fn a_key_with_a_password_signs_for_whoever_knows_it() {
    let desk = Desk::new();
    desk.write("wrong", "a short walk\n");
    desk.types(&["plugin", "sign", "one.wasm", "--key", "hill", "--password-file", "wrong"]).says("Wrong password");
    assert!(!Path::new(&desk.at("one.wasm.minisig")).exists(), "nothing is signed with a wrong password");
    // Nobody is there to be asked.
    let mut alone = Command::new("setsid");
    alone.args(["--wait", hearth().to_str().unwrap(), "plugin", "sign", &desk.at("one.wasm"), "--key", &desk.at("hill")]);
    let alone = alone.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&alone.stderr);
    assert!(!alone.status.success() && said.contains("`--password-file` names a file with it"), "{said}");
    desk.types(&["plugin", "sign", "one.wasm", "--key", "hill.pub"]).says("is a public key, and signs nothing");
    desk.signs();
    assert!(desk.types(&["plugin", "verify", "one.wasm", "--key", "hill.pub"]).is_done().contains("is signed by"));
    desk.types(&["plugin", "key", "other", "--no-password"]).is_done();
    desk.types(&["plugin", "verify", "one.wasm", "--key", "other.pub"]).says("and not by");
    desk.types(&["plugin", "verify", "one.wasm", "--key", "nothing.wasm"]).says("nothing.wasm: No such file");
    desk.types(&["plugin", "verify", "one.wasm", "--key", "hill"]).says("is not a public key");
    desk.types(&["plugin", "verify", "two.wasm", "--key", "hill.pub"]).says("two.wasm.minisig: No such file");
    // As it is typed: asked for at a terminal, which `script` is.
    let typed = format!("{} plugin sign {} --key {}", hearth().display(), desk.at("one.wasm"), desk.at("hill"));
    let mut terminal =
        Command::new("script").args(["-qec", &typed, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(terminal.stdin.as_mut().unwrap(), b"a long walk by the river\n").unwrap();
    let said = terminal.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
}

#[test]
fn a_registry_with_passwords_lets_in_by_the_file_of_credentials() {
    let (desk, registry) = (Desk::new(), Registry::with_passwords(PASSWORDS).unwrap());
    let (host, version) = (&registry.host, desk.version());
    let reference = format!("oci://{host}/charity/frameworks:{version}");
    desk.write("known", &format!("{host} charity spring-term\n"));
    desk.write("wrong", &format!("{host} charity autumn-term\n"));
    desk.write("elsewhere", "registry.example.org charity spring-term\n");
    desk.write("half", &format!("{host} charity\n"));
    let with = |what: &[&str], file: Option<&str>| {
        let credentials: Vec<&str> = file.map_or_else(Vec::new, |file| vec!["--credentials", file]);
        desk.types(&[&["plugin"], what, &["--reach-this-machine"], &credentials].concat())
    };
    let publish = ["publish", "one.wasm", &reference];
    with(&publish, Some("known")).says("one.wasm.minisig: sign it first");
    desk.signs();
    with(&publish, None).says("lets nobody in who does not say who they are");
    with(&publish, Some("elsewhere")).says("lets nobody in who does not say who they are");
    with(&publish, Some("wrong")).says("does not let this name and password in");
    with(&publish, Some("half")).says("has no name and password in its line for");
    with(&publish, Some("forgot")).says("the file of credentials cannot be read");
    with(&["publish", "one.wasm", &format!("oci://{host}/charity/frameworks:99.0.0")], Some("known"))
        .says(&format!("the tag says 99.0.0, and the plugin's version is {version}"));
    std::fs::copy(desk.at("one.wasm.minisig"), desk.at("two.wasm.minisig")).unwrap();
    with(&["publish", "two.wasm", &format!("oci://{host}/charity/frameworks:2.0.0")], Some("known")).says("the signature is for");
    assert!(with(&publish, Some("known")).is_done().starts_with(&format!("{reference}: sha256:")));
    let pull = |tag: &str, file| with(&["pull", &format!("oci://{host}/charity/frameworks:{tag}"), "--out", "taken.wasm"], file);
    pull(&version, None).says("lets nobody in who does not say who they are");
    pull(&version, Some("wrong")).says("does not let this name and password in");
    pull("99.0.0", Some("known")).says("the registry has no manifest of this name");
    assert!(!Path::new(&desk.at("taken.wasm")).exists(), "nothing is written where nothing came");
    pull(&version, Some("known")).is_done();
    assert_eq!(std::fs::read(desk.at("taken.wasm")).unwrap(), std::fs::read(desk.at("one.wasm")).unwrap());
    desk.types(&["plugin", "verify", "taken.wasm", "--key", "hill.pub"]).is_done();
    desk.types(&["plugin", "pull", &reference, "--out", "taken.wasm"]).says("is not out in the world");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_wants_a_token_is_shown_one_that_its_server_gave() {
    let desk = Desk::new();
    desk.signs();
    let tokens = Tokens::start(desk.folder.path()).await;
    let registry = Registry::with_tokens(&format!("http://{}/token", tokens.host), SERVICE, ISSUER, &tokens.certificate).unwrap();
    let (host, version) = (&registry.host, desk.version());
    let reference = format!("oci://{host}/charity/frameworks:{version}");
    desk.write("known", &format!("{host} charity spring-term\n"));
    desk.write("wrong", &format!("{host} charity autumn-term\n"));
    let publish = |also: &[&str], file: &str| {
        let words = ["plugin", "publish", "one.wasm", &reference, "--reach-this-machine", "--credentials", file];
        tokio::task::block_in_place(|| desk.types(&[&words[..], also].concat()))
    };
    // A registry does not say where passwords go: whoever publishes does.
    publish(&[], "known").says(&format!("{} is not one of the registries", tokens.host));
    publish(&["--also", &tokens.host], "wrong").says("does not let this name and password in");
    publish(&["--also", &tokens.host], "known").is_done();
    // Its reader has another name, and may only read.
    desk.write("forgot", &format!("{host} reader summer-term\n"));
    let elsewhere = format!("oci://{host}/charity/others:{version}");
    let words = ["plugin", "publish", "one.wasm", &elsewhere, "--reach-this-machine", "--also", &tokens.host, "--credentials", "forgot"];
    tokio::task::block_in_place(|| desk.types(&words)).says("does not let this name and password in");
    let words =
        ["plugin", "pull", &reference, "--out", "taken.wasm", "--reach-this-machine", "--also", &tokens.host, "--credentials", "forgot"];
    tokio::task::block_in_place(|| desk.types(&words)).is_done();
    desk.types(&["plugin", "verify", "taken.wasm", "--key", "hill.pub"]).is_done();
}

#[test]
fn the_difference_of_two_versions_is_told_with_their_scenarios() {
    let desk = Desk::new();
    let told = desk.types(&["plugin", "diff", "one.wasm", "two.wasm", "--scenarios"]);
    let told = told.is_done();
    assert!(
        told.contains("sha256:") && told.contains("does not pass any more") && told.contains("Scenarios that pass as before: "),
        "{told}"
    );
    let same = desk.types(&["plugin", "diff", "one.wasm", "one.wasm", "--scenarios"]);
    assert!(!same.is_done().contains("does not pass") && !same.out.contains("is new"), "{}", same.out);
    desk.types(&["plugin", "diff", "one.wasm", "nothing.wasm"]).says("nothing.wasm: No such file");
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("plugins/planner.wasm");
    desk.types(&["plugin", "diff", "one.wasm", target.to_str().unwrap()]).says("are two plugins, and no versions of one");
}

#[test]
fn a_back_test_says_what_it_lacks() {
    let desk = Desk::new();
    let id = "0190a4d5-0000-7000-8000-000000000000";
    let back_test = |more: &[&str]| desk.types(&[&["plugin", "back-test", "--authority", "E06000023"], more].concat());
    back_test(&["--installation", id]).says("there is no authority E06000023");
    let neither = back_test(&[]);
    assert_eq!(neither.code, 2, "{}", neither.err);
    let both = back_test(&["--installation", id, "--plugin", &format!("sha256:{}", "0".repeat(64))]);
    assert_eq!(both.code, 2, "{}", both.err);
    let never = back_test(&["--installation", id, "--as-of", "2026-02-30"]);
    assert_eq!(never.code, 2, "{}", never.err);
}

/// A server that gives tokens as Docker's registries want them: signed with RS256, with its certificate in the head.
struct Tokens {
    host: String,
    certificate: String,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    scope: String,
}

impl Tokens {
    async fn start(folder: &Path) -> Self {
        let at = |name: &str| folder.join(name).display().to_string();
        let (key, certificate) = (at("tokens.key"), at("tokens.pem"));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=tests",
                "-keyout",
                &key,
                "-out",
                &certificate,
            ])
            .output()
            .expect("openssl is missing: ca-certificates brings it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let certificate = std::fs::read_to_string(certificate).unwrap();
        let der: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let router = Router::new().route(
            "/token",
            get(move |head: HeaderMap, Query(wanted): Query<Wanted>| {
                let answer = given(&head, &wanted.scope, &key, &der);
                async move { answer }
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { host, certificate }
    }
}

/// The charity may do what it asks for, its reader may read, and nobody else anything.
fn given(head: &HeaderMap, scope: &str, key: &str, der: &str) -> Response {
    let basic = |user: &str| format!("Basic {}", BASE64_STANDARD.encode(user));
    let said = head.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let writes = said == basic("charity:spring-term");
    if !writes && said != basic("reader:summer-term") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let parts: Vec<&str> = scope.split(':').collect();
    let [kind, name, actions] = parts[..] else { return StatusCode::BAD_REQUEST.into_response() };
    let actions: Vec<&str> = actions.split(',').filter(|action| writes || *action == "pull").collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": SERVICE, "sub": "tests", "jti": "1", "iat": now, "nbf": now - 10, "exp": now + 300,
        "access": [{ "type": kind, "name": name, "actions": actions }],
    });
    let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(json!({ "typ": "JWT", "alg": "RS256", "x5c": [der] })), part(claims));
    let token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(by_openssl(key, &signed)));
    axum::Json(json!({ "token": token })).into_response()
}

fn by_openssl(key: &str, text: &str) -> Vec<u8> {
    let mut openssl = Command::new("openssl");
    let mut openssl = openssl.args(["dgst", "-sha256", "-sign", key]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(openssl.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
    openssl.wait_with_output().unwrap().stdout
}
