//! One answer against the recorded one, by the rules of `recorded/README.md`.

use std::collections::BTreeMap;

use anyhow::Result;

use super::carry::{Reading, recorded_status};
use super::recording::{Compare, Response, decode};
use super::rules::Rules;
use crate::json::Json;
use crate::{grpc, http};

/// Headers that are not compared: they differ each time, or hang on buffer sizes.
const FREE_HEADERS: &[&str] = &["date", "connection", "content-length", "transfer-encoding", "traceresponse"];
/// Headers of a page.
const OF_THE_PAGE: &[&str] = &["cache-control", "content-security-policy"];
/// Lists of an envelope whose order is free.
const FREE_LISTS: &[&str] = &["data", "errors", "services", "operations", "summaries"];
/// Lists inside a span whose order a rule may free.
const SPAN_LISTS: &[&str] = &["tags", "references", "fields", "logs", "attributes", "links", "events"];

/// `Ok`, or in one line what differs.
pub fn same(rule: Compare, expected: &Response, answer: &Reading, rules: &Rules) -> Result<(), String> {
    let (expected_status, status) = (recorded_status(expected), answer.status());
    if status != expected_status {
        return Err(format!("status {status} instead of {expected_status}: {}", cut(&words(answer))));
    }
    match answer {
        Reading::Http(answer) => same_http(rule, expected, answer, rules),
        Reading::Grpc(answer) => same_grpc(expected, answer, rules),
    }
}

fn same_grpc(expected: &Response, answer: &grpc::Answer, rules: &Rules) -> Result<(), String> {
    same_text(expected.message.as_deref().unwrap_or_default(), &answer.message, rules)?;
    let body = decode(expected.body_base64.as_deref().unwrap_or_default()).map_err(|error| error.to_string())?;
    if body != answer.body {
        return Err(format!("message {:02x?} instead of {:02x?}", &answer.body[..], &body[..]));
    }
    Ok(())
}

fn same_http(rule: Compare, expected: &Response, answer: &http::Answer, rules: &Rules) -> Result<(), String> {
    same_headers(expected, answer)?;
    if expected.body_is.is_some() {
        return if answer.body.is_empty() { Err("no page".to_owned()) } else { Ok(()) };
    }
    if let Some(bytes) = &expected.body_base64 {
        let bytes = decode(bytes).map_err(|error| error.to_string())?;
        return if bytes == answer.body { Ok(()) } else { Err(format!("body {:02x?}", &answer.body[..])) };
    }
    let expected = expected.body.as_deref().unwrap_or_default();
    let body = body_text(answer)?;
    if rule == Compare::Exact && !expected.contains("<any>") {
        return same_text(expected, &body, rules);
    }
    let (Ok(expected_json), Ok(json)) = (Json::parse(expected), Json::parse(&body)) else {
        return same_text(expected, &body, rules);
    };
    let pretty = expected.starts_with("{\n");
    if json.render(pretty) != body {
        return Err(format!("written in another style: {}", cut(&body)));
    }
    let json = with_any(&expected_json, json);
    same_text(&canonical(expected_json, rule).render(pretty), &canonical(json, rule).render(pretty), rules)
}

fn same_headers(expected: &Response, answer: &http::Answer) -> Result<(), String> {
    let mut ours: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &answer.headers {
        // Headers of our own begin with x-jaeger-.
        if FREE_HEADERS.contains(&name.as_str()) || name.starts_with("x-jaeger-") {
            continue;
        }
        ours.entry(name).and_modify(|text| *text = format!("{text}, {value}")).or_insert_with(|| value.clone());
    }
    let recorded = expected.headers.iter().filter(|(name, _)| !FREE_HEADERS.contains(&name.as_str()));
    let recorded: BTreeMap<_, _> = recorded.map(|(name, value)| (name.as_str(), value.clone())).collect();
    // 2.20 compresses nothing and does not say that it might.
    if !recorded.contains_key("vary") && ours.get("vary").is_some_and(|vary| vary == "Accept-Encoding") {
        ours.remove("vary");
    }
    // The page is our own, and so is what it asks of browsers.
    if ours.get("content-type").is_some_and(|form| form.starts_with("text/html")) {
        OF_THE_PAGE.iter().for_each(|name| drop(ours.remove(name)));
    }
    if ours != recorded {
        return Err(format!("headers {ours:?} instead of {recorded:?}"));
    }
    Ok(())
}

/// The body as text, decompressed as the recorded ones are.
fn body_text(answer: &http::Answer) -> Result<String, String> {
    if answer.header("content-encoding") != Some("gzip") {
        return Ok(answer.text());
    }
    let mut text = String::new();
    let mut gzip = flate2::read::GzDecoder::new(answer.body.as_ref());
    std::io::Read::read_to_string(&mut gzip, &mut text).map_err(|error| format!("gzip body: {error}"))?;
    Ok(text)
}

fn same_text(expected: &str, ours: &str, rules: &Rules) -> Result<(), String> {
    if expected == ours {
        return Ok(());
    }
    for rule in &rules.words_of_go {
        let words = rule.words.iter().find_map(|words| expected.find(&format!("{}{words}", rule.begin)));
        if let Some(at) = words {
            let end = at + rule.begin.len();
            if ours.get(..end) == expected.get(..end) {
                return Ok(());
            }
        }
    }
    let begin = common(expected, ours);
    Err(format!("at byte {begin}: {} instead of {}", cut(&ours[begin..]), cut(&expected[begin..])))
}

