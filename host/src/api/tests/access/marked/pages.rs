//! Every kind of page that somebody's links lead to, read as a browser reads it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Extensions, Request, header};
use html5gum::{DefaultEmitter, Token, Tokenizer};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use super::mark;
use crate::access::How;
use crate::access::sessions::{self, LetIn};
use crate::api::cookies::SESSION;
use crate::api::tests::Host;

/// Pages of one kind that are looked at for one person.
const OF_A_KIND: usize = 3;

/// A page, as far as it matters here.
#[derive(Default)]
pub struct Read {
    links: Vec<String>,
    /// Every text and every value of an attribute.
    pub texts: Vec<String>,
    /// What there is on no page of ours: a script's text, an attribute that runs.
    pub acts: Vec<String>,
}

impl Read {
    pub fn of(page: &str) -> Self {
        let mut read = Self::default();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut within_script = false;
        for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
            match token {
                Token::StartTag(tag) => {
                    let named = String::from_utf8_lossy(&tag.name).into_owned();
                    within_script = named == "script";
                    for (name, value) in tag.attributes {
                        let (name, value) = (String::from_utf8_lossy(&name).into_owned(), String::from_utf8_lossy(&value).into_owned());
                        let runs =
                            name.starts_with("on") || name.contains(['"', '\'', '<']) || value.trim_start().starts_with("javascript:");
                        if runs {
                            read.acts.push(format!("{name}={value} of {named}"));
                        }
                        if named == "a" && name == "href" {
                            read.links.push(value.clone());
                        }
                        read.texts.push(value);
                    }
                }
                Token::String(text) if within_script => read.acts.push(format!("a script: {}", String::from_utf8_lossy(&text))),
                Token::String(text) => read.texts.push(String::from_utf8_lossy(&text).into_owned()),
                Token::EndTag(_) => within_script = false,
                _ => {}
            }
        }
        // Within a title or a long answer a browser takes no tag for one, but the end of the title or the answer.
        read.acts.extend(page.contains("<script>m").then(|| "a mark as it came".to_owned()));
        read
    }
}

/// What was found on pages.
#[derive(Default)]
pub struct Found {
    pub pages: usize,
    pub kinds: BTreeSet<String>,
    /// Numbers of marks that stand somewhere, as text.
    pub marks: BTreeSet<usize>,
    pub wrong: Vec<String>,
}

/// Somebody in a browser.
pub struct Looker {
    pages: Router,
    cookie: String,
}

impl Looker {
    pub async fn new(host: &Host, login: &str) -> Self {
        let common = host.house.stores.common();
        let login = common.login(login.parse().unwrap()).await.unwrap();
        let mut tx = common.write("tests", "signed in").await.unwrap();
        let begun = sessions::begin(&mut tx, LetIn { login, authority: None, how: How::Code, before: None }).await.unwrap();
        tx.commit().await.unwrap();
        let pages = hearth_web::pages(BoxCloneSyncService::new(host.router.clone()), |_| Extensions::new());
        Self { pages, cookie: format!("{SESSION}={}", begun.secret) }
    }

    /// Follows links from these addresses on.
    pub async fn look(&self, who: &str, from: &[String], marks: &BTreeMap<usize, String>, found: &mut Found) {
        let mut next: VecDeque<String> = from.iter().cloned().collect();
        let mut known: BTreeSet<String> = from.iter().cloned().collect();
        let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(path) = next.pop_front() {
            let kind = kind(&path);
            let looked = of_kind.entry(kind.clone()).or_default();
            *looked += 1;
            if *looked > OF_A_KIND {
                continue;
            }
            let request = Request::builder().uri(&path).header(header::COOKIE, &self.cookie).header(header::ACCEPT, "text/html");
            let answer = self.pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            if status.is_server_error() {
                found.wrong.push(format!("{who} {path}: {status}"));
            }
            if !headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with("text/html")) {
                continue;
            }
            let page = String::from_utf8_lossy(&bytes);
            let read = Read::of(&page);
            found.pages += 1;
            found.kinds.insert(kind);
            found.wrong.extend(read.acts.iter().map(|act| format!("{who} {path}: {act}")));
            let texts = read.texts.join("\n");
            found.marks.extend(marks.keys().filter(|number| texts.contains(&mark::begin(**number))));
            for link in read.links {
                let link = link.split('#').next().unwrap_or_default().to_owned();
                if link.starts_with('/') && known.insert(link.clone()) {
                    next.push_back(link);
                }
            }
        }
    }
}

/// Two addresses are one kind of page where they differ in ids and in what was asked.
fn kind(path: &str) -> String {
    let bare = path.split('?').next().unwrap_or_default();
    let is_id = |step: &str| step.len() > 30 || (!step.starts_with('E') && step.chars().any(|c| c.is_ascii_digit())) || step.contains('%');
    bare.split('/').map(|step| if is_id(step) { "…" } else { step }).collect::<Vec<_>>().join("/")
}
