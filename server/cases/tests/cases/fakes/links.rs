use async_trait::async_trait;
use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};
use weir_domain::{
    LinkId, StoreError, TemplateId, Timestamp,
    access::View,
    links::{LinkKept, LinkTemplate, Links, NewLink, SearchLink, TemplateKept},
};

/// Templates for each part of an event stand from the beginning.
pub struct FakeLinks {
    pub kept: Mutex<Vec<NewLink>>,
    pub templates: Mutex<Vec<LinkTemplate>>,
    acted: AtomicU32,
}

impl Default for FakeLinks {
    fn default() -> Self {
        let template = |(n, field): (usize, &str)| {
            let parts = ("CRM", field, "*", "https://crm.example/{value}");
            LinkTemplate::read(TemplateId(format!("0193-template-{n}")), parts, Timestamp(0)).unwrap()
        };
        let templates = ["key", "header.trace", "reason"].into_iter().enumerate().map(template).collect();
        Self { kept: Mutex::default(), templates: Mutex::new(templates), acted: AtomicU32::default() }
    }
}

impl FakeLinks {
    /// How often something was changed since the last call of this.
    pub fn take_acted(&self) -> u32 {
        self.acted.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl Links for FakeLinks {
    async fn keep_link(&self, _: &View, new: NewLink, most: u32) -> Result<LinkKept, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut kept = self.kept.lock().unwrap();
        if let Some(there) = kept.iter().find(|k| k.address == new.address) {
            return Ok(LinkKept::Kept(there.id.clone()));
        }
        if kept.iter().filter(|k| k.made_by == new.made_by).count() >= most as usize {
            return Ok(LinkKept::TooMany);
        }
        let id = new.id.clone();
        kept.push(new);
        Ok(LinkKept::Kept(id))
    }
    async fn open_link(&self, _: &View, id: &LinkId, _: Timestamp) -> Result<Option<SearchLink>, StoreError> {
        let kept = self.kept.lock().unwrap();
        let found = kept.iter().find(|k| k.id == *id);
        Ok(found.map(|k| SearchLink { id: k.id.clone(), address: k.address.clone(), made: k.made }))
    }
    async fn templates(&self, _: &View) -> Result<Vec<LinkTemplate>, StoreError> {
        Ok(self.templates.lock().unwrap().clone())
    }
    async fn add_template(&self, _: &View, new: LinkTemplate, most: u32) -> Result<TemplateKept, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut templates = self.templates.lock().unwrap();
        if templates.len() >= most as usize {
            return Ok(TemplateKept::TooMany);
        }
        templates.push(new);
        Ok(TemplateKept::Kept)
    }
    async fn remove_template(&self, _: &View, id: &TemplateId) -> Result<bool, StoreError> {
        self.acted.fetch_add(1, Ordering::SeqCst);
        let mut templates = self.templates.lock().unwrap();
        let before = templates.len();
        templates.retain(|t| t.id != *id);
        Ok(templates.len() < before)
    }
}
