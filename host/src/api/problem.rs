//! What is answered when something is wrong: problem details (RFC 9457), for every status from 400 on.
//!
//! `type` is a reference to a page of this host that says what it means. Codes are stable: programs branch on them, people
//! read `detail`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::plugins::Refused;
use crate::plugins::install::InstallError;
use crate::plugins::publish::PublishError;
use crate::plugins::scenarios::{Failed, Over};
use crate::record::signing::Distrust;
use crate::record::{Invalid, RunId};
use crate::sandbox::{Fault, Unfit};
use crate::store::StoreError;
use crate::workflow::WorkflowError;

/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// The member that says after how many seconds a request may be sent again; without it, one. It goes into the header `Retry-After` too.
pub const AGAIN: &str = "retry_after";

macro_rules! codes {
    ($($name:ident $status:literal $code:literal $title:literal, $meaning:literal;)*) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($name),* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The end of the problem's `type`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// The same for every problem of the code.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// What it means and what to do, for the page that `type` leads to.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

codes! {
    NotJson 400 "not-json" "The body is not JSON", "The body could not be read as JSON at all. The detail says at which line and column.";
    Unreadable 400 "unreadable" "The request could not be read", "The request ended early, or its address is not UTF-8. Send it again.";
    NotSignedIn 401 "not-signed-in" "Sign in first", "Sign in, in a browser, or send `Authorization: Bearer …` with a token that is in force. An unknown token, one that has expired and one that was revoked are answered alike, and so are sessions.";
    CrossSite 403 "cross-site" "Another site's page asks for this", "A browser that somebody is signed in with sent this for a page that is not this host's. Nothing was done. Open the host's own page; programs send a token.";
    CodeRefused 403 "code-refused" "This code opens nothing", "It is not the one that was sent, it was used, it was tried five times, or ten minutes are over. Ask for a new one.";
    InvitationRefused 403 "invitation-refused" "This invitation opens nothing", "It was accepted or withdrawn, seven days are over, or it does not fit the login that its address has. The detail says which where that is yours to know; ask whoever invited you.";
    ProviderRefused 403 "provider-refused" "The identity provider's answer was not believed", "`field` is the parameter, or the part of its token, that is not as it must be. Sign in again from the start; if that does not help, tell the authority's administrator.";
    NoRole 403 "no-role" "There is nothing for you to do here", "You are who you say, and nobody has given you a role, or it is over. Ask the authority's administrator to invite you.";
    NoProvider 404 "no-provider" "There is no identity provider", "The authority has named none. Sign in by a code that goes to your e-mail address, or ask its administrator.";
    NotAllowed 403 "not-allowed" "This is not yours to do", "The token is good, and its holder may not do this. The operator of the host creates authorities and sees no family; an authority works within itself.";
    NoSuch 404 "no-such" "There is no such thing", "`field` says what was looked for, and `id` what it was looked for by, unless that may be somebody's number. What belongs to another authority is answered as if it did not exist.";
    NoSuchPage 404 "no-such-page" "There is nothing at this address", "No resource has this address. The documentation of all that there is, is at /docs.";
    WrongMethod 405 "wrong-method" "This cannot be done here", "The address is right, and the method is not one of those in `Allow`.";
    TookTooLong 503 "took-too-long" "The request took too long", "The host gave up. Send the request again; with an Idempotency-Key it is done once.";
    TooManyRequests 429 "too-many-requests" "Too many requests", "This caller, everybody of this authority together, or an address from which nobody signs in, sends more than it may in a minute. Send the request again after `Retry-After` seconds.";
    AddressTooLong 414 "address-too-long" "The address is too long", "Path and parameters together are longer than any that this host gave out.";
    HeadTooLarge 431 "head-too-large" "The headers are too large", "All headers of a request together are larger than any program needs. Cookies of others are the usual reason.";
    VersionNeeded 428 "version-needed" "Say what you saw", "What is edited by several people is changed only by somebody who read it: send its `ETag` as `If-Match`. `If-Match: *` overwrites whatever is there.";
    ChangedMeanwhile 412 "changed-meanwhile" "Somebody else changed it meanwhile", "It is no longer as the sender saw it (`If-Match`). Nothing was changed: read it again, and decide.";
    Exists 409 "exists" "This is taken", "Something with the same `field` is there already. Nothing was changed.";
    Conflict 409 "conflict" "Somebody else was first", "The record is no longer as the sender saw it, or the thing is no longer in a state in which this can be done. Look again.";
    NobodyDecides 409 "nobody-decides" "No plugin decides this", "The authority has no active installation for this question: propose one and activate it.";
    NoLongerKept 410 "no-longer-kept" "What came next is not kept any more", "`after` is a place in the feed before the first that is kept, so some of what came after it is gone. Nothing is passed over in silence: follow from the first that is kept, without `after`, and read anew what you hold.";
    TooLarge 413 "too-large" "The body is too large", "The detail says how large it may be. Facts can be sent in several requests.";
    WrongMediaType 415 "wrong-media-type" "The body is of the wrong type", "Set Content-Type as the documentation says: application/json, or application/wasm for a plugin.";
    Invalid 422 "invalid" "A value cannot be kept", "`field` is the path of the first value at fault, as its sender wrote it: `facts[3].detail.possible`, or the name of a parameter. Nothing was kept.";
    KeyReused 422 "idempotency-key-reused" "The Idempotency-Key belongs to another request", "The same key was sent before with another address or another body. Use a new key for each new piece of work.";
    NotWasm 422 "plugin-not-webassembly" "The file is not WebAssembly", "A plugin is one .wasm file.";
    CoreModule 422 "plugin-core-module" "The file is a core module, not a component", "`hearth plugin build` makes a component of a core module.";
    Damaged 422 "plugin-damaged" "The file is damaged", "The file begins as WebAssembly and does not go on so.";
    NoManifest 422 "plugin-no-manifest" "The plugin has no manifest", "`hearth plugin build` packs the manifest into the file. Tools that strip a component drop it.";
    TwoSections 422 "plugin-two-manifests" "The plugin has a section twice", "Pack it from the unpacked build.";
    Manifest 422 "plugin-manifest-refused" "The plugin's manifest is not sound", "`field` is the path in the manifest.";
    UnknownImport 422 "plugin-unknown-import" "The plugin imports what this host does not lend", "`interface` is the import. A plugin sees nothing but the interfaces of wit/.";
    OtherVersion 422 "plugin-other-version" "The plugin was built against another release", "Build it against the release of wit/ that this host speaks.";
    NotExported 422 "plugin-not-exported" "The manifest offers what the component does not export", "The manifest and the component must agree.";
    NotDeclared 422 "plugin-not-declared" "The component exports what the manifest does not offer", "The manifest and the component must agree.";
    NotGranted 422 "plugin-not-granted" "The plugin needs more than was granted", "`interfaces` lists what it cannot run without. Grant these, or do not adopt it.";
    DoesNotFit 422 "plugin-does-not-fit" "The component does not fit the interface", "It exports or imports a function of another type than wit/ says, or it failed while starting up.";
    NotCompiled 422 "plugin-not-compiled" "The component cannot be compiled", "The detail is what the compiler says.";
    NeedsTooMuch 422 "plugin-needs-too-much" "The component needs too much", "It consists of more than a component may, needs more than a run may have, or more than compiling may take. The detail says what, and the most.";
    ScenarioFailed 422 "plugin-scenario-failed" "The plugin does not pass its own scenarios", "`scenario` is its name, and `field` what did not come back as expected. `hearth plugin test` shows it on a developer's machine.";
    ScenariosTooMuch 422 "plugin-scenarios-too-much" "The plugin's scenarios need too much", "The host plays them all at upload, and they used up the instructions or the processor time that they may. Make them fewer or the plugin quicker.";
    Trapped 422 "plugin-trapped" "The plugin stopped itself", "The plugin crashed. Nothing was decided; `run` is kept for its author.";
    OutOfInstructions 422 "plugin-out-of-instructions" "The plugin used up its instructions", "It did not come to an answer. Nothing was decided; `run` is kept for its author.";
    OutOfTime 422 "plugin-out-of-time" "The plugin used up its time", "It did not come to an answer. Nothing was decided; `run` is kept for its author.";
    OutOfMemory 422 "plugin-out-of-memory" "The plugin used up its memory", "It asked for more memory than a run may have. Nothing was decided; `run` is kept for its author.";
    OverABound 422 "plugin-over-a-bound" "The plugin went over a bound", "It said or asked for more than a run may. Nothing was decided; `run` is kept for its author.";
    AnswerRefused 422 "plugin-answer-refused" "The plugin said what cannot be", "It named a fact that it was never given, a sentence that its manifest does not have, a claim below nothing, or the like. Nothing was decided; `run` is kept for its author.";
    QueueFull 429 "authority-queue-full" "Too many questions of this authority wait", "As many as may wait their turn already; other authorities are not held up. Ask again, after `Retry-After` seconds. Nothing was decided; a question that guards somebody (`policy` is `to-a-person`) is kept, and a person is to look.";
    OverBudget 429 "authority-over-budget" "This authority has used up its instructions", "Its plugins have used what it may have in a minute, and the question waited in vain; other authorities are not held up. Nothing was decided: it stays among what is undecided (`undecided`), and the host asks again by itself. Or ask again, after `Retry-After` seconds.";
    NotApproved 409 "not-approved" "The plugin is not approved", "`missing` says what is: the check, a section that nobody approved, the second person. `GET …/installations/{installation}/review` has all of it.";
    Parked 409 "plugin-parked" "The plugin is parked", "It failed again and again, or its publisher's key was compromised: it is not asked. `since` and `why` say when it was parked and why, the runs of `installation` how it failed. Nothing was decided: the question stays among what is undecided (`undecided`), and where it guards somebody a person is to look (`task`). An administrator brings the plugin back (`POST …/installations/{installation}/unpark`, with a reason), or activates another version.";
    SignatureWrong 422 "plugin-signature-wrong" "The signature is not believed", "It is none of minisign's, or not of this file, or it is for another plugin, version or publisher. The detail says which. Take file and signature anew from the publisher.";
    SignatureMissing 422 "plugin-signature-missing" "The plugin is not signed", "Its name belongs to a publisher who signs, or the authority adopts no plugin that nobody signed.";
    KeyUnknown 422 "plugin-key-unknown" "The key is nobody's here", "The operator of the host enters publishers and their keys.";
    KeyRevoked 422 "plugin-key-revoked" "The key signs no more", "It was superseded, or its time is over. What was accepted before goes on; sign with the publisher's new key.";
    KeyCompromised 409 "plugin-key-compromised" "The key was compromised", "Nothing that it alone signed is taken, adopted, activated or brought back, and what was active is parked. The publisher signs the version with another key, or an authority keeps an installation on until a day (`POST …/installations/{installation}/keeping-on`).";
    NameTaken 409 "plugin-name-taken" "The name is another publisher's", "A plugin's name, and every name that looks like it, belongs to whoever first published it signed.";
    UpdateWidens 409 "update-widens" "The update sees, proposes or says more", "`sentences` say what changes, `difference` is the digest of it. Read it, and name the digest as `acknowledged`. Nothing was proposed.";
    RegistryNotNamed 422 "registry-not-named" "This registry is not one of the host's", "Whoever runs the host names the registries that it takes plugins from.";
    RegistryFailed 502 "registry-failed" "The registry did not answer as it must", "It could not be reached, has nothing of this name, or what it gave is not what it said. The detail says which. Nothing was kept.";
    RegistryReplays 422 "registry-replays" "Another version lies under this tag", "The tag names a version, and the plugin and its signature are another. Nothing was kept.";
    TooManyCodes 429 "too-many-codes" "Too many codes were asked for", "Five an hour may be asked for one address, whether or not it is anybody's. Use the last that came, or ask again after `Retry-After` seconds.";
    ProviderFailed 502 "provider-failed" "The identity provider did not answer as it must", "It could not be reached, or is not as the authority's administrator said: the detail says which. Try again, and tell the administrator if that does not help.";
    NotSetUp 503 "not-set-up" "This host is not set up for it", "Whoever runs the host sets HEARTH_ADDRESS, where people reach it, and HEARTH_MAIL, where its e-mail is sent through.";
    MailNotSent 503 "mail-not-sent" "The e-mail was not sent", "Nothing was kept. Send the request again; if that does not help, tell whoever runs the host.";
    HostCouldNotRun 503 "host-could-not-run" "The host could not run the plugin", "The plugin is not at fault. Nothing was decided; ask again.";
    Busy 503 "busy" "The record is busy", "Too many others write at this moment. Send the request again.";
    HostFault 500 "host-fault" "The host failed", "The fault is the host's, and was written to its log. What was sent was not kept.";
}

impl Code {
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.code() == code)
    }

    /// The `type` of RFC 9457: a reference that this host answers.
    #[must_use]
    pub fn reference(self) -> String {
        format!("/problems/{}", self.code())
    }
}

