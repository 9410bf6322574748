//! Signing in by a code that comes by e-mail, by one's council's own provider, or by an invitation; and out.

use axum::Router;
use axum::extract::Query;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Pages;
use crate::ui::form::{Ask, Asked, Typed, button, hidden};
use crate::ui::page::Frame;
use crate::ui::{Page, list};
use crate::upstream::{Answered, Api, Failed, Problem, escaped, query};
use crate::visit::{see_other, within};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/sign-in", get(ask).post(send_code))
        .route("/sign-in/code", get(ask).post(answer_code))
        .route("/sign-in/council", post(by_council))
        .route("/sign-in/invitation", get(look_at_invitation).post(accept_invitation))
        .route("/sign-out", post(sign_out))
}

#[derive(Debug, Default, Deserialize)]
struct Asking {
    #[serde(default)]
    to: String,
    #[serde(default)]
    told: String,
    #[serde(default)]
    token: String,
}

async fn ask(Query(asking): Query<Asking>) -> Page {
    let mut typed = Typed::default();
    typed.set("to", within(&asking.to));
    asked(&typed, None, crate::told::told(&asking.told))
}

fn asked(typed: &Typed, problem: Option<&Problem>, told: Option<&'static str>) -> Page {
    let form = Asked::new(typed, problem);
    let to = typed.text("to").unwrap_or("/");
    let body = html! {
        h1 class="govuk-heading-l" { "Sign in" }
        form method="post" action="/sign-in" novalidate {
            (hidden("to", to))
            (form.line(Ask { name: "address", label: "E-mail address", hint: "We send you a code to type in. It is good for a few minutes." }, "email"))
            (button("Send me a code"))
        }
        h2 class="govuk-heading-m" { "Your council has a sign-in of its own" }
        form method="post" action="/sign-in/council" novalidate {
            (form.line(Ask { name: "authority", label: "Your council's code", hint: "The Office for National Statistics' code, such as E06000023" }, "text"))
            (button("Go to your council's sign-in"))
        }
    };
    Page::new(Frame { told, ..Frame::default() }, "Sign in", body).wrong(problem)
}

async fn send_code(api: Api, typed: Typed) -> Result<Page, Failed> {
    let body = json!({ "address": typed.text("address").unwrap_or_default() });
    match api.post("/v1/sign-in/codes", &body, "").await {
        Ok(sent) => {
            let mut typed = typed;
            typed.set("attempt", sent["attempt"].as_str().unwrap_or_default());
            Ok(code(&typed, None))
        }
        Err(Failed::Refused(problem)) if problem.is_of_input() => Ok(asked(&typed, Some(&problem), None)),
        Err(failed) => Err(failed),
    }
}

fn code(typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Type in the code" }
        p class="govuk-body" {
            "If " strong { (typed.text("address").unwrap_or("your address")) } " is known here, a code is on its way to it."
        }
        form method="post" action="/sign-in/code" novalidate {
            (hidden("to", typed.text("to").unwrap_or("/")))
            (hidden("address", typed.text("address").unwrap_or_default()))
            (hidden("attempt", typed.text("attempt").unwrap_or_default()))
            (form.number(Ask { name: "code", label: "Code", hint: "Six figures" }, "", ""))
            (button("Sign in"))
        }
        p class="govuk-body" { (list::link("/sign-in", "Send another code")) }
    };
    Page::new(Frame::default(), "Type in the code", body).wrong(problem)
}

async fn answer_code(api: Api, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "attempt": typed.text("attempt").unwrap_or_default(), "code": typed.text("code").unwrap_or_default() });
    match api.post_whole("/v1/sign-in/codes/answer", &body).await {
        Ok(answered) => Ok(with_cookies(see_other(within(typed.text("to").unwrap_or("/"))), &answered)),
        // A wrong code is somebody's typing, whatever status the API gives it.
        Err(Failed::Refused(problem)) if problem.status < 500 => Ok(code(&typed, Some(&problem.at("code"))).into_response()),
        Err(Failed::SignIn) => {
            let problem =
                Problem::of_pages("invalid", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, "this is not the code that was sent");
            Ok(code(&typed, Some(&problem.at("code"))).into_response())
        }
        Err(failed) => Err(failed),
    }
}

async fn by_council(typed: Typed) -> Response {
    match typed.text("authority") {
        Some(authority) => see_other(&format!(
            "/v1/authorities/{}/sign-in{}",
            escaped(authority),
            query(&[("return_to", typed.text("to").unwrap_or_default())])
        )),
        None => {
            let problem = Problem::of_pages("invalid", "", axum::http::StatusCode::UNPROCESSABLE_ENTITY, "type in your council's code");
            asked(&typed, Some(&problem.at("authority")), None).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Invitation {
    council: String,
    name: String,
    roles: Vec<String>,
    #[serde(default)]
    last: Option<String>,
    expires_at: String,
}

/// Looking at it uses nothing up: programs that look at mail before its reader does follow links, too.
async fn look_at_invitation(api: Api, Query(asking): Query<Asking>) -> Result<Page, Failed> {
    let looked: Answered<Value> = api.post_whole("/v1/sign-in/invitations/look", &json!({ "token": asking.token })).await?;
    let invitation: Invitation = serde_json::from_value(looked.value).map_err(|e| Failed::Fault(e.to_string()))?;
    let roles = invitation.roles.iter().map(|r| words::code(r)).collect::<Vec<_>>().join(", ");
    let body = html! {
        h1 class="govuk-heading-l" { "You are invited by " (invitation.council) }
        (list::pairs(&[
            ("Your name here", html! { (invitation.name) }),
            ("Your part", html! { (roles) }),
            ("Until", html! { (invitation.last.as_deref().map_or_else(|| "no end is set".to_owned(), words::day)) }),
            ("Accept by", html! { (words::at(&invitation.expires_at)) }),
        ]))
        form method="post" action="/sign-in/invitation" { (hidden("token", &asking.token)) (button("Accept and sign in")) }
    };
    Ok(Page::new(Frame::default(), format!("You are invited by {}", invitation.council), body))
}

async fn accept_invitation(api: Api, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "token": typed.text("token").unwrap_or_default() });
    let answered = api.post_whole("/v1/sign-in/invitations/acceptance", &body).await?;
    Ok(with_cookies(see_other("/"), &answered))
}

async fn sign_out(api: Api) -> Result<Response, Failed> {
    let answered = api.post_whole("/v1/session/end", &json!({})).await;
    match answered {
        Ok(answered) => Ok(with_cookies(see_other("/sign-in?told=signed-out"), &answered)),
        // The session was over already.
        Err(Failed::SignIn) => Ok(see_other("/sign-in?told=signed-out")),
        Err(failed) => Err(failed),
    }
}

/// What the API sets in the browser, the page sets.
fn with_cookies(mut answer: Response, answered: &Answered<Value>) -> Response {
    let cookies: Vec<HeaderValue> = answered.headers.get_all(SET_COOKIE).iter().cloned().collect();
    for cookie in cookies {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}
