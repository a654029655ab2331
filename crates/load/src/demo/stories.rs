//! What happens in the demo's shop.

use jaeger_model::Timestamp;

use super::story::{Story, Tag};

/// These services have OpenTelemetry's SDK, the others Jaeger's client.
pub(super) fn speaks_otlp(service: &str) -> bool {
    matches!(service, "checkout" | "payment" | "catalog")
}

/// All stories, the last ones over a minute before `now`.
pub(super) fn all(now: Timestamp) -> Vec<Story> {
    let ago = |seconds: i64| Timestamp::from_micros(now.as_micros() - seconds * 1_000_000);
    vec![checkout(ago(20)), slow_query(ago(40)), retries(ago(60)), fan_out(ago(80)), nightly_import(ago(150))]
}

fn checkout(began: Timestamp) -> Story {
    let mut story = Story::new("a normal checkout", began);
    let page = story.call(None, "storefront", "HTTP POST /checkout", 0.0, 184.0);
    story.tag(page, Tag::Number("http.status_code", 200)).tag(page, Tag::Text("http.method", "POST".into()));
    let order = story.call(Some(page), "checkout", "PlaceOrder", 3.0, 174.0);
    let cart = story.call(Some(order), "cart", "GetCart", 6.0, 12.0);
    story.tag(cart, Tag::Number("cart.items", 3));
    for item in 0..3 {
        let start = 20.0 + f64::from(item) * 9.0;
        story.call(Some(order), "catalog", "GetProduct", start, 7.5);
    }
    let stock = story.call(Some(order), "inventory", "Reserve", 50.0, 31.0);
    let rows = story.call(Some(stock), "orders-db", "SELECT stock", 55.0, 18.0);
    story.tag(rows, Tag::Text("db.statement", "SELECT count FROM stock WHERE sku = ? FOR UPDATE".into()));
    let charge = story.call(Some(order), "payment", "Charge", 84.0, 76.0);
    story.tag(charge, Tag::Text("payment.method", "card".into())).tag(charge, Tag::Flag("payment.3ds", true));
    story.call(Some(order), "shipping", "Quote", 161.0, 13.0);
    story
}

fn slow_query(began: Timestamp) -> Story {
    let mut story = Story::new("a slow query", began);
    let page = story.call(None, "storefront", "HTTP GET /orders", 0.0, 2840.0);
    let list = story.call(Some(page), "checkout", "ListOrders", 4.0, 2829.0);
    let rows = story.call(Some(list), "orders-db", "SELECT orders", 9.0, 2790.0);
    story
        .tag(rows, Tag::Text("db.statement", "SELECT * FROM orders WHERE note LIKE '%gift%' ORDER BY created".into()))
        .tag(rows, Tag::Number("db.rows", 48_211));
    story.call(Some(list), "catalog", "GetProducts", 2803.0, 24.0);
    story
}

fn retries(began: Timestamp) -> Story {
    let mut story = Story::new("retries with errors", began);
    let page = story.call(None, "storefront", "HTTP POST /checkout", 0.0, 3410.0);
    story.tag(page, Tag::Number("http.status_code", 502));
    let order = story.call(Some(page), "checkout", "PlaceOrder", 3.0, 3402.0);
    for attempt in 0..3u32 {
        let start = 10.0 + f64::from(attempt) * 1130.0;
        let charge = story.call(Some(order), "payment", "Charge", start, 1000.0);
        story.tag(charge, Tag::Number("retry.attempt", i64::from(attempt)));
        story.failed(charge, 999.0, "the card issuer did not answer within 1s");
    }
    story.failed(order, 3401.0, "gave up after 3 attempts");
    story.failed(page, 3409.0, "502 Bad Gateway");
    story
}

fn fan_out(began: Timestamp) -> Story {
    let mut story = Story::new("a fan-out of 400", began);
    let page = story.call(None, "storefront", "HTTP GET /search", 0.0, 96.0);
    let search = story.call(Some(page), "catalog", "Search", 2.0, 92.0);
    for shard in 0..400u32 {
        let start = 4.0 + f64::from(shard % 40) * 0.35;
        let took = 8.0 + f64::from(shard * 37 % 64);
        let asked = story.call(Some(search), "catalog", format!("SearchShard {}", shard % 16), start, took);
        story.tag(asked, Tag::Number("shard", i64::from(shard)));
    }
    story
}

fn nightly_import(began: Timestamp) -> Story {
    let mut story = Story::new("an import of 10,000 spans", began);
    let import = story.call(None, "inventory", "ImportCatalog", 0.0, 60_000.0);
    for batch in 0..99u32 {
        let start = f64::from(batch) * 600.0;
        let parent = story.call(Some(import), "inventory", "ImportBatch", start, 590.0);
        for row in 0..100u32 {
            let written = story.call(Some(parent), "orders-db", "INSERT product", start + f64::from(row) * 5.8, 5.0);
            story.tag(written, Tag::Number("row", i64::from(batch * 100 + row)));
        }
    }
    story
}
