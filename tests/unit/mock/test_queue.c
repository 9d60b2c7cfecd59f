/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/queue.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "tests/unit/cmocka_all.h"

static int fired[8], fired_count, dropped_count;

static void note(void *data)
{
    fired[fired_count++ % 8] = *(int *)data;
}

static void note_drop(void *data)
{
    (void)data;
    dropped_count++;
}

static void events_go_by_time_then_by_sequence(void **state)
{
    (void)state;
    int n[] = {0, 1, 2, 3, 4};
    struct queue *queue = queue_new();
    nanos due;
    fired_count = 0;
    assert_false(queue_next(queue, &due));
    queue_add(queue, 20, note, NULL, &n[0]);
    queue_add(queue, 10, note, NULL, &n[1]);
    queue_add(queue, 20, note, NULL, &n[2]);
    queue_add(queue, 10, note, NULL, &n[3]);
    queue_add(queue, 5, note, NULL, &n[4]);
    assert_true(queue_next(queue, &due));
    assert_int_equal(due, 5);
    assert_false(queue_fire(queue, 4));
    while (queue_fire(queue, 19))
        continue;
    assert_int_equal(fired_count, 3);
    while (queue_fire(queue, 20))
        continue;
    static const int expected[] = {4, 1, 3, 0, 2};
    assert_memory_equal(fired, expected, sizeof expected);
    queue_free(queue);
}

static void a_cancelled_event_is_dropped_and_never_fires(void **state)
{
    (void)state;
    int n[] = {0, 1, 2};
    struct queue *queue = queue_new();
    fired_count = dropped_count = 0;
    queue_add(queue, 1, note, note_drop, &n[0]);
    struct event *event = queue_add(queue, 2, note, note_drop, &n[1]);
    queue_add(queue, 3, note, note_drop, &n[2]);
    assert_int_equal(queue_event_due(event), 2);
    queue_cancel(queue, event);
    assert_int_equal(dropped_count, 1);
    assert_true(queue_fire(queue, 2));
    assert_false(queue_fire(queue, 2));
    assert_int_equal(fired_count, 1);
    queue_free(queue);
    assert_int_equal(dropped_count, 2);
}

static nanos last_due;
static size_t seen;

static void note_order(void *data)
{
    nanos due = *(nanos *)data;
    assert_true(due >= last_due);
    last_due = due;
    seen++;
}

static void a_million_events_with_cancellations_come_in_order(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    nanos *dues = mem_alloc(COUNT * sizeof *dues);
    struct event **events = mem_alloc(COUNT * sizeof(struct event *));
    struct queue *queue = queue_new();
    struct draw draw = draw_from(3);
    for (size_t i = 0; i < COUNT; i++) {
        dues[i] = (nanos)draw_below(&draw, 100000);
        events[i] = queue_add(queue, dues[i], note_order, NULL, &dues[i]);
    }
    for (size_t i = 0; i < COUNT; i += 3)
        queue_cancel(queue, events[i]);
    last_due = 0;
    seen = 0;
    while (queue_fire(queue, INT64_MAX))
        continue;
    assert_int_equal(seen, COUNT - (COUNT + 2) / 3);
    assert_int_equal(queue_count(queue), 0);
    queue_free(queue);
    mem_free(events);
    mem_free(dues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_go_by_time_then_by_sequence),
        cmocka_unit_test(a_cancelled_event_is_dropped_and_never_fires),
        cmocka_unit_test(a_million_events_with_cancellations_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
