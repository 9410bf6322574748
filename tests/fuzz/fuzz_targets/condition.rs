//! A condition, at a question of a sound form. What passes is judged over answers without failing.
#![no_main]

use hearth::forms::{Expr, Item};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(condition) = hearth_fuzz::json::<Expr>(bytes) else { return };
    let mut form = hearth_fuzz::form();
    for item in form.pages.iter_mut().flat_map(|page| &mut page.items) {
        if let Item::Question(question) = item {
            question.visible_when = Some(condition.clone());
            break;
        }
    }
    if let Ok(checked) = form.check() {
        checked.judge(&hearth_fuzz::no_answers(&form), &hearth_fuzz::setting()).unwrap();
    }
});
