//! Between what happens and what follows from it: cut off at every point on the way, nothing is lost and nothing is done twice. Points are each
//! statement that writes, and both sides of each commit; each is tried with a host that is killed there, and with a database that is gone from
//! there on for an hour. Then also: a plugin that traps, and a program that follows and does not answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::json;
use tempfile::TempDir;

use super::adopt;
use crate::access::Reception;
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::record::family_file::NewFamily;
use crate::record::{Clock, FamilyId, Kind, LoginId, NewFact, RoleId, Subject, WebhookId, Window};
use crate::sandbox::Sandbox;
use crate::sandbox::for_tests::sandbox;
use crate::store::cut::{self, How};
use crate::store::tests::{BRISTOL, House, Rooms, add, code, fact, family};
use crate::store::{
    Assignment, AuthorityStore, HappeningState, InFeed, ProposalState, Reader, RoleHeld, StoreError, Stores, Webhook, WebhookState,
};
use crate::workflow::{Workflow, WorkflowError, letters};

const ALL: [&str; 4] = ["task", "goal", "notice", "open-episode"];
/// An hour, in milliseconds: longer than a program, or a letter, waits.
const HOUR: i64 = 3_600_000;

/// A program that follows: what it took, and what it answers.
#[derive(Debug, Clone, Default)]
struct Program {
    took: Arc<Mutex<Vec<String>>>,
    down: Arc<Mutex<bool>>,
}

async fn take(State(program): State<Program>, headers: HeaderMap) -> StatusCode {
    if *program.down.lock().unwrap() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    program.took.lock().unwrap().push(headers["webhook-id"].to_str().unwrap().to_owned());
    StatusCode::OK
}

/// Bristol with a pathway, a family, somebody of a school who works with it, and a program that follows.
struct World {
    rooms: Rooms,
    ahead: Arc<AtomicI64>,
    sandbox: Arc<Sandbox>,
    family: NewFamily,
    program: Program,
    letters: TempDir,
    news: NewFact,
    /// Where the feed ended before.
    from: InFeed,
}

/// One process of it.
#[derive(Clone)]
struct Running {
    stores: Stores,
    store: AuthorityStore,
    workflow: Workflow,
    door: Door,
    reception: Reception,
}

/// What there is in the end.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    decisions: usize,
    tasks: usize,
    goals: usize,
    episodes: usize,
    notices: usize,
    carried_out: usize,
    answered: usize,
    told: Vec<String>,
    /// The program took each of them, in order.
    followed: usize,
}

