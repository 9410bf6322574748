//! Debts, and plans to pay them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, Window, codes};

/// A million pounds, in pence: more is a slip of the pen.
const MOST: i64 = 100_000_000;

/// What was owed on one day, the fact's first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ArrearsDetail)]
pub struct Arrears {
    /// Code list debts.
    pub debt: String,
    /// In pence, at most £1,000,000; 0 says that nothing was owed any more.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub amount_pence: i64,
}

impl Arrears {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("debt", "debts", &self.debt)?;
        if (0..=MOST).contains(&self.amount_pence) {
            Ok(())
        } else {
            Err(Invalid::new("amount_pence", format!("{} is not between 0 and {MOST} pence", self.amount_pence)))
        }
    }
}

/// A plan for the family's money or debts. A completed one is dated by its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RepaymentPlanDetail)]
pub struct RepaymentPlan {
    /// Code list interventions.
    pub state: String,
}

impl RepaymentPlan {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("state", "interventions", &self.state)
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finance {
    pub arrears: Vec<ArrearsRow>,
    pub repayment_plans: Vec<RepaymentPlanRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrearsRow {
    pub fact: Handle,
    pub debt: String,
    pub amount_pence: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    pub on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepaymentPlanRow {
    pub fact: Handle,
    pub window: Window,
    pub state: String,
}
