use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::bindings::hearth::platform::directory::{Audience, Host, Offer, Place, Price};
use crate::sandbox::fault::nonsense;
use crate::sandbox::given::ServiceGiven;
use crate::sandbox::run::{Run, code, day, short_list, wit_window};

const NAME: &str = "hearth:platform/directory";

impl Host for Run {
    fn offers(&mut self, kinds: Vec<String>, on: i32) -> anyhow::Result<Result<Vec<Offer>, wit::Absence>> {
        if let Err(absence) = self.read_of_authority(NAME)? {
            return Ok(Err(absence));
        }
        self.sources_read.insert("directory");
        short_list("kinds", &kinds)?;
        let kinds = kinds.into_iter().map(|kind| code("kind", "service-kinds", kind)).collect::<anyhow::Result<Vec<_>>>()?;
        let on = day(on)?;
        let wanted = |s: &ServiceGiven| s.window.contains(on) && (kinds.is_empty() || kinds.contains(&s.kind));
        let offers: Vec<Offer> = (0..)
            .zip(&self.given.context.directory)
            .filter(|(_, s)| wanted(s))
            .map(|(service, s)| Offer {
                service,
                organisation: s.organisation,
                kind: s.kind.clone(),
                organisation_kind: s.organisation_kind.clone(),
                window: wit_window(s.window),
            })
            .collect();
        self.count_rows(offers.len())?;
        Ok(Ok(offers))
    }

    fn places(&mut self, services: Vec<u32>) -> anyhow::Result<Result<Vec<Option<Place>>, wit::Absence>> {
        self.of_services(&services, |s| {
            s.place.as_ref().map(|p| Place { capacity: p.capacity, taken: p.taken, waiting_days: p.waiting_days })
        })
    }

    fn audiences(&mut self, services: Vec<u32>) -> anyhow::Result<Result<Vec<Option<Audience>>, wit::Absence>> {
        self.of_services(&services, |s| {
            s.audience.as_ref().map(|a| Audience { needs: a.needs.clone(), youngest: a.youngest, oldest: a.oldest, areas: a.areas.clone() })
        })
    }

    fn prices(&mut self, services: Vec<u32>) -> anyhow::Result<Result<Vec<Option<Price>>, wit::Absence>> {
        self.of_services(&services, |s| s.price.as_ref().map(|p| Price { amount: p.amount_pence, unit: p.unit.clone() }))
    }
}

impl Run {
    fn of_services<T>(
        &mut self,
        services: &[u32],
        of: impl Fn(&ServiceGiven) -> Option<T>,
    ) -> anyhow::Result<Result<Vec<Option<T>>, wit::Absence>> {
        if let Err(absence) = self.read_of_authority(NAME)? {
            return Ok(Err(absence));
        }
        self.sources_read.insert("directory");
        short_list("services", services)?;
        self.count_rows(services.len())?;
        let directory = &self.given.context.directory;
        let found = services.iter().map(|service| Ok(of(&directory[self.known_service(*service)? as usize])));
        found.collect::<anyhow::Result<Vec<_>>>().map(Ok)
    }

    pub(super) fn known_service(&self, service: u32) -> anyhow::Result<u32> {
        if (service as usize) < self.given.context.directory.len() {
            Ok(service)
        } else {
            nonsense(format!("service {service} is not in the directory"))
        }
    }
}
