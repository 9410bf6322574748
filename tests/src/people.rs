//! People made up by dice, and rows that agencies would send of them, with the truth kept beside: for measuring how well rows are matched.
//! English and Welsh, South Asian, Eastern European, West African and Arabic ways of naming; typing errors, changed and missing dates,
//! moved homes, married names; twins, brothers of one first name, fathers and sons of one name, strangers. Nobody is real.

use hearth::matching::{Place, Profile};
use hearth::record::sections::identity::{Identifier, Name, Scheme};

use crate::generated::Dice;
use crate::people_names::{BEGIN, END, NAMINGS, Naming, STREETS};

/// Somebody of the record, or a row's whole truth.
#[derive(Debug, Clone)]
pub struct Person {
    pub profile: Profile,
    woman: bool,
}

/// A row, and whom of the record it is about; none: somebody whom the record does not know.
#[derive(Debug, Clone)]
pub struct Row {
    pub told: Profile,
    pub truth: Option<usize>,
    /// What was done to it, for whoever looks at what went wrong.
    pub how: &'static str,
}

/// A record, and rows about it.
#[derive(Debug)]
pub struct Generated {
    pub people: Vec<Person>,
    pub rows: Vec<Row>,
}

struct Maker<'a> {
    dice: &'a mut Dice,
    postcodes: i64,
}

