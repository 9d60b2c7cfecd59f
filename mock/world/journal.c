/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of counted entries. Each is one piece of memory with all its small texts; the large ones
 * are references. An entry is charged for all it keeps alive, shared or not. The pieces lie one
 * behind the other in sheets, so that writing new entries and forgetting the oldest walks through
 * memory in order: scattered over the heap, each would cost a dozen cache misses a request.
 */
#include "core/base/mem.h"
#include "mock/world/journal_parts.h"

#include <string.h>

enum {
    JOURNAL_SMALL = 8 * 1024, /* a small text is cut here, so that an entry always fits */
    SHEET_FIRST = 4 * 1024,   /* most sessions are small */
    SHEET_BYTES = 64 * 1024
};

struct journal *journal_new(size_t limit)
{
    struct journal *journal = mem_alloc(sizeof *journal);
    pthread_mutex_init(&journal->lock, NULL);
    atomic_init(&journal->limit, limit ? limit : JOURNAL_LIMIT);
    journal->dropped_at = INT64_MIN;
    return journal;
}

static void unref_sheet(struct sheet *sheet)
{
    if (sheet && atomic_fetch_sub_explicit(&sheet->references, 1, memory_order_acq_rel) == 1)
        mem_free(sheet);
}

void journal_entry_unref(struct journal_entry *entry)
{
    if (atomic_fetch_sub_explicit(&entry->references, 1, memory_order_acq_rel) != 1)
        return;
    text_unref(entry->record.request_body);
    text_unref(entry->record.response_body);
    unref_sheet(entry->sheet);
}

static struct journal_entry *take_oldest(struct journal *journal)
{
    struct journal_entry *entry = journal->ring[journal->first];
    journal->first = (journal->first + 1) % journal->cap;
    journal->count--;
    journal->bytes -= entry->bytes;
    return entry;
}

/* With the lock. */
static void count_memory(struct journal *journal)
{
    size_t rest = journal->sheet ? journal->sheet->size - journal->sheet->used : 0;
    atomic_store_explicit(&journal->memory,
                          journal->bytes + rest + journal->cap * sizeof *journal->ring,
                          memory_order_relaxed);
}

void journal_clear(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    while (journal->count)
        journal_entry_unref(take_oldest(journal));
    journal->dropped = journal->dropped_last = 0;
    journal->dropped_at = INT64_MIN;
    count_memory(journal);
    pthread_mutex_unlock(&journal->lock);
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    journal_clear(journal);
    unref_sheet(journal->sheet);
    mem_free(journal->ring);
    pthread_mutex_destroy(&journal->lock);
    mem_free(journal);
}

uint64_t journal_number(struct journal *journal)
{
    return atomic_fetch_add_explicit(&journal->numbers, 1, memory_order_relaxed) + 1;
}

void journal_resume(struct journal *journal, uint64_t taken)
{
    atomic_store_explicit(&journal->numbers, taken, memory_order_relaxed);
}

/* Copies */

static size_t small_size(const char *text)
{
    return text ? strnlen(text, JOURNAL_SMALL) + 1 : 0;
}

static const char *copy_small(char **room, const char *text)
{
    if (!text)
        return NULL;
    size_t len = strnlen(text, JOURNAL_SMALL);
    char *copy = *room;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *room += len + 1;
    return copy;
}

static size_t texts_size(const struct journal_record *record)
{
    size_t size = small_size(record->method) + small_size(record->target) +
                  small_size(record->remark) + small_size(record->request_headers);
    for (size_t i = 0; i < record->fault_count; i++)
        size += small_size(record->faults[i]);
    for (size_t i = 0; i < record->touched_count; i++)
        size += small_size(record->touched[i].id);
    return size;
}

static void copy_texts(struct journal_record *to, const struct journal_record *from, char *room)
{
    /* Arrays first: they are aligned as the entry is. */
    const char **faults = (const char **)(void *)room;
    room += from->fault_count * sizeof *faults;
    struct journal_touched *touched = (struct journal_touched *)(void *)room;
    room += from->touched_count * sizeof *touched;
    for (size_t i = 0; i < from->fault_count; i++)
        faults[i] = copy_small(&room, from->faults[i]);
    for (size_t i = 0; i < from->touched_count; i++) {
        touched[i] = from->touched[i];
        touched[i].id = copy_small(&room, from->touched[i].id);
    }
    to->faults = faults;
    to->touched = touched;
    to->method = copy_small(&room, from->method);
    to->target = copy_small(&room, from->target);
    to->remark = copy_small(&room, from->remark);
    to->request_headers = copy_small(&room, from->request_headers);
}

