//! Files on a family: sent, listed, read, removed.

use axum::Json;
use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::Body;
use super::caller::{Council, Opened};
use super::decision_seen;
use super::documented::{Reads, Writes};
use super::merges::{REASON, Undoing, Undone};
use super::once::{Answer, Begun, Once};
use super::page::Page;
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::file_kind::{FileKind, LARGEST};
use crate::record::{AttachmentId, AuthorityId, DecisionId, Digest, Fact, FactId, FamilyId, KnownAt, PersonId, Section, fact};
use crate::store::{self, AsKnown, Member, StoreError};

/// A file on a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    id: AttachmentId,
    family: FamilyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<FactId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    section: Section,
    #[schema(example = "letter.pdf")]
    name: String,
    /// By its bytes.
    #[schema(example = "application/pdf")]
    media_type: String,
    /// In bytes.
    size: u64,
    digest: Digest,
    by: String,
    at: KnownAt,
    /// Then its bytes are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Undone>,
}

impl From<store::Attachment> for Attachment {
    fn from(a: store::Attachment) -> Self {
        Self {
            id: a.id,
            family: a.family,
            person: a.person,
            fact: a.fact,
            decision: a.decision,
            section: a.section,
            name: a.name,
            media_type: a.media_type,
            size: a.size,
            digest: a.digest,
            by: a.by,
            at: a.at,
            removed: a.removed.map(Undone::from),
        }
    }
}

/// What a file is called, and what it is on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct About {
    /// 1 to 200 bytes.
    name: String,
    /// It is seen as facts of this section are. `notes`, if left out; of a fact, the fact's own.
    section: Option<Section>,
    /// On one of the family's people,
    person: Option<PersonId>,
    /// or on a fact,
    fact: Option<FactId>,
    /// or on a decision; on the whole family, if left out.
    decision: Option<DecisionId>,
}

/// A body of bytes, whatever they are said to be.
pub struct File(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state).await.map(Self).map_err(|e| match e {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                Problem::new(Code::TooLarge, format!("a file has at most {LARGEST} bytes"))
            }
            _ => Problem::new(Code::Unreadable, "the body ended early"),
        })
    }
}

/// Attach a file
///
/// The body is the file: PDF, PNG, JPEG, plain text, DOCX, XLSX or ODT, at most 10 MiB, as its bytes tell. It is seen by whoever sees a fact of
/// its section about the same, and hidden by the same seals.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/attachments", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
        About,
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Attachment, description = "Kept"), Writes),
)]
pub async fn attach(
    council: Council,
    Id(family): Id<FamilyId>,
    Params(about): Params<About>,
    once: Once,
    File(bytes): File,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::WriteFacts, family).await?;
    fact::text("name", &about.name, 200)?;
    let section = on(&council, &opened, &about).await?;
    if !opened.relation.sections.has(section) {
        return Err(Problem::invalid("section", "is withheld from you: somebody who sees it attaches the file"));
    }
    let kind = FileKind::of(&bytes)?;
    let digest = Digest::of(&bytes);
    // What a key is bound to: what the file is on stands in the address, behind the question mark.
    let sent = Digest::of(format!("{about:?} {digest}").as_bytes());
    let mut tx = match once.begin(&council, sent, "attached a file").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let attachment = store::Attachment {
        id: AttachmentId::fresh(),
        family,
        person: about.person,
        fact: about.fact,
        decision: about.decision,
        section,
        name: about.name,
        media_type: kind.media_type().to_owned(),
        size: bytes.len() as u64,
        digest,
        by: council.by.clone(),
        at: tx.now(),
        removed: None,
    };
    tx.attach(&attachment, &bytes).await?;
    once.finish(tx, &council, sent, Answer::created(&Attachment::from(attachment))).await
}

/// Checks what a file is to be on, and says of which section it is.
async fn on(council: &Council, opened: &Opened, about: &About) -> Result<Section, Problem> {
    let missing = |field: &'static str, id: String| Problem::invalid(field, StoreError::NoSuch { what: field, id }.to_string());
    match (about.person, about.fact, about.decision) {
        (None, None, None) => {}
        (Some(person), None, None) => {
            let members = Member::among(opened.facts(&council.store, AsKnown::Now).await?);
            if !members.iter().any(|m| m.id == person) {
                return Err(missing("person", person.to_string()));
            }
        }
        (None, Some(id), None) => {
            let facts = opened.facts(&council.store, AsKnown::Now).await?;
            let found = facts.iter().find(|f| f.id == id).ok_or_else(|| missing("fact", id.to_string()))?;
            let own = found.kind().section();
            return match about.section {
                Some(section) if section != own => Err(Problem::invalid("section", format!("is `{}`: the fact's own", own.code()))),
                _ => Ok(own),
            };
        }
        (None, None, Some(id)) => {
            let found = decision_seen::theirs(council, id).await;
            let (decision, withheld) = found.map_err(|_| missing("decision", id.to_string()))?;
            if decision.family != opened.family || !withheld.is_empty() {
                return Err(missing("decision", id.to_string()));
            }
        }
        _ => return Err(Problem::invalid("person", "is named beside a fact or a decision: name one of them")),
    }
    Ok(about.section.unwrap_or(Section::Notes))
}

