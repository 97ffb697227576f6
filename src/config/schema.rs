//! The JSON schema of the configuration file, for editors: made from the lists that the reader goes by.

use serde_json::{Map, Value, json};

use super::{
    groups::OF_GROUP,
    marks::OF_TARGET,
    settings::{Kind, SETTINGS, Setting},
    ways::OF_WAY,
};

/// The schema.
#[must_use]
pub fn schema() -> Value {
    let mut properties = properties(SETTINGS);
    let group = json!({ "type": "object", "description": "groups of targets, for --group",
        "additionalProperties": table(OF_GROUP, &[]) });
    let target = json!({ "type": "object", "description": "targets, by PROFILE or PROFILE/REGION",
        "additionalProperties": table(OF_TARGET, &[]) });
    let notify =
        json!({ "type": "array", "description": "who is called", "items": table(OF_WAY, &["name", "command"]) });
    properties
        .extend([("group", group), ("target", target), ("notify", notify)].map(|(key, value)| (key.to_owned(), value)));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Trailwatch's config.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn table(settings: &[Setting], required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties(settings), "required": required, "additionalProperties": false })
}

fn properties(settings: &[Setting]) -> Map<String, Value> {
    settings.iter().map(|setting| (setting.key.to_owned(), property(setting))).collect()
}

fn property(setting: &Setting) -> Value {
    let mut value = match setting.kind {
        Kind::Text | Kind::Path => json!({ "type": "string", "minLength": 1 }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Duration => json!({ "type": "string", "pattern": "^\\s*[0-9]+.*[a-z]\\s*$" }),
        Kind::Number { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Choice(words) => json!({ "enum": words() }),
        Kind::Choices(words) => json!({ "type": "array", "items": { "enum": words() }, "minItems": 1 }),
    };
    value["description"] = json!(setting.about);
    if let Some(usual) = setting.usual {
        value["default"] = match setting.kind {
            Kind::Switch => json!(usual == "true"),
            Kind::Number { .. } => json!(usual.parse::<u32>().ok()),
            _ => json!(usual),
        };
    }
    value
}