/// A problem on its way to whoever asked.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    pub detail: String,
    pub field: Option<String>,
    /// Members beside those of RFC 9457: `plugin`, `run`, `interfaces`, ….
    pub more: Map<String, Value>,
}

/// The document that is sent (RFC 9457, section 3). Beside these members a code may have its own, which its page names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Ends in the code, which never changes. Leads to a page that says what it means.
    #[schema(example = "/problems/invalid")]
    r#type: String,
    #[schema(example = "A value cannot be kept")]
    title: &'static str,
    #[schema(example = 422)]
    status: u16,
    /// What happened this time, for a person to read.
    #[schema(example = "facts[3].first: there is no such day in the calendar")]
    detail: String,
    /// The path of the value at fault, or the name of the parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "facts[3].first")]
    field: Option<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, more: Map::new() }
    }

    /// A value that cannot be kept, or a parameter that cannot be read.
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Invalid::new(field, why).into()
    }

    pub fn no_such(what: &'static str, id: impl ToString) -> Self {
        StoreError::NoSuch { what, id: id.to_string() }.into()
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// A run that failed: kept under its id, where it was begun, and no decision.
    #[must_use]
    pub fn of_run(fault: &Fault, plugin: &str, run: RunId) -> Self {
        let code = Code::from_code(fault.code()).unwrap_or(Code::HostCouldNotRun);
        let said = fault.in_public();
        let problem = if fault.was_run() {
            Self::new(code, format!("{plugin}: {said}; run {run} says more to who may read it")).with("run", run.to_string())
        } else {
            Self::new(code, format!("{plugin}: {said}"))
        };
        let problem = problem.with("plugin", plugin).with("blame", fault.blame().code());
        match fault {
            Fault::OverBudget { again_seconds, .. } => problem.with(AGAIN, *again_seconds),
            Fault::Parked { since, why } => problem.with("since", since.to_string()).with("why", why.as_str()),
            _ => problem,
        }
    }

    /// It may be sent again after so many seconds.
    #[must_use]
    pub fn again_after(self, seconds: u64) -> Self {
        self.with(AGAIN, seconds)
    }

    #[must_use]
    pub fn document(&self) -> Document {
        Document {
            r#type: self.code.reference(),
            title: self.code.title(),
            status: self.code.status(),
            detail: self.detail.clone(),
            field: self.field.clone(),
            more: self.more.clone(),
        }
    }

    /// The fault of this host: the log says what it was, the answer does not.
    pub(super) fn of_host(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(Code::HostFault, "the host failed; what it was is in its log")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.document()).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let again = HeaderValue::from(self.more.get(AGAIN).and_then(Value::as_u64).unwrap_or(1));
        let mut add = |name: HeaderName, value| response.headers_mut().insert(name, value);
        match self.code.status() {
            401 => add(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            429 | 503 => add(header::RETRY_AFTER, again),
            _ => None,
        };
        response
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        if invalid.field.is_empty() {
            return Self::new(Code::Invalid, invalid.why);
        }
        Self::new(Code::Invalid, invalid.to_string()).at(invalid.field)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let said = error.to_string();
        match error {
            StoreError::NoSuch { what, id } => {
                let problem = Self::new(Code::NoSuch, said).at(what);
                match StoreError::looked_for(&id) {
                    Some(id) => problem.with("id", id),
                    None => problem,
                }
            }
            StoreError::Exists { field, .. } => Self::new(Code::Exists, said).at(field),
            StoreError::Conflict(_) => Self::new(Code::Conflict, said),
            StoreError::Invalid(invalid) => invalid.into(),
            StoreError::Fact { index, why } => Self::from(*why).within(&format!("facts[{index}]")),
            StoreError::Busy => Self::new(Code::Busy, said),
            StoreError::Damaged(_)
            | StoreError::Migrate { .. }
            | StoreError::Spoiled
            | StoreError::Unready(_)
            | StoreError::InPostgres(_)
            | StoreError::Database(_)
            | StoreError::File { .. } => Self::of_host(&error),
        }
    }
}