impl World {
    async fn new(sandbox: &Arc<Sandbox>) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let (House { stores, rooms }, store) = House::at(Clock::ahead(ahead.clone())).await;
        let workflow = Workflow::new(stores.clone(), sandbox.clone());
        adopt(&workflow, &store, "planner", &json!({ "proposes": "task goal notice open" })).await;
        let family = family("B-1");
        add(&store, &family).await;
        let today = store.clock().now().day();
        let mut tx = stores.common().write("tests", "somebody of the school").await.unwrap();
        let login = tx.add_login("Priya Nair", &"hill-school".parse().unwrap()).await.unwrap().id;
        tx.add_address("office@hill-school.example.org", login).await.unwrap();
        tx.commit().await.unwrap();
        let program = Program::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(take)).with_state(program.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let from = store.end_of_feed().await.unwrap();
        let mut tx = store.write("tests", "begin").await.unwrap();
        tx.set_policies(&ALL.map(|action| (action, "automatic"))).await.unwrap();
        works_with(&mut tx, login, family.id, Window::since(today)).await;
        tx.open_destination(&at.to_string().parse().unwrap(), true, "tests").await.unwrap();
        tx.add_webhook(&webhook(&format!("http://{at}/"), &store).await).await.unwrap();
        tx.commit().await.unwrap();
        stores.close().await;
        let subject = Subject { home: Some(family.homes["mill-lane"]), ..Subject::default() };
        let on = today.plus(-2).unwrap();
        let news = fact(Kind::PoliceCallout, subject, &format!("{on}..{on}"), json!({ "domestic": false }));
        let letters = tempfile::tempdir().unwrap();
        Self { rooms, ahead, sandbox: sandbox.clone(), family, program, letters, news, from }
    }

    async fn run(&self) -> Running {
        let stores = self.rooms.open(Clock::ahead(self.ahead.clone())).await;
        let store = stores.authority(&code(BRISTOL)).await.unwrap();
        let door = Door::new(Openings { this_machine: true });
        let mail = Mail::through(&format!("folder:{}", self.letters.path().display()), None, None).unwrap();
        let reception = Reception::new(Some("https://hearth.example.org".parse().unwrap()), mail, door.clone(), None);
        Running { workflow: Workflow::new(stores.clone(), self.sandbox.clone()), stores, store, door, reception }
    }

    fn an_hour_later(&self) {
        self.ahead.fetch_add(HOUR, Ordering::Relaxed);
    }

    /// The police tell of a call-out, and everything follows that is to follow; whatever happens at that point.
    async fn play(&self, at: Option<(usize, How)>) -> Vec<String> {
        let mut running = self.run().await;
        cut::begin(at);
        let mut passed = Vec::new();
        // Whoever sends it sends it again where nobody said that it is kept.
        while !unless_killed(running.clone().told_of(self.news.clone())).await {
            passed.extend(cut::end());
            running = self.run().await;
            if running.store.fact(self.news.id).await.is_ok() {
                break;
            }
        }
        for _ in 0..3 {
            if !unless_killed(running.clone().goes_on()).await {
                passed.extend(cut::end());
                running = self.run().await;
            }
            self.an_hour_later();
        }
        passed.extend(cut::end());
        passed
    }

    async fn came(&self) -> Came {
        let Running { store, .. } = self.run().await;
        let facts = store.facts(self.family.id, crate::store::AsKnown::Now).await.unwrap();
        let of = |kind| facts.iter().filter(|f| f.kind() == kind).count();
        let reader = Reader::of_all(store.clock().now());
        let announced = store.announcements(Some(self.from), 200).await.unwrap().unwrap();
        let ids: Vec<String> = announced.iter().map(|a| format!("{BRISTOL}-{}", a.place.to_string().replace('.', "-"))).collect();
        let mut took = self.program.took.lock().unwrap().clone();
        took.dedup();
        Came {
            decisions: store.decisions(Some(self.family.id), None, 100).await.unwrap().items.len(),
            tasks: store.tasks(self.family.id).await.unwrap().len(),
            goals: of(Kind::Goal),
            episodes: of(Kind::Episode),
            notices: store.notices_about(self.family.id).await.unwrap().len(),
            carried_out: store.proposals(ProposalState::CarriedOut, None, None, 100).await.unwrap().items.len(),
            answered: store.happenings_for(&reader, HappeningState::Answered, None, None, 100).await.unwrap().items.len(),
            told: announced.iter().map(|a| a.what.to_string()).collect(),
            followed: if in_order(&ids, &took) { ids.len() } else { 0 },
        }
    }

    /// How many letters there are, and how many by their Message-ID: one that is sent again is known by it.
    fn letters(&self) -> (usize, usize) {
        let letters = self.letters.path().read_dir().unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let names: Vec<String> =
            letters.map(|l| l.lines().find(|line| line.starts_with("Message-ID: <")).unwrap_or_else(|| panic!("{l}")).to_owned()).collect();
        (names.len(), names.iter().collect::<std::collections::BTreeSet<_>>().len())
    }
}

/// Each was taken, first in that order; what comes again came before.
fn in_order(ids: &[String], took: &[String]) -> bool {
    let mut first: BTreeMap<&String, usize> = BTreeMap::new();
    for (place, id) in took.iter().enumerate() {
        first.entry(id).or_insert(place);
    }
    let places: Vec<Option<&usize>> = ids.iter().map(|id| first.get(id)).collect();
    places.iter().all(Option::is_some) && places.is_sorted() && first.len() == ids.len()
}

/// Whether it ended by itself, and well.
pub(super) async fn unless_killed(work: impl Future<Output = Result<(), WorkflowError>> + Send + 'static) -> bool {
    let task = tokio::spawn(work);
    let abort = task.abort_handle();
    tokio::select! {
        ended = task => ended.is_ok_and(|worked| worked.is_ok()),
        () = cut::killed() => {
            abort.abort();
            false
        }
    }
}

