//! JSON, signed as Standard Webhooks say (<https://www.standardwebhooks.com>): whoever gets it can tell that Weir sent it,
//! when, and that it is no other one sent again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Map, Value, json};
use weir_domain::{Secret, monitors::Message};

pub(super) fn body(message: &Message, link: &str) -> String {
    let fields: Map<String, Value> =
        message.fields.iter().map(|(name, value)| (name.to_lowercase(), Value::from(value.as_str()))).collect();
    json!({
        "type": format!("alert.{}", message.cause.as_str()),
        "timestamp": message.at.rfc3339(),
        "data": {
            "severity": message.severity.as_str(),
            "title": message.title,
            "text": message.body,
            "fields": fields,
            "about": message.about,
            "source": message.source,
            "environment": message.environment,
            "alerts": message.alerts,
            "threads": message.threads,
            "url": link,
        },
    })
    .to_string()
}

/// `seconds`: of this attempt, since 1970.
pub(super) fn headers(id: &str, seconds: i64, body: &str, secret: &Secret) -> [(&'static str, String); 3] {
    let id = format!("msg_{id}");
    // As the specification writes secrets, else as it stands.
    let bytes = match secret.expose().strip_prefix("whsec_").map(|text| STANDARD.decode(text)) {
        Some(Ok(bytes)) => bytes,
        _ => secret.expose().as_bytes().to_vec(),
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
    let signature = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    [
        ("webhook-id", id),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", format!("v1,{}", STANDARD.encode(signature))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference implementations.
    #[test]
    fn it_is_signed_as_the_specification_says() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let [id, time, signature] =
            headers("p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#, &secret);
        assert_eq!(id.1, "msg_p5jXN8AQM9LWM0D4loKWxJek");
        assert_eq!(time.1, "1614265330");
        assert_eq!(signature.1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let [_, _, other] = headers("p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_331, r#"{"test": 2432232314}"#, &secret);
        assert_ne!(other.1, signature.1);
    }
}
