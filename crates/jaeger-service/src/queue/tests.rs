use super::*;

fn queue(spans: u64, bytes: u64) -> Queue<&'static str> {
    Queue::new(Bounds { spans, bytes })
}

#[test]
fn items_come_out_in_order_of_arrival() {
    let queue = queue(10, 100);
    queue.try_push("first", 1, 10).unwrap();
    queue.try_push("second", 2, 20).unwrap();
    assert_eq!((queue.len_spans(), queue.len_bytes()), (3, 30));
    let popped = queue.try_pop().unwrap();
    assert_eq!((popped.item, popped.spans, popped.bytes), ("first", 1, 10));
    assert_eq!(queue.try_pop().unwrap().item, "second");
    assert!(queue.try_pop().is_none());
    assert_eq!((queue.len_spans(), queue.len_bytes()), (0, 0));
}

#[test]
fn an_item_over_the_span_bound_is_refused_whole_and_given_back() {
    let queue = queue(10, 100);
    queue.try_push("first", 9, 1).unwrap();
    let refused = queue.try_push("second", 2, 1).unwrap_err();
    assert_eq!((refused.item, refused.why), ("second", Why::Spans));
    assert_eq!(queue.len_spans(), 9);
    queue.try_push("third", 1, 1).unwrap();
}

#[test]
fn an_item_over_the_byte_bound_is_refused() {
    let queue = queue(10, 100);
    queue.try_push("first", 1, 60).unwrap();
    assert_eq!(queue.try_push("second", 1, 41).unwrap_err().why, Why::Bytes);
    queue.try_push("third", 1, 40).unwrap();
}

#[test]
fn an_item_that_alone_exceeds_a_bound_is_admitted_when_the_queue_is_empty() {
    let queue = queue(10, 100);
    queue.try_push("huge", 1_000, 1_000_000).unwrap();
    assert_eq!(queue.try_push("next", 1, 1).unwrap_err().why, Why::Spans);
    assert_eq!(queue.try_pop().unwrap().item, "huge");
    queue.try_push("next", 1, 1).unwrap();
}

#[test]
fn sizes_near_the_end_of_the_number_range_do_not_overflow() {
    let queue = queue(u64::MAX, u64::MAX);
    queue.try_push("a", u64::MAX, u64::MAX).unwrap();
    queue.try_push("b", u64::MAX, u64::MAX).unwrap();
    assert_eq!(queue.len_spans(), u64::MAX);
}

#[tokio::test]
async fn a_closed_queue_refuses_and_still_gives_out_what_waits() {
    let queue = queue(10, 100);
    queue.try_push("last", 1, 1).unwrap();
    queue.close();
    assert_eq!(queue.try_push("late", 1, 1).unwrap_err().why, Why::Closed);
    assert_eq!(queue.pop().await.unwrap().item, "last");
    assert!(queue.pop().await.is_none());
}

#[test]
fn draining_takes_everything_at_once() {
    let queue = queue(10, 100);
    queue.try_push("a", 1, 1).unwrap();
    queue.try_push("b", 2, 1).unwrap();
    let spans: u64 = queue.drain().iter().map(|popped| popped.spans).sum();
    assert_eq!(spans, 3);
    assert_eq!(queue.len_spans(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_item_reaches_exactly_one_of_many_consumers_and_all_of_them_end() {
    const ITEMS: u64 = 20_000;
    let queue: Queue<u64> = Queue::new(Bounds { spans: 64, bytes: u64::MAX });
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut sum = 0;
                while let Some(popped) = queue.pop().await {
                    sum += popped.item;
                }
                sum
            })
        })
        .collect();
    let producers: Vec<_> = (0..2)
        .map(|producer| {
            let queue = queue.clone();
            tokio::spawn(async move {
                for number in (producer..ITEMS).step_by(2) {
                    let mut item = number;
                    while let Err(refused) = queue.try_push(item, 1, 1) {
                        item = refused.item;
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
    queue.close();
    let mut sum = 0;
    for consumer in consumers {
        sum += tokio::time::timeout(Duration::from_secs(30), consumer)
            .await
            .expect("a consumer missed the close")
            .unwrap();
    }
    assert_eq!(sum, ITEMS * (ITEMS - 1) / 2);
}
