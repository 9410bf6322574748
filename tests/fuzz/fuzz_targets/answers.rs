//! Answers, judged against a sound form.
#![no_main]

use hearth::forms::Answers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(mut answers) = hearth_fuzz::json::<Answers>(bytes) else { return };
    let form = hearth_fuzz::form();
    let none = hearth_fuzz::no_answers(&form);
    (answers.form, answers.digest) = (none.form, none.digest);
    let judged = form.check().unwrap().judge(&answers, &hearth_fuzz::setting());
    if let Ok(judged) = judged {
        let _ = judged.applicable(&answers);
        judged.given().count();
    }
});
