use crate::record::sections::support::EpisodeRow;
use crate::record::{Section, codes};
use crate::sandbox::bindings::hearth::decision::episode::{Host, Keyworking, Phase, Stay};
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::run::{Run, absence, window, wit_window};
use crate::sandbox::sections::shows;

const NAME: &str = "hearth:decision/episode";

shows! {
    Stay: fact;
    Keyworking: fact;
    Phase: fact;
}

impl Host for Run {
    fn current(&mut self) -> anyhow::Result<Result<Stay, wit::Absence>> {
        let stay = self.episode()?.map(|episode| Stay { fact: episode.fact, window: wit_window(episode.window) });
        if let Ok(stay) = &stay {
            self.hand_over(Section::Support, std::slice::from_ref(stay))?;
        }
        Ok(stay)
    }

    fn keyworkers(&mut self, asked: wit::Window) -> anyhow::Result<Result<Vec<Keyworking>, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        let asked = window(asked)?;
        let workers = self.given.snapshot.support.workers.iter();
        let found: Vec<Keyworking> = workers
            .filter(|w| w.role == "keyworker" && w.window.overlaps(&asked))
            .map(|w| Keyworking { fact: w.fact, window: wit_window(w.window) })
            .collect();
        self.hand_over(Section::Support, &found)?;
        Ok(Ok(found))
    }

    fn needs_at_entry(&mut self) -> anyhow::Result<Result<Vec<String>, wit::Absence>> {
        Ok(self.episode()?.map(|episode| {
            let place = |need: &String| codes::position("problems", need);
            let mut needs = episode.needs;
            needs.sort_by_key(place);
            needs
        }))
    }

    fn phases(&mut self, asked: wit::Window) -> anyhow::Result<Result<Vec<Phase>, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        let asked = window(asked)?;
        let phases = self.given.snapshot.support.standings.iter();
        let found: Vec<Phase> = phases
            .filter(|s| s.window.overlaps(&asked))
            .map(|s| Phase { fact: s.fact, stage: s.stage.clone(), tier: s.tier.clone(), window: wit_window(s.window) })
            .collect();
        self.hand_over(Section::Support, &found)?;
        Ok(Ok(found))
    }

    fn earlier(&mut self) -> anyhow::Result<Result<Vec<Stay>, wit::Absence>> {
        let current = match self.episode()? {
            Ok(current) => (current.window.first, current.fact),
            Err(absence) => return Ok(Err(absence)),
        };
        let episodes = self.given.snapshot.support.episodes.iter();
        let found: Vec<Stay> =
            episodes.filter(|e| (e.window.first, e.fact) < current).map(|e| Stay { fact: e.fact, window: wit_window(e.window) }).collect();
        self.hand_over(Section::Support, &found)?;
        Ok(Ok(found))
    }

    fn earlier_claims(&mut self) -> anyhow::Result<Result<Vec<(String, i32)>, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        self.delivered.insert(Section::Support);
        self.sources_read.insert("earlier-claims");
        self.count_rows(self.given.claims.len())?;
        Ok(Ok(self.given.claims.iter().map(|c| (c.kind.clone(), c.entitled_on.number())).collect()))
    }
}

impl Run {
    /// The episode that the as-of date lies in; failing that the last one that began before it; failing that the next.
    fn episode(&mut self) -> anyhow::Result<Result<EpisodeRow, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        self.delivered.insert(Section::Support);
        let (as_of, episodes) = (self.given.context.as_of, &self.given.snapshot.support.episodes);
        let open = episodes.iter().rfind(|e| e.window.contains(as_of));
        let begun = || episodes.iter().rfind(|e| e.window.first <= as_of);
        Ok(open.or_else(begun).or_else(|| episodes.first()).cloned().ok_or_else(|| absence("no-episode")))
    }
}