/// How many bytes both have in common, a little context taken back.
fn common(one: &str, other: &str) -> usize {
    let mut at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(40);
    while !one.is_char_boundary(at) || !other.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(220).collect();
    format!("{short:?}")
}

fn words(answer: &Reading) -> String {
    match answer {
        Reading::Http(answer) => answer.text(),
        Reading::Grpc(answer) => answer.message.clone(),
    }
}

/// Puts `<any>` where the recording has it.
fn with_any(expected: &Json, ours: Json) -> Json {
    match (expected, ours) {
        (Json::Text(text), _) if text == "<any>" => Json::Text(text.clone()),
        (Json::Object(expected), Json::Object(ours)) if expected.len() == ours.len() => Json::Object(
            expected.iter().zip(ours).map(|((_, expected), (key, value))| (key, with_any(expected, value))).collect(),
        ),
        (_, ours) => ours,
    }
}

/// The same answer in one order.
fn canonical(mut json: Json, rule: Compare) -> Json {
    if rule == Compare::Exact {
        return json;
    }
    for list in FREE_LISTS {
        if let Some(items) = json.get_mut(list).and_then(Json::list_mut) {
            for item in items.iter_mut() {
                canonical_trace(item, rule);
            }
            items.sort();
        }
    }
    if let Some(resources) = json.get("result").and_then(|result| result.get("resourceSpans")) {
        return Json::List(spans_with_resources(resources.clone(), rule));
    }
    json
}

/// An answer of api_v3 as a set: each span with its resource and scope.
fn spans_with_resources(mut resources: Json, rule: Compare) -> Vec<Json> {
    if rule == Compare::UnorderedTags {
        sort_lists(&mut resources);
    }
    let list = |json: &Json, name: &str| {
        let mut json = json.get(name).cloned().unwrap_or(Json::Null);
        json.list_mut().map(std::mem::take).unwrap_or_default()
    };
    let mut spans = Vec::new();
    for resource in resources.list_mut().map(std::mem::take).unwrap_or_default() {
        for scope in list(&resource, "scopeSpans") {
            for span in list(&scope, "spans") {
                let part = |json: &Json, name: &str| json.get(name).cloned().unwrap_or(Json::Null);
                spans.push(Json::List(vec![span, part(&resource, "resource"), part(&scope, "scope")]));
            }
        }
    }
    spans.sort();
    spans
}

/// `Ok` if nothing differs but copies of spans: of spans that are equal but for their warnings one is kept on both sides,
/// the one with the fewest.
pub fn same_without_copies(expected: &Response, answer: &Reading, rules: &Rules) -> Result<(), String> {
    let Reading::Http(answer) = answer else { return Err("no spans over gRPC".to_owned()) };
    if expected.status != Some(answer.status) {
        return Err("another status".to_owned());
    }
    same_headers(expected, answer)?;
    let fold = |text: &str| {
        let mut json = canonical(Json::parse(text).map_err(|error| error.to_string())?, Compare::Unordered);
        for trace in json.get_mut("data").and_then(Json::list_mut).into_iter().flatten() {
            if let Some(spans) = trace.get_mut("spans").and_then(Json::list_mut) {
                spans.sort_by_cached_key(|span| (without_warnings(span), span.get("warnings").cloned()));
                spans.dedup_by_key(|span| without_warnings(span));
            }
        }
        Ok::<_, String>(json.render(false))
    };
    same_text(&fold(expected.body.as_deref().unwrap_or_default())?, &fold(&body_text(answer)?)?, rules)
}

fn without_warnings(span: &Json) -> Json {
    let mut span = span.clone();
    if let Some(warnings) = span.get_mut("warnings") {
        *warnings = Json::Null;
    }
    span
}

/// A UI trace: each span carries its process, spans and processes are sorted.
fn canonical_trace(trace: &mut Json, rule: Compare) {
    let Some(Json::Object(processes)) = trace.get("processes").cloned() else { return };
    let Some(spans) = trace.get_mut("spans").and_then(Json::list_mut) else { return };
    for span in spans.iter_mut() {
        if let Some(id) = span.get_mut("processID") {
            let process = processes.iter().find(|(name, _)| *id == Json::Text(name.clone()));
            if let Some((_, process)) = process {
                *id = process.clone();
            }
        }
        if rule == Compare::UnorderedTags {
            sort_lists(span);
        }
        if rule == Compare::WarningsGrow
            && let Some(warnings) = span.get_mut("warnings").and_then(Json::list_mut)
        {
            warnings.sort();
            warnings.dedup();
        }
    }
    spans.sort();
    let mut set: Vec<_> = processes.into_iter().map(|(_, process)| process).collect();
    set.sort();
    if let Some(processes) = trace.get_mut("processes") {
        *processes = Json::List(set);
    }
}

fn sort_lists(json: &mut Json) {
    match json {
        Json::Object(members) => {
            for (key, value) in members {
                sort_lists(value);
                if SPAN_LISTS.contains(&key.as_str())
                    && let Some(items) = value.list_mut()
                {
                    items.sort();
                }
            }
        }
        Json::List(items) => items.iter_mut().for_each(sort_lists),
        _ => {}
    }
}
