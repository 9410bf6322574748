use crate::sandbox::bindings::hearth::platform::log::{Host, Level};
use crate::sandbox::run::Run;

impl Host for Run {
    fn write(&mut self, level: Level, message: String) -> anyhow::Result<()> {
        self.count_call()?;
        self.count_text(message.len())?;
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        self.log.write(level, message);
        Ok(())
    }
}
