use crate::record::sections::support::EpisodeRow;
use crate::record::{Section, codes};
use crate::sandbox::bindings::hearth::decision::episode::Host;
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::run::{Run, absence, day};

const NAME: &str = "hearth:decision/episode";

impl Host for Run {
    fn engaged(&mut self) -> anyhow::Result<Result<i32, wit::Absence>> {
        Ok(self.episode()?.map(|episode| episode.window.first.number()))
    }

    fn has_keyworker(&mut self, on: i32) -> anyhow::Result<Result<bool, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        self.delivered.insert(Section::Support);
        let on = day(on)?;
        Ok(Ok(self.given.snapshot.support.workers.iter().any(|w| w.role == "keyworker" && w.window.contains(on))))
    }

    fn needs_at_entry(&mut self) -> anyhow::Result<Result<Vec<String>, wit::Absence>> {
        Ok(self.episode()?.map(|episode| {
            let place = |need: &String| codes::position("problems", need);
            let mut needs = episode.needs;
            needs.sort_by_key(place);
            needs
        }))
    }

    fn earlier_claims(&mut self) -> anyhow::Result<Result<Vec<(String, i32)>, wit::Absence>> {
        if let Err(absence) = self.read(NAME)? {
            return Ok(Err(absence));
        }
        self.delivered.insert(Section::Support);
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