impl Problem {
    /// The same fault seen from further out: the field at fault has `outer` before it.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let inner = Invalid::new(self.field.unwrap_or_default(), String::new()).within(outer);
        Self { field: Some(inner.field), ..self }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let said = refused.to_string();
        match refused {
            Refused::TooLarge { .. } => Self::new(Code::TooLarge, said),
            Refused::NotWasm => Self::new(Code::NotWasm, said),
            Refused::CoreModule => Self::new(Code::CoreModule, said),
            Refused::Damaged(_) => Self::new(Code::Damaged, said),
            Refused::TooBig(_) => Self::new(Code::NeedsTooMuch, said),
            Refused::NoManifest => Self::new(Code::NoManifest, said),
            Refused::TwoSections(_) => Self::new(Code::TwoSections, said),
            Refused::Manifest(invalid) => Self::new(Code::Manifest, said).at(invalid.field),
            Refused::UnknownImport { name, .. } => Self::new(Code::UnknownImport, said).with("interface", name),
            Refused::OtherVersion { name, .. } => Self::new(Code::OtherVersion, said).with("interface", name),
            Refused::Misfits(misfits) => {
                let named: Vec<String> = misfits.iter().map(|m| format!("{}.{}", m.interface, m.function)).collect();
                Self::new(Code::OtherVersion, said).with("functions", named)
            }
            Refused::NotExported { offer, .. } => Self::new(Code::NotExported, said).with("offer", offer),
            Refused::NotDeclared(offer) => Self::new(Code::NotDeclared, said).with("offer", offer),
        }
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        let said = unfit.to_string();
        match unfit {
            Unfit::NotGranted(interfaces) => Self::new(Code::NotGranted, said).with("interfaces", interfaces),
            Unfit::NotOffered(_) => Self::new(Code::NotExported, said),
            Unfit::Interface(_) => Self::new(Code::DoesNotFit, said),
            Unfit::Compile(_) => Self::new(Code::NotCompiled, said),
            Unfit::TooBig { .. } | Unfit::TooHard { .. } => Self::new(Code::NeedsTooMuch, said),
            Unfit::Host(_) => Self::new(Code::HostCouldNotRun, said),
        }
    }
}

