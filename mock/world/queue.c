/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap; each event knows where it stands in it, so that it can be cancelled in O(log n).
 */
#include "mock/world/queue.h"

#include "core/base/mem.h"
#include "core/base/vec.h"

struct event {
    nanos due;
    uint64_t sequence;
    void (*fn)(void *data);
    void (*drop)(void *data);
    void *data;
    size_t place;
    enum event_sort sort;
};

struct queue {
    VEC(struct event *);
    uint64_t sequence;
    size_t counts[EVENT_SORTS];
};

struct queue *queue_new(void)
{
    return mem_alloc(sizeof(struct queue));
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    while (queue->count)
        queue_cancel(queue, queue->items[queue->count - 1]);
    vec_free(queue);
    mem_free(queue);
}

static bool is_earlier(const struct event *a, const struct event *b)
{
    return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void put(struct queue *queue, size_t place, struct event *event)
{
    queue->items[place] = event;
    event->place = place;
}

static void sift_up(struct queue *queue, struct event *event)
{
    size_t place = event->place;
    while (place && is_earlier(event, queue->items[(place - 1) / 2])) {
        put(queue, place, queue->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(queue, place, event);
}

static void sift_down(struct queue *queue, struct event *event)
{
    size_t place = event->place;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count && is_earlier(queue->items[child + 1], queue->items[child]))
            child++;
        if (is_earlier(event, queue->items[child]))
            break;
        put(queue, place, queue->items[child]);
        place = child;
    }
    put(queue, place, event);
}

struct event *queue_add(struct queue *queue, nanos due, void (*fn)(void *data),
                        void (*drop)(void *data), void *data)
{
    return queue_restore(queue, due, 0, fn, drop, data);
}

struct event *queue_restore(struct queue *queue, nanos due, uint64_t sequence,
                            void (*fn)(void *data), void (*drop)(void *data), void *data)
{
    struct event *event = mem_alloc(sizeof *event);
    if (!sequence)
        sequence = queue->sequence + 1;
    if (sequence > queue->sequence)
        queue->sequence = sequence;
    *event = (struct event){due, sequence, fn, drop, data, queue->count, EVENT_ARRANGED};
    queue->counts[EVENT_ARRANGED]++;
    vec_push(queue, event);
    sift_up(queue, event);
    return event;
}

uint64_t queue_sequence(const struct queue *queue)
{
    return queue->sequence;
}

void queue_resume(struct queue *queue, uint64_t sequence)
{
    if (queue->sequence < sequence)
        queue->sequence = sequence;
}

uint64_t queue_event_sequence(const struct event *event)
{
    return event->sequence;
}

void queue_sort(struct queue *queue, struct event *event, enum event_sort sort)
{
    queue->counts[event->sort]--;
    event->sort = sort;
    queue->counts[sort]++;
}

static void take_out(struct queue *queue, struct event *event)
{
    queue->counts[event->sort]--;
    struct event *last = queue->items[--queue->count];
    if (last == event)
        return;
    put(queue, event->place, last);
    sift_up(queue, last);
    sift_down(queue, last);
}

void queue_cancel(struct queue *queue, struct event *event)
{
    if (!event)
        return;
    take_out(queue, event);
    if (event->drop)
        event->drop(event->data);
    mem_free(event);
}

nanos queue_event_due(const struct event *event)
{
    return event->due;
}

bool queue_next(const struct queue *queue, nanos *due)
{
    if (!queue->count)
        return false;
    *due = queue->items[0]->due;
    return true;
}

bool queue_fire(struct queue *queue, nanos now)
{
    if (!queue->count || queue->items[0]->due > now)
        return false;
    struct event *event = queue->items[0];
    take_out(queue, event);
    void (*fn)(void *) = event->fn;
    void *data = event->data;
    mem_free(event);
    fn(data);
    return true;
}

size_t queue_count(const struct queue *queue)
{
    return queue->count;
}

size_t queue_count_of(const struct queue *queue, enum event_sort sort)
{
    return queue->counts[sort];
}

size_t queue_bytes(const struct queue *queue)
{
    return sizeof *queue + queue->cap * sizeof *queue->items +
           queue->count * (sizeof(struct event) + 16);
}
