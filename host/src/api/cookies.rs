//! What a browser carries, and which requests may be made with it.
//!
//! A browser sends its cookies with whatever any page asks it to, so a request that changes something with a session has to come from a page
//! of this host (CSRF). What says so is the browser itself: `Sec-Fetch-Site`, and `Origin` where it is too old for that; no page can set
//! either. Rather than a token in every form (double submit), because no form can then forget one, nothing has to be kept or compared, and
//! pages work without scripts. `SameSite=Lax` stands behind it. Whoever sends neither is no browser, and has a token of their own.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::problem::{Code, Problem};
use crate::access::Reception;

/// Who is signed in. `__Host-`: of this host alone, for all its paths, over https (RFC 6265bis, section 4.1.3.2).
pub const SESSION: &str = "__Host-hearth";
/// On the way to an identity provider and back.
pub const VISIT: &str = "__Host-hearth-visit";

/// The cookie of that name. One that is sent twice is none: somebody else may have set the other.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let mut ours = all.filter_map(|pair| pair.trim().split_once('=')).filter(|(n, _)| *n == name).map(|(_, value)| value);
    let first = ours.next()?;
    if ours.next().is_some() { None } else { Some(first) }
}

/// Not for scripts, nor for pages of others; until the browser is closed, or so many seconds.
pub fn set(name: &str, value: &str, seconds: Option<i64>) -> Option<HeaderValue> {
    let age = seconds.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")).ok()
}

/// The browser forgets it.
pub fn unset(name: &str) -> Option<HeaderValue> {
    set(name, "", Some(0))
}

const SITE: &str = "sec-fetch-site";

/// # Errors
/// `cross-site` where a request with a session does not come from a page of this host.
pub fn of_our_pages(parts: &Parts, reception: &Reception) -> Result<(), Problem> {
    let changes = ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method);
    if !changes || says_so(&parts.headers, reception) == Some(true) {
        return Ok(());
    }
    Err(Problem::new(
        Code::CrossSite,
        "with a session, only pages of this host change anything (`Sec-Fetch-Site: same-origin`, or an `Origin` that is this host's); \
         programs send a token",
    ))
}

/// # Errors
/// `cross-site` where a browser says that another's page wants to sign somebody in here.
pub fn not_of_others(headers: &HeaderMap, reception: &Reception) -> Result<(), Problem> {
    if says_so(headers, reception) == Some(false) {
        return Err(Problem::new(Code::CrossSite, "another site's page cannot sign anybody in here: open this host's own"));
    }
    Ok(())
}

/// Does the request come from a page of this host? None: whoever sent it says nothing of it, as browsers do.
fn says_so(headers: &HeaderMap, reception: &Reception) -> Option<bool> {
    if let Some(site) = headers.get(SITE) {
        return Some(site == "same-origin");
    }
    let origin = headers.get(header::ORIGIN)?.as_bytes();
    let own = match reception.address() {
        Ok(own) => own.as_str().as_bytes() == origin,
        // A host that does not know its address is reached by the one that the browser named, over whichever scheme.
        Err(_) => headers.get(header::HOST).is_some_and(|host| {
            ["https://", "http://"].iter().any(|scheme| origin.strip_prefix(scheme.as_bytes()) == Some(host.as_bytes()))
        }),
    };
    Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn headers(pairs: &[(&str, &str)]) -> Parts {
        let builder = pairs.iter().fold(Request::post("/"), |b, (name, value)| b.header(*name, *value));
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_pages_of_this_host_change_anything_with_a_session() {
        let of_tokens = Reception::of_tokens_alone();
        //  what the browser says | with a session | signing in
        for (said, with_session, signing_in) in [
            (&[("sec-fetch-site", "same-origin")][..], true, true),
            (&[("sec-fetch-site", "same-site")], false, false),
            (&[("sec-fetch-site", "cross-site")], false, false),
            (&[("sec-fetch-site", "none")], false, false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://h.example"), ("host", "h.example")], false, false),
            (&[("origin", "https://h.example"), ("host", "h.example")], true, true),
            (&[("origin", "https://h.example:444"), ("host", "h.example")], false, false),
            (&[("origin", "https://evil.example"), ("host", "h.example")], false, false),
            (&[("origin", "https://h.example.evil"), ("host", "h.example")], false, false),
            (&[("origin", "null"), ("host", "h.example")], false, false),
            (&[("host", "h.example")], false, true),
        ] {
            let mut parts = headers(said);
            assert_eq!(of_our_pages(&parts, &of_tokens).is_ok(), with_session, "{said:?}");
            assert_eq!(not_of_others(&parts.headers, &of_tokens).is_ok(), signing_in, "{said:?}");
            parts.method = Method::GET;
            assert!(of_our_pages(&parts, &of_tokens).is_ok(), "reading changes nothing");
        }
    }

    #[test]
    fn a_cookie_that_is_sent_twice_is_none() {
        let of = |text: &str| headers(&[("cookie", text)]).headers;
        assert_eq!(read(&of("a=1; __Host-hearth=x; b=2"), SESSION), Some("x"));
        assert_eq!(read(&of("__Host-hearth-visit=y"), SESSION), None);
        assert_eq!(read(&of("__Host-hearth=x; __Host-hearth=y"), SESSION), None);
    }
}
