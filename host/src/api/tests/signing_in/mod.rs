//! Signing in, as a browser does it: with cookies, and letters that come as files.

mod bad_input;
mod codes;
mod invitations;
mod provider;
mod sessions;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Got, Host, within};

/// A browser: it keeps its cookie, and says that its requests come from the host's own pages.
pub struct Browser<'a> {
    host: &'a Host,
    pub cookie: Option<String>,
    seen: BTreeSet<PathBuf>,
}

impl<'a> Browser<'a> {
    pub fn new(host: &'a Host) -> Self {
        Self { host, cookie: None, seen: BTreeSet::new() }
    }

    /// The same browser's cookie, kept by somebody else.
    pub fn copied(&self) -> Browser<'a> {
        Browser { cookie: self.cookie.clone(), ..Browser::new(self.host) }
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub async fn get(&mut self, path: &str) -> Got {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.sent(request).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Got {
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        self.sent(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn sent(&mut self, request: Request<Body>) -> Got {
        let got = self.host.send(request).await;
        for set in got.headers.get_all(header::SET_COOKIE) {
            let cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            if cookie.starts_with("__Host-hearth=") {
                self.cookie = Some(cookie).filter(|c| !c.ends_with('='));
            }
        }
        got
    }

    /// The letter that has come since the last one was read, once it is there: to whom, and its text.
    pub async fn letter(&mut self) -> (String, String) {
        let arrived = async {
            loop {
                if let Some(letter) = self.new_letter() {
                    return letter;
                }
                // It leaves after the answer.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), arrived).await.expect("a letter")
    }

    /// What is there already.
    pub fn new_letter(&mut self) -> Option<(String, String)> {
        let files = std::fs::read_dir(self.host.letters.path()).unwrap().map(|e| e.unwrap().path());
        let new = files.filter(|f| f.extension().is_some_and(|e| e == "eml") && !self.seen.contains(f)).min()?;
        let text = std::fs::read_to_string(&new).unwrap();
        // Being written.
        let (head, body) = text.split_once("\r\n\r\n").filter(|(_, body)| !body.is_empty())?;
        let to = head.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().to_owned();
        assert!(!head.to_lowercase().contains("base64"), "{head}");
        self.seen.insert(new);
        // Quoted-printable, as far as what is looked for is quoted.
        Some((to, body.replace("=\r\n", "").replace("=3D", "=")))
    }

    /// The same of the letter to that address: others may lie there too, in no order.
    pub async fn invitation_of(&mut self, address: &str) -> String {
        loop {
            let (to, text) = self.letter().await;
            if to == address {
                return carried(&text);
            }
        }
    }

    /// What the link of an invitation carries.
    pub async fn invitation(&mut self) -> String {
        carried(&self.letter().await.1)
    }

    /// Asks for a code, and reads it: what was answered, and the code.
    pub async fn code(&mut self, address: &str) -> (String, String) {
        let asked = self.post("/v1/sign-in/codes", &json!({ "address": address })).await;
        let attempt = asked.ok()["attempt"].as_str().unwrap().to_owned();
        let (to, text) = self.letter().await;
        assert_eq!(to, address.to_lowercase());
        (attempt, digits(&text))
    }

    pub async fn answer(&mut self, attempt: &str, code: &str) -> Got {
        self.post("/v1/sign-in/codes/answer", &json!({ "attempt": attempt, "code": code })).await
    }

    /// Is anybody signed in?
    pub async fn is_in(&mut self) -> bool {
        match self.get("/v1/session").await.status.as_u16() {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }
}

fn carried(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.starts_with("https://hearth.example.org/")).unwrap();
    link.split_once("token=").unwrap().1.to_owned()
}

fn digits(text: &str) -> String {
    let six = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    text.split(|c: char| !c.is_alphanumeric()).find(six).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// Somebody invited to Bristol, who accepted.
pub async fn accepted<'a>(host: &'a Host, address: &str, role: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    let invited =
        host.post(&host.bristol, &within("/invitations"), &json!({ "name": "Priya Nair", "address": address, "roles": [role] })).await;
    assert_eq!(invited.status, 201, "{}", invited.text());
    let token = browser.invitation_of(address).await;
    let accepted = browser.post("/v1/sign-in/invitations/acceptance", &json!({ "token": token })).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    browser
}
