//! A form as a manifest brings it. What passes its check is judged over no answers without failing.
#![no_main]

use hearth::forms::Form;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(form) = hearth_fuzz::json::<Form>(bytes) else { return };
    if let Ok(checked) = form.check() {
        checked.judge(&hearth_fuzz::no_answers(&form), &hearth_fuzz::setting()).unwrap();
    }
});
