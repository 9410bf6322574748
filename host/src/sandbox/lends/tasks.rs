use crate::sandbox::answer::Task;
use crate::sandbox::bindings::hearth::actions::tasks::Host;
use crate::sandbox::bindings::hearth::decision::messages as wit;
use crate::sandbox::fault::nonsense;
use crate::sandbox::limits::MOST_PROPOSALS;
use crate::sandbox::run::{Run, code, day, key, room};

impl Host for Run {
    fn propose(&mut self, key_: String, role: String, title: wit::Message, due: i32) -> anyhow::Result<()> {
        self.count_call()?;
        // An optional interface that was not granted is linked: what it proposes goes nowhere.
        if !self.given.context.grants.has("hearth:actions/tasks") {
            return Ok(());
        }
        let key = key("key", key_)?;
        if self.tasks.iter().any(|t| t.key == key) {
            return Ok(());
        }
        room("proposed actions", self.tasks.len(), MOST_PROPOSALS)?;
        let due = day(due)?;
        if due < self.given.context.as_of {
            return nonsense(format!("a task due on {due}, before the as-of date"));
        }
        self.count_said(256)?;
        let task = Task { key, role: code("role", "roles", role)?, title: self.message(title)?, due };
        self.tasks.push(task);
        Ok(())
    }
}
