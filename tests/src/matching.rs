//! How well rows are matched, on people made up with known truth; and the weights that they would suggest.

use std::collections::{BTreeMap, HashMap};

use hearth::matching::keys::{Key, of_person, of_row};
use hearth::matching::{Answer, Level, Profile, Thresholds, compare, decide};

use crate::generated::Dice;
use crate::people::Generated;

/// What came of rows whose truth is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Matched by machine, and rightly.
    pub right: u64,
    /// Matched by machine with somebody else.
    pub wrong: u64,
    /// Asked about, with the right one among those shown.
    pub asked: u64,
    /// Asked about, and none of them is meant.
    pub asked_in_vain: u64,
    /// Taken for a stranger, and is not.
    pub missed: u64,
    /// Taken for a stranger, rightly.
    pub left: u64,
}

impl Score {
    /// Of those matched by machine, the share that is right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }

    /// Of rows about people of the record, the share that the machine matched rightly.
    #[must_use]
    pub fn recall(&self, known: u64) -> f64 {
        self.right as f64 / known.max(1) as f64
    }
}

/// A record whose people are found by their keys, as the store finds them.
#[derive(Debug)]
pub struct Index<'a> {
    people: Vec<&'a Profile>,
    keys: HashMap<Key, Vec<usize>>,
}

impl<'a> Index<'a> {
    #[must_use]
    pub fn of(generated: &'a Generated) -> Self {
        let people: Vec<&Profile> = generated.people.iter().map(|p| &p.profile).collect();
        let mut keys: HashMap<Key, Vec<usize>> = HashMap::new();
        for (i, profile) in people.iter().enumerate() {
            for key in of_person(profile) {
                keys.entry(key).or_default().push(i);
            }
        }
        Self { people, keys }
    }

    /// Who may be meant by a row: those who share a key, and those who share a number.
    #[must_use]
    pub fn candidates(&self, row: &Profile) -> Vec<usize> {
        let mut found: Vec<usize> = of_row(row).iter().filter_map(|k| self.keys.get(k)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[must_use]
    pub fn answer(&self, row: &Profile, thresholds: Thresholds) -> Answer<usize> {
        decide(row, self.candidates(row).into_iter().map(|i| (i, self.people[i])), thresholds)
    }
}

/// Matches every row.
#[must_use]
pub fn score(generated: &Generated, index: &Index<'_>, thresholds: Thresholds, wanted: impl Fn(&Profile) -> bool) -> (Score, u64) {
    let (mut score, mut known) = (Score::default(), 0);
    for row in generated.rows.iter().filter(|r| wanted(&r.told)) {
        known += u64::from(row.truth.is_some());
        let place = match (index.answer(&row.told, thresholds), row.truth) {
            (Answer::Same(found), truth) if Some(found.id) == truth => &mut score.right,
            (Answer::Same(_), _) => &mut score.wrong,
            (Answer::Ask(shown), Some(truth)) if shown.iter().any(|c| c.id == truth) => &mut score.asked,
            (Answer::Ask(_), _) => &mut score.asked_in_vain,
            (Answer::Different, Some(_)) => &mut score.missed,
            (Answer::Different, None) => &mut score.left,
        };
        *place += 1;
    }
    (score, known)
}

/// Levels of one field, for each of which a probability is estimated.
const FIELDS: [&str; 4] = ["given", "family", "born", "home"];
const ROUNDS: usize = 40;

/// What each level would weigh, in bits.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    /// m from the rows whose truth is known.
    pub known: BTreeMap<Level, f64>,
    /// m by expectation and maximisation over pairs that share a key, as where no truth is known (Winkler; Splink after him).
    pub estimated: BTreeMap<Level, f64>,
}

/// Weights as this set has them; u from pairs drawn at random in both cases. Expectation and maximisation takes brothers and sisters, who
/// share surname and home, for matches: so it thinks little of another given name or birth date.
#[must_use]
pub fn weights(generated: &Generated, index: &Index<'_>, seed: u64) -> Weights {
    let levels = |row: &Profile, person: &Profile| -> [Option<Level>; 4] {
        let found = compare(row, person);
        FIELDS.map(|field| found.iter().map(|a| a.level).find(|l| l.of() == field))
    };
    let mut dice = Dice(seed);
    let most = index.people.len() as i64 - 1;
    let mut drawn = || index.people[usize::try_from(dice.between(0, most)).unwrap_or_default()];
    let random: Vec<_> = generated.rows.iter().cycle().take(400_000).map(|r| levels(&r.told, drawn())).collect();
    let u = shares(random.iter().map(|pair| (pair, 1.0)));
    let bits = |m: &BTreeMap<Level, f64>| -> BTreeMap<Level, f64> {
        m.iter().map(|(level, m)| (*level, (m.max(1e-6) / u.get(level).copied().unwrap_or(1e-6).max(1e-6)).log2())).collect()
    };
    let truth: Vec<_> = generated.rows.iter().filter_map(|r| Some(levels(&r.told, index.people[r.truth?]))).collect();
    let known = bits(&shares(truth.iter().map(|pair| (pair, 1.0))));
    let pairs: Vec<_> =
        generated.rows.iter().flat_map(|r| index.candidates(&r.told).into_iter().map(move |i| levels(&r.told, index.people[i]))).collect();
    let (mut m, mut share): (BTreeMap<Level, f64>, f64) =
        (Level::ALL.iter().map(|l| (*l, if l.tenths() > 60 { 0.8 } else { 0.05 })).collect(), 0.2);
    for _ in 0..ROUNDS {
        let weigh = |pair: &[Option<Level>; 4]| {
            let likely =
                |of: &BTreeMap<Level, f64>| pair.iter().flatten().map(|l| of.get(l).copied().unwrap_or(1e-6).max(1e-6)).product::<f64>();
            let (one, other) = (share * likely(&m), (1.0 - share) * likely(&u));
            one / (one + other)
        };
        let weights: Vec<f64> = pairs.iter().map(weigh).collect();
        share = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
        m = shares(pairs.iter().zip(&weights).map(|(pair, weight)| (pair, *weight)));
    }
    Weights { known, estimated: bits(&m) }
}

/// How often each level stands among those of its field.
fn shares<'a>(pairs: impl Iterator<Item = (&'a [Option<Level>; 4], f64)>) -> BTreeMap<Level, f64> {
    let (mut each, mut all) = (BTreeMap::<Level, f64>::new(), HashMap::<&str, f64>::new());
    for (pair, weight) in pairs {
        for level in pair.iter().flatten() {
            *each.entry(*level).or_default() += weight;
            *all.entry(level.of()).or_default() += weight;
        }
    }
    each.into_iter().map(|(level, weight)| (level, weight / all[level.of()].max(1e-9))).collect()
}
