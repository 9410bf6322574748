//! What a page becomes that could not be made, and what every page tells the browser.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::Pages;
use crate::ui::page::Frame;
use crate::ui::{Page, form};
use crate::upstream::{Api, Failed, Problem, escaped};
use crate::visit::{Session, see_other};

/// Carried by an answer until its page is made, outside of the handler, where it is known which page was asked for.
#[derive(Clone)]
struct Unmade(std::sync::Arc<Failed>);

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut answer = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        answer.extensions_mut().insert(Unmade(std::sync::Arc::new(self)));
        answer
    }
}

/// What a browser may do with our pages. Nothing is in line: no script, no style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

const TOLD: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // An address may hold a family's id: it is told to nobody else. (Our own pages have to be known as ours.)
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub async fn as_pages(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let (method, uri, api) = (request.method().clone(), request.uri().clone(), pages.api(request.headers(), request.extensions()));
    let mut answer = next.run(request).await;
    if let Some(Unmade(failed)) = answer.extensions_mut().remove::<Unmade>() {
        let back = if method == Method::GET { uri.path_and_query().map_or("/", |p| p.as_str()) } else { "/" };
        answer = page(&api, &failed, back).await;
    }
    for (name, value) in TOLD {
        // Pages that the API makes say it themselves.
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

async fn page(api: &Api, failed: &Failed, back: &str) -> Response {
    match failed {
        Failed::SignIn => see_other(&format!("/sign-in?to={}", escaped(back))),
        Failed::Refused(problem) => refused(frame(api).await, problem).into_response(),
        Failed::Fault(why) => {
            tracing::error!(why, "a page could not be made");
            let body = html! {
                h1 class="govuk-heading-l" { "Sorry, there is a problem with the service" }
                p class="govuk-body" { "What you typed and saved before is kept. Try again; if it stays so, tell whoever runs this host." }
            };
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Page::new(frame(api).await, "Sorry, there is a problem with the service", body).status(status).into_response()
        }
    }
}

pub async fn not_here(api: &Api) -> Page {
    let problem = Problem::of_pages("no-such-page", "Page not found", StatusCode::NOT_FOUND, "there is nothing at this address");
    refused(frame(api).await, &problem)
}

fn refused(frame: Frame, problem: &Problem) -> Page {
    let title = match problem.status {
        403 => "You cannot see or do this",
        404 => "Page not found",
        _ => &problem.title,
    };
    let body = html! {
        h1 class="govuk-heading-l" { (title) }
        p class="govuk-body" { (form::sentence(&problem.detail)) "." }
        @if problem.status == 403 { p class="govuk-body" { "If it should be part of your work, ask whoever administers your council's people." } }
        p class="govuk-body" { a class="govuk-link" href="/" { "Go to the start" } }
    };
    Page::new(frame, title, body).status(StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST))
}

async fn frame(api: &Api) -> Frame {
    let session = Session::of(api).await.ok();
    Frame { name: session.map(|s| s.name), ..Frame::default() }
}
