//! Charts as drawings in the page, each with the same in words: nobody has to see one.

use maud::{Markup, html};

/// A bar: its name, what it stands for, and the words of that.
#[derive(Debug, Clone)]
pub struct Bar {
    pub name: String,
    pub value: f64,
    pub words: String,
}

const WIDTH: f64 = 640.0;
const ROW: f64 = 34.0;
const NAMES: f64 = 270.0;

/// Bars from left to right, one below the other.
#[must_use]
pub fn bars(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|b| b.value).fold(0.0, f64::max);
    let length = |value: f64| if most > 0.0 { (value.max(0.0) / most * (WIDTH - NAMES - 120.0)).max(1.0) } else { 1.0 };
    let height = rows(bars.len()) * ROW + 10.0;
    let told = bars.iter().map(|b| format!("{}: {}", b.name, b.words)).collect::<Vec<_>>().join("; ");
    html! {
        svg class="hearth-chart" viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label={ (title) ". " (told) } {
            @for (i, bar) in bars.iter().enumerate() {
                @let y = rows(i) * ROW + 5.0;
                text x="0" y=(y + 18.0) { (clipped(&bar.name, 34)) }
                rect class="bar" x=(NAMES) y=(y) width=(length(bar.value)) height="24" {}
                text x=(NAMES + length(bar.value) + 8.0) y=(y + 18.0) { (bar.words) }
            }
        }
    }
}

/// Places on one scale over time: one domain of an assessment from visit to visit.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    /// What each point is called (a day, say), where it stands, and the words of that.
    pub points: Vec<(String, f64, String)>,
}

/// A line for each, over the same steps; `least` and `most` are the ends of the scale.
#[must_use]
pub fn line(title: &str, line: &Line, least: f64, most: f64) -> Markup {
    let (left, top, width, height) = (40.0, 16.0, WIDTH - 80.0, 140.0);
    let last = rows(line.points.len().saturating_sub(1)).max(1.0);
    let x = |i: usize| left + rows(i) / last * width;
    let y = |value: f64| top + height - if most > least { (value - least) / (most - least) * height } else { 0.0 };
    let path: Vec<String> = line.points.iter().enumerate().map(|(i, (_, v, _))| format!("{:.1},{:.1}", x(i), y(*v))).collect();
    let told = line.points.iter().map(|(on, _, words)| format!("{on}: {words}")).collect::<Vec<_>>().join("; ");
    html! {
        svg class="hearth-chart" viewBox={ "0 0 " (WIDTH) " 200" } role="img" aria-label={ (title) ", " (line.name) ". " (told) } {
            line class="axis" x1=(left) y1=(top) x2=(left) y2=(top + height) {}
            line class="axis" x1=(left) y1=(top + height) x2=(left + width) y2=(top + height) {}
            text x="4" y=(top + 8.0) { (most) }
            text x="4" y=(top + height) { (least) }
            polyline class="line" points=(path.join(" ")) {}
            @for (i, (on, value, words)) in line.points.iter().enumerate() {
                circle class="dot" cx=(x(i)) cy=(y(*value)) r="6" {}
                text x=(x(i) - 6.0) y=((y(*value) - 12.0).max(12.0)) { (words) }
                @if i == 0 { text x=(left) y="190" { (on) } }
                @else if i + 1 == line.points.len() { text x=(left + width + 20.0) y="190" text-anchor="end" { (on) } }
            }
        }
    }
}

/// Somebody in a genogram.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub id: String,
    pub name: String,
    pub age: Option<i32>,
    /// As a genogram draws it: `male` a square, `female` a circle, all else a diamond.
    pub sex: String,
    pub resident: bool,
    /// Whose parent.
    pub parent_of: Vec<String>,
    /// Whose partner, and whether that is over.
    pub partner_of: Vec<(String, bool)>,
}

