//! Signing in by a real identity provider, in a browser: who is let in, where, and what is not believed.

use anyhow::{Context, Result};
use hearth_tests::browser::{Browser, Page};
use hearth_tests::host::{Caller, Host};
use hearth_tests::identity_provider::{CLIENT, IdentityProvider, SECRET};
use serde_json::{Value, json};

const BRISTOL: &str = "E06000023";
const LEEDS: &str = "E08000035";
const SESSION: &str = "__Host-hearth";

/// A council with a provider of its own.
struct Council {
    code: &'static str,
    caller: Caller,
    provider: IdentityProvider,
}

impl Council {
    async fn new(host: &Host, code: &'static str, accounts: &Value) -> Result<Self> {
        Self::signing(host, code, accounts, "RS256").await
    }

    async fn signing(host: &Host, code: &'static str, accounts: &Value, algorithm: &str) -> Result<Self> {
        let caller = host.council(code, code).await?;
        let back = format!("{}/v1/authorities/{code}/sign-in/callback", host.base);
        let provider = IdentityProvider::start(algorithm, &[back], accounts)?;
        std::fs::create_dir_all(host.secrets().join(code))?;
        std::fs::write(host.secrets().join(code).join("oidc"), SECRET)?;
        caller.put(&format!("/destinations/{}", provider.destination()), json!({ "open": true, "why": "our provider" })).await?;
        let named = json!({ "issuer": provider.issuer, "client": CLIENT, "secret": { "file": "oidc" }, "algorithm": algorithm });
        caller.put("/identity-provider", named).await?;
        Ok(Self { code, caller, provider })
    }

    async fn invite(&self, address: &str, role: &str) -> Result<()> {
        self.caller.post("/invitations", json!({ "name": "Ann Ash", "address": address, "roles": [role] })).await.map(drop)
    }

    fn sign_in(&self, host: &Host) -> String {
        format!("{}/v1/authorities/{}/sign-in", host.base, self.code)
    }

    /// Signs in and goes on to the page that says who is signed in.
    async fn open(&self, host: &Host, browser: &mut Browser) -> Result<Page> {
        browser.open(&format!("{}?return_to=/v1/session", self.sign_in(host))).await
    }

    /// Signs in as far as the way back, which the browser does not go.
    async fn leave(&self, host: &Host, browser: &mut Browser) -> Result<String> {
        Ok(browser.open_until(&self.sign_in(host), |next| next.contains("/sign-in/callback")).await?.url)
    }
}

fn accounts() -> Value {
    json!({
        "ann": { "email": "ann@example.org", "email_verified": true },
        "bob": { "email": "ann@example.org", "email_verified": false },
        "eve": { "email": "eve@example.org", "email_verified": true },
    })
}

fn at<'a>(host: &'a Host, browser: &'a Browser) -> Option<&'a String> {
    browser.cookie(host.base.strip_prefix("http://").unwrap_or_default(), SESSION)
}

async fn get(host: &Host, browser: &mut Browser, path: &str) -> Result<(u16, Value)> {
    let page = browser.open(&format!("{}{path}", host.base)).await?;
    Ok((page.status, serde_json::from_str(&page.text)?))
}

