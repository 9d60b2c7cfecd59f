/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the journal: without its lock but for a moment, whatever is looked for. */
#include "core/base/mem.h"
#include "mock/world/journal_parts.h"

#include <string.h>

/* References to the entries from a position on. */
static struct journal_entry **take_from(struct journal *journal, uint64_t position, size_t *count,
                                        uint64_t *end)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t oldest = journal->added - journal->count;
    size_t skip = position > oldest ? (size_t)(position - oldest) : 0;
    *count = journal->count - skip;
    *end = journal->added;
    struct journal_entry **entries = mem_alloc(*count * sizeof *entries);
    for (size_t i = 0; i < *count; i++) {
        entries[i] = journal->ring[(journal->first + skip + i) % journal->cap];
        atomic_fetch_add_explicit(&entries[i]->references, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&journal->lock);
    return entries;
}

size_t journal_count_from(struct journal *journal, uint64_t *position,
                          bool (*fits)(const struct journal_record *record, void *data), void *data)
{
    size_t count, fitting = 0;
    struct journal_entry **entries = take_from(journal, *position, &count, position);
    for (size_t i = 0; i < count; i++) {
        fitting += fits(&entries[i]->record, data);
        journal_entry_unref(entries[i]);
    }
    mem_free(entries);
    return fitting;
}

void journal_query(struct journal *journal,
                   bool (*fits)(const struct journal_record *record, void *data), void *data,
                   size_t limit, struct journal_view *view)
{
    size_t count;
    uint64_t end;
    struct journal_entry **entries = take_from(journal, 0, &count, &end);
    /* The newest are wanted: filled from the end, without any lock. */
    size_t total = 0, place = count;
    for (size_t i = count; i-- > 0;) {
        struct journal_entry *entry = entries[i];
        bool does_fit = !fits || fits(&entry->record, data);
        if (does_fit && total < limit)
            entries[--place] = entry;
        else
            journal_entry_unref(entry);
        total += does_fit;
    }
    memmove(entries, entries + place, (count - place) * sizeof *entries);
    *view = (struct journal_view){entries, count - place, total};
}

const struct journal_record *journal_record_of(const struct journal_entry *entry)
{
    return &entry->record;
}

void journal_view_cut(struct journal_view *view, size_t limit)
{
    while (view->count > limit)
        journal_entry_unref(view->entries[--view->count]);
}

void journal_view_release(struct journal_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        journal_entry_unref(view->entries[i]);
    mem_free(view->entries);
    *view = (struct journal_view){0};
}