/// Of which plugin.
fn unfit(plugin: String, why: Unfit) -> Problem {
    let problem = Problem::from(why);
    Problem { detail: format!("{plugin}: {}", problem.detail), ..problem }.with("plugin", plugin)
}

/// A signature, a key or a name that is not believed.
fn distrusted(plugin: String, why: &Distrust) -> Problem {
    let code = match why {
        Distrust::Unreadable(_) | Distrust::Wrong(_) | Distrust::OfAnother { .. } | Distrust::OtherPublisher { .. } => Code::SignatureWrong,
        Distrust::Missing { .. } | Distrust::Unsigned => Code::SignatureMissing,
        Distrust::UnknownKey(_) => Code::KeyUnknown,
        Distrust::Revoked(_) => Code::KeyRevoked,
        Distrust::Compromised(_) => Code::KeyCompromised,
        Distrust::Squats { .. } => Code::NameTaken,
    };
    Problem::new(code, format!("{plugin}: {why}")).with("plugin", plugin)
}

impl From<Distrust> for Problem {
    fn from(why: Distrust) -> Self {
        let problem = distrusted(String::new(), &why);
        Self { detail: why.to_string(), more: Map::new(), ..problem }
    }
}

impl From<PublishError> for Problem {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Refused(refused) => refused.into(),
            PublishError::Unfit { plugin, why } => unfit(plugin, why),
            PublishError::Scenarios { plugin, why } => {
                let detail = format!("{plugin}: {why}");
                match why {
                    Failed::Scenario { scenario, field, .. } => {
                        Self::new(Code::ScenarioFailed, detail).at(field).with("scenario", scenario)
                    }
                    Failed::Over { why: Over::Host(_), .. } => Self::from(Unfit::Host(detail)),
                    Failed::Over { scenario, .. } => Self::new(Code::ScenariosTooMuch, detail).with("scenario", scenario),
                }
                .with("plugin", plugin)
            }
            PublishError::Distrusted { plugin, why } => distrusted(plugin, &why),
            PublishError::Host(why) => why.into(),
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<InstallError> for Problem {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::Invalid(invalid) => invalid.into(),
            InstallError::Widens { difference, ref sentences } => Self::new(Code::UpdateWidens, error.to_string())
                .at("acknowledged")
                .with("difference", difference.to_string())
                .with("sentences", sentences.clone()),
            InstallError::Store(error) => error.into(),
        }
    }
}

