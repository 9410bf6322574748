//! Which problems an operation can answer, for the OpenAPI document: sets of codes, grouped by status.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::problem::{Code, MEDIA_TYPE, Problem};

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident [$($code:ident)*] $(and $before:ident)?;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl $name {
            fn codes() -> Vec<Code> {
                let codes = vec![$(Code::$code),*];
                $(let codes = [codes, $before::codes()].concat();)?
                codes
            }
        }

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                documented(Self::codes())
            }
        }
    )*};
}

sets! {
    /// Whatever is asked, by anybody.
    Public [Unreadable NoSuch HostFault Busy TookTooLong TooManyRequests AddressTooLong HeadTooLarge];
    /// Signing in by what somebody received.
    SignsIn [NotJson TooLarge WrongMediaType Invalid CrossSite CodeRefused InvitationRefused NoRole TooManyCodes NotSetUp] and Public;
    /// Signing in by an identity provider.
    Visits [Invalid NoProvider ProviderRefused ProviderFailed InvitationRefused NoRole NotSetUp] and Public;
    /// Asking by a signature.
    Vouched [NotJson TooLarge WrongMediaType Invalid SignatureWrong KeyUnknown KeyRevoked KeyCompromised] and Public;
    /// What sends mail.
    Sends [NotSetUp MailNotSent];
    /// Whatever is asked with a token or a session.
    Reads [NotSignedIn NotAllowed NoSuch Invalid] and Public;
    /// Reading on from a place in the feed.
    Follows [NoLongerKept] and Reads;
    /// What changes something, and needs no body.
    Acts [NotJson TooLarge Conflict KeyReused CrossSite] and Reads;
    /// What changes something, by a body of JSON.
    Writes [WrongMediaType Exists] and Acts;
    /// What several people edit: with `If-Match`.
    Edits [VersionNeeded ChangedMeanwhile] and Writes;
    /// What waits for people to approve a plugin.
    Reviews [NotApproved NotGranted NotExported DoesNotFit NotCompiled NeedsTooMuch HostCouldNotRun] and Writes;
    /// Linking a plugin to what it was granted.
    Links [SignatureWrong SignatureMissing KeyCompromised NotGranted NotExported DoesNotFit NotCompiled NeedsTooMuch HostCouldNotRun] and Acts;
    /// Uploading a plugin.
    Uploads [
        SignatureWrong SignatureMissing KeyUnknown KeyRevoked KeyCompromised NameTaken
        WrongMediaType Exists NotWasm CoreModule Damaged NoManifest TwoSections Manifest UnknownImport OtherVersion NotDeclared
    ] and Links;
    /// Adopting a plugin from elsewhere.
    Adopts [SignatureWrong SignatureMissing KeyCompromised UpdateWidens] and Writes;
    /// Taking a plugin from a registry.
    Pulls [RegistryNotNamed RegistryFailed RegistryReplays] and Uploads;
    /// Asking a plugin.
    Asks [
        WrongMediaType NobodyDecides Trapped OutOfInstructions OutOfTime OutOfMemory OverABound AnswerRefused
        QueueFull OverBudget Parked
    ] and Links;
}

fn documented(codes: Vec<Code>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), RefOr::T(response(codes)))).collect()
}

fn response(mut codes: Vec<Code>) -> Response {
    codes.sort_unstable();
    codes.dedup();
    let lines: Vec<String> = codes.iter().map(|c| format!("`{}`: {}.", c.code(), c.title())).collect();
    let examples = codes.iter().map(|code| {
        let value = serde_json::to_value(Problem::new(*code, code.title()).document()).ok();
        (code.code(), utoipa::openapi::example::ExampleBuilder::new().value(value).build())
    });
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples.collect::<Vec<_>>()).build();
    ResponseBuilder::new().description(lines.join("\n\n")).content(MEDIA_TYPE, content).build()
}