#[tokio::test]
async fn a_provider_signs_its_people_in_at_its_own_authority_and_nowhere_else() -> Result<()> {
    let host = Host::start().await?;
    let mut bristol = Council::new(&host, BRISTOL, &accounts()).await?;
    let mut leeds = Council::new(&host, LEEDS, &accounts()).await?;
    for council in [&mut bristol, &mut leeds] {
        council.provider.at_the_keyboard("ann")?;
    }
    // Nobody invited her.
    let mut browser = Browser::default();
    let page = bristol.open(&host, &mut browser).await?;
    assert_eq!((page.status, page.problem()), (403, ("no-role".into(), None)), "{}", page.text);
    assert!(page.text.contains("nobody has given you a role") && at(&host, &browser).is_none(), "{}", page.text);

    bristol.invite("ann@example.org", "manager").await?;
    // Whoever says that the address is theirs, and did not show it.
    bristol.provider.at_the_keyboard("bob")?;
    assert_eq!(bristol.open(&host, &mut Browser::default()).await?.problem().0, "no-role");
    // An invitation of Bristol's is nothing to Leeds' provider, whatever it says of addresses.
    assert_eq!(leeds.open(&host, &mut Browser::default()).await?.problem().0, "no-role");

    bristol.provider.at_the_keyboard("ann")?;
    let mut browser = Browser::default();
    let page = bristol.open(&host, &mut browser).await?;
    assert_eq!((page.status, page.url.as_str()), (200, format!("{}/v1/session", host.base).as_str()), "{}", page.text);
    let who: Value = serde_json::from_str(&page.text)?;
    assert_eq!((&who["session"]["how"], &who["session"]["authority"]), (&json!("provider"), &json!(BRISTOL)));
    assert_eq!(who["authorities"], json!([BRISTOL]));
    assert_eq!(get(&host, &mut browser, &format!("/v1/authorities/{BRISTOL}/families")).await?.0, 200);

    // The same subject and address at Leeds' provider: a stranger there.
    assert_eq!(leeds.open(&host, &mut Browser::default()).await?.problem().0, "no-role");
    // Given a role at Leeds, her login has two councils; Bristol's provider opens Bristol alone.
    let login = who["session"]["login"].clone();
    leeds.caller.post("/people", json!({ "login": login, "role": "manager" })).await?;
    let (status, problem) = get(&host, &mut browser, &format!("/v1/authorities/{LEEDS}/families")).await?;
    assert_eq!((status, &problem["field"]), (404, &json!("authority")));
    assert_eq!(leeds.open(&host, &mut Browser::default()).await?.problem().0, "no-role", "Leeds' provider has not been told who she is");
    // The second time no invitation is needed; and it is the same login.
    let page = bristol.open(&host, &mut Browser::default()).await?;
    assert_eq!(serde_json::from_str::<Value>(&page.text)?["session"]["login"], login);

    let seen = bristol.caller.get("/sign-ins").await?;
    let outcomes: Vec<&str> = seen["items"].as_array().context("a list")?.iter().filter_map(|s| s["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["signed-in", "signed-in", "no-role", "no-role"]);
    // Without a provider nobody of its is signed in.
    bristol.caller.post("/identity-provider/removal", json!({})).await?;
    assert_eq!(get(&host, &mut browser, "/v1/session").await?.0, 401);
    assert_eq!(bristol.open(&host, &mut browser).await?.problem().0, "no-provider");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_came_back_counts_once_where_it_was_begun() -> Result<()> {
    let host = Host::start().await?;
    let mut bristol = Council::new(&host, BRISTOL, &accounts()).await?;
    let mut leeds = Council::new(&host, LEEDS, &accounts()).await?;
    for council in [&mut bristol, &mut leeds] {
        council.provider.at_the_keyboard("ann")?;
        council.invite("ann@example.org", "manager").await?;
    }
    let refused = |field: &str| ("provider-refused".to_owned(), Some(field.to_owned()));

    // The whole address once more, in the same browser: the state was used.
    let mut browser = Browser::default();
    let back = bristol.leave(&host, &mut browser).await?;
    let again = browser.clone();
    assert_ne!(browser.open(&back).await?.status, 403);
    assert!(at(&host, &browser).is_some());
    assert_eq!(again.clone().open(&back).await?.problem(), refused("state"), "replayed");

    // Two tabs at once.
    let mut browser = Browser::default();
    let (first, second) = (bristol.leave(&host, &mut browser).await?, bristol.leave(&host, &mut browser).await?);
    for back in [first, second] {
        let page = browser.open(&back).await?;
        assert_ne!(page.status, 403, "each tab finds its way back: {}", page.text);
    }

    // In another browser: somebody is sent an address that would sign them in as its sender.
    let mut sender = Browser::default();
    let back = bristol.leave(&host, &mut sender).await?;
    let mut victim = Browser::default();
    assert_eq!(victim.open(&back).await?.problem(), refused("state"), "another browser");
    assert!(at(&host, &victim).is_none());

    // At another authority's door.
    let mut browser = Browser::default();
    let back = bristol.leave(&host, &mut browser).await?;
    assert_eq!(browser.open(&back.replace(BRISTOL, LEEDS)).await?.problem(), refused("state"), "another authority");

    // A stolen code, in a visit of the thief's own: the provider wants the verifier of the visit that it was given to.
    let part = |url: &str, name: &str| -> Result<String> {
        let url = reqwest::Url::parse(url)?;
        Ok(url.query_pairs().find(|(n, _)| n == name).context("a parameter")?.1.into_owned())
    };
    let stolen = part(&bristol.leave(&host, &mut Browser::default()).await?, "code")?;
    let mut thief = Browser::default();
    let own = bristol.leave(&host, &mut thief).await?;
    let swapped = own.replace(&part(&own, "code")?, &stolen);
    assert_eq!(thief.open(&swapped).await?.problem(), refused("code"), "a stolen code");
    assert!(at(&host, &thief).is_none());

    // Another provider's answer (a mix-up): this one always says who it is.
    for (from, to) in [("&iss=", "&was="), (&bristol.provider.issuer[7..], &leeds.provider.issuer[7..])] {
        let mut browser = Browser::default();
        let back = bristol.leave(&host, &mut browser).await?;
        let issuer = bristol.provider.issuer.replace(':', "%3A").replace('/', "%2F");
        let back = back.replace(&issuer, &bristol.provider.issuer);
        let changed = back.replacen(from, to, 1);
        assert_ne!(changed, back);
        assert_eq!(browser.open(&changed).await?.problem(), refused("iss"), "{from} {to}");
    }
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_as_it_must_be_is_refused_by_what_is_wrong_with_it() -> Result<()> {
    let host = Host::start().await?;
    let mut bristol = Council::new(&host, BRISTOL, &accounts()).await?;
    bristol.provider.at_the_keyboard("ann")?;
    bristol.invite("ann@example.org", "manager").await?;
    for (wrong, field) in [
        (json!({ "claims": { "iss": "https://login.leeds.example.org" } }), "iss"),
        (json!({ "claims": { "aud": "another-client" } }), "aud"),
        (json!({ "claims": { "aud": [CLIENT, "another-client"] } }), "aud"),
        (json!({ "claims": { "azp": "another-client" } }), "azp"),
        (json!({ "claims": { "exp": 1_700_000_000 } }), "exp"),
        (json!({ "claims": { "iat": 4_000_000_000_u64 } }), "iat"),
        (json!({ "claims": { "nonce": "of another visit" } }), "nonce"),
        (json!({ "claims": { "nonce": null } }), "nonce"),
        (json!({ "claims": { "sub": null } }), "id_token"),
        (json!({ "alg": "none" }), "alg"),
        (json!({ "alg": "HS256" }), "alg"),
        (json!({ "alg": "PS256" }), "alg"),
        (json!({ "by_a_stranger": true }), "signature"),
        (json!({ "by_a_stranger": true, "kid": "a key of their own" }), "kid"),
        (json!({ "head": { "crit": ["unheard"], "unheard": true } }), "crit"),
    ] {
        bristol.provider.forge(&wrong)?;
        let mut browser = Browser::default();
        let page = bristol.open(&host, &mut browser).await?;
        assert_eq!(page.problem(), ("provider-refused".to_owned(), Some(field.to_owned())), "{wrong}: {}", page.text);
        assert!(at(&host, &browser).is_none(), "{wrong}");
    }
    let invited = bristol.caller.get("/invitations").await?;
    assert_eq!(invited["items"][0]["state"], "open", "none of them used the invitation up");
    bristol.provider.forge(&Value::Null)?;
    assert_eq!(bristol.open(&host, &mut Browser::default()).await?.status, 200, "and as it must be, it is believed");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn each_algorithm_that_an_authority_can_name_is_believed() -> Result<()> {
    let host = Host::start().await?;
    for (code, algorithm) in [(BRISTOL, "PS256"), (LEEDS, "ES256"), ("E06000001", "EdDSA")] {
        let mut council = Council::signing(&host, code, &accounts(), algorithm).await?;
        council.provider.at_the_keyboard("ann")?;
        council.invite("ann@example.org", "manager").await?;
        let page = council.open(&host, &mut Browser::default()).await?;
        assert_eq!(page.status, 200, "{algorithm}: {}", page.text);
        council.provider.forge(&json!({ "by_a_stranger": true, "alg": algorithm }))?;
        let page = council.open(&host, &mut Browser::default()).await?;
        assert_eq!(page.problem(), ("provider-refused".to_owned(), Some("signature".to_owned())), "{algorithm}");
    }
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn new_keys_are_asked_for_and_a_provider_that_is_not_as_it_was_named_is_said_to_be_so() -> Result<()> {
    let host = Host::start().await?;
    let mut bristol = Council::new(&host, BRISTOL, &accounts()).await?;
    bristol.provider.at_the_keyboard("ann")?;
    bristol.invite("ann@example.org", "manager").await?;
    assert_eq!(bristol.open(&host, &mut Browser::default()).await?.status, 200);
    bristol.provider.change_keys()?;
    bristol.provider.at_the_keyboard("ann")?;
    assert_eq!(bristol.open(&host, &mut Browser::default()).await?.status, 200, "under a key that it has only now");

    let named = |issuer: &str, secret: &str, algorithm: &str| json!({ "issuer": issuer, "client": CLIENT, "secret": { "file": secret }, "algorithm": algorithm });
    let issuer = bristol.provider.issuer.clone();
    std::fs::write(host.secrets().join(BRISTOL).join("wrong"), "another secret")?;
    for (named, said) in [
        (named(&format!("{issuer}/"), "oidc", "RS256"), "another issuer"),
        (named(&issuer, "oidc", "ES256"), "algorithm"),
        (named(&issuer, "wrong", "RS256"), "does not know this host"),
        (named(&issuer, "missing", "RS256"), "secret is not where"),
        (named("http://127.0.0.1:1", "oidc", "RS256"), "destinations"),
    ] {
        bristol.caller.put("/identity-provider", named.clone()).await?;
        let page = bristol.open(&host, &mut Browser::default()).await?;
        assert_eq!((page.status, page.problem().0.as_str()), (502, "provider-failed"), "{named}: {}", page.text);
        assert!(page.text.contains(said), "{named}: {}", page.text);
    }
    // A secret that its administrator puts right is read at once.
    bristol.caller.put("/identity-provider", named(&issuer, "wrong", "RS256")).await?;
    std::fs::write(host.secrets().join(BRISTOL).join("wrong"), format!("{SECRET}\n"))?;
    assert_eq!(bristol.open(&host, &mut Browser::default()).await?.status, 200);
    // Nobody signed in at the provider.
    bristol.provider.at_the_keyboard("")?;
    let page = bristol.open(&host, &mut Browser::default()).await?;
    assert_eq!(page.problem(), ("provider-refused".to_owned(), Some("error".to_owned())), "{}", page.text);
    host.stop().await;
    Ok(())
}