/// May whoever opened the family know of the file? As of a fact of its section about the same.
async fn shows(council: &Council, opened: &Opened, facts: &[Fact], a: &store::Attachment) -> Result<bool, Problem> {
    let section = opened.relation.sections.has(a.section)
        || a.person.and_then(|p| opened.relation.people.get(&p)).is_some_and(|sections| sections.has(a.section));
    // Of what a seal hides there is no fact that they see.
    let person = a.person.is_none_or(|p| facts.iter().any(|f| f.subject.person == Some(p)));
    let on_fact = match a.fact {
        None => true,
        Some(id) if facts.iter().any(|f| f.id == id) => true,
        // Withdrawn: what was on it is seen as it was, unless it is sealed.
        Some(id) => council.store.is_unsealed(opened.reader(), opened.family, id).await?,
    };
    let on_decision = match a.decision {
        None => true,
        Some(id) => match decision_seen::theirs(council, id).await {
            Ok((_, withheld)) => withheld.is_empty(),
            Err(problem) if matches!(problem.code, Code::NoSuch | Code::NotAllowed) => false,
            Err(problem) => return Err(problem),
        },
    };
    Ok(section && person && on_fact && on_decision)
}

/// A file that whoever asks may know of.
async fn theirs(council: &Council, verb: Verb, id: AttachmentId) -> Result<store::Attachment, Problem> {
    council.may(verb)?;
    let attachment = council.store.attachment(id).await?;
    let opened = council.family_of(Verb::SeeFamilies, attachment.family, "attachment", id).await?;
    let facts = facts_around(council, &opened).await?;
    if !shows(council, &opened, &facts, &attachment).await? {
        return Err(Problem::no_such("attachment", id));
    }
    // Only then whether they may do more than read: who may not know of it is not told that.
    council.family(verb, attachment.family).await?;
    Ok(attachment)
}

/// What they see of the family: of one that goes on within another, what they see of that.
async fn facts_around(council: &Council, opened: &Opened) -> Result<Vec<Fact>, Problem> {
    let mut facts = opened.facts(&council.store, AsKnown::Now).await?;
    if let Some(other) = council.store.goes_on_within(opened.family).await? {
        facts.extend(council.family(Verb::SeeFamilies, other).await?.facts(&council.store, AsKnown::Now).await?);
    }
    Ok(facts)
}

/// List a family's files
///
/// And those that were removed; their bytes are gone.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/attachments", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Page<Attachment>, description = "The latest first; one page"), Reads),
)]
pub async fn list_attachments(council: Council, Id(family): Id<FamilyId>) -> Result<Json<Page<Attachment>>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    let facts = facts_around(&council, &opened).await?;
    let mut seen = Vec::new();
    for attachment in council.store.attachments(family).await? {
        if shows(&council, &opened, &facts, &attachment).await? {
            seen.push(attachment.into());
        }
    }
    Ok(Json(Page::whole(seen)))
}

/// Read a file
///
/// Its bytes. Images and PDF may be shown in a window of their own, in which nothing runs; all else is saved.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/attachments/{attachment}", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("attachment" = AttachmentId, Path, description = "The file")),
    responses((status = 200, description = "Its bytes, by their own media type", content(
        (Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"),
        (String = "text/plain"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/vnd.oasis.opendocument.text"),
    )), Reads),
)]
pub async fn read_attachment(council: Council, Id(id): Id<AttachmentId>) -> Result<Response, Problem> {
    let attachment = theirs(&council, Verb::SeeFamilies, id).await?;
    let bytes = council.store.attached_bytes(&attachment).await?;
    let kind = FileKind::from_media_type(&attachment.media_type);
    let shown = kind.is_some_and(FileKind::is_shown);
    let media_type = kind.map_or("application/octet-stream", FileKind::media_type);
    let disposition = disposition(if shown { "inline" } else { "attachment" }, &attachment.name);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((StatusCode::OK, headers, bytes).into_response())
}

/// With the file's name in both ways of writing it (RFC 6266): letters and digits for all, and whatever else it has behind that.
fn disposition(how: &str, name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' }).collect();
    let escaped: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_') { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let value = format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{escaped}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// Remove a file
///
/// Its bytes go for good. That there was one, and why it went, stays.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/attachments/{attachment}/removal", tag = "record", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("attachment" = AttachmentId, Path, description = "The file"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Undoing, example = json!({ "reason": "it was about another family" })),
    responses((status = 200, body = Attachment, description = "Removed"), Writes),
)]
pub async fn remove_attachment(
    council: Council,
    Id(id): Id<AttachmentId>,
    once: Once,
    Body { value: why, digest }: Body<Undoing>,
) -> Result<Response, Problem> {
    let attachment = theirs(&council, Verb::WriteFacts, id).await?;
    fact::text("reason", &why.reason, REASON)?;
    let mut tx = match once.begin(&council, digest, "removed a file").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let removed = tx.remove_attachment(id, &why.reason).await?;
    let gone = Attachment { removed: Some(removed.into()), ..attachment.into() };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &gone)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_the_header() {
        let value = disposition("attachment", "l\u{e9}tter\"; x=\"\\..\u{202e}fdp.pdf");
        let text = value.to_str().unwrap();
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(text.starts_with("attachment; filename=\"l_tter__ x___.._fdp.pdf\"; filename*=UTF-8''l%C3%A9tter%22"), "{text}");
    }
}