impl Maker<'_> {
    /// One of a list, the first most often.
    fn common(&mut self, of: &'static [&'static str]) -> &'static str {
        let most = of.len() as i64;
        let place = self.dice.between(1, most) * self.dice.between(1, most) / most;
        of[usize::try_from(place).unwrap_or_default().min(of.len() - 1)]
    }

    fn naming(&mut self) -> &'static Naming {
        let mut left = self.dice.between(1, 100);
        NAMINGS
            .iter()
            .find(|n| {
                left -= n.share;
                left <= 0
            })
            .unwrap_or(&NAMINGS[0])
    }

    fn family_name(&mut self, naming: &'static Naming) -> String {
        if naming.share == 70 && self.dice.chance(65) {
            return format!("{}{}", self.common(BEGIN), self.common(END));
        }
        let one = self.common(naming.families).to_owned();
        if self.dice.chance(3) { format!("{one}-{}", self.common(naming.families)) } else { one }
    }

    fn given(&mut self, naming: &'static Naming, woman: bool) -> String {
        let first = self.common(if woman { naming.women } else { naming.men });
        // Many are named Mohammed first, and called by what follows.
        if first.starts_with('M') && first.contains("mm") { format!("{first} {}", self.common(naming.men)) } else { first.to_owned() }
    }

    fn place(&mut self) -> Place {
        let code = self.dice.between(0, self.postcodes - 1);
        let letters = |n: i64| char::from(b'A' + u8::try_from(n % 20).unwrap_or_default());
        let postcode = format!("BS{} {}{}{}", code % 39 + 1, code / 39 % 9 + 1, letters(code / 351), letters(code / 7020 + 3));
        let line = format!("{} {}", self.dice.between(1, 120), self.common(STREETS));
        Place { line: Some(line), postcode: Some(postcode), uprn: None }
    }

    fn born(&mut self, child: bool) -> String {
        let year = if child { self.dice.between(2007, 2025) } else { self.dice.between(1960, 2004) };
        format!("{year}-{:02}-{:02}", self.dice.between(1, 12), self.dice.between(1, 28))
    }

    fn number(&mut self) -> Identifier {
        loop {
            let digits = format!("{:09}", self.dice.between(400_000_000, 799_999_999));
            let sum: u32 = digits.chars().zip((2..=10).rev()).map(|(d, w)| d.to_digit(10).unwrap_or_default() * w).sum();
            let check = (11 - sum % 11) % 11;
            if check < 10 {
                return Identifier { scheme: Scheme::NhsNumber, value: format!("{digits}{check}") };
            }
        }
    }

    fn person(&mut self, naming: &'static Naming, family: &str, home: &Place, child: bool) -> Person {
        let woman = self.dice.chance(if child { 50 } else { 65 });
        let mut profile = Profile { born: vec![self.born(child)], homes: vec![home.clone()], ..Profile::default() };
        profile.names.push(Name { given: self.given(naming, woman), family: family.to_owned() });
        if self.dice.chance(60) {
            profile.identifiers.push(self.number());
        }
        Person { profile, woman }
    }

    /// Somebody at school.
    fn pupil(&mut self) -> (Name, String) {
        let (naming, woman) = (self.naming(), self.dice.chance(50));
        (Name { given: self.given(naming, woman), family: self.family_name(naming) }, self.born(true))
    }

    /// Two to five people; one family in forty has twins, one in thirty a father and son of one name.
    fn family(&mut self, people: &mut Vec<Person>) {
        let naming = self.naming();
        let (family, home) = (self.family_name(naming), self.place());
        people.push(self.person(naming, &family, &home, false));
        if self.dice.chance(45) {
            let own = if self.dice.chance(50) { self.family_name(naming) } else { family.clone() };
            people.push(self.person(naming, &own, &home, false));
        }
        for _ in 0..self.dice.between(1, 3) {
            let mut child = self.person(naming, &family, &home, true);
            match self.dice.between(1, 120) {
                1..=3 => {
                    let mut twin = self.person(naming, &family, &home, true);
                    twin.profile.born.clone_from(&child.profile.born);
                    people.push(twin);
                }
                4..=7 => {
                    if let Some(father) = people.last().filter(|p| !p.woman) {
                        child.profile.names.clone_from(&father.profile.names);
                    }
                }
                _ => {}
            }
            people.push(child);
        }
    }

    /// A letter left out, doubled, another, or changed with its neighbour.
    fn slip(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let at = usize::try_from(self.dice.between(1, (letters.len() as i64 - 1).max(1))).unwrap_or_default().min(letters.len() - 1);
        match self.dice.between(1, 4) {
            1 if letters.len() > 3 => {
                letters.remove(at);
            }
            2 => letters.insert(at, letters[at]),
            3 => letters[at] = char::from(b'a' + u8::try_from(self.dice.between(0, 25)).unwrap_or_default()),
            _ => letters.swap(at - usize::from(at > 1), at),
        }
        letters.into_iter().collect()
    }

    /// What an agency has of somebody: most of it, and some of it wrong.
    fn row(&mut self, person: &Person) -> Profile {
        let mut told = Profile { born: person.profile.born.clone(), ..Profile::default() };
        let mut name = person.profile.names[0].clone();
        match self.dice.between(1, 1000) {
            1..=20 => name.given = self.slip(&name.given),
            21..=70 => name.given = self.form(&name.given),
            71..=76 => name.given.truncate(name.given.chars().next().map_or(1, char::len_utf8)),
            77..=106 => name.given += " Jo",
            107..=111 => std::mem::swap(&mut name.given, &mut name.family),
            112..=140 => name.given = name.given.split(' ').next().unwrap_or_default().to_owned(),
            _ => {}
        }
        match self.dice.between(1, 1000) {
            1..=20 => name.family = self.slip(&name.family),
            21..=45 if person.woman => {
                let naming = self.naming();
                name.family = self.family_name(naming);
            }
            46..=55 => name.family = name.family.split('-').next().unwrap_or_default().to_owned(),
            56..=100 => name.family = name.family.to_uppercase(),
            _ => {}
        }
        told.names.push(name);
        self.date(&mut told);
        match self.dice.between(1, 100) {
            1..=15 => {}
            16..=28 => told.homes.push(self.place()),
            _ => {
                let mut home = person.profile.homes[0].clone();
                if self.dice.chance(30) {
                    home.line = home.line.map(|l| l.replace("Road", "Rd").replace("Lane", "Ln").replace("Street", "St"));
                }
                if self.dice.chance(10) {
                    home.line = None;
                }
                told.homes.push(home);
            }
        }
        if self.dice.chance(30) {
            told.identifiers.clone_from(&person.profile.identifiers);
        }
        told
    }

    fn date(&mut self, told: &mut Profile) {
        let born = told.born[0].clone();
        let digits: Vec<usize> = born.char_indices().filter(|(i, c)| *i > 2 && c.is_ascii_digit()).map(|(i, _)| i).collect();
        match self.dice.between(1, 1000) {
            1..=12 => told.born.clear(),
            13..=25 => told.born[0] = hearth::matching::keys::swapped(&born).unwrap_or(born),
            26..=40 => {
                let at = self.dice.pick(&digits);
                let mut changed = born.clone().into_bytes();
                changed[at] = b'0' + u8::try_from(self.dice.between(0, 9)).unwrap_or_default();
                let changed = String::from_utf8(changed).unwrap_or_default();
                if changed.parse::<hearth::record::Day>().is_ok() {
                    told.born[0] = changed;
                }
            }
            41..=44 => told.born[0].truncate(7),
            _ => {}
        }
    }

    /// As people are called.
    fn form(&mut self, given: &str) -> String {
        let forms: &[(&str, &str)] = &[
            ("William", "Billy"),
            ("Elizabeth", "Beth"),
            ("Katie", "Katherine"),
            ("Thomas", "Tom"),
            ("Daniel", "Danny"),
            ("Charlotte", "Lottie"),
            ("Samantha", "Sam"),
            ("Mohammed", "Muhammad"),
            ("Alfie", "Alfred"),
            ("Michael", "Mike"),
            ("Christopher", "Chris"),
            ("Rebecca", "Becky"),
            ("Joshua", "Josh"),
            ("James", "Jamie"),
            ("Robert", "Rob"),
            ("Margaret", "Maggie"),
            ("Victoria", "Vicky"),
            ("Emily", "Em"),
        ];
        forms.iter().find(|(long, _)| given == *long).map_or_else(|| given.to_owned(), |(_, short)| (*short).to_owned())
    }

    /// Somebody whom the record does not know, and often nearly does.
    fn stranger(&mut self, people: &[Person]) -> (Person, &'static str) {
        let like = self.dice.pick(people);
        let naming = self.naming();
        let home = self.place();
        let (family, child) = (self.family_name(naming), self.dice.chance(50));
        let mut other = self.person(naming, &family, &home, child);
        let how = match self.dice.between(1, 100) {
            1..=8 => {
                other.profile.names[0].family.clone_from(&like.profile.names[0].family);
                (other.profile.born, other.profile.homes) = (like.profile.born.clone(), like.profile.homes.clone());
                "a twin"
            }
            9..=18 => {
                other.profile.names[0].family.clone_from(&like.profile.names[0].family);
                other.profile.homes.clone_from(&like.profile.homes);
                "a brother or sister"
            }
            19..=24 => {
                (other.profile.names, other.profile.homes) = (like.profile.names.clone(), like.profile.homes.clone());
                let years: i32 = like.profile.born[0][..4].parse().unwrap_or(2000);
                other.profile.born[0] = format!("{}{}", years - 27, &other.profile.born[0][4..]);
                "a father or son of one name"
            }
            25..=32 => {
                other.profile.names.clone_from(&like.profile.names);
                "somebody of the same name"
            }
            33..=37 => {
                other.profile.names[0].given.clone_from(&like.profile.names[0].given);
                other.profile.born.clone_from(&like.profile.born);
                "the same first name and birth date"
            }
            _ => "a stranger",
        };
        // Twins are not named alike.
        let alike = how == "a twin" && other.profile.names[0].given.split(' ').next() == like.profile.names[0].given.split(' ').next();
        if alike { self.stranger(people) } else { (other, how) }
    }
}

/// The name and birth date of the n-th pupil: always the same for the same number.
#[must_use]
pub fn pupil(n: u64) -> (Name, String) {
    Maker { dice: &mut Dice(n), postcodes: 1 }.pupil()
}

/// A record of about so many people, and so many rows, half of them about people whom it knows. The same seed gives the same.
#[must_use]
pub fn generated(seed: u64, people: usize, rows: usize) -> Generated {
    let mut dice = Dice(seed);
    let mut maker = Maker { dice: &mut dice, postcodes: (people as i64 / 20).max(100) };
    let mut record = Vec::with_capacity(people + 6);
    while record.len() < people {
        maker.family(&mut record);
    }
    let all: Vec<usize> = (0..record.len()).collect();
    let rows = (0..rows)
        .map(|n| {
            if n % 2 == 0 {
                let truth = maker.dice.pick(&all);
                return Row { told: maker.row(&record[truth]), truth: Some(truth), how: "of the record" };
            }
            let (stranger, how) = maker.stranger(&record);
            // A twin's number is the twin's own.
            Row { told: maker.row(&stranger), truth: None, how }
        })
        .collect();
    Generated { people: record, rows }
}