/* With the lock: room for so many bytes in the sheet, or in a new one. */
static struct journal_entry *take_place(struct journal *journal, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    struct sheet *sheet = journal->sheet;
    bytes = (bytes + align - 1) / align * align;
    if (!sheet || sheet->size - sheet->used < bytes) {
        size_t size = sheet && sheet->size < SHEET_BYTES ? 2 * sheet->size : SHEET_BYTES;
        size = sheet ? size : SHEET_FIRST;
        size = bytes > size ? bytes : size;
        unref_sheet(sheet);
        journal->sheet = sheet = mem_realloc(NULL, sizeof *sheet + size);
        atomic_init(&sheet->references, 1);
        sheet->used = 0;
        sheet->size = size;
    }
    struct journal_entry *entry = (struct journal_entry *)(void *)(sheet->bytes + sheet->used);
    sheet->used += bytes;
    atomic_fetch_add_explicit(&sheet->references, 1, memory_order_relaxed);
    entry->sheet = sheet;
    return entry;
}

/* With the lock. */
static struct journal_entry *make_entry(struct journal *journal,
                                        const struct journal_record *record, size_t extra)
{
    struct journal_entry *entry = take_place(journal, sizeof *entry + extra);
    struct journal_record *copy = &entry->record;
    atomic_init(&entry->references, 1);
    *copy = *record;
    copy_texts(copy, record, entry->texts);
    size_t own = sizeof *entry + extra;
    size_t bodies = text_memory(record->request_body) + text_memory(record->response_body);
    if (own + bodies > journal->limit) {
        copy->request_body = copy->response_body = NULL;
        copy->is_cut = true;
        bodies = 0;
    }
    text_ref(copy->request_body);
    text_ref(copy->response_body);
    entry->bytes = own + bodies;
    return entry;
}

/* The ring */

static void grow_ring(struct journal *journal)
{
    size_t cap = journal->cap ? journal->cap * 2 : 64;
    struct journal_entry **ring = mem_alloc(cap * sizeof *ring);
    for (size_t i = 0; i < journal->count; i++)
        ring[i] = journal->ring[(journal->first + i) % journal->cap];
    mem_free(journal->ring);
    journal->ring = ring;
    journal->first = 0;
    journal->cap = cap;
}

/* With the lock. */
static void note_dropped(struct journal *journal, const struct journal_record *record)
{
    journal->dropped++;
    if (record->number > journal->dropped_last)
        journal->dropped_last = record->number;
    if (record->world_time > journal->dropped_at)
        journal->dropped_at = record->world_time;
}

/* With the lock: takes out what must make room for so many bytes, as a chain. */
static struct journal_entry *make_room(struct journal *journal, size_t bytes)
{
    struct journal_entry *dropped = NULL;
    while (journal->count && journal->bytes + bytes > journal->limit) {
        struct journal_entry *oldest = take_oldest(journal);
        oldest->dropped_next = dropped;
        dropped = oldest;
        note_dropped(journal, &oldest->record);
    }
    return dropped;
}

/* With the lock. The bodies of the next to go were touched long ago: they come into the cache until
 * it is their turn. */
static void expect_drop(const struct journal *journal)
{
    const struct journal_record *record = &journal->ring[journal->first]->record;
    __builtin_prefetch(record->request_body, 1);
    __builtin_prefetch(record->response_body, 1);
}

void journal_add(struct journal *journal, const struct journal_record *record)
{
    size_t extra = record->fault_count * sizeof *record->faults +
                   record->touched_count * sizeof *record->touched + texts_size(record);
    pthread_mutex_lock(&journal->lock);
    struct journal_entry *entry = make_entry(journal, record, extra), *next;
    struct journal_entry *dropped = make_room(journal, entry->bytes);
    if (journal->bytes + entry->bytes > journal->limit) {
        note_dropped(journal, record); /* too large by itself, even without bodies */
        entry->dropped_next = dropped;
        dropped = entry;
    } else {
        if (journal->count == journal->cap)
            grow_ring(journal);
        journal->ring[(journal->first + journal->count++) % journal->cap] = entry;
        journal->bytes += entry->bytes;
        journal->added++;
    }
    if (dropped && journal->count)
        expect_drop(journal);
    count_memory(journal);
    pthread_mutex_unlock(&journal->lock);
    for (; dropped; dropped = next) { /* freeing takes longer than linking */
        next = dropped->dropped_next;
        journal_entry_unref(dropped);
    }
}

size_t journal_count(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    size_t count = journal->count;
    pthread_mutex_unlock(&journal->lock);
    return count;
}

size_t journal_bytes(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    size_t bytes = journal->bytes;
    pthread_mutex_unlock(&journal->lock);
    return bytes;
}

size_t journal_memory(const struct journal *journal)
{
    return atomic_load_explicit(&journal->memory, memory_order_relaxed);
}

void journal_set_limit(struct journal *journal, size_t limit)
{
    atomic_store_explicit(&journal->limit, limit, memory_order_relaxed);
}

uint64_t journal_dropped(struct journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t dropped = journal->dropped;
    pthread_mutex_unlock(&journal->lock);
    return dropped;
}

uint64_t journal_dropped_last(struct journal *journal, nanos *at)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t last = journal->dropped_last;
    *at = journal->dropped_at;
    pthread_mutex_unlock(&journal->lock);
    return last;
}

uint64_t journal_last(struct journal *journal)
{
    return atomic_load_explicit(&journal->numbers, memory_order_relaxed);
}
