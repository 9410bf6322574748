use crate::sandbox::bindings::hearth::platform::settings::Host;
use crate::sandbox::run::Run;

impl Host for Run {
    fn json(&mut self) -> anyhow::Result<String> {
        self.count_call()?;
        self.count_text(self.given.context.settings.len())?;
        Ok(self.given.context.settings.clone())
    }
}