impl From<WorkflowError> for Problem {
    fn from(error: WorkflowError) -> Self {
        match error {
            WorkflowError::NobodyDecides(point) => Self::new(Code::NobodyDecides, error.to_string()).with("extension_point", point),
            WorkflowError::Parked { since, .. } => Self::new(Code::Parked, error.to_string()).with("since", since.to_string()),
            WorkflowError::Unfit { plugin, why } => unfit(plugin, why),
            WorkflowError::Distrusted { plugin, why } => distrusted(plugin, &why),
            WorkflowError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::KnownAt;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_its_own_word() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert!(codes.iter().all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn every_fault_of_a_run_has_a_code() {
        let what = String::new;
        for (fault, status) in [
            (Fault::Trapped { message: None, place: None, code: None }, 422),
            (Fault::OutOfInstructions { budget: 1 }, 422),
            (Fault::OutOfTime { millis: 1 }, 422),
            (Fault::OutOfMemory { bytes: 1 }, 422),
            (Fault::TooMuch { what: what(), most: 1 }, 422),
            (Fault::Nonsense { what: what() }, 422),
            (Fault::Host { what: what() }, 503),
            (Fault::QueueFull { most: 1 }, 429),
            (Fault::OverBudget { a_minute: 1, again_seconds: 7 }, 429),
            (Fault::Parked { since: KnownAt::from_millis(0), why: what() }, 409),
        ] {
            let problem = Problem::of_run(&fault, "a-plugin", RunId::fresh());
            assert_eq!((problem.code.code(), problem.code.status()), (fault.code(), status));
            assert_eq!(problem.more.contains_key("run"), fault.was_run(), "what was never begun has no run: {fault}");
            let again = problem.into_response().headers().get(header::RETRY_AFTER).map(|v| v.to_str().unwrap().to_owned());
            let expected = match fault {
                Fault::OverBudget { .. } => Some("7"),
                Fault::QueueFull { .. } | Fault::Host { .. } => Some("1"),
                _ => None,
            };
            assert_eq!(again.as_deref(), expected, "{fault}");
        }
    }

    #[test]
    fn the_hosts_own_fault_is_not_told() {
        let problem = Problem::from(StoreError::Damaged("the snapshot of Ann Bell".into()));
        assert_eq!(problem.code, Code::HostFault);
        assert!(!problem.detail.contains("Ann"), "{}", problem.detail);
    }
}
