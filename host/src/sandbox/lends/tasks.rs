use crate::sandbox::answer::Task;
use crate::sandbox::bindings::hearth::actions::tasks::Host;
use crate::sandbox::bindings::hearth::decision::messages as wit;
use crate::sandbox::limits::MOST_PROPOSALS;
use crate::sandbox::run::{Run, code, day_to_come, key, room};

impl Host for Run {
    fn propose(&mut self, key_: String, role: String, title: wit::Message, due: i32) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/tasks")? {
            return Ok(());
        }
        let key = key("key", key_)?;
        if self.has_proposed(&key) {
            return Ok(());
        }
        room("proposed actions", self.tasks.len() + self.actions.len(), MOST_PROPOSALS)?;
        let due = day_to_come("a task due", self.given.context.as_of, due)?;
        self.count_said(256)?;
        let task = Task { key, role: code("role", "roles", role)?, title: self.message(title)?, due };
        self.tasks.push(task);
        Ok(())
    }
}