/// Parents above children, partners side by side: squares, circles and diamonds with lines, as family workers draw them.
#[must_use]
pub fn genogram(people: &[Drawn]) -> Markup {
    let places = places(people);
    let at = |id: &str| people.iter().position(|p| p.id == id).map(|i| places[i]);
    let across = places.iter().map(|(x, _)| *x).fold(0.0, f64::max) + 80.0;
    let down = places.iter().map(|(_, y)| *y).fold(0.0, f64::max) + 80.0;
    html! {
        div class="hearth-wide" role="region" aria-label="Genogram" tabindex="0" {
            svg class="hearth-chart" viewBox={ "0 0 " (across.max(640.0)) " " (down) } role="img" aria-label=(in_words(people)) {
                @for (i, person) in people.iter().enumerate() {
                    @let (x, y) = places[i];
                    @for child in &person.parent_of {
                        @if let Some((cx, cy)) = at(child) { path class="tie" d=(format!("M{x} {y} V{m} H{cx} V{cy}", m = f64::midpoint(y, cy))) {} }
                    }
                    @for (partner, over) in &person.partner_of {
                        @if let Some((px, py)) = at(partner) { line class={ "tie" @if *over { " tie--over" } } x1=(x) y1=(y) x2=(px) y2=(py) {} }
                    }
                }
                @for (person, (x, y)) in people.iter().zip(&places) {
                    @match person.sex.as_str() {
                        "male" => { rect class="person" x=(x - 22.0) y=(y - 22.0) width="44" height="44" {} }
                        "female" => { circle class="person" cx=(x) cy=(y) r="24" {} }
                        _ => { path class="person" d=(format!("M{x} {} l26 26 l-26 26 l-26 -26 z", y - 26.0)) {} }
                    }
                    @if let Some(age) = person.age { text class="named" x=(x) y=(y + 6.0) { (age) } }
                    text class="named" x=(x) y=(y + 48.0) { (short(&person.name)) }
                }
            }
        }
    }
}

/// Generations from above, each from left to right.
fn places(people: &[Drawn]) -> Vec<(f64, f64)> {
    let mut generation = vec![0_usize; people.len()];
    // Each pass pushes a child below its parents; as often as there are people is enough, and ends where parents go in a circle.
    for _ in 0..people.len() {
        for (i, person) in people.iter().enumerate() {
            for child in &person.parent_of {
                if let Some(c) = people.iter().position(|p| p.id == *child)
                    && generation[c] <= generation[i]
                    && generation[i] + 1 < people.len()
                {
                    generation[c] = generation[i] + 1;
                }
            }
            for (partner, _) in &person.partner_of {
                if let Some(p) = people.iter().position(|q| q.id == *partner) {
                    let lower = generation[p].max(generation[i]);
                    generation[p] = lower;
                    generation[i] = lower;
                }
            }
        }
    }
    let mut taken = vec![0_usize; people.len().max(1)];
    let place = |g: &usize| {
        let i = taken[*g];
        taken[*g] += 1;
        (80.0 + rows(i) * 150.0, 40.0 + rows(*g) * 130.0)
    };
    generation.iter().map(place).collect()
}

fn in_words(people: &[Drawn]) -> String {
    let name = |id: &String| people.iter().find(|p| p.id == *id).map(|p| p.name.clone());
    let mut told = vec![format!("The family: {}", people.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join(", "))];
    for person in people {
        let children: Vec<String> = person.parent_of.iter().filter_map(name).collect();
        if !children.is_empty() {
            told.push(format!("{} is a parent of {}", person.name, children.join(", ")));
        }
    }
    told.join(". ")
}

/// Numbers of people and bars are small.
#[allow(clippy::cast_precision_loss)]
const fn rows(i: usize) -> f64 {
    i as f64
}

fn short(name: &str) -> String {
    clipped(name, 20)
}

fn clipped(name: &str, most: usize) -> String {
    if name.chars().count() <= most { name.to_owned() } else { name.chars().take(most - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, parent_of: &[&str]) -> Drawn {
        Drawn {
            id: id.to_owned(),
            name: id.to_uppercase(),
            age: Some(9),
            sex: "female".to_owned(),
            resident: true,
            parent_of: parent_of.iter().map(|s| (*s).to_owned()).collect(),
            partner_of: Vec::new(),
        }
    }

    #[test]
    fn children_stand_below_their_parents_and_circles_end() {
        let drawn = places(&[person("child", &[]), person("mother", &["child"]), person("gran", &["mother"])]);
        assert!(drawn[2].1 < drawn[1].1 && drawn[1].1 < drawn[0].1, "{drawn:?}");
        let round = places(&[person("a", &["b"]), person("b", &["a"])]);
        assert_eq!(round.len(), 2);
    }

    #[test]
    fn what_is_drawn_is_said() {
        let drawn = genogram(&[person("mother", &["child"]), person("child", &[])]).into_string();
        assert!(drawn.contains("MOTHER is a parent of CHILD"), "{drawn}");
        let bar = Bar { name: "Met <b>".into(), value: 3.0, words: "3 families".into() };
        let drawn = bars("Outcomes", &[bar]).into_string();
        assert!(drawn.contains(r#"aria-label="Outcomes. Met &lt;b&gt;: 3 families""#), "{drawn}");
    }
}
