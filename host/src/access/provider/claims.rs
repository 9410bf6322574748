//! What an ID token says (OpenID Connect Core 1.0, sections 2 and 3.1.3.7), and whether it was said to us, now.

use serde::Deserialize;
use serde_json::Value;

use super::jws::NotBelieved;
use crate::record::KnownAt;

/// By so many seconds a provider's clock and ours may differ.
const SKEW: i64 = 60;
/// Characters of a subject (section 2).
const LONGEST_SUBJECT: usize = 255;

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    azp: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
}

/// Whom the token has to be from, for whom, and in answer to what.
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    pub now: KnownAt,
}

/// Who somebody is, as their provider says.
#[derive(Debug)]
pub struct Person {
    pub subject: String,
    /// One that the provider has verified.
    pub address: Option<String>,
}

/// # Errors
/// The claim at fault, and why.
pub fn read(claims: Value, expected: &Expected<'_>) -> Result<Person, NotBelieved> {
    let part = |field, why| Err(NotBelieved::Part(field, why));
    let Ok(claims) = serde_json::from_value::<Claims>(claims) else {
        return part("id_token", "lacks one of iss, sub, aud, exp and iat, or has one of another kind");
    };
    if claims.iss != expected.issuer {
        return part("iss", "is not the authority's provider");
    }
    // Of several the others would have to be trusted too (section 3.1.3.7, point 3).
    let ours = match &claims.aud {
        Value::String(aud) => aud == expected.client,
        Value::Array(all) => matches!(all.as_slice(), [Value::String(aud)] if aud == expected.client),
        _ => false,
    };
    if !ours {
        return part("aud", "is not this host, or not this host alone");
    }
    if claims.azp.is_some_and(|azp| azp != expected.client) {
        return part("azp", "is not this host");
    }
    let now = expected.now.millis().div_euclid(1000);
    if claims.exp.saturating_add(SKEW) <= now {
        return part("exp", "is over");
    }
    if claims.iat.saturating_sub(SKEW) > now || claims.nbf.is_some_and(|nbf| nbf.saturating_sub(SKEW) > now) {
        return part("iat", "is not yet");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return part("nonce", "is not that of this attempt to sign in");
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT || !claims.sub.is_ascii() {
        return part("sub", "is not 1 to 255 ASCII characters");
    }
    // Some providers write the truth as a text.
    let verified = matches!(claims.email_verified, Some(Value::Bool(true))) || claims.email_verified == Some("true".into());
    Ok(Person { subject: claims.sub, address: claims.email.filter(|_| verified) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_is_for_us_from_them_and_of_now() {
        let expected =
            Expected { issuer: "https://id.example.org", client: "hearth", nonce: "n", now: KnownAt::from_millis(1_000_000_000) };
        let good = json!({
            "iss": "https://id.example.org", "sub": "ann", "aud": "hearth", "exp": 1_000_300, "iat": 1_000_000, "nonce": "n",
            "email": "ann@example.org", "email_verified": true,
        });
        let with = |changes: Value| {
            let mut claims = good.clone();
            for (name, value) in changes.as_object().unwrap() {
                claims[name] = value.clone();
            }
            read(claims, &expected)
        };
        assert_eq!(with(json!({})).unwrap().address.as_deref(), Some("ann@example.org"));
        assert_eq!(with(json!({ "aud": ["hearth"], "azp": "hearth", "exp": 999_941 })).unwrap().subject, "ann");
        for unverified in [json!(false), json!("no"), json!(null), json!(1)] {
            assert_eq!(with(json!({ "email_verified": unverified })).unwrap().address, None);
        }
        for (changes, field) in [
            (json!({ "iss": "https://id.example.org/" }), "iss"),
            (json!({ "iss": "https://other.example.org" }), "iss"),
            (json!({ "aud": "another" }), "aud"),
            (json!({ "aud": ["hearth", "another"] }), "aud"),
            (json!({ "aud": [] }), "aud"),
            (json!({ "azp": "another" }), "azp"),
            (json!({ "exp": 999_940 }), "exp"),
            (json!({ "iat": 1_000_061 }), "iat"),
            (json!({ "nbf": 1_000_061 }), "iat"),
            (json!({ "nonce": "m" }), "nonce"),
            (json!({ "nonce": null }), "nonce"),
            (json!({ "sub": "" }), "sub"),
            (json!({ "sub": "é" }), "sub"),
            (json!({ "sub": null }), "id_token"),
            (json!({ "exp": "soon" }), "id_token"),
        ] {
            let NotBelieved::Part(named, _) = with(changes.clone()).expect_err(field) else { panic!("{changes}") };
            assert_eq!(named, field, "{changes}");
        }
    }
}