impl Running {
    async fn told_of(self, news: NewFact) -> Result<(), WorkflowError> {
        let mut tx = self.store.write("police", "told of a call-out").await?;
        tx.add_facts(&[news]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a host does by itself, once.
    async fn goes_on(self) -> Result<(), WorkflowError> {
        self.workflow.answer_happenings(&code(BRISTOL)).await?;
        self.door.tell(&self.store).await?;
        letters::send_all(&self.stores, &self.reception).await?;
        Ok(())
    }
}

async fn works_with(tx: &mut crate::store::AuthorityTx, login: LoginId, family: FamilyId, window: Window) {
    let role = RoleHeld { id: RoleId::fresh(), login, role: "partner".into(), window };
    tx.give_role(&role).await.unwrap();
    let id = crate::record::AssignmentId::fresh();
    let assignment = Assignment { id, login, family, role: "translator".into(), window, reason: None, ended_why: None };
    tx.assign(&assignment).await.unwrap();
}

async fn webhook(url: &str, store: &AuthorityStore) -> Webhook {
    Webhook {
        id: WebhookId::fresh(),
        url: url.to_owned(),
        names: Vec::new(),
        secret: vec![7; 32],
        former: None,
        state: WebhookState::On,
        why: None,
        made_at: store.clock().now(),
        made_by: "tests".into(),
        taken: store.end_of_feed().await.unwrap(),
        tries: 0,
        try_at: store.clock().now(),
    }
}

#[tokio::test]
async fn cut_off_at_every_point_between_what_happens_and_what_follows_nothing_is_lost_or_done_twice() {
    let sandbox = sandbox();
    let whole = World::new(&sandbox).await;
    let points = whole.play(None).await;
    let wanted = whole.came().await;
    assert_eq!(
        (wanted.decisions, wanted.tasks, wanted.goals, wanted.episodes, wanted.notices, wanted.answered, whole.letters()),
        (1, 1, 1, 1, 1, 1, (1, 1)),
        "{wanted:?}"
    );
    assert!(wanted.followed > 4, "{wanted:?}");
    let every = if std::env::var_os("N").is_some() { 1 } else { 3 };
    let mut tried = 0;
    for (number, name) in points.iter().enumerate() {
        for how in [How::Killed, How::Gone] {
            // A third of the points, and always what each transaction ends with; `N` says all.
            if number % every != 0 && !name.contains("commit") || how == How::Gone && number % (2 * every - 1) != 0 {
                continue;
            }
            let world = World::new(&sandbox).await;
            world.play(Some((number, how))).await;
            let came = world.came().await;
            assert_eq!(came, wanted, "{how:?} at point {number}: {name}");
            // The letter went, and where it went twice it is the same one.
            let (sent, different) = world.letters();
            assert!(different == 1 && sent <= 2, "{how:?} at point {number}: {name}: {sent} letters, {different} different");
            tried += 1;
        }
    }
    println!("{} points, {tried} tried: {}", points.len(), points.join("; "));
}

#[tokio::test]
async fn a_program_that_is_down_is_told_later_and_a_plugin_that_traps_is_asked_by_a_person() -> Result<(), StoreError> {
    let sandbox = sandbox();
    let world = World::new(&sandbox).await;
    *world.program.down.lock().unwrap() = true;
    world.play(None).await;
    assert_eq!(world.program.took.lock().unwrap().len(), 0);
    *world.program.down.lock().unwrap() = false;
    world.an_hour_later();
    let running = world.run().await;
    running.door.tell(&running.store).await?;
    let came = world.came().await;
    assert_eq!((came.decisions, came.tasks, came.followed), (1, 1, came.told.len()));

    let world = World::new(&sandbox).await;
    let running = world.run().await;
    adopt(&running.workflow, &running.store, "planner", &json!({ "proposes": "trap" })).await;
    world.play(None).await;
    let came = world.came().await;
    assert_eq!((came.decisions, came.answered), (0, 0));
    let left = running.store.undecided_of_family(world.family.id).await?;
    assert_eq!((left.len(), left[0].question.as_str()), (1, "on-event"));
    assert_eq!(came.tasks, 1, "a person looks at it");
    assert_eq!(came.followed, came.told.len());
    Ok(())
}
